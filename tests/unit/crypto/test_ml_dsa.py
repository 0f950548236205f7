"""ML-DSA, held against known answers, the first of each set in https://github.com/post-quantum-cryptography/KAT."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mockaws.crypto import ml_dsa

if TYPE_CHECKING:
    from mockaws.crypto.ml_dsa import MlDsaKeyPair

KNOWN = json.loads((Path(__file__).parent / "vectors" / "ml_dsa.json").read_text())
ALGORITHM = "ML_DSA_SHAKE_256"
# The bytes before the seed in PKCS #8, RFC 9881; the parameter sets differ in the last part of their names.
PRIVATE = {size: f"3034020100300b06096086480165030403{n}04228020" for size, n in (("44", 11), ("65", 12), ("87", 13))}
PUBLIC_BYTES = {"44": 1312, "65": 1952, "87": 2592}


def mu(pair: MlDsaKeyPair, size: str, message: bytes, context: bytes = b"") -> bytes:
    """Return what stands for *message* in a signature, FIPS 204, algorithms 2 and 7."""
    public_key = hashlib.shake_256(pair.public_der[-PUBLIC_BYTES[size] :]).digest(64)
    return hashlib.shake_256(public_key + bytes((0, len(context))) + context + message).digest(64)


@pytest.mark.parametrize("size", KNOWN)
def test_known_answers(size: str) -> None:
    """The seed gives the known public key, which verifies the known signature, by the message's μ."""
    known = KNOWN[size]
    pair = ml_dsa.load(size, bytes.fromhex(PRIVATE[size] + known["seed"]))
    assert hashlib.sha256(pair.public_der[-PUBLIC_BYTES[size] :]).hexdigest() == known["public_key_sha256"]
    prepared = mu(pair, size, bytes.fromhex(known["message"]), bytes.fromhex(known["context"]))
    signature = base64.b64decode(known["signature"])
    assert pair.is_signature(ALGORITHM, prepared, signature, prepared=True)
    # AWS signs without a context, so that this signature is none of the message.
    assert not pair.is_signature(ALGORITHM, bytes.fromhex(known["message"]), signature, prepared=False)


@pytest.mark.parametrize("size", KNOWN)
def test_the_message_and_what_stands_for_it(size: str) -> None:
    """A signature of μ is one of the message, and the other way round."""
    pair = ml_dsa.generate(size)
    prepared = mu(pair, size, b"hello")
    of_message, of_mu = pair.sign(ALGORITHM, b"hello", prepared=False), pair.sign(ALGORITHM, prepared, prepared=True)
    for signature in (of_message, of_mu):
        assert pair.is_signature(ALGORITHM, b"hello", signature, prepared=False)
        assert pair.is_signature(ALGORITHM, prepared, signature, prepared=True)
        assert not pair.is_signature(ALGORITHM, prepared, signature, prepared=False)


@pytest.mark.parametrize("size", KNOWN)
@pytest.mark.parametrize("signature", [b"", b"x", bytes(2420), bytes(6144)], ids=len)
def test_what_is_no_signature(size: str, signature: bytes) -> None:
    """Whatever is no signature of the message is only wrong, of any length."""
    pair = ml_dsa.generate(size)
    assert not pair.is_signature(ALGORITHM, b"hello", signature, prepared=False)
    assert not pair.is_signature(ALGORITHM, bytes(64), signature, prepared=True)
