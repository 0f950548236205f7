"""The cryptography package understands KMS's results, and KMS its results, if OpenSSL 3.0 does not suffice."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import (
    MLDSA44PrivateKey,
    MLDSA44PublicKey,
    MLDSA65PrivateKey,
    MLDSA65PublicKey,
    MLDSA87PrivateKey,
    MLDSA87PublicKey,
)
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM1024PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_der_private_key, load_der_public_key

from tests.unit.services.kms.calling import Kms, secret_of

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

MESSAGE = b"How do you do?"
ML_DSA = {"SigningAlgorithm": "ML_DSA_SHAKE_256"}
ML_DSA_SPECS = ["ML_DSA_44", "ML_DSA_65", "ML_DSA_87"]


@pytest.fixture
def kms() -> Kms:
    """Return a caller."""
    return Kms()


def mu(public_key: bytes, message: bytes) -> bytes:
    """Return what stands for a message: made outside KMS, it lets KMS sign a message of any length."""
    return hashlib.shake_256(hashlib.shake_256(public_key).digest(64) + bytes(2) + message).digest(64)


@pytest.mark.parametrize("spec", ML_DSA_SPECS)
@pytest.mark.parametrize("message", [MESSAGE, MESSAGE * 1000], ids=["short", "long"])
def test_ml_dsa_signatures_of_kms(kms: Kms, spec: str, message: bytes) -> None:
    """A signature of KMS, of the message or of what stands for it, is one of the message."""
    key_id = kms.key_of(spec)
    public_key = load_der_public_key(kms("GetPublicKey", KeyId=key_id)["PublicKey"])
    assert isinstance(public_key, MLDSA44PublicKey | MLDSA65PublicKey | MLDSA87PublicKey)
    prepared = {"Message": mu(public_key.public_bytes_raw(), message), "MessageType": "EXTERNAL_MU"}
    public_key.verify(kms("Sign", KeyId=key_id, **prepared, **ML_DSA)["Signature"], message)
    if message == MESSAGE:
        public_key.verify(kms("Sign", KeyId=key_id, Message=message, **ML_DSA)["Signature"], message)


@pytest.mark.parametrize("spec", ML_DSA_SPECS)
def test_ml_dsa_signatures_of_others(kms: Kms, spec: str) -> None:
    """KMS verifies a signature that was made outside, given the message or what stands for it."""
    key_id = kms.key_of(spec)
    private_key = load_der_private_key(secret_of(spec), None)
    assert isinstance(private_key, MLDSA44PrivateKey | MLDSA65PrivateKey | MLDSA87PrivateKey)
    signed: dict[str, Any] = {"KeyId": key_id, "Signature": private_key.sign(MESSAGE), **ML_DSA}
    assert kms("Verify", **signed, Message=MESSAGE)["SignatureValid"]
    prepared = mu(private_key.public_key().public_bytes_raw(), MESSAGE)
    assert kms("Verify", **signed, Message=prepared, MessageType="EXTERNAL_MU")["SignatureValid"]


@pytest.mark.parametrize(
    ("spec", "kind"),
    [
        ("RSA_2048", RSAPrivateKey),
        ("RSA_3072", RSAPrivateKey),
        ("RSA_4096", RSAPrivateKey),
        ("ECC_NIST_P256", EllipticCurvePrivateKey),
        ("ECC_NIST_P384", EllipticCurvePrivateKey),
        ("ECC_NIST_P521", EllipticCurvePrivateKey),
        ("ECC_SECG_P256K1", EllipticCurvePrivateKey),
        ("ECC_NIST_EDWARDS25519", Ed25519PrivateKey),
        ("ML_KEM_768", MLKEM768PrivateKey),
        ("ML_KEM_1024", MLKEM1024PrivateKey),
    ],
)
def test_data_key_pairs(kms: Kms, spec: str, kind: type[PrivateKeyTypes]) -> None:
    """The private key of a data key pair can be read outside KMS, and has the public key that came with it."""
    answer = kms("GenerateDataKeyPair", KeyId=kms.create_key(), KeyPairSpec=spec)
    private_key = load_der_private_key(answer["PrivateKeyPlaintext"], None)
    assert isinstance(private_key, kind)
    assert private_key.public_key() == load_der_public_key(answer["PublicKey"])
