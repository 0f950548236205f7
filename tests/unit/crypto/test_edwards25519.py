"""Ed25519 and Ed25519ph, held against the examples of RFC 8032."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from mockaws.crypto import der, edwards25519

if TYPE_CHECKING:
    from mockaws.crypto.edwards25519 import Edwards25519KeyPair

PURE, PREHASHED = "ED25519_SHA_512", "ED25519_PH_SHA_512"


def pair_of(secret: str) -> Edwards25519KeyPair:
    """Return the key pair of a secret key in hexadecimal."""
    return edwards25519.load("", der.private(Ed25519PrivateKey.from_private_bytes(bytes.fromhex(secret))))


def test_ed25519() -> None:
    """The second test of section 7.1."""
    pair = pair_of("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
    assert pair.public_der[-32:].hex() == "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
    signature = bytes.fromhex(
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )
    assert pair.sign(PURE, b"\x72", prepared=False) == signature
    assert pair.is_signature(PURE, b"\x72", signature, prepared=False)


def test_ed25519ph() -> None:
    """The test of section 7.3: what is signed is the SHA-512 of what is handed in."""
    pair = pair_of("833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42")
    assert pair.public_der[-32:].hex() == "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf"
    signature = bytes.fromhex(
        "98a70222f0b8121aa9d30f813d683f809e462b469c7ff87639499bb94e6dae41"
        "31f85042463c2a355a2003d062adf5aaa10b8c61e636062aaad11c2a26083406"
    )
    assert pair.sign(PREHASHED, b"abc", prepared=True) == signature
    assert pair.is_signature(PREHASHED, b"abc", signature, prepared=True)


@pytest.mark.parametrize("algorithm", [PURE, PREHASHED])
@pytest.mark.parametrize("signature", [b"", b"x", bytes(63), bytes(64), bytes(65), b"\xff" * 64, bytes(6144)])
def test_what_is_no_signature(algorithm: str, signature: bytes) -> None:
    """Whatever is no signature of the message is only wrong, of any length."""
    digest = hashlib.sha512(b"hello").digest()
    assert not edwards25519.generate("").is_signature(algorithm, digest, signature, prepared=False)


def test_the_two_are_different() -> None:
    """A signature of the one is none of the other."""
    pair = edwards25519.generate("")
    for one, other in ((PURE, PREHASHED), (PREHASHED, PURE)):
        assert not pair.is_signature(other, b"hello", pair.sign(one, b"hello", prepared=False), prepared=False)
