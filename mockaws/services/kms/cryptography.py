"""Using symmetric encryption keys: encrypting, decrypting, data keys, random bytes.

A ciphertext names the key and the generation of material that it was made with; the encryption context is authenticated
with it. https://docs.aws.amazon.com/kms/latest/developerguide/encrypt_context.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from mockaws.crypto import symmetric
from mockaws.records.kms import CustomKeyStore
from mockaws.services.kms import errors, key_states, lookup, material, rules
from mockaws.services.operation import operation

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mockaws.records.kms import Key
    from mockaws.services.operation import Call, Result

DATA_KEY_BYTES = {"AES_256": 32, "AES_128": 16}
IGNORE_CIPHERTEXT = "IGNORE_CIPHERTEXT"


class Opened(NamedTuple):
    """What a ciphertext held, and what it was encrypted with."""

    plaintext: bytes
    key: Key
    material_id: str | None


@operation
def encrypt(
    call: Call,
    *,
    key_id: str,
    plaintext: bytes,
    encryption_context: Mapping[str, str] | None = None,
    grant_tokens: Sequence[str] = (),  # noqa: ARG001
    encryption_algorithm: str = rules.SYMMETRIC_DEFAULT,
    dry_run: bool = False,
) -> Result:
    """Encrypt up to 4096 bytes.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_Encrypt.html
    """
    key = _usable(call, key_id, encryption_algorithm)
    secret = material.current(call, key)
    _stop_dry_run(dry_run=dry_run)
    blob = _sealed(key, secret, plaintext, encryption_context)
    return {"CiphertextBlob": blob, "KeyId": key.arn, "EncryptionAlgorithm": encryption_algorithm}


@operation
def decrypt(
    call: Call,
    *,
    ciphertext_blob: bytes | None = None,
    encryption_context: Mapping[str, str] | None = None,
    grant_tokens: Sequence[str] = (),  # noqa: ARG001
    key_id: str | None = None,
    encryption_algorithm: str = rules.SYMMETRIC_DEFAULT,
    recipient: dict[str, Any] | None = None,
    dry_run: bool = False,
    dry_run_modifiers: Sequence[str] = (),
) -> Result:
    """Decrypt what Encrypt, ReEncrypt or one of the data key operations made.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html
    """
    if recipient is not None:
        raise errors.RecipientNotThere()
    opened = _open(
        call,
        ciphertext_blob,
        encryption_context,
        key_id,
        encryption_algorithm,
        blindly=dry_run and IGNORE_CIPHERTEXT in dry_run_modifiers,
    )
    _stop_dry_run(dry_run=dry_run)
    answer = {"KeyId": opened.key.arn, "Plaintext": opened.plaintext, "EncryptionAlgorithm": encryption_algorithm}
    return answer | _material_id("KeyMaterialId", opened.material_id)


@operation
def re_encrypt(
    call: Call,
    *,
    ciphertext_blob: bytes | None = None,
    source_encryption_context: Mapping[str, str] | None = None,
    source_key_id: str | None = None,
    destination_key_id: str,
    destination_encryption_context: Mapping[str, str] | None = None,
    source_encryption_algorithm: str = rules.SYMMETRIC_DEFAULT,
    destination_encryption_algorithm: str = rules.SYMMETRIC_DEFAULT,
    grant_tokens: Sequence[str] = (),  # noqa: ARG001
    dry_run: bool = False,
    dry_run_modifiers: Sequence[str] = (),
) -> Result:
    """Decrypt a ciphertext and encrypt it again, under another key or another encryption context.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_ReEncrypt.html
    """
    opened = _open(
        call,
        ciphertext_blob,
        source_encryption_context,
        source_key_id,
        source_encryption_algorithm,
        blindly=dry_run and IGNORE_CIPHERTEXT in dry_run_modifiers,
    )
    destination = _usable(call, destination_key_id, destination_encryption_algorithm, action="ReEncryptTo")
    secret = material.current(call, destination)
    _stop_dry_run(dry_run=dry_run)
    return {
        "CiphertextBlob": _sealed(destination, secret, opened.plaintext, destination_encryption_context),
        "SourceKeyId": opened.key.arn,
        "KeyId": destination.arn,
        "SourceEncryptionAlgorithm": source_encryption_algorithm,
        "DestinationEncryptionAlgorithm": destination_encryption_algorithm,
        **_material_id("SourceKeyMaterialId", opened.material_id),
        **_material_id("DestinationKeyMaterialId", secret.id),
    }


@operation
def generate_data_key(
    call: Call,
    *,
    key_id: str,
    encryption_context: Mapping[str, str] | None = None,
    number_of_bytes: int | None = None,
    key_spec: str | None = None,
    grant_tokens: Sequence[str] = (),  # noqa: ARG001
    recipient: dict[str, Any] | None = None,
    dry_run: bool = False,
) -> Result:
    """Make a data key, and return it both in the clear and encrypted.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKey.html
    """
    if recipient is not None:
        raise errors.RecipientNotThere()
    return _data_key(call, key_id, encryption_context, number_of_bytes, key_spec, dry_run=dry_run)


@operation
def generate_data_key_without_plaintext(
    call: Call,
    *,
    key_id: str,
    encryption_context: Mapping[str, str] | None = None,
    key_spec: str | None = None,
    number_of_bytes: int | None = None,
    grant_tokens: Sequence[str] = (),  # noqa: ARG001
    dry_run: bool = False,
) -> Result:
    """Make a data key, and return it encrypted only.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKeyWithoutPlaintext.html
    """
    answer = _data_key(call, key_id, encryption_context, number_of_bytes, key_spec, dry_run=dry_run)
    del answer["Plaintext"]
    return answer


@operation
def generate_random(
    call: Call,
    *,
    number_of_bytes: int | None = None,
    custom_key_store_id: str | None = None,
    recipient: dict[str, Any] | None = None,
) -> Result:
    """Return random bytes, on request from the HSMs of a custom key store.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateRandom.html
    """
    if recipient is not None:
        raise errors.RecipientNotThere()
    if number_of_bytes is None:
        raise errors.NumberOfBytesMissing()
    if custom_key_store_id is not None:
        store = call.get(CustomKeyStore, custom_key_store_id, missing=errors.CustomKeyStoreNotFound)
        rules.connected(call, store)
        cluster = material.cluster_of(call, store)
        if cluster is None or not material.answers(call, cluster):
            raise errors.StoreDoesNotAnswer()
    return {"Plaintext": symmetric.random_bytes(number_of_bytes)}


def _usable(call: Call, key_id: str, algorithm: str, action: str | None = None) -> Key:
    """Return a key that may be used now, with the algorithm that was asked for."""
    key = lookup.key(call, key_id, action)
    _check_use(call, key, algorithm)
    return key


def _check_use(call: Call, key: Key, algorithm: str) -> None:
    key_states.check(call, key)
    if key.usage != rules.ENCRYPT_DECRYPT:
        raise errors.UsageNotValid(arn=key.arn, usage=key.usage, operation=call.operation)
    if algorithm != key.spec:
        raise errors.AlgorithmNotOfSpec(algorithm=algorithm, spec=key.spec)


def _sealed(key: Key, secret: material.Secret, plaintext: bytes, context: Mapping[str, str] | None) -> bytes:
    name = symmetric.KeyName(key.account, key.id, secret.name)
    return symmetric.encrypt(plaintext, context or {}, name=name, secret=secret.value)


def _open(
    call: Call,
    blob: bytes | None,
    context: Mapping[str, str] | None,
    key_id: str | None,
    algorithm: str,
    *,
    blindly: bool,
) -> Opened:
    """Open a ciphertext with the key that it names, which must be *key_id* where one is given.

    *blindly* checks the key only: a dry run that ignores the ciphertext.
    """
    given = lookup.key(call, key_id) if key_id is not None else None
    if blindly and given is not None:
        _check_use(call, given, algorithm)
        return Opened(b"", given, None)
    if blob is None:
        raise errors.CiphertextMissing()
    try:
        name = symmetric.key_name(blob)
    except symmetric.InvalidCiphertextError:
        raise errors.InvalidCiphertext() from None
    key = given or _named_key(call, name)
    if (key.account, key.id) != (name.account, name.key_id):
        raise errors.IncorrectKey()
    _check_use(call, key, algorithm)
    secret = material.named(call, key, name.material)
    if secret is None:
        raise errors.InvalidCiphertext()
    try:
        return Opened(symmetric.decrypt(blob, context or {}, secret.value), key, secret.id)
    except symmetric.InvalidCiphertextError:
        raise errors.InvalidCiphertext() from None


def _named_key(call: Call, name: symmetric.KeyName) -> Key:
    """Return the key that a ciphertext names, in the Region that the caller speaks to, if the caller may use it."""
    key = lookup.existing(call, name.account, name.key_id)
    if key is None or not lookup.may_use(call, key):
        raise errors.CiphertextOfUnknownKey()
    return key


def _data_key(
    call: Call,
    key_id: str,
    context: Mapping[str, str] | None,
    number_of_bytes: int | None,
    key_spec: str | None,
    *,
    dry_run: bool,
) -> dict[str, Any]:
    key = _usable(call, key_id, rules.SYMMETRIC_DEFAULT)
    if (number_of_bytes is None) == (key_spec is None):
        raise errors.BytesOrSpec()
    length = DATA_KEY_BYTES[key_spec] if key_spec is not None else number_of_bytes or 0
    secret = material.current(call, key)
    _stop_dry_run(dry_run=dry_run)
    plaintext = symmetric.random_bytes(length)
    return {
        "CiphertextBlob": _sealed(key, secret, plaintext, context),
        "Plaintext": plaintext,
        "KeyId": key.arn,
        **_material_id("KeyMaterialId", secret.id),
    }


def _material_id(member: str, material_id: str | None) -> dict[str, str]:
    return {} if material_id is None else {member: material_id}


def _stop_dry_run(*, dry_run: bool) -> None:
    if dry_run:
        raise errors.DryRun()
