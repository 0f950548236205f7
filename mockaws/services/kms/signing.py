"""Signing with the private key of a key pair, and verifying with its public key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockaws.records.key_specs import KeyUsage, MessageType
from mockaws.services.kms import errors, material, rules, tokens, using
from mockaws.services.operation import operation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mockaws.services.operation import Call, Result


@operation
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
    tokens.check(call, grant_tokens)
    key = using.key(call, key_id, KeyUsage.SIGN_VERIFY, signing_algorithm)
    rules.message_suits_algorithm(key, message, message_type, signing_algorithm)
    pair = material.key_pair(call, key)
    using.stop_dry_run(dry_run=dry_run)
    return {
        "KeyId": key.arn,
        "Signature": pair.sign(signing_algorithm, message, prepared=message_type != MessageType.RAW),
        "SigningAlgorithm": signing_algorithm,
    }


@operation
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
    """Tell that a signature is right; a wrong one is an error.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_Verify.html
    """
    tokens.check(call, grant_tokens)
    key = using.key(call, key_id, KeyUsage.SIGN_VERIFY, signing_algorithm)
    rules.message_suits_algorithm(key, message, message_type, signing_algorithm)
    pair = material.key_pair(call, key)
    if not pair.verifies(signing_algorithm, message, signature, prepared=message_type != MessageType.RAW):
        raise errors.InvalidSignature()
    using.stop_dry_run(dry_run=dry_run)
    return {"KeyId": key.arn, "SignatureValid": True, "SigningAlgorithm": signing_algorithm}
