"""Recipients: enclaves and attested instances, for which the secret in an answer is encrypted.

https://docs.aws.amazon.com/kms/latest/developerguide/cryptographic-attestation.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockaws.services.kms import errors

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockaws.crypto.attestation import Attestation
    from mockaws.services.operation import Call

# Both are required, although the model requires neither. The values are AWS's names for them in a sentence.
_MEMBERS = {
    "KeyEncryptionAlgorithm": "recipient.keyEncryptionAlgorithm",
    "AttestationDocument": "recipient.attestationDocument",
}


def attested(call: Call, recipient: Mapping[str, Any] | None) -> Attestation | None:
    """Return the content of a recipient's attestation document, None if the request has no recipient.

    It is read first, also in a dry run, as the key's policy may depend on it. Raises ValidationException for a document
    that is not valid.
    """
    if recipient is None:
        return None
    for member, path in _MEMBERS.items():
        if member not in recipient:
            raise errors.RecipientIncomplete(path=path)
    from mockaws.crypto import attestation  # noqa: PLC0415 - slow to import, see there

    try:
        return attestation.read(recipient["AttestationDocument"], call.now)
    except attestation.InvalidAttestationError as flaw:
        raise errors.AttestationNotValid(flaw=flaw) from None


def secret(member: str, plaintext: bytes, attestation: Attestation | None) -> dict[str, bytes]:
    """Return the member of an answer with a secret: *member* in plaintext, or the ciphertext for a recipient."""
    if attestation is None:
        return {member: plaintext}
    from mockaws.crypto import envelopes  # noqa: PLC0415 - slow to import, see there

    return {"CiphertextForRecipient": envelopes.seal(plaintext, attestation.public_key)}
