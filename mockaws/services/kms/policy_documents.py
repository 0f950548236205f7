"""Key policies: the default one, what AWS checks of a new one, and whether one lets a caller in.

https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mockaws import arns
from mockaws.services import iam, policies, principals
from mockaws.services.kms import errors

if TYPE_CHECKING:
    from mockaws.records.kms import Key
    from mockaws.services.operation import Call, Caller

_STATEMENT_MEMBERS = {
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
}
_PRINCIPAL_KINDS = ("AWS", "Service", "Federated", "CanonicalUser")
_SERVICE = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")
# AWS lays its default policy out this way, and answers it to the letter.
_DEFAULT = """{{
  "Version" : "2012-10-17",
  "Id" : "key-default-1",
  "Statement" : [ {{
    "Sid" : "Enable IAM User Permissions",
    "Effect" : "Allow",
    "Principal" : {{
      "AWS" : "{root}"
    }},
    "Action" : "kms:*",
    "Resource" : "*"
  }} ]
}}"""


def of(key: Key) -> str:
    """Return the policy of *key*: the customer's own text as it was sent, else AWS's default policy."""
    return key.policy or _DEFAULT.format(root=arns.account_root(key.region, key.account))


def check(call: Call, text: str, *, bypass_lockout_check: bool) -> None:
    """Refuse a new key policy that AWS refuses.

    Raises MalformedPolicyDocumentException, InvalidArnException, LimitExceededException.
    """
    limit = call.terms.limits.policy_bytes
    if len(text.encode()) > limit:
        raise errors.PolicyTooLong(limit=limit)
    statements = _statements(text)
    policies.require_readable(text, errors.MalformedPolicy)
    for statement in statements:
        _check_principals(call, statement)
    if not bypass_lockout_check and not _allows(statements, call.account, call.caller, "kms:PutKeyPolicy"):
        raise errors.Lockout()


def lets_in(key: Key, caller: Caller, action: str) -> bool:
    """Tell whether the policy of *key* lets *caller* do *action*."""
    return _allows(_statements(of(key)), key.account, caller, action)


def denies(key: Key, caller: Caller, action: str) -> bool:
    """Tell whether the policy of *key* denies *caller* *action*, whatever a grant permits."""
    return policies.deny(_statements(of(key)), policies.Asked(caller, action, key.account))


def _statements(text: str) -> list[policies.Statement]:
    """Return the statements of a policy; raises MalformedPolicyDocumentException where it is not one."""
    statements = policies.statements(text, errors.MalformedPolicy, _STATEMENT_MEMBERS)
    for statement in statements:
        if "Principal" not in statement and "NotPrincipal" not in statement:
            raise errors.MalformedPolicy(fault="a statement has no Principal")
        for name in ("Action", "NotAction", "Resource", "NotResource"):
            if not all(isinstance(value, str) for value in policies.listed(statement.get(name))):
                raise errors.MalformedPolicy(fault=f"the {name} of a statement is not a string or a list of strings")
    return statements


def _check_principals(call: Call, statement: policies.Statement) -> None:
    for member in ("Principal", "NotPrincipal"):
        for kind, name in policies.named(statement, member):
            if kind not in _PRINCIPAL_KINDS or not isinstance(name, str):
                raise errors.InvalidPrincipals()
            if kind == "AWS":
                _check_aws_principal(call, name)
            elif kind == "Service" and not _SERVICE.fullmatch(name):
                raise errors.InvalidPrincipals()


def _check_aws_principal(call: Call, name: str) -> None:
    """Refuse what is no account, user, role or session, and users and roles that IAM, where it is, does not have."""
    if name == "*" or principals.is_account(name) or iam.named_by(call, name) is not None:
        return
    if not name.startswith("arn:"):
        raise errors.InvalidPrincipals()
    arn = arns.parse(name)
    if arn is None or (arn.account and not principals.is_account(arn.account)) or not principals.is_entity(arn):
        raise errors.InvalidPolicyArn()
    if "*" in arn.resource or not iam.exists(call, arn):
        raise errors.InvalidPrincipals()


def _allows(statements: list[policies.Statement], owner: str, caller: Caller, action: str) -> bool:
    """Tell if the policy of *owner*'s key lets *caller* do *action*. A statement without a Resource allows nothing.

    https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html
    """
    effective = [statement for statement in statements if statement["Effect"] == "Deny" or "Resource" in statement]
    return policies.allow(effective, policies.Asked(caller, action, owner))
