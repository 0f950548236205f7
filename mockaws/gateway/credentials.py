"""The caller of a request: the signature's scope has the access key and the Region, the access key leads to an account.

Signatures are not verified.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qs

from mockaws import arns, regions
from mockaws.ids import account_of_access_key
from mockaws.model.errors import AWSError
from mockaws.records.sts import GLOBAL, ExpiredSessions, Session
from mockaws.services import iam, principals
from mockaws.services.operation import Caller
from mockaws.services.other_services import RefusedError

if TYPE_CHECKING:
    from mockaws.gateway.http import Request
    from mockaws.other_services.base import OtherServices
    from mockaws.worlds.world import World

_TEMPORARY = "ASIA"
_LONG_TERM = "AKIA"

_ACCOUNT = re.compile(r"[0-9]{12}")
_SCOPE_PARTS = 5
# Longer than the name of any Region and any service of AWS.
_LONGEST_NAME = 64
# https://docs.aws.amazon.com/IAM/latest/APIReference/API_AccessKey.html
_LONGEST_ACCESS_KEY_ID = 128
# Longer scopes are not cached, so that callers cannot fill memory with them.
_LONGEST_REMEMBERED = 512
_SERVICE = re.compile(r"(?:/|%2F)([a-z0-9-]+)(?:/|%2F)aws4_request")
_ALGORITHM = "X-Amz-Algorithm"
_QUERY_PARAMETERS = (_ALGORITHM, "X-Amz-Credential", "X-Amz-Signature", "X-Amz-SignedHeaders", "X-Amz-Date")


class Scope(NamedTuple):
    """A credential scope: `AKIA…/20171004/us-west-2/kms/aws4_request`."""

    access_key_id: str
    region: str
    service: str


def scope(request: Request) -> Scope | None:
    """Return the credential scope of a signed request, from its header or its query string; None if it is not signed.

    Raises AWSError if a signature cannot be read: IncompleteSignatureException, or InvalidSignatureException if a
    request is signed in both places.
    """
    presigned = parse_qs(request.query, keep_blank_values=True) if _ALGORITHM in request.query else {}
    if _ALGORITHM not in presigned:
        return _header_scope(request.authorization) if request.authorization else None
    if request.authorization:
        raise AWSError(
            "InvalidSignatureException",
            f"Found both '{_ALGORITHM}' as a query-string param and 'Authorization' as HTTP header.",
        )
    return _query_scope(presigned)


def service(request: Request) -> str:
    """Return the service that a request is signed for, or an empty string if the signature is missing or malformed."""
    found = _SERVICE.search(request.authorization) or _SERVICE.search(request.query)
    return found[1] if found else ""


def signed_caller(found: Scope | None, world: World) -> Caller:
    """Return the caller of a signed request.

    An access key id of 12 digits selects that account. Temporary credentials of this world belong to their role's
    session, and access keys of the world's IAM to their user. Any other key belongs to a user of the world's own
    account.

    Raises AWSError: MissingAuthenticationTokenException for an unsigned request, ExpiredTokenException, and
    UnrecognizedClientException for an access key that IAM has deleted or made inactive, or whose id is too long.
    """
    if found is None:
        raise AWSError("MissingAuthenticationTokenException", "Missing Authentication Token")
    access_key_id, region, _ = found
    if len(access_key_id) > _LONGEST_ACCESS_KEY_ID:
        raise _unrecognized()
    if access_key_id.startswith(_TEMPORARY):
        session = _session(access_key_id, world)
        if session is None:
            if _expired_long_ago(access_key_id, world):
                raise _expired()
        else:
            if world.clock.now() >= session.expires_at:
                raise _expired()
            return Caller(access_key_id, session.account, region, session.arn, session.user_id)
    if world.other_services is not None and access_key_id.startswith(_LONG_TERM):
        user = _user_of_iam(access_key_id, region, world.other_services, world)
        if user is not None:
            return user
    return _user(access_key_id, world.config.account, region)


def is_from_our_sts(caller: Caller) -> bool:
    """Return True if the caller's credentials are temporary ones of our STS, which no other service has."""
    return caller.access_key_id.startswith(_TEMPORARY)


def unsigned_caller(world: World) -> Caller:
    """Return the caller of an operation that needs no signature: the default user, in the world's own Region."""
    return _user("", world.config.account, world.config.region)


