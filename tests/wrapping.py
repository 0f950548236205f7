"""Key material wrapped for KMS, as its owner does it."""

from __future__ import annotations

import os

from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.keywrap import aes_key_wrap_with_padding
from cryptography.hazmat.primitives.serialization import load_der_public_key


def wrapped(algorithm: str, public_der: bytes, material: bytes) -> bytes:
    """Return *material* under a wrapping key, by an algorithm in AWS's name."""
    digest = SHA1() if algorithm.endswith("SHA_1") else SHA256()  # noqa: S303 - AWS offers it
    oaep = padding.OAEP(padding.MGF1(digest), digest, label=None)
    wrapping_key = load_der_public_key(public_der)
    assert isinstance(wrapping_key, RSAPublicKey)
    if algorithm.startswith("RSAES"):
        return wrapping_key.encrypt(material, oaep)
    aes_key = os.urandom(32)
    return wrapping_key.encrypt(aes_key, oaep) + aes_key_wrap_with_padding(aes_key, material)
