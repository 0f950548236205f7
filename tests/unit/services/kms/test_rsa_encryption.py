"""Encrypt, Decrypt and ReEncrypt under RSA keys, whose ciphertexts name no key; and under SM2 keys, which are alike.

https://docs.aws.amazon.com/kms/latest/developerguide/symm-asymm-choose-key-spec.html#key-spec-rsa
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.services.kms.calling import Kms, Refusal

SHA_1, SHA_256 = "RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"
NOT_OPENED = Refusal("InvalidCiphertextException", "")
NO_CONTEXT = Refusal(
    "ValidationException", "EncryptionContext is not supported when encrypting/decrypting with asymmetric CMKs."
)
LONGEST = [
    ("RSA_2048", SHA_1, 214),
    ("RSA_2048", SHA_256, 190),
    ("RSA_3072", SHA_1, 342),
    ("RSA_3072", SHA_256, 318),
    ("RSA_4096", SHA_1, 470),
    ("RSA_4096", SHA_256, 446),
]


@pytest.fixture
def key_id(kms: Kms) -> str:
    """Return a key that encrypts."""
    return kms.key_of("RSA_2048", "ENCRYPT_DECRYPT")


def encrypted(kms: Kms, key_id: str, algorithm: str = SHA_256, plaintext: bytes = b"hello") -> bytes:
    """Return a ciphertext."""
    document = {"KeyId": key_id, "EncryptionAlgorithm": algorithm, "Plaintext": plaintext}
    blob: bytes = kms("Encrypt", **document)["CiphertextBlob"]
    return blob


@pytest.mark.parametrize(("spec", "algorithm", "longest"), LONGEST)
def test_encrypting(kms: Kms, spec: str, algorithm: str, longest: int) -> None:
    """The longest plaintext comes back; the ciphertext is as long as the modulus; no answer names key material."""
    key_id = kms.key_of(spec, "ENCRYPT_DECRYPT")
    document = {"KeyId": key_id, "EncryptionAlgorithm": algorithm}
    answer = kms("Encrypt", **document, Plaintext=bytes(longest))
    blob = answer.pop("CiphertextBlob")
    assert answer == {"KeyId": kms.arn(key_id), "EncryptionAlgorithm": algorithm}
    assert len(blob) * 8 == int(spec.removeprefix("RSA_"))
    assert kms("Decrypt", **document, CiphertextBlob=blob) == {
        "KeyId": kms.arn(key_id),
        "EncryptionAlgorithm": algorithm,
        "Plaintext": bytes(longest),
    }
    assert encrypted(kms, key_id, algorithm) != encrypted(kms, key_id, algorithm)


@pytest.mark.parametrize(("spec", "algorithm", "longest"), LONGEST)
def test_too_long(kms: Kms, spec: str, algorithm: str, longest: int) -> None:
    """A byte more is refused, with the limit."""
    document = {"KeyId": kms.key_of(spec, "ENCRYPT_DECRYPT"), "EncryptionAlgorithm": algorithm}
    for length in (longest + 1, 4096):
        assert kms.refusal("Encrypt", **document, Plaintext=bytes(length)) == (
            "ValidationException",
            f"Algorithm {algorithm} and key spec {spec} cannot encrypt data larger than {longest} bytes.",
        )


def test_without_an_algorithm(kms: Kms, key_id: str) -> None:
    """SYMMETRIC_DEFAULT, which goes without saying, is no algorithm of an RSA key."""
    assert kms.refusal("Encrypt", KeyId=key_id, Plaintext=b"hello") == (
        "InvalidKeyUsageException",
        "Algorithm SYMMETRIC_DEFAULT is incompatible with key spec RSA_2048.",
    )


def test_decrypting_without_an_algorithm(kms: Kms, key_id: str) -> None:
    """The ciphertext is then read as one of a symmetric encryption key, which it is not."""
    assert kms.refusal("Decrypt", KeyId=key_id, CiphertextBlob=encrypted(kms, key_id)) == NOT_OPENED


def test_decrypting_without_a_key(kms: Kms, key_id: str) -> None:
    """The ciphertext does not name its key, so the request has to."""
    document = {"EncryptionAlgorithm": SHA_256, "CiphertextBlob": encrypted(kms, key_id)}
    assert kms.refusal("Decrypt", **document) == ("ValidationException", "KeyId must not be null")


def test_with_the_other_algorithm(kms: Kms, key_id: str) -> None:
    """A ciphertext is opened with the algorithm that made it."""
    for one, other in ((SHA_1, SHA_256), (SHA_256, SHA_1)):
        blob = encrypted(kms, key_id, one)
        assert kms.refusal("Decrypt", KeyId=key_id, EncryptionAlgorithm=other, CiphertextBlob=blob) == NOT_OPENED


def test_with_another_key(kms: Kms, key_id: str) -> None:
    """Another key does not decrypt it, and the error cannot say that it is another key's."""
    other = kms.create_key(KeySpec="RSA_2048", KeyUsage="ENCRYPT_DECRYPT")
    document = {"EncryptionAlgorithm": SHA_256, "CiphertextBlob": encrypted(kms, key_id)}
    assert kms.refusal("Decrypt", KeyId=other, **document) == NOT_OPENED


