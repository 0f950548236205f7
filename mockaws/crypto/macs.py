"""HMAC, FIPS 198-1, from the standard library."""

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
    """Return the MAC of *message* under *secret*; *algorithm* is AWS's name."""
    return hmac.digest(secret, message, ALGORITHMS[algorithm])


def is_mac(algorithm: str, secret: bytes, message: bytes, mac: bytes) -> bool:
    """Return True if *mac* is the MAC of *message*. The comparison takes constant time."""
    return hmac.compare_digest(generate(algorithm, secret, message), mac)
