"""Shared secrets of two parties: by key agreement on elliptic curves, and by key encapsulation with ML-KEM."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockaws.crypto.errors import InvalidCiphertextError, InvalidKeyError
from mockaws.records.key_specs import KeyUsage
from mockaws.services.facts import KEY, Effect, SharedQuota
from mockaws.services.kms import cryptographic_use, errors, key_material, recipients, rules
from mockaws.services.kms.grant_tokens import require_grants
from mockaws.services.operation import operation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mockaws.services.operation import Call, Result


@operation(KEY, effect=Effect.USES_A_KEY, grantable=KeyUsage.KEY_AGREEMENT, quota=SharedQuota.ASYMMETRIC)
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
    require_grants(call, grant_tokens)
    key = cryptographic_use.key(call, key_id, KeyUsage.KEY_AGREEMENT, key_agreement_algorithm)
    try:
        secret = key_material.key_pair(key).agree(public_key)
    except InvalidKeyError:
        raise errors.PublicKeyNotValid() from None
    rules.require_no_dry_run(dry_run=dry_run)
    return {
        "KeyId": key.arn,
        **recipients.secret("SharedSecret", secret, attestation),
        "KeyAgreementAlgorithm": key_agreement_algorithm,
        "KeyOrigin": key.origin,
    }


@operation(KEY, effect=Effect.USES_A_KEY, grantable=KeyUsage.ENCAPSULATE_DECAPSULATE)
def encapsulate(
    call: Call,
    *,
    key_id: str,
    encapsulation_algorithm: str,
    grant_tokens: Sequence[str] = (),
    dry_run: bool = False,
) -> Result:
    """Create a shared secret, and the ciphertext from which Decapsulate recovers it.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_Encapsulate.html
    """
    require_grants(call, grant_tokens)
    key = cryptographic_use.key(call, key_id, KeyUsage.ENCAPSULATE_DECAPSULATE, encapsulation_algorithm)
    pair = key_material.key_pair(key)
    rules.require_no_dry_run(dry_run=dry_run)
    secret, ciphertext = pair.encapsulate()
    return {
        "KeyId": key.arn,
        "SharedSecret": secret,
        "SharedSecretCiphertextBlob": ciphertext,
        "EncapsulationAlgorithm": encapsulation_algorithm,
    }


@operation(KEY, effect=Effect.USES_A_KEY, grantable=KeyUsage.ENCAPSULATE_DECAPSULATE)
def decapsulate(
    call: Call,
    *,
    key_id: str,
    shared_secret_ciphertext_blob: bytes,
    encapsulation_algorithm: str,
    grant_tokens: Sequence[str] = (),
    dry_run: bool = False,
) -> Result:
    """Recover a shared secret; the ciphertext of another key gives a useless secret, and no error.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_Decapsulate.html
    """
    require_grants(call, grant_tokens)
    key = cryptographic_use.key(call, key_id, KeyUsage.ENCAPSULATE_DECAPSULATE, encapsulation_algorithm)
    try:
        secret = key_material.key_pair(key).decapsulate(shared_secret_ciphertext_blob)
    except InvalidCiphertextError:
        raise errors.InvalidCiphertext() from None
    rules.require_no_dry_run(dry_run=dry_run)
    return {"KeyId": key.arn, "SharedSecret": secret, "EncapsulationAlgorithm": encapsulation_algorithm}
