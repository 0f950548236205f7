"""The files that ship with the package: fixtures, and the certificate authority of their clusters."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "fixtures"
SUFFIX = ".yaml"
# Digests of the fixtures as the tests check them, in the form of sha256sum; scripts/fixtures_reference.py writes them.
SUMS = FOLDER / "SHA256SUMS"

_CERTIFICATE = FOLDER / "customerCA.crt"
_KEY = FOLDER / "customerCA.key"


def names() -> tuple[str, ...]:
    """Return the names of the fixtures."""
    return tuple(sorted(path.stem for path in FOLDER.glob(f"*{SUFFIX}")))


def fixture(name: str) -> Path:
    """Return the file of the fixture *name*."""
    return FOLDER / f"{name}{SUFFIX}"


def is_vouched_for(content: bytes) -> bool:
    """Tell whether *content* is, byte for byte, a fixture that the tests checked against the schema.

    Checking it again would cost each start some 10 ms and 7 MB.
    """
    return hashlib.sha256(content).hexdigest() in SUMS.read_text(encoding="ascii")


@cache
def certificate() -> str:
    """Return the certificate of the authority, customerCA.crt."""
    return _CERTIFICATE.read_text(encoding="ascii")


@cache
def key() -> bytes:
    """Return the authority's private key. It guards nothing: everybody has it."""
    return _KEY.read_bytes()


def cluster_certificate(cluster_id: str) -> str | None:
    """Return the certificate of a cluster of the shipped fixtures; None for any other.

    It is what crypto.certificates makes for the cluster, written down because making it costs each start some 40 ms.
    """
    path = FOLDER / f"{cluster_id}.crt"
    return path.read_text(encoding="ascii") if path.is_file() else None
