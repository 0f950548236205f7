"""ID tokens of OpenID Connect providers. Their signatures are not verified, because no provider's keys are known here.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc.html
"""

from __future__ import annotations

import base64
import json
import math
from typing import Any, NamedTuple

from mockaws.services.sts import errors

_PARTS = 3
_SOURCE_IDENTITY = "https://aws.amazon.com/source_identity"


class WebIdentity(NamedTuple):
    """The claims of a token: its subject, issuer, audience, and the source identity that it sets."""

    subject: str
    issuer: str
    audience: str
    source_identity: str | None


def read(token: str, now: float) -> WebIdentity:
    """Return the claims of a token.

    Raises InvalidIdentityTokenException if it is not a JWT or lacks a claim. Raises ExpiredTokenException if it has
    expired.
    """
    parts = token.split(".")
    if len(parts) != _PARTS or not parts[2]:
        raise errors.NotAJwt()
    header, claims = _decoded(parts[0]), _decoded(parts[1])
    if not isinstance(header.get("alg"), str):
        raise errors.NotAJwt()
    audience = claims.get("aud")
    identity = WebIdentity(
        _text(claims, "sub"),
        _text(claims, "iss"),
        _text({"aud": audience[0] if isinstance(audience, list) and audience else audience}, "aud"),
        claims.get(_SOURCE_IDENTITY) if isinstance(claims.get(_SOURCE_IDENTITY), str) else None,
    )
    expiry = _moment(claims, "exp")
    if now >= expiry:
        raise errors.TokenExpired(now=int(now), expiry=int(expiry))
    return identity


def _decoded(part: str) -> dict[str, Any]:
    try:
        document = json.loads(base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True))
    except (ValueError, RecursionError):
        raise errors.NotAJwt() from None
    if not isinstance(document, dict):
        raise errors.NotAJwt()
    return document


def _moment(claims: dict[str, Any], claim: str) -> int | float:
    value: int | float | None = claims.get(claim)
    if type(value) is int or (type(value) is float and math.isfinite(value)):
        return value
    raise errors.ClaimMissing(claim=claim)


def _text(claims: dict[str, Any], claim: str) -> str:
    value = claims.get(claim)
    if not isinstance(value, str) or not value:
        raise errors.ClaimMissing(claim=claim)
    return value