@pytest.mark.parametrize("blob", [b"AAAA", bytes(10), bytes(256), b"\xff" * 256, bytes(6144)], ids=len)
def test_junk(kms: Kms, key_id: str, blob: bytes) -> None:
    """Bytes that are no ciphertext are an error without a sentence."""
    assert kms.refusal("Decrypt", KeyId=key_id, EncryptionAlgorithm=SHA_256, CiphertextBlob=blob) == NOT_OPENED


def test_no_context(kms: Kms, key_id: str) -> None:
    """An encryption context goes with symmetric encryption keys only; an empty one is none."""
    document: dict[str, Any] = {"KeyId": key_id, "EncryptionAlgorithm": SHA_256}
    context = {"EncryptionContext": {"Purpose": "Test"}}
    blob = encrypted(kms, key_id)
    assert kms.refusal("Encrypt", **document, Plaintext=b"hello", **context) == NO_CONTEXT
    assert kms.refusal("Decrypt", **document, CiphertextBlob=blob, **context) == NO_CONTEXT
    assert kms("Decrypt", **document, CiphertextBlob=blob, EncryptionContext={})["Plaintext"] == b"hello"


def test_between_kinds_of_keys(kms: Kms, key_id: str) -> None:
    """ReEncrypt goes from a symmetric key to an RSA key and back; only the symmetric key's material has an id."""
    symmetric = kms.create_key()
    material = kms.metadata(symmetric)["CurrentKeyMaterialId"]
    blob = kms("Encrypt", KeyId=symmetric, Plaintext=b"hello")["CiphertextBlob"]
    there = kms("ReEncrypt", CiphertextBlob=blob, DestinationKeyId=key_id, DestinationEncryptionAlgorithm=SHA_1)
    blob = there.pop("CiphertextBlob")
    assert there == {
        "KeyId": kms.arn(key_id),
        "SourceKeyId": kms.arn(symmetric),
        "SourceEncryptionAlgorithm": "SYMMETRIC_DEFAULT",
        "DestinationEncryptionAlgorithm": SHA_1,
        "SourceKeyMaterialId": material,
    }
    document = {"SourceKeyId": key_id, "SourceEncryptionAlgorithm": SHA_1, "DestinationKeyId": symmetric}
    back = kms("ReEncrypt", **document, CiphertextBlob=blob)
    assert kms("Decrypt", CiphertextBlob=back.pop("CiphertextBlob"))["Plaintext"] == b"hello"
    assert back == {
        "KeyId": kms.arn(symmetric),
        "SourceKeyId": kms.arn(key_id),
        "SourceEncryptionAlgorithm": SHA_1,
        "DestinationEncryptionAlgorithm": "SYMMETRIC_DEFAULT",
        "DestinationKeyMaterialId": material,
    }


