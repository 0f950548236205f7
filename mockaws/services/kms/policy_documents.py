"""Key policies: AWS's default policy, the checks of a new one, and the permissions that it gives.

https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mockaws import arns
from mockaws.services import iam, policies, principals
from mockaws.services.kms import errors

if TYPE_CHECKING:
    from collections.abc import Iterator

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
# AWS lays out its default policy this way, and callers get it character by character.
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
    """Return the policy of *key*: the customer's own text as it was sent, or AWS's default policy."""
    return key.policy or _DEFAULT.format(root=arns.account_root(key.region, key.account))


def require_acceptable(call: Call, text: str, *, bypass_lockout_check: bool) -> None:
    """Require a key policy that AWS accepts.

    Raises MalformedPolicyDocumentException, InvalidArnException or LimitExceededException.
    """
    limit = call.config.limits.policy_bytes
    if len(text.encode()) > limit:
        raise errors.PolicyTooLong(limit=limit)
    statements = _statements(text)
    policies.require_bounded_depth(text, errors.MalformedPolicy)
    for statement in statements:
        _require_principals(call, statement)
    if not bypass_lockout_check and not _allows(statements, call.account, call.caller, "kms:PutKeyPolicy"):
        raise errors.Lockout()


def is_allowed(key: Key, caller: Caller, action: str) -> bool:
    """Return True if the policy of *key* allows *action* to *caller*."""
    return _allows(_statements(of(key)), key.account, caller, action)


def is_denied(key: Key, caller: Caller, action: str) -> bool:
    """Return True if the policy of *key* denies *action* to *caller*, whatever a grant permits."""
    return policies.is_denied(_statements(of(key)), policies.PolicyRequest(caller, action, key.account))


def flaws(document: object) -> Iterator[policies.Flaw]:
    """Yield the flaws of a parsed key policy: those of every policy, and those of its principals and texts.

    A policy without statements has none: a caller may bypass the check that rejects it.
    """
    yield from policies.flaws(document, _STATEMENT_MEMBERS)
    if not isinstance(document, dict):
        return
    given = document.get("Statement")
    for index, statement in enumerate(policies.as_list(given)):
        path = ("Statement", index) if isinstance(given, list) else ("Statement",)
        if isinstance(statement, dict):
            yield from _statement_flaws(statement, path)


def _statement_flaws(statement: policies.Statement, path: tuple[str | int, ...]) -> Iterator[policies.Flaw]:
    if "Principal" not in statement and "NotPrincipal" not in statement:
        yield policies.Flaw((*path, "Principal"), "a statement has no Principal", '"*" or {"AWS": an ARN}')
    for name in ("Action", "NotAction", "Resource", "NotResource"):
        if not all(isinstance(value, str) for value in policies.as_list(statement.get(name))):
            message = f"the {name} of a statement is not a string or a list of strings"
            yield policies.Flaw((*path, name), message, "a string or a list of strings")


def _statements(text: str) -> list[policies.Statement]:
    """Return the statements of a policy; raises MalformedPolicyDocumentException if they are malformed."""
    return policies.statements(text, errors.MalformedPolicy, flaws)


def _require_principals(call: Call, statement: policies.Statement) -> None:
    """Require principals of known kinds in a statement; raises MalformedPolicyDocumentException otherwise."""
    for member in ("Principal", "NotPrincipal"):
        for kind, name in policies.principals_in(statement, member):
            if kind not in _PRINCIPAL_KINDS or not isinstance(name, str):
                raise errors.InvalidPrincipals()
            if kind == "AWS":
                _require_aws_principal(call, name)
            elif kind == "Service" and not _SERVICE.fullmatch(name):
                raise errors.InvalidPrincipals()


def _require_aws_principal(call: Call, name: str) -> None:
    """Require an account, user, role or session; users and roles must exist, if the world has IAM.

    Raises MalformedPolicyDocumentException or InvalidArnException.
    """
    if name == "*" or principals.is_account(name) or iam.arn_of_unique_id(call, name) is not None:
        return
    if not name.startswith("arn:"):
        raise errors.InvalidPrincipals()
    arn = arns.parse(name)
    if arn is None or (arn.account and not principals.is_account(arn.account)) or not principals.is_entity(arn):
        raise errors.InvalidPolicyArn()
    if "*" in arn.resource or not iam.has_principal(call, arn):
        raise errors.InvalidPrincipals()


def _allows(statements: list[policies.Statement], owner: str, caller: Caller, action: str) -> bool:
    """Return True if the policy of *owner*'s key allows *action* to *caller*.

    A statement without a Resource allows nothing.
    https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html
    """
    effective = [statement for statement in statements if statement["Effect"] == "Deny" or "Resource" in statement]
    return policies.is_allowed(effective, policies.PolicyRequest(caller, action, owner))
