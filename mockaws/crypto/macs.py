"""HMAC, FIPS 198-1, by the standard library."""

from __future__ import annotations

import hashlib
import hmac

ALGORITHMS = {
    "HMAC_SHA_224": hashlib.sha224,
    "HMAC_SHA_256": hashlib.sha256,
    "HMAC_SHA_384": hashlib.sha384,
    "HMAC_SHA_512": hashlib.sha512,
}


def generate(algorithm: str, secret: bytes, message: bytes) -> bytes:
    """Return the code that authenticates *message* under *secret*; *algorithm* has AWS's name."""
    return hmac.digest(secret, message, ALGORITHMS[algorithm])


def verifies(algorithm: str, secret: bytes, message: bytes, mac: bytes) -> bool:
    """Tell whether *mac* is the code of *message*, in a time that tells nothing of where they differ."""
    return hmac.compare_digest(generate(algorithm, secret, message), mac)
