"""ML-KEM, held against known answers, the first of each set in https://github.com/post-quantum-cryptography/KAT."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path

import pytest
from kyber_py.ml_kem import ML_KEM_768, ML_KEM_1024

from mockaws.crypto import ml_kem
from mockaws.crypto.errors import InvalidCiphertextError

KNOWN = json.loads((Path(__file__).parent / "vectors" / "ml_kem.json").read_text())
# The bytes before the seed in PKCS #8, RFC 9935; the parameter sets differ in the last part of their names.
PRIVATE = {size: f"3054020100300b06096086480165030404{n:02}04428040" for n, size in enumerate(KNOWN, 1)}
PUBLIC_BYTES = {"512": 800, "768": 1184, "1024": 1568}


@pytest.mark.parametrize("size", KNOWN)
def test_known_answers(size: str) -> None:
    """The seed gives the known public key, and the known secret from a ciphertext, also of another implementation."""
    known = KNOWN[size]
    pair = ml_kem.load(size, bytes.fromhex(PRIVATE[size] + known["seed"]))
    assert hashlib.sha256(pair.public_der[-PUBLIC_BYTES[size] :]).hexdigest() == known["public_key_sha256"]
    assert pair.decapsulate(base64.b64decode(known["ciphertext"])).hex() == known["secret"]
    assert pair.decapsulate(base64.b64decode(known["other_ciphertext"])).hex() == known["other_secret"]


@pytest.mark.parametrize("size", KNOWN)
def test_what_is_encapsulated_is_decapsulated(size: str) -> None:
    """The private key recovers the secret of 32 bytes; another one makes another secret, and no error."""
    pair = ml_kem.generate(size)
    secret, ciphertext = pair.encapsulate()
    assert (len(secret), len(ciphertext)) == (32, {"512": 768, "768": 1088, "1024": 1568}[size])
    assert pair.decapsulate(ciphertext) == secret
    assert pair.encapsulate()[0] != secret
    assert len(ml_kem.generate(size).decapsulate(ciphertext)) == 32
    assert ml_kem.generate(size).decapsulate(ciphertext) != secret
    assert pair.decapsulate(bytes((ciphertext[0] ^ 1,)) + ciphertext[1:]) != secret


@pytest.mark.parametrize("size", KNOWN)
@pytest.mark.parametrize("change", [-1, 1])
def test_another_length(size: str, change: int) -> None:
    """Only a ciphertext of another length is refused."""
    pair = ml_kem.generate(size)
    _, ciphertext = pair.encapsulate()
    with pytest.raises(InvalidCiphertextError):
        pair.decapsulate((ciphertext + b"\0")[: len(ciphertext) + change])


@pytest.mark.parametrize(("size", "other"), [("768", ML_KEM_768), ("1024", ML_KEM_1024)])
def test_the_two_libraries_agree(size: str, other: type[ML_KEM_768]) -> None:
    """kyber-py, which ML-KEM-512 comes from, and the cryptography package understand each other."""
    pair = ml_kem.generate(size)
    public_key, private_key = other.key_derive(pair.private_der[-64:])
    assert pair.public_der.endswith(public_key)
    secret, ciphertext = pair.encapsulate()
    assert other.decaps(private_key, ciphertext) == secret
    secret, ciphertext = other.encaps(public_key)
    assert pair.decapsulate(ciphertext) == secret
