"""Key policies: the default one, what AWS checks of a new one, and whether one lets a caller in.

https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html
"""

from __future__ import annotations

import json
import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from mockaws import arns
from mockaws.services import principals
from mockaws.services.kms import errors

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockaws.records.kms import Key
    from mockaws.services.operation import Call, Caller

Statement = dict[str, Any]

# These are tuples, as what is looked for in them may be anything that JSON has.
_VERSIONS = ("2008-10-17", "2012-10-17")
_EFFECTS = ("Allow", "Deny")
_MEMBERS = {"Version", "Id", "Statement"}
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
_PRINCIPAL_KINDS = {"AWS", "Service", "Federated", "CanonicalUser"}
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
    statements = list(_statements(text))
    for statement in statements:
        _check_principals(statement)
    if not bypass_lockout_check and not _allows(statements, call.account, call.caller, "kms:PutKeyPolicy"):
        raise errors.Lockout()


def lets_in(key: Key, caller: Caller, action: str) -> bool:
    """Tell whether the policy of *key* lets *caller* do *action*."""
    return _allows(list(_statements(of(key))), key.account, caller, action)


def denies(key: Key, caller: Caller, action: str) -> bool:
    """Tell whether the policy of *key* denies *caller* *action*, whatever a grant permits."""
    return _denied(_matching(list(_statements(of(key))), key.account, caller, action))


def _statements(text: str) -> Iterator[Statement]:
    """Yield the statements of a policy; raises MalformedPolicyDocumentException where it is not one."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise errors.MalformedPolicy(fault="it is not JSON") from None
    if not isinstance(document, dict):
        raise errors.MalformedPolicy(fault="it is not a JSON object")
    _only(document, _MEMBERS, "the policy")
    if document.get("Version", "2008-10-17") not in _VERSIONS:
        raise errors.MalformedPolicy(fault="its Version is neither 2012-10-17 nor 2008-10-17")
    statements = document.get("Statement")
    for statement in statements if isinstance(statements, list) else [statements]:
        yield _checked(statement)


def _checked(statement: Any) -> Statement:
    if not isinstance(statement, dict):
        raise errors.MalformedPolicy(fault="its Statement is not an object or a list of objects")
    _only(statement, _STATEMENT_MEMBERS, "a statement")
    if statement.get("Effect") not in _EFFECTS:
        raise errors.MalformedPolicy(fault="the Effect of a statement is neither Allow nor Deny")
    if "Principal" not in statement and "NotPrincipal" not in statement:
        raise errors.MalformedPolicy(fault="a statement has no Principal")
    for name in ("Action", "NotAction", "Resource", "NotResource"):
        if not all(isinstance(value, str) for value in _listed(statement.get(name))):
            raise errors.MalformedPolicy(fault=f"the {name} of a statement is not a string or a list of strings")
    if not isinstance(statement.get("Condition", {}), dict):
        raise errors.MalformedPolicy(fault="the Condition of a statement is not an object")
    return statement


def _only(document: dict[str, Any], allowed: set[str], what: str) -> None:
    unknown = sorted(set(document) - allowed)
    if unknown:
        raise errors.MalformedPolicy(fault=f"{what} has no member {unknown[0]}")


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _principals(statement: Statement, member: str = "Principal") -> Iterator[tuple[str, str]]:
    """Yield the kind and the name of each principal of a statement; `*` alone is any AWS principal."""
    given = statement.get(member, {})
    if given == "*":
        yield "AWS", "*"
        return
    if not isinstance(given, dict):
        raise errors.InvalidPrincipals()
    for kind, names in given.items():
        for name in _listed(names):
            if kind not in _PRINCIPAL_KINDS or not isinstance(name, str):
                raise errors.InvalidPrincipals()
            yield kind, name


def _check_principals(statement: Statement) -> None:
    for member in ("Principal", "NotPrincipal"):
        for kind, name in _principals(statement, member):
            if kind == "AWS":
                _check_aws_principal(name)
            elif kind == "Service" and not _SERVICE.fullmatch(name):
                raise errors.InvalidPrincipals()


def _check_aws_principal(name: str) -> None:
    """Refuse what is no account, user, role or session; whether it exists is for IAM to say, which is not here."""
    if name == "*" or principals.is_account(name):
        return
    if not name.startswith("arn:"):
        raise errors.InvalidPrincipals()
    arn = arns.parse(name)
    if arn is None or (arn.account and not principals.is_account(arn.account)) or not principals.is_entity(arn):
        raise errors.InvalidPolicyArn()
    if "*" in arn.resource:
        raise errors.InvalidPrincipals()


def _allows(statements: list[Statement], owner: str, caller: Caller, action: str) -> bool:
    """Tell whether the policy of *owner*'s key lets *caller* do *action*, given that the caller's IAM allows it."""
    matching = _matching(statements, owner, caller, action)
    allowed = any(statement["Effect"] == "Allow" and "Resource" in statement for statement in matching)
    return allowed and not _denied(matching)


def _matching(statements: list[Statement], owner: str, caller: Caller, action: str) -> list[Statement]:
    return [
        statement
        for statement in statements
        if _covers_principal(statement, owner, caller) and _covers_action(statement, action)
    ]


def _denied(matching: list[Statement]) -> bool:
    return any(statement["Effect"] == "Deny" and "Condition" not in statement for statement in matching)


def _covers_principal(statement: Statement, owner: str, caller: Caller) -> bool:
    account = {caller.account, arns.account_root(caller.region, caller.account)}
    if caller.account == owner:
        # Terraform's provider writes the root of an account that it was told not to look up as arn:aws:iam:::root.
        account.add(arns.account_root(caller.region, ""))
    names = {caller.arn, principals.role(caller)} | account
    if "NotPrincipal" in statement:
        return not any(
            principals.pathless(name) in names or name == "*" for _, name in _principals(statement, "NotPrincipal")
        )
    if statement["Effect"] == "Deny":
        # A denied account root is the root user; it does not stand for the users of the account.
        names -= account
    return any(
        kind == "AWS" and (principals.pathless(name) in names or name == "*") for kind, name in _principals(statement)
    )


def _covers_action(statement: Statement, action: str) -> bool:
    if "NotAction" in statement:
        return not _matches(action, _listed(statement["NotAction"]))
    return _matches(action, _listed(statement.get("Action")))


def _matches(action: str, patterns: list[str]) -> bool:
    return any(fnmatchcase(action.lower(), pattern.lower()) for pattern in patterns)
