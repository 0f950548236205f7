"""Data keys and data key pairs, which their owner uses outside KMS: encrypted, and in plaintext on request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockaws.crypto import symmetric
from mockaws.records.key_specs import SYMMETRIC_DEFAULT, KeyType, KeyUsage
from mockaws.services.facts import KEY, Effect, SharedQuota
from mockaws.services.kms import cryptographic_use, encryption, errors, key_material, lookup, recipients, rules
from mockaws.services.kms.grant_tokens import require_grants
from mockaws.services.operation import operation

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mockaws.crypto.key_pairs import KeyPair
    from mockaws.model.errors import Declared
    from mockaws.records.kms import Key
    from mockaws.services.operation import Call, Result

DATA_KEY_BYTES = {"AES_256": 32, "AES_128": 16}


@operation(KEY, effect=Effect.USES_A_KEY, grantable=KeyType.SYMMETRIC, quota=SharedQuota.SYMMETRIC)
def generate_data_key(
    call: Call,
    *,
    key_id: str,
    encryption_context: Mapping[str, str] | None = None,
    number_of_bytes: int | None = None,
    key_spec: str | None = None,
    grant_tokens: Sequence[str] = (),
    recipient: dict[str, Any] | None = None,
    dry_run: bool = False,
) -> Result:
    """Create a data key, and return it both in plaintext and encrypted.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKey.html
    """
    attestation = recipients.attested(call, recipient)
    key, data_key = _data_key(call, key_id, grant_tokens, number_of_bytes, key_spec)
    encrypted = encryption.encrypted_under(call, key, SYMMETRIC_DEFAULT, data_key, encryption_context)
    rules.require_no_dry_run(dry_run=dry_run)
    return {
        "CiphertextBlob": encrypted.blob,
        **recipients.secret("Plaintext", data_key, attestation),
        "KeyId": key.arn,
        **key_material.shown("KeyMaterialId", encrypted.material_id if attestation is None else None),
    }


@operation(KEY, effect=Effect.USES_A_KEY, grantable=KeyType.SYMMETRIC, quota=SharedQuota.SYMMETRIC)
def generate_data_key_without_plaintext(
    call: Call,
    *,
    key_id: str,
    encryption_context: Mapping[str, str] | None = None,
    key_spec: str | None = None,
    number_of_bytes: int | None = None,
    grant_tokens: Sequence[str] = (),
    dry_run: bool = False,
) -> Result:
    """Create a data key, and return it encrypted only.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKeyWithoutPlaintext.html
    """
    key, data_key = _data_key(call, key_id, grant_tokens, number_of_bytes, key_spec)
    encrypted = encryption.encrypted_under(call, key, SYMMETRIC_DEFAULT, data_key, encryption_context)
    rules.require_no_dry_run(dry_run=dry_run)
    return {
        "CiphertextBlob": encrypted.blob,
        "KeyId": key.arn,
        **key_material.shown("KeyMaterialId", encrypted.material_id),
    }


@operation(KEY, effect=Effect.USES_A_KEY, grantable=KeyType.SYMMETRIC, quota=SharedQuota.KEY_PAIRS)
def generate_data_key_pair(
    call: Call,
    *,
    encryption_context: Mapping[str, str] | None = None,
    key_id: str,
    key_pair_spec: str,
    grant_tokens: Sequence[str] = (),
    recipient: dict[str, Any] | None = None,
    dry_run: bool = False,
) -> Result:
    """Create a key pair, and return its private key both in plaintext and encrypted.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKeyPair.html
    """
    attestation = recipients.attested(call, recipient)
    pair, answer = _data_key_pair(call, key_id, grant_tokens, key_pair_spec, encryption_context, dry_run=dry_run)
    return answer | recipients.secret("PrivateKeyPlaintext", pair.private_der, attestation)


@operation(KEY, effect=Effect.USES_A_KEY, grantable=KeyType.SYMMETRIC, quota=SharedQuota.KEY_PAIRS)
def generate_data_key_pair_without_plaintext(
    call: Call,
    *,
    encryption_context: Mapping[str, str] | None = None,
    key_id: str,
    key_pair_spec: str,
    grant_tokens: Sequence[str] = (),
    dry_run: bool = False,
) -> Result:
    """Create a key pair, and return its private key encrypted only.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKeyPairWithoutPlaintext.html
    """
    _, answer = _data_key_pair(call, key_id, grant_tokens, key_pair_spec, encryption_context, dry_run=dry_run)
    return answer


def _data_key(
    call: Call, key_id: str, grant_tokens: Sequence[str], number_of_bytes: int | None, key_spec: str | None
) -> tuple[Key, bytes]:
    """Return the key that encrypts a data key, and the data key: a number of bytes, or those of a spec."""
    require_grants(call, grant_tokens)
    key = lookup.key(call, key_id)
    if (number_of_bytes is None) == (key_spec is None):
        raise errors.BytesOrSpec()
    _require_wrapping(call, key)
    return key, symmetric.random_bytes(number_of_bytes or DATA_KEY_BYTES[key_spec or ""])


def _data_key_pair(
    call: Call,
    key_id: str,
    grant_tokens: Sequence[str],
    key_pair_spec: str,
    context: Mapping[str, str] | None,
    *,
    dry_run: bool,
) -> tuple[KeyPair, dict[str, Any]]:
    """Return a data key pair, and the members that the answers of both operations share.

    Raises UnsupportedOperationException for a key in a custom key store.
    """
    require_grants(call, grant_tokens)
    key = lookup.key(call, key_id)
    _require_wrapping(call, key, errors.DataKeyPairUnderAsymmetricKey)
    spec = rules.available_spec(call, key_pair_spec)
    if key.custom_key_store_id is not None:
        raise errors.OriginNotValid(arn=key.arn, origin=key.origin)
    rules.require_no_dry_run(dry_run=dry_run)
    pair = key_material.new_key_pair(call, spec)
    encrypted = encryption.encrypted_under(call, key, SYMMETRIC_DEFAULT, pair.private_der, context)
    return pair, {
        "PrivateKeyCiphertextBlob": encrypted.blob,
        "PublicKey": pair.public_der,
        "KeyId": key.arn,
        "KeyPairSpec": key_pair_spec,
        **key_material.shown("KeyMaterialId", encrypted.material_id),
    }


def _require_wrapping(call: Call, key: Key, refusal: Declared = errors.DataKeyUnderAsymmetricKey) -> None:
    """Require a symmetric encryption key that can be used now; raises *refusal* for an RSA key."""
    algorithm = next(iter(key.key_spec.encrypts), SYMMETRIC_DEFAULT)
    cryptographic_use.require_usable(call, key, KeyUsage.ENCRYPT_DECRYPT, algorithm)
    if algorithm != SYMMETRIC_DEFAULT:
        raise refusal()
