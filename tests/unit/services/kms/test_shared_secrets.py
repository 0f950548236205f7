"""DeriveSharedSecret, Encapsulate and Decapsulate.

https://docs.aws.amazon.com/kms/latest/APIReference/API_DeriveSharedSecret.html
"""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PublicKey, MLKEM1024PublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key
from kyber_py.ml_kem import ML_KEM_512

from mockaws.crypto import der
from tests.unit.services.kms.calling import Kms, Refusal, public_key_of, secret_of

CHINA = "cn-north-1"
CURVES = {"ECC_NIST_P256": 32, "ECC_NIST_P384": 48, "ECC_NIST_P521": 66, "SM2": 32}
CIPHERTEXTS = {"ML_KEM_512": 768, "ML_KEM_768": 1088, "ML_KEM_1024": 1568}
ECDH = {"KeyAgreementAlgorithm": "ECDH"}
ML_KEM = {"EncapsulationAlgorithm": "ML_KEM"}
# Recorded without a sentence.
NO_PUBLIC_KEY = Refusal("ValidationException", "")


class TestDeriveSharedSecret:
    """Key agreement on elliptic curves."""

    @pytest.mark.parametrize("spec", CURVES)
    def test_both_sides(self, spec: str) -> None:
        """Two keys derive the same secret from each other's public key: the x coordinate, as long as the field."""
        region = CHINA if spec == "SM2" else "us-west-2"
        kms = Kms(region=region).by(region=region)
        one, other = kms.key_of(spec, "KEY_AGREEMENT"), kms.create_key(KeySpec=spec, KeyUsage="KEY_AGREEMENT")
        public_keys = {key_id: kms("GetPublicKey", KeyId=key_id)["PublicKey"] for key_id in (one, other)}
        answer = kms("DeriveSharedSecret", KeyId=one, PublicKey=public_keys[other], **ECDH)
        assert kms("DeriveSharedSecret", KeyId=other, PublicKey=public_keys[one], **ECDH) == {
            "KeyId": kms.arn(other),
            "SharedSecret": answer["SharedSecret"],
            "KeyAgreementAlgorithm": "ECDH",
            "KeyOrigin": "AWS_KMS",
        }
        assert len(answer["SharedSecret"]) == CURVES[spec]

    @pytest.mark.parametrize("spec", [spec for spec in CURVES if spec != "SM2"])
    def test_an_owner_outside(self, kms: Kms, spec: str) -> None:
        """The other party may have its key anywhere."""
        key_id = kms.key_of(spec, "KEY_AGREEMENT")
        public_key = load_der_public_key(kms("GetPublicKey", KeyId=key_id)["PublicKey"])
        assert isinstance(public_key, ec.EllipticCurvePublicKey)
        theirs = ec.generate_private_key(public_key.curve)
        document = {"KeyId": key_id, "PublicKey": der.public(theirs.public_key()), **ECDH}
        assert kms("DeriveSharedSecret", **document)["SharedSecret"] == theirs.exchange(ec.ECDH(), public_key)

    @pytest.mark.parametrize(
        "public_key",
        [
            b"InvalidPublicKey",
            secret_of("ECC_NIST_P256"),
            public_key_of("ECC_NIST_P256") + b"\0",
            public_key_of("ECC_NIST_P256")[:-1] + bytes([public_key_of("ECC_NIST_P256")[-1] ^ 1]),
            *(public_key_of(spec) for spec in ("ECC_NIST_P384", "ECC_SECG_P256K1", "RSA_2048", "ML_KEM_768")),
        ],
        ids=range(8),
    )
    def test_what_is_no_public_key(self, kms: Kms, public_key: bytes) -> None:
        """A public key that is none, or on another curve, is refused without a sentence."""
        document = {"KeyId": kms.key_of("ECC_NIST_P256", "KEY_AGREEMENT"), "PublicKey": public_key, **ECDH}
        assert kms.refusal("DeriveSharedSecret", **document) == NO_PUBLIC_KEY
        assert kms.refusal("DeriveSharedSecret", **document, DryRun=True) == NO_PUBLIC_KEY

    def test_the_only_algorithm(self, kms: Kms) -> None:
        """There is one algorithm."""
        document = {"KeyId": "x", "PublicKey": b"x", "KeyAgreementAlgorithm": "INVALID"}
        fault = "Value 'INVALID' at 'keyAgreementAlgorithm' failed to satisfy constraint: "
        refusal = kms.refusal("DeriveSharedSecret", **document)
        assert refusal.message == f"1 validation error detected: {fault}Member must satisfy enum value set: [ECDH]"

    @pytest.mark.parametrize(
        ("spec", "usage"),
        [("ECC_NIST_P256", "SIGN_VERIFY"), ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"), ("RSA_2048", "SIGN_VERIFY")],
    )
    def test_keys_of_another_usage(self, kms: Kms, spec: str, usage: str) -> None:
        """A key on the right curve that signs agrees on nothing."""
        key_id = kms.key_of(spec, usage)
        document = {"KeyId": key_id, "PublicKey": public_key_of("ECC_NIST_P256"), **ECDH}
        assert kms.refusal("DeriveSharedSecret", **document) == (
            "InvalidKeyUsageException",
            f"{kms.arn(key_id)} key usage is {usage} which is not valid for DeriveSharedSecret.",
        )


class TestKeyEncapsulation:
    """ML-KEM."""

    @pytest.mark.parametrize("spec", CIPHERTEXTS)
    def test_there_and_back(self, kms: Kms, spec: str) -> None:
        """Decapsulate recovers the 32 bytes that Encapsulate made; each time they are others."""
        key_id = kms.key_of(spec)
        answer = kms("Encapsulate", KeyId=key_id, **ML_KEM)
        secret, ciphertext = answer.pop("SharedSecret"), answer.pop("SharedSecretCiphertextBlob")
        assert answer == {"KeyId": kms.arn(key_id), "EncapsulationAlgorithm": "ML_KEM"}
        assert (len(secret), len(ciphertext)) == (32, CIPHERTEXTS[spec])
        document = {"KeyId": key_id, "SharedSecretCiphertextBlob": ciphertext, **ML_KEM}
        assert kms("Decapsulate", **document) == {
            "KeyId": kms.arn(key_id),
            "SharedSecret": secret,
            "EncapsulationAlgorithm": "ML_KEM",
        }
        assert kms("Encapsulate", KeyId=key_id, **ML_KEM)["SharedSecret"] != secret

    @pytest.mark.parametrize("spec", CIPHERTEXTS)
    def test_others_with_the_public_key(self, kms: Kms, spec: str) -> None:
        """A party with the public key encapsulates without KMS."""
        key_id = kms.key_of(spec)
        public_der = kms("GetPublicKey", KeyId=key_id)["PublicKey"]
        if spec == "ML_KEM_512":
            secret, ciphertext = ML_KEM_512.encaps(public_der[-800:])
        else:
            public_key = load_der_public_key(public_der)
            assert isinstance(public_key, MLKEM768PublicKey | MLKEM1024PublicKey)
            secret, ciphertext = public_key.encapsulate()
        document = {"KeyId": key_id, "SharedSecretCiphertextBlob": ciphertext, **ML_KEM}
        assert kms("Decapsulate", **document)["SharedSecret"] == secret

    @pytest.mark.parametrize("spec", CIPHERTEXTS)
    def test_implicit_rejection(self, kms: Kms, spec: str) -> None:
        """From a changed ciphertext, or with another key, come 32 other bytes, the same each time, and no error."""
        key_id = kms.key_of(spec)
        answer = kms("Encapsulate", KeyId=key_id, **ML_KEM)
        ciphertext = answer["SharedSecretCiphertextBlob"]
        other = kms.create_key(KeySpec=spec, KeyUsage="ENCAPSULATE_DECAPSULATE")
        for decapsulating, blob in ((key_id, ciphertext[:-1] + bytes((ciphertext[-1] ^ 1,))), (other, ciphertext)):
            document = {"KeyId": decapsulating, "SharedSecretCiphertextBlob": blob, **ML_KEM}
            secret = kms("Decapsulate", **document)["SharedSecret"]
            assert len(secret) == 32
            assert secret != answer["SharedSecret"]
            assert kms("Decapsulate", **document)["SharedSecret"] == secret

    @pytest.mark.parametrize("spec", CIPHERTEXTS)
    @pytest.mark.parametrize("change", [-1, 1])
    def test_lengths(self, kms: Kms, spec: str, change: int) -> None:
        """Only a ciphertext whose length is not the key spec's is refused, in a dry run, too."""
        document: dict[str, Any] = {"KeyId": kms.key_of(spec), **ML_KEM}
        document["SharedSecretCiphertextBlob"] = bytes(CIPHERTEXTS[spec] + change)
        refusal = Refusal("InvalidCiphertextException", "")
        assert kms.refusal("Decapsulate", **document) == refusal
        assert kms.refusal("Decapsulate", **document, DryRun=True) == refusal
