"""Recipients: an enclave or an attested instance, for whom the secret in an answer is sealed instead of told.

https://docs.aws.amazon.com/kms/latest/developerguide/cryptographic-attestation.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockaws.services.kms import errors

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockaws.crypto.attestation import Attestation
    from mockaws.services.operation import Call

# Both are needed, though the model requires neither; here as AWS names a member in a sentence.
_MEMBERS = {
    "KeyEncryptionAlgorithm": "recipient.keyEncryptionAlgorithm",
    "AttestationDocument": "recipient.attestationDocument",
}


def attested(call: Call, recipient: Mapping[str, Any] | None) -> Attestation | None:
    """Return what a recipient's attestation document says, None where the request names no recipient.

    It comes first, since the key's policy may ask for what the document says, and in a dry run too.
    """
    if recipient is None:
        return None
    for member, path in _MEMBERS.items():
        if member not in recipient:
            raise errors.RecipientIncomplete(path=path)
    from mockaws.crypto import attestation  # noqa: PLC0415 - dear, see there

    try:
        return attestation.read(recipient["AttestationDocument"], call.now)
    except attestation.InvalidAttestationError as fault:
        raise errors.AttestationNotValid(fault=fault) from None


def secret(member: str, plaintext: bytes, attestation: Attestation | None) -> dict[str, bytes]:
    """Return the member of an answer that holds a secret: *member* in the clear, or what only a recipient can open."""
    if attestation is None:
        return {member: plaintext}
    from mockaws.crypto import envelopes  # noqa: PLC0415 - dear, see there

    return {"CiphertextForRecipient": envelopes.seal(plaintext, attestation.public_key)}
