"""Secrets that two parties share: by key agreement on elliptic curves, and by key encapsulation with ML-KEM."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockaws.crypto.faults import InvalidCiphertextError, InvalidKeyError
from mockaws.records.key_specs import KeyUsage
from mockaws.services.kms import errors, material, recipients, tokens, using
from mockaws.services.operation import operation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mockaws.services.operation import Call, Result


@operation
def derive_shared_secret(
    call: Call,
    *,
    key_id: str,
    key_agreement_algorithm: str,
    public_key: bytes,
    grant_tokens: Sequence[str] = (),
    dry_run: bool = False,
    recipient: dict[str, Any] | None = None,
) -> Result:
    """Return the secret that a key pair shares with the owner of another public key on the same curve.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_DeriveSharedSecret.html
    """
    attestation = recipients.attested(call, recipient)
    tokens.check(call, grant_tokens)
    key = using.key(call, key_id, KeyUsage.KEY_AGREEMENT, key_agreement_algorithm)
    try:
        secret = material.key_pair(call, key).agree(public_key)
    except InvalidKeyError:
        raise errors.PublicKeyNotValid() from None
    using.stop_dry_run(dry_run=dry_run)
    return {
        "KeyId": key.arn,
        **recipients.secret("SharedSecret", secret, attestation),
        "KeyAgreementAlgorithm": key_agreement_algorithm,
        "KeyOrigin": key.origin,
    }


@operation
def encapsulate(
    call: Call,
    *,
    key_id: str,
    encapsulation_algorithm: str,
    grant_tokens: Sequence[str] = (),
    dry_run: bool = False,
) -> Result:
    """Make a shared secret, and the ciphertext from which Decapsulate recovers it.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_Encapsulate.html
    """
    tokens.check(call, grant_tokens)
    key = using.key(call, key_id, KeyUsage.ENCAPSULATE_DECAPSULATE, encapsulation_algorithm)
    pair = material.key_pair(call, key)
    using.stop_dry_run(dry_run=dry_run)
    secret, ciphertext = pair.encapsulate()
    return {
        "KeyId": key.arn,
        "SharedSecret": secret,
        "SharedSecretCiphertextBlob": ciphertext,
        "EncapsulationAlgorithm": encapsulation_algorithm,
    }


@operation
def decapsulate(
    call: Call,
    *,
    key_id: str,
    shared_secret_ciphertext_blob: bytes,
    encapsulation_algorithm: str,
    grant_tokens: Sequence[str] = (),
    dry_run: bool = False,
) -> Result:
    """Recover a shared secret. From the ciphertext of another key comes a secret that nobody shares, and no error.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_Decapsulate.html
    """
    tokens.check(call, grant_tokens)
    key = using.key(call, key_id, KeyUsage.ENCAPSULATE_DECAPSULATE, encapsulation_algorithm)
    try:
        secret = material.key_pair(call, key).decapsulate(shared_secret_ciphertext_blob)
    except InvalidCiphertextError:
        raise errors.InvalidCiphertext() from None
    using.stop_dry_run(dry_run=dry_run)
    return {"KeyId": key.arn, "SharedSecret": secret, "EncapsulationAlgorithm": encapsulation_algorithm}
