"""Secrets of requests and answers: values that no journal, log or file may keep."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

HIDDEN = "HIDDEN_DUE_TO_SECURITY_REASONS"
"""The replacement of a secret, as in CloudTrail's events."""

# Members with secrets that the models do not mark as sensitive.
_UNMARKED = frozenset(
    {
        "GrantToken",
        "GrantTokens",
        "PreCoPassword",
        "ProvidedContexts",
        "Recipient",
        "TokenCode",
        "TrustAnchorCertificate",
        "XksProxyAuthenticationCredential",
    }
)


def is_secret_member(name: str, shape: Mapping[str, Any]) -> bool:
    """Return True if the member *name* with *shape* is secret."""
    return name in _UNMARKED or is_secret_shape(shape)


def is_secret_shape(shape: Mapping[str, Any]) -> bool:
    """Return True if values of *shape* are secret: the model marks them as sensitive, or they are binary data."""
    return bool(shape.get("sensitive")) or shape["type"] == "blob"
