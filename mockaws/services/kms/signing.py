"""Signatures with the private key of a key pair, and their verification with its public key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockaws.records.key_specs import KeyUsage, MessageType
from mockaws.services.facts import KEY, Effect, SharedQuota
from mockaws.services.kms import cryptographic_use, errors, key_material, rules
from mockaws.services.kms.grant_tokens import require_grants
from mockaws.services.operation import operation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mockaws.services.operation import Call, Result


@operation(
    KEY,
    effect=Effect.USES_A_KEY,
    grantable=KeyUsage.SIGN_VERIFY,
    quota=SharedQuota.ASYMMETRIC,
    event_defaults={"messageType": "RAW"},
)
def sign(
    call: Call,
    *,
    key_id: str,
    message: bytes,
    message_type: str = MessageType.RAW,
    grant_tokens: Sequence[str] = (),
    signing_algorithm: str,
    dry_run: bool = False,
) -> Result:
    """Sign a message of up to 4096 bytes, or the digest of one.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html
    """
    require_grants(call, grant_tokens)
    key = cryptographic_use.key(call, key_id, KeyUsage.SIGN_VERIFY, signing_algorithm)
    rules.require_fitting_message(key, message, message_type, signing_algorithm)
    pair = key_material.key_pair(key)
    rules.require_no_dry_run(dry_run=dry_run)
    return {
        "KeyId": key.arn,
        "Signature": pair.sign(signing_algorithm, message, prepared=message_type != MessageType.RAW),
        "SigningAlgorithm": signing_algorithm,
    }


@operation(
    KEY,
    effect=Effect.USES_A_KEY,
    grantable=KeyUsage.SIGN_VERIFY,
    quota=SharedQuota.ASYMMETRIC,
    event_defaults={"messageType": "RAW"},
)
def verify(
    call: Call,
    *,
    key_id: str,
    message: bytes,
    message_type: str = MessageType.RAW,
    signature: bytes,
    signing_algorithm: str,
    grant_tokens: Sequence[str] = (),
    dry_run: bool = False,
) -> Result:
    """Verify a signature; raises KMSInvalidSignatureException for a wrong one.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_Verify.html
    """
    require_grants(call, grant_tokens)
    key = cryptographic_use.key(call, key_id, KeyUsage.SIGN_VERIFY, signing_algorithm)
    rules.require_fitting_message(key, message, message_type, signing_algorithm)
    pair = key_material.key_pair(key)
    if not pair.is_signature(signing_algorithm, message, signature, prepared=message_type != MessageType.RAW):
        raise errors.InvalidSignature()
    rules.require_no_dry_run(dry_run=dry_run)
    return {"KeyId": key.arn, "SignatureValid": True, "SigningAlgorithm": signing_algorithm}
