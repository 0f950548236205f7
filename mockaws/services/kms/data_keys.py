"""Data keys and data key pairs, which their owner uses outside KMS: returned encrypted, and in the clear on request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockaws.crypto import symmetric
from mockaws.records.key_specs import KEY_SPECS, SYMMETRIC_DEFAULT, KeyUsage
from mockaws.services.kms import encryption, errors, tokens, lookup, material, recipients, rules, using
from mockaws.services.operation import operation

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mockaws.crypto.key_pairs import KeyPair
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
    tokens.check(call, grant_tokens)
    key = lookup.key(call, key_id)
    data_key = symmetric.random_bytes(_length(number_of_bytes, key_spec))
    _check_wrapping(call, key)
    enclave = recipients.read(call, recipient)
    answer = _sealed(call, key, "CiphertextBlob", data_key, encryption_context)
    using.stop_dry_run(dry_run=dry_run)
    return answer | recipients.deliver(enclave, Plaintext=data_key)


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
    tokens.check(call, grant_tokens)
    key = lookup.key(call, key_id)
    data_key = symmetric.random_bytes(_length(number_of_bytes, key_spec))
    _check_wrapping(call, key)
    answer = _sealed(call, key, "CiphertextBlob", data_key, encryption_context)
    using.stop_dry_run(dry_run=dry_run)
    return answer


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
    tokens.check(call, grant_tokens)
    key = lookup.key(call, key_id)
    _check_wrapping(call, key)
    enclave = recipients.read(call, recipient)
    pair = _data_key_pair(call, key, key_pair_spec, dry_run=dry_run)
    sealed = _sealed(call, key, "PrivateKeyCiphertextBlob", pair.private_der, encryption_context)
    delivered = recipients.deliver(enclave, PrivateKeyPlaintext=pair.private_der)
    return sealed | delivered | {"PublicKey": pair.public_der, "KeyPairSpec": key_pair_spec}


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
    tokens.check(call, grant_tokens)
    key = lookup.key(call, key_id)
    _check_wrapping(call, key)
    pair = _data_key_pair(call, key, key_pair_spec, dry_run=dry_run)
    sealed = _sealed(call, key, "PrivateKeyCiphertextBlob", pair.private_der, encryption_context)
    return sealed | {"PublicKey": pair.public_der, "KeyPairSpec": key_pair_spec}


def _check_wrapping(call: Call, key: Key) -> None:
    """A data key is encrypted under a symmetric encryption key."""
    algorithm = next(iter(key.key_spec.encrypts), SYMMETRIC_DEFAULT)
    using.check(call, key, KeyUsage.ENCRYPT_DECRYPT, algorithm)
    if algorithm != SYMMETRIC_DEFAULT:
        raise errors.DataKeyUnderAsymmetricKey()


def _length(number_of_bytes: int | None, key_spec: str | None) -> int:
    """A data key's length is said in bytes or by a spec."""
    if key_spec is None and number_of_bytes is not None:
        return number_of_bytes
    if key_spec is None or number_of_bytes is not None:
        raise errors.BytesOrSpec()
    return DATA_KEY_BYTES[key_spec]


def _data_key_pair(call: Call, key: Key, key_pair_spec: str, *, dry_run: bool) -> KeyPair:
    """Make a data key pair; a custom key store cannot protect one, and a dry run makes none."""
    rules.spec_there(call, key_pair_spec)
    if key.custom_key_store_id is not None:
        raise errors.OriginNotValid(arn=key.arn, origin=key.origin)
    using.stop_dry_run(dry_run=dry_run)
    return material.new_key_pair(KEY_SPECS[key_pair_spec])


def _sealed(call: Call, key: Key, member: str, plaintext: bytes, context: Mapping[str, str] | None) -> dict[str, Any]:
    sealed = encryption.seal(call, key, SYMMETRIC_DEFAULT, plaintext, context)
    return {member: sealed.blob, "KeyId": key.arn, **material.shown("KeyMaterialId", sealed.material_id)}
