"""Temporary credentials. https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp.html"""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, Any

from mockaws.records.sts import GLOBAL, Session
from mockaws.services.facts import Effect, Permission
from mockaws.services.operation import operation
from mockaws.services.sts import rules, session_policies, trust, web_identity
from mockaws.services.sts.errors import ProviderNotThere
from mockaws.services.sts.resources import ROLE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mockaws.arns import Arn
    from mockaws.services.iam import Role
    from mockaws.services.operation import Call, Result

HOUR = 3600
_TOKEN_BYTES = 288
_SECRET_BYTES = 30
_IAM_ID_LENGTH = 17


@operation(
    ROLE,
    Permission(ROLE, "TagSession", if_given="tags"),
    Permission(ROLE, "SetSourceIdentity", if_given="source_identity"),
    cross_account=True,
    effect=Effect.READS,
)
def assume_role(
    call: Call,
    *,
    role_arn: str,
    role_session_name: str,
    policy_arns: Sequence[dict[str, str]] = (),
    policy: str | None = None,
    duration_seconds: int = HOUR,
    tags: Sequence[dict[str, str]] = (),
    transitive_tag_keys: Sequence[str] = (),
    external_id: str | None = None,
    serial_number: str | None = None,  # noqa: ARG001 - every code of every MFA device is accepted
    token_code: str | None = None,  # noqa: ARG001
    source_identity: str | None = None,
    provided_contexts: Sequence[dict[str, str]] = (),  # noqa: ARG001
    minimum_session_token_size: int = 0,
) -> Result:
    """Return temporary credentials of a role, which may belong to another account.

    https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
    """
    arn = rules.role_arn(role_arn)
    rules.require_chained_duration(_session(call), duration_seconds)
    session_policies.require_valid_tags(tags, transitive_tag_keys)
    packed_size = session_policies.packed_size(policy, policy_arns, tags)
    role = trust.role_for_caller(call, arn, role_session_name, external_id)
    rules.require_session_duration(role, duration_seconds)
    answer = _assume(call, arn, role, role_session_name, duration_seconds, minimum_session_token_size)
    return _without_none(answer | {"PackedPolicySize": packed_size, "SourceIdentity": source_identity})


@operation(ROLE, cross_account=True, effect=Effect.READS)
def assume_role_with_web_identity(
    call: Call,
    *,
    role_arn: str,
    role_session_name: str,
    web_identity_token: str,
    provider_id: str | None = None,
    policy_arns: Sequence[dict[str, str]] = (),
    policy: str | None = None,
    duration_seconds: int = HOUR,
    minimum_session_token_size: int = 0,
) -> Result:
    """Return temporary credentials of a role to the bearer of an OpenID Connect token. No other credentials are needed.

    https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
    """
    arn = rules.role_arn(role_arn)
    if provider_id is not None:
        raise ProviderNotThere(provider=provider_id)
    identity = web_identity.read(web_identity_token, call.now)
    packed_size = session_policies.packed_size(policy, policy_arns)
    role = trust.role_for_token(call, arn, role_session_name, identity)
    rules.require_session_duration(role, duration_seconds)
    answer = _assume(call, arn, role, role_session_name, duration_seconds, minimum_session_token_size)
    return _without_none(
        answer
        | {
            "SubjectFromWebIdentityToken": identity.subject,
            "PackedPolicySize": packed_size,
            "Provider": identity.issuer,
            "Audience": identity.audience,
            "SourceIdentity": identity.source_identity,
        }
    )


@operation(needs_permission=False, effect=Effect.READS)
def get_session_token(
    call: Call,
    *,
    duration_seconds: int = 12 * HOUR,
    serial_number: str | None = None,  # noqa: ARG001 - every code of every MFA device is accepted
    token_code: str | None = None,  # noqa: ARG001
    minimum_session_token_size: int = 0,
) -> Result:
    """Return temporary credentials of the caller.

    https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html
    """
    rules.require_long_term_credentials(_session(call))
    caller = call.caller
    return {
        "Credentials": _credentials(
            call, caller.account, caller.arn, caller.user_id, duration_seconds, minimum_session_token_size
        )
    }


def _assume(
    call: Call, role_arn: Arn, role: Role | None, session_name: str, seconds: int, token_size: int
) -> dict[str, Any]:
    role_name = role_arn.resource.rpartition("/")[2]
    arn = str(role_arn._replace(service="sts", resource=f"assumed-role/{role_name}/{session_name}"))
    role_id = _derived_id(role_arn) if role is None else role.id
    user_id = f"{role_id}:{session_name}"
    return {
        "Credentials": _credentials(call, role_arn.account, arn, user_id, seconds, token_size),
        "AssumedRoleUser": {"AssumedRoleId": user_id, "Arn": arn},
    }


def _credentials(call: Call, account: str, arn: str, user_id: str, seconds: int, token_size: int) -> dict[str, Any]:
    access_key_id = call.ids.access_key(account)
    expires_at = int(call.now) + seconds  # the answer has whole seconds
    call.put(
        Session(
            account=account,
            region=GLOBAL,
            id=access_key_id,
            arn=arn,
            user_id=user_id,
            expires_at=float(expires_at),
        )
    )
    return {
        "AccessKeyId": access_key_id,
        "SecretAccessKey": _opaque(call, _SECRET_BYTES),
        "SessionToken": _opaque(call, max(_TOKEN_BYTES, token_size)),
        "Expiration": expires_at,
    }


def _session(call: Call) -> Session | None:
    """Return the session of the caller's credentials; None if they are the long-term credentials of a user."""
    return call.tx.get(Session, call.account, GLOBAL, call.caller.access_key_id)


def _derived_id(role: Arn) -> str:
    """Return a unique id for a role without one from IAM. It follows from the ARN."""
    digest = hashlib.sha256(str(role).encode()).digest()
    return "AROA" + base64.b32encode(digest).decode()[:_IAM_ID_LENGTH]


def _opaque(call: Call, size: int) -> str:
    """Return *size* random bytes in base64."""
    return base64.b64encode(bytes.fromhex(call.ids.hexadecimal(2 * size))).decode()


def _without_none(members: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}
