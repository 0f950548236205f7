"""Certificates in PEM form, compared without reading them: that would cost a server's start some 30 ms."""

from __future__ import annotations

import re

_CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----(.*?)-----END CERTIFICATE-----", re.DOTALL)


def same_certificate(one: str, other: str | None) -> bool:
    """Tell whether two PEM texts hold the same certificate, whatever their line breaks and the text around it."""
    return other is not None and _bare(one) == _bare(other)


def _bare(pem: str) -> list[str]:
    return ["".join(text.split()) for text in _CERTIFICATE.findall(pem) or [pem]]
