"""Data keys and data key pairs, which their owner uses outside KMS: returned encrypted, and in the clear on request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockaws.crypto import symmetric
from mockaws.records.key_specs import SYMMETRIC_DEFAULT, KeyUsage
from mockaws.services.kms import encryption, errors, lookup, material, recipients, rules, tokens, using
from mockaws.services.operation import operation

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mockaws.crypto.key_pairs import KeyPair
    from mockaws.model.errors import Declared
    from mockaws.records.kms import Key
    from mockaws.services.operation import Call, Result

DATA_KEY_BYTES = {"AES_256": 32, "AES_128": 16}


@operation
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
    """Make a data key, and return it both in the clear and encrypted.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKey.html
    """
    attestation = recipients.attested(call, recipient)
    key, data_key = _data_key(call, key_id, grant_tokens, number_of_bytes, key_spec)
    sealed = encryption.seal(call, key, SYMMETRIC_DEFAULT, data_key, encryption_context)
    using.stop_dry_run(dry_run=dry_run)
    return {
        "CiphertextBlob": sealed.blob,
        **recipients.secret("Plaintext", data_key, attestation),
        "KeyId": key.arn,
        **material.shown("KeyMaterialId", sealed.material_id if attestation is None else None),
    }


@operation
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
    """Make a data key, and return it encrypted only.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKeyWithoutPlaintext.html
    """
    key, data_key = _data_key(call, key_id, grant_tokens, number_of_bytes, key_spec)
    sealed = encryption.seal(call, key, SYMMETRIC_DEFAULT, data_key, encryption_context)
    using.stop_dry_run(dry_run=dry_run)
    return {
        "CiphertextBlob": sealed.blob,
        "KeyId": key.arn,
        **material.shown("KeyMaterialId", sealed.material_id),
    }


@operation
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
    """Make a key pair, and return its private key both in the clear and encrypted.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKeyPair.html
    """
    attestation = recipients.attested(call, recipient)
    pair, answer = _data_key_pair(call, key_id, grant_tokens, key_pair_spec, encryption_context, dry_run=dry_run)
    return answer | recipients.secret("PrivateKeyPlaintext", pair.private_der, attestation)


@operation
def generate_data_key_pair_without_plaintext(
    call: Call,
    *,
    encryption_context: Mapping[str, str] | None = None,
    key_id: str,
    key_pair_spec: str,
    grant_tokens: Sequence[str] = (),
    dry_run: bool = False,
) -> Result:
    """Make a key pair, and return its private key encrypted only.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKeyPairWithoutPlaintext.html
    """
    _, answer = _data_key_pair(call, key_id, grant_tokens, key_pair_spec, encryption_context, dry_run=dry_run)
    return answer


def _data_key(
    call: Call, key_id: str, grant_tokens: Sequence[str], number_of_bytes: int | None, key_spec: str | None
) -> tuple[Key, bytes]:
    """Return the key that a data key is to be encrypted under, and the data key: so many bytes, or those of a spec."""
    tokens.check(call, grant_tokens)
    key = lookup.key(call, key_id)
    if (number_of_bytes is None) == (key_spec is None):
        raise errors.BytesOrSpec()
    _check_wrapping(call, key)
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
    """Return a data key pair, and what both operations answer of it; a custom key store cannot protect one."""
    tokens.check(call, grant_tokens)
    key = lookup.key(call, key_id)
    _check_wrapping(call, key, errors.DataKeyPairUnderAsymmetricKey)
    spec = rules.spec_there(call, key_pair_spec)
    if key.custom_key_store_id is not None:
        raise errors.OriginNotValid(arn=key.arn, origin=key.origin)
    using.stop_dry_run(dry_run=dry_run)
    pair = material.new_key_pair(call, spec)
    sealed = encryption.seal(call, key, SYMMETRIC_DEFAULT, pair.private_der, context)
    return pair, {
        "PrivateKeyCiphertextBlob": sealed.blob,
        "PublicKey": pair.public_der,
        "KeyId": key.arn,
        "KeyPairSpec": key_pair_spec,
        **material.shown("KeyMaterialId", sealed.material_id),
    }


def _check_wrapping(call: Call, key: Key, refusal: Declared = errors.DataKeyUnderAsymmetricKey) -> None:
    """A data key is encrypted under a symmetric encryption key; *refusal* says so for what is to be made."""
    algorithm = next(iter(key.key_spec.encrypts), SYMMETRIC_DEFAULT)
    using.check(call, key, KeyUsage.ENCRYPT_DECRYPT, algorithm)
    if algorithm != SYMMETRIC_DEFAULT:
        raise refusal()