@lru_cache(maxsize=1024)
def _user(access_key_id: str, default_account: str, region: str) -> Caller:
    account = access_key_id if _ACCOUNT.fullmatch(access_key_id) else default_account
    return Caller(
        access_key_id,
        account,
        region,
        arns.iam(region, account, f"user/{principals.USER}"),
        f"AIDAMOCKAWS{account[-10:]}",
    )


def _user_of_iam(access_key_id: str, region: str, others: OtherServices, world: World) -> Caller | None:
    """Return the user of an access key in IAM; None if IAM has never had the key, such as a made-up one."""
    try:
        key = iam.access_key(others, access_key_id, world.config.account, region)
    except RefusedError:
        return None
    if key is None:
        if access_key_id in world.access_keys:
            raise _unrecognized()
        return None
    world.access_keys.add(access_key_id)
    arn = arns.parse(key.user.arn)
    if arn is None or not key.active:
        raise _unrecognized()
    return Caller(access_key_id, arn.account, region, key.user.arn, key.user.id)


def _session(access_key_id: str, world: World) -> Session | None:
    account = account_of_access_key(access_key_id)
    if account is None:
        return None
    return world.store.run(lambda tx: tx.get(Session, account, GLOBAL, access_key_id))


def _expired_long_ago(access_key_id: str, world: World) -> bool:
    """Return True if the world gave out an access key id for a session that it has removed since."""
    expired = world.store.run(lambda tx: tx.get(ExpiredSessions, *ExpiredSessions.place_of(access_key_id)))
    return expired is not None and expired.has(access_key_id)


def _expired() -> AWSError:
    return AWSError("ExpiredTokenException", "The security token included in the request is expired")


def _unrecognized() -> AWSError:
    return AWSError("UnrecognizedClientException", "The security token included in the request is invalid.")


def _header_scope(authorization: str) -> Scope:
    if not authorization.startswith(("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256")):
        algorithm = authorization.split(" ", 1)[0]
        raise _incomplete(
            f"Unsupported AWS 'algorithm': '{algorithm}'.", authorization, loggable="Unsupported AWS 'algorithm'."
        )
    missing = [name for name in ("Credential", "Signature", "SignedHeaders") if f"{name}=" not in authorization]
    if missing:
        raise _incomplete(
            " ".join(f"Authorization header requires '{name}' parameter." for name in missing), authorization
        )
    return _scope(authorization.partition("Credential=")[2].split(",", 1)[0].strip(), authorization)


def _query_scope(presigned: dict[str, list[str]]) -> Scope:
    missing = [name for name in _QUERY_PARAMETERS if not presigned.get(name, [""])[0]]
    if missing:
        sentences = " ".join(f"AWS query-string parameters must include '{name}'." for name in missing)
        raise AWSError("IncompleteSignatureException", f"{sentences} Re-examine the query-string parameters.")
    credential = presigned["X-Amz-Credential"][0]
    return _scope(credential, credential)


def _scope(credential: str, source: str) -> Scope:
    found = _parse_scope(credential) if len(credential) <= _LONGEST_REMEMBERED else _read_scope(credential)
    if found is None:
        form = "Credential must have the form '<access key>/<date>/<Region>/<service>/aws4_request'"
        raise _incomplete(f"{form}, got '{credential}'.", source, loggable=f"{form}.")
    return found


def _read_scope(credential: str) -> Scope | None:
    parts = credential.rsplit("/", _SCOPE_PARTS - 1)
    if len(parts) != _SCOPE_PARTS or not regions.NAME.fullmatch(parts[2]) or parts[4] != "aws4_request":
        return None
    if max(len(parts[2]), len(parts[3])) > _LONGEST_NAME:
        return None
    return Scope(parts[0], parts[2], parts[3])


_parse_scope = lru_cache(maxsize=1024)(_read_scope)


def _incomplete(sentence: str, source: str, *, loggable: str | None = None) -> AWSError:
    """Return the error, which repeats the invalid signature to its caller, and not to the journal."""
    return AWSError(
        "IncompleteSignatureException",
        f"{sentence} Authorization={source.split('Signature=', 1)[0].strip()}",
        loggable=loggable or sentence,
    )
