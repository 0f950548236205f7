"""Comparison of certificates in PEM form. It does not parse them, which would delay a server's start by some 30 ms."""

from __future__ import annotations

import re

_CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----(.*?)-----END CERTIFICATE-----", re.DOTALL)


def is_same_certificate(one: str, other: str | None) -> bool:
    """Return True if two PEM texts hold the same certificate. Line breaks and surrounding text do not matter."""
    return other is not None and _bare(one) == _bare(other)


def _bare(pem: str) -> list[str]:
    return ["".join(text.split()) for text in _CERTIFICATE.findall(pem) or [pem]]