def test_too_long_for_the_destination(kms: Kms, key_id: str) -> None:
    """ReEncrypt's destination cannot take more than it could from Encrypt."""
    blob = kms("Encrypt", KeyId=kms.create_key(), Plaintext=bytes(191))["CiphertextBlob"]
    document = {"DestinationKeyId": key_id, "DestinationEncryptionAlgorithm": SHA_256}
    refusal = kms.refusal("ReEncrypt", **document, CiphertextBlob=blob)
    assert refusal.message == f"Algorithm {SHA_256} and key spec RSA_2048 cannot encrypt data larger than 190 bytes."


@pytest.mark.parametrize("member", ["SourceEncryptionContext", "DestinationEncryptionContext"])
def test_no_context_of_either_key(kms: Kms, key_id: str, member: str) -> None:
    """Neither RSA key of ReEncrypt takes a context."""
    document = {"SourceKeyId": key_id, "DestinationKeyId": key_id, "CiphertextBlob": encrypted(kms, key_id)}
    algorithms = {"SourceEncryptionAlgorithm": SHA_256, "DestinationEncryptionAlgorithm": SHA_256}
    assert kms.refusal("ReEncrypt", **document, **algorithms, **{member: {"a": "b"}}) == NO_CONTEXT
    assert kms("ReEncrypt", **document, **algorithms)["CiphertextBlob"]


def test_a_destination_that_does_not_encrypt(kms: Kms) -> None:
    """A key that signs is no destination."""
    signer = kms.key_of("ECC_NIST_P256", "SIGN_VERIFY")
    blob = kms("Encrypt", KeyId=kms.create_key(), Plaintext=b"hello")["CiphertextBlob"]
    assert kms.refusal("ReEncrypt", CiphertextBlob=blob, DestinationKeyId=signer) == (
        "InvalidKeyUsageException",
        f"{kms.arn(signer)} key usage is SIGN_VERIFY which is not valid for ReEncrypt.",
    )


def test_a_named_key_that_is_not_the_right_one(kms: Kms) -> None:
    """The error for another key comes before the error for a key that cannot decrypt at all."""
    blob = kms("Encrypt", KeyId=kms.create_key(), Plaintext=b"hello")["CiphertextBlob"]
    for spec, usage in (("RSA_2048", "ENCRYPT_DECRYPT"), ("RSA_2048", "SIGN_VERIFY"), ("HMAC_256", None)):
        for enabled in (True, False):
            other = kms.key_of(spec, usage, enabled=enabled)
            assert kms.refusal("Decrypt", KeyId=other, CiphertextBlob=blob).code == "IncorrectKeyException"


class TestSm2:
    """SM2PKE, in the China Regions."""

    @pytest.fixture
    def kms(self) -> Kms:
        """Return a caller in China."""
        return Kms(region="cn-north-1").by(region="cn-north-1")

    @pytest.mark.parametrize("length", [1, 1024])
    def test_encrypting(self, kms: Kms, length: int) -> None:
        """A plaintext of up to 1024 bytes comes back."""
        key_id = kms.key_of("SM2", "ENCRYPT_DECRYPT")
        blob = encrypted(kms, key_id, "SM2PKE", bytes(length))
        document = {"KeyId": key_id, "EncryptionAlgorithm": "SM2PKE", "CiphertextBlob": blob}
        assert kms("Decrypt", **document)["Plaintext"] == bytes(length)
        assert kms.refusal("Decrypt", **document | {"CiphertextBlob": blob[:-1]}) == NOT_OPENED

    def test_too_long(self, kms: Kms) -> None:
        """A byte more is refused."""
        document = {"KeyId": kms.key_of("SM2", "ENCRYPT_DECRYPT"), "EncryptionAlgorithm": "SM2PKE"}
        assert kms.refusal("Encrypt", **document, Plaintext=bytes(1025)) == (
            "ValidationException",
            "Algorithm SM2PKE and key spec SM2 cannot encrypt data larger than 1024 bytes.",
        )
