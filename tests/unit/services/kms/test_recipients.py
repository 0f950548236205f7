"""Answers that are sealed for an enclave or an attested instance.

https://docs.aws.amazon.com/kms/latest/developerguide/cryptographic-attestation.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.attestation import ABSENT, PCRS, document, opened, recipient, recipient_key
from tests.samples import NOW
from tests.unit.services.kms.attested_random import taking_recipients

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.unit.services.kms.calling import Kms

BAD = "The attestation document is not valid: "


@pytest.fixture(autouse=True)
def _taking_recipients() -> Iterator[None]:
    with taking_recipients():
        yield


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


def test_without_recipient(kms: Kms) -> None:
    """Without a recipient the secret is told."""
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
    ids=["nothing", "for nobody", "old"],
)
def test_bad_documents(kms: Kms, attestation_document: bytes, fault: str) -> None:
    """A document that is not good is the caller's fault, and the answer says which."""
    refusal = kms.refusal("GenerateRandom", NumberOfBytes=32, Recipient=recipient(attestation_document))
    assert refusal == ("ValidationException", BAD + fault)


def test_age(kms: Kms) -> None:
    """How old a document is, the world's clock tells."""
    kms.clock.advance(86_400)
    fresh = recipient(document(NOW + 86_400))
    kms("GenerateRandom", NumberOfBytes=32, Recipient=fresh)
    assert "five minutes" in kms.refusal("GenerateRandom", NumberOfBytes=32, Recipient=recipient()).message
