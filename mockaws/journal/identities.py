"""The identity of a caller, as CloudTrail shows it.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockaws import arns

if TYPE_CHECKING:
    from mockaws.journal.entries import Entry
    from mockaws.services.operation import Caller

_WITH_WEB_IDENTITY = "AssumeRoleWithWebIdentity"
_TEMPORARY = "ASIA"
_ROOT = "root"


def user_identity(entry: Entry) -> dict[str, Any]:
    """Return the identity of a caller: a user, the root user, an assumed role, or the bearer of a web identity.

    The type is Unknown if the call ended before its caller was identified.
    """
    if entry.name == _WITH_WEB_IDENTITY and entry.operation is not None:
        return _web_identity(entry)
    if entry.caller is None:
        return {"type": "Unknown"}
    return _signer(entry.caller)


def _signer(caller: Caller) -> dict[str, Any]:
    arn = arns.parse(caller.arn)
    resource = arn.resource if arn is not None else ""
    kind, _, name = resource.partition("/")
    if kind == "assumed-role":
        return _identity("AssumedRole", caller) | {"sessionContext": _session(issuer=_issuer(caller, name))}
    if resource == _ROOT:
        return _identity("Root", caller)
    user = _identity("IAMUser", caller) | {"userName": name.rpartition("/")[2]}
    return user | {"sessionContext": _session()} if caller.access_key_id.startswith(_TEMPORARY) else user


def _identity(kind: str, caller: Caller) -> dict[str, Any]:
    return {
        "type": kind,
        "principalId": caller.user_id,
        "arn": caller.arn,
        "accountId": caller.account,
        "accessKeyId": caller.access_key_id,
    }


def _issuer(caller: Caller, resource: str) -> dict[str, Any]:
    """Return the role of a session; the ARN of an assumed role lacks the role's path."""
    role = resource.partition("/")[0]
    return {
        "type": "Role",
        "principalId": caller.user_id.partition(":")[0],
        "arn": arns.iam(caller.region, caller.account, f"role/{role}"),
        "accountId": caller.account,
        "userName": role,
    }


def _session(issuer: dict[str, Any] | None = None) -> dict[str, Any]:
    attributes = {"attributes": {"mfaAuthenticated": "false"}}
    return {"sessionIssuer": issuer} | attributes if issuer is not None else attributes


def _web_identity(entry: Entry) -> dict[str, Any]:
    """Return the bearer of a token, without a name if the token was refused."""
    answer = entry.result or {}
    provider, subject = answer.get("Provider"), answer.get("SubjectFromWebIdentityToken")
    if provider is None or subject is None:
        return {"type": "WebIdentityUser"}
    return {
        "type": "WebIdentityUser",
        "principalId": f"{provider}:{answer.get('Audience')}:{subject}",
        "userName": subject,
        "identityProvider": provider,
    }
