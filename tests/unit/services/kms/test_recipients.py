"""Answers that are sealed for an enclave or an attested instance.

https://docs.aws.amazon.com/kms/latest/developerguide/cryptographic-attestation.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.attestation import ABSENT, PCRS, document, opened, recipient, recipient_key
from tests.samples import NOW

if TYPE_CHECKING:
    from tests.unit.services.kms.calling import Kms

BAD = "The attestation document is not valid: "


@pytest.mark.parametrize(
    "attestation_document",
    [document(), document(tagged=True), document(pcrs=ABSENT, nitrotpm_pcrs=PCRS)],
    ids=["enclave", "tagged", "NitroTPM"],
)
def test_sealed(kms: Kms, attestation_document: bytes) -> None:
    """The recipient's private key opens CiphertextForRecipient, and there is no Plaintext beside it."""
    answer = kms("GenerateRandom", NumberOfBytes=32, Recipient=recipient(attestation_document))
    assert answer.keys() == {"CiphertextForRecipient"}
    assert len(opened(answer["CiphertextForRecipient"], recipient_key())) == 32


SHARED = ec.generate_private_key(ec.SECP256R1()).public_key()
SHARED_DER = SHARED.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
# The request of each operation, and the member with the secret if there is no recipient.
OPERATIONS: dict[str, tuple[dict[str, Any], str]] = {
    "Decrypt": ({"CiphertextBlob": "blob"}, "Plaintext"),
    "GenerateDataKey": ({"KeyId": "symmetric", "KeySpec": "AES_256"}, "Plaintext"),
    "GenerateDataKeyPair": ({"KeyId": "symmetric", "KeyPairSpec": "ECC_NIST_P256"}, "PrivateKeyPlaintext"),
    "DeriveSharedSecret": (
        {"KeyId": "agreement", "KeyAgreementAlgorithm": "ECDH", "PublicKey": SHARED_DER},
        "SharedSecret",
    ),
}


@pytest.mark.parametrize("operation", OPERATIONS)
def test_each_operation(kms: Kms, operation: str) -> None:
    """Whatever the operation, the secret is sealed for the recipient, and is nowhere in the clear.

    Decrypt and GenerateDataKey do not return the material's id then, as their pages say.
    """
    symmetric = kms.create_key()
    there = {
        "symmetric": symmetric,
        "agreement": kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="KEY_AGREEMENT"),
        "blob": kms("Encrypt", KeyId=symmetric, Plaintext=b"hello")["CiphertextBlob"],
    }
    given, member = OPERATIONS[operation]
    document = {name: there.get(value, value) for name, value in given.items()}
    told, sealed = kms(operation, **document), kms(operation, **document, Recipient=recipient())
    without = {"KeyMaterialId"} if operation in {"Decrypt", "GenerateDataKey"} else set()
    assert sealed.keys() == told.keys() - {member} - without | {"CiphertextForRecipient"}
    secret = opened(sealed["CiphertextForRecipient"])
    if operation in {"Decrypt", "DeriveSharedSecret"}:
        assert secret == told[member]
    if operation == "GenerateDataKey":
        assert secret == kms("Decrypt", CiphertextBlob=sealed["CiphertextBlob"])["Plaintext"]
    if operation == "GenerateDataKeyPair":
        assert secret == kms("Decrypt", CiphertextBlob=sealed["PrivateKeyCiphertextBlob"])["Plaintext"]


def test_without_recipient(kms: Kms) -> None:
    """Without a recipient the secret is in plaintext."""
    answer = kms("GenerateRandom", NumberOfBytes=32)
    assert answer.keys() == {"Plaintext"}


@pytest.mark.parametrize("member", ["KeyEncryptionAlgorithm", "AttestationDocument"])
def test_incomplete(kms: Kms, member: str) -> None:
    """AWS's SDK for enclaves says that both are required; the model does not."""
    incomplete = {name: value for name, value in recipient().items() if name != member}
    refusal = kms.refusal("GenerateRandom", NumberOfBytes=32, Recipient=incomplete)
    assert refusal.code == "ValidationException"
    assert f"'recipient.{member[0].lower()}{member[1:]}' failed" in refusal.message


def test_algorithm(kms: Kms) -> None:
    """RSAES_OAEP_SHA_256 is the only algorithm."""
    refusal = kms.refusal(
        "GenerateRandom", NumberOfBytes=32, Recipient=recipient() | {"KeyEncryptionAlgorithm": "RSAES_OAEP_SHA_1"}
    )
    assert refusal.code == "ValidationException"
    assert "[RSAES_OAEP_SHA_256]" in refusal.message


@pytest.mark.parametrize(
    ("attestation_document", "fault"),
    [
        (b"document", "it is not a COSE_Sign1 message"),
        (document(public_key=None), "it has no public_key"),
        (document(NOW - 301), "it was not made within the last five minutes"),
    ],
    ids=["nothing", "for no recipient", "old"],
)
def test_bad_documents(kms: Kms, attestation_document: bytes, fault: str) -> None:
    """A document that is not good is the caller's fault, and the answer says which."""
    refusal = kms.refusal("GenerateRandom", NumberOfBytes=32, Recipient=recipient(attestation_document))
    assert refusal == ("ValidationException", BAD + fault)


def test_age(kms: Kms) -> None:
    """The age of a document follows from the world's clock."""
    kms.clock.advance(86_400)
    fresh = recipient(document(NOW + 86_400))
    kms("GenerateRandom", NumberOfBytes=32, Recipient=fresh)
    assert "five minutes" in kms.refusal("GenerateRandom", NumberOfBytes=32, Recipient=recipient()).message
