"""Encryption and decryption, under symmetric encryption keys and RSA keys.

The ciphertext of a symmetric key names the key and the generation of material that encrypted it. The encryption context
is authenticated with it. https://docs.aws.amazon.com/kms/latest/developerguide/encrypt_context.html
The ciphertext of an RSA key is the bare RSAES-OAEP ciphertext, which names nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from mockaws import arns
from mockaws.crypto import symmetric
from mockaws.crypto.errors import InvalidCiphertextError
from mockaws.records.key_specs import SYMMETRIC_DEFAULT, KeyType, KeyUsage
from mockaws.services.facts import KEY, Effect, Permission, SharedQuota
from mockaws.services.kms import cryptographic_use, errors, key_material, key_stores, lookup, recipients, rules
from mockaws.services.kms.grant_tokens import require_grants
from mockaws.services.kms.key_stores.base import Encrypted
from mockaws.services.kms.resources import DESTINATION_KEY, KEY_OF_CIPHERTEXT, SOURCE_KEY
from mockaws.services.operation import operation

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mockaws.records.kms import Key
    from mockaws.services.operation import Call, Result

IGNORE_CIPHERTEXT = "IGNORE_CIPHERTEXT"


class Decryption(NamedTuple):
    """The plaintext of a ciphertext, and the key and material that decrypted it."""

    plaintext: bytes
    key: Key
    material_id: str | None


class Ciphertext(NamedTuple):
    """A ciphertext of a request, with the algorithm, context and key to decrypt it with.

    *ignored* is True for a dry run that only checks whether the key may be used.
    """

    blob: bytes | None
    algorithm: str
    context: Mapping[str, str] | None
    key_id: str | None
    ignored: bool


@operation(
    KEY,
    effect=Effect.USES_A_KEY,
    grantable=KeyUsage.ENCRYPT_DECRYPT,
    quota=SharedQuota.SYMMETRIC | SharedQuota.ASYMMETRIC,
    event_defaults={"encryptionAlgorithm": "SYMMETRIC_DEFAULT"},
)
def encrypt(
    call: Call,
    *,
    key_id: str,
    plaintext: bytes,
    encryption_context: Mapping[str, str] | None = None,
    grant_tokens: Sequence[str] = (),
    encryption_algorithm: str = SYMMETRIC_DEFAULT,
    dry_run: bool = False,
) -> Result:
    """Encrypt up to 4096 bytes, or as many as an RSA key takes.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_Encrypt.html
    """
    require_grants(call, grant_tokens)
    key = cryptographic_use.key(call, key_id, KeyUsage.ENCRYPT_DECRYPT, encryption_algorithm)
    encrypted = encrypted_under(call, key, encryption_algorithm, plaintext, encryption_context)
    rules.require_no_dry_run(dry_run=dry_run)
    return {"CiphertextBlob": encrypted.blob, "KeyId": key.arn, "EncryptionAlgorithm": encryption_algorithm}


@operation(
    KEY_OF_CIPHERTEXT,
    effect=Effect.USES_A_KEY,
    grantable=KeyUsage.ENCRYPT_DECRYPT,
    quota=SharedQuota.SYMMETRIC | SharedQuota.ASYMMETRIC,
    event_defaults={"encryptionAlgorithm": "SYMMETRIC_DEFAULT"},
)
def decrypt(
    call: Call,
    *,
    ciphertext_blob: bytes | None = None,
    encryption_context: Mapping[str, str] | None = None,
    grant_tokens: Sequence[str] = (),
    key_id: str | None = None,
    encryption_algorithm: str = SYMMETRIC_DEFAULT,
    recipient: dict[str, Any] | None = None,
    dry_run: bool = False,
    dry_run_modifiers: Sequence[str] = (),
) -> Result:
    """Decrypt a ciphertext of Encrypt, ReEncrypt or one of the data key operations.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html
    """
    attestation = recipients.attested(call, recipient)
    require_grants(call, grant_tokens)
    ignored = dry_run and IGNORE_CIPHERTEXT in dry_run_modifiers
    decrypted = _decrypted(call, Ciphertext(ciphertext_blob, encryption_algorithm, encryption_context, key_id, ignored))
    rules.require_no_dry_run(dry_run=dry_run)
    return {
        "KeyId": decrypted.key.arn,
        **recipients.secret("Plaintext", decrypted.plaintext, attestation),
        "EncryptionAlgorithm": encryption_algorithm,
        **key_material.shown("KeyMaterialId", decrypted.material_id if attestation is None else None),
    }


@operation(
    Permission(SOURCE_KEY, "ReEncryptFrom"),
    Permission(DESTINATION_KEY, "ReEncryptTo"),
    effect=Effect.USES_A_KEY,
    grantable=KeyUsage.ENCRYPT_DECRYPT,
    quota=SharedQuota.SYMMETRIC | SharedQuota.ASYMMETRIC,
    event_defaults={
        "destinationEncryptionAlgorithm": "SYMMETRIC_DEFAULT",
        "sourceEncryptionAlgorithm": "SYMMETRIC_DEFAULT",
    },
)
def re_encrypt(
    call: Call,
    *,
    ciphertext_blob: bytes | None = None,
    source_encryption_context: Mapping[str, str] | None = None,
    source_key_id: str | None = None,
    destination_key_id: str,
    destination_encryption_context: Mapping[str, str] | None = None,
    source_encryption_algorithm: str = SYMMETRIC_DEFAULT,
    destination_encryption_algorithm: str = SYMMETRIC_DEFAULT,
    grant_tokens: Sequence[str] = (),
    dry_run: bool = False,
    dry_run_modifiers: Sequence[str] = (),
) -> Result:
    """Decrypt a ciphertext and encrypt it again, under another key or another encryption context.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_ReEncrypt.html
    """
    require_grants(call, grant_tokens)
    ignored = dry_run and IGNORE_CIPHERTEXT in dry_run_modifiers
    source = Ciphertext(ciphertext_blob, source_encryption_algorithm, source_encryption_context, source_key_id, ignored)
    decrypted = _decrypted(call, source)
    destination = cryptographic_use.key(
        call,
        destination_key_id,
        KeyUsage.ENCRYPT_DECRYPT,
        destination_encryption_algorithm,
        resource=DESTINATION_KEY,
    )
    encrypted = encrypted_under(
        call, destination, destination_encryption_algorithm, decrypted.plaintext, destination_encryption_context
    )
    rules.require_no_dry_run(dry_run=dry_run)
    return {
        "CiphertextBlob": encrypted.blob,
        "SourceKeyId": decrypted.key.arn,
        "KeyId": destination.arn,
        "SourceEncryptionAlgorithm": source_encryption_algorithm,
        "DestinationEncryptionAlgorithm": destination_encryption_algorithm,
        **key_material.shown("SourceKeyMaterialId", decrypted.material_id),
        **key_material.shown("DestinationKeyMaterialId", encrypted.material_id),
    }


def encrypted_under(
    call: Call, key: Key, algorithm: str, plaintext: bytes, context: Mapping[str, str] | None
) -> Encrypted:
    """Encrypt *plaintext* under *key*; raises ValidationException if it is too long, or for a context of an RSA key."""
    if key.key_spec.type is KeyType.SYMMETRIC:
        return key_stores.of(call, key).encrypt(call, key, plaintext, context or {})
    _require_no_context(context)
    longest = key.key_spec.encrypts[algorithm]
    if len(plaintext) > longest:
        raise errors.PlaintextTooLong(algorithm=algorithm, spec=key.spec, longest=longest)
    return Encrypted(key_material.key_pair(key).encrypt(algorithm, plaintext), None)


def _decrypted(call: Call, ciphertext: Ciphertext) -> Decryption:
    """Decrypt a ciphertext with the key that it names, or with the one that the request names."""
    if ciphertext.ignored:
        if ciphertext.key_id is None:
            raise errors.KeyIdMissing()
        key = cryptographic_use.key(call, ciphertext.key_id, KeyUsage.ENCRYPT_DECRYPT, ciphertext.algorithm)
        return Decryption(b"", key, None)
    if ciphertext.blob is None:
        raise errors.CiphertextMissing()
    given = None if ciphertext.key_id is None else _given_key(call, ciphertext, ciphertext.blob, ciphertext.key_id)
    try:
        if ciphertext.algorithm == SYMMETRIC_DEFAULT:
            return _decrypted_symmetric(call, ciphertext, ciphertext.blob, given)
        return _decrypted_asymmetric(call, ciphertext, ciphertext.blob, given)
    except InvalidCiphertextError:
        raise errors.InvalidCiphertext() from None


def _given_key(call: Call, ciphertext: Ciphertext, blob: bytes, key_id: str) -> Key:
    """Return the key that a request names.

    The bare key id of another account's key suffices if the ciphertext names that account.
    https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html
    """
    if ciphertext.algorithm == SYMMETRIC_DEFAULT:
        try:
            name = symmetric.key_name(blob)
        except InvalidCiphertextError:
            pass
        else:
            if name.key_id == key_id and name.account != call.account:
                return lookup.key(call, arns.kms_key(call.region, name.account, name.key_id))
            if _names_related_key(call, name, key_id):
                raise errors.IncorrectKey()
    return lookup.key(call, key_id)


def _names_related_key(call: Call, name: symmetric.KeyName, key_id: str) -> bool:
    """Return True if the ciphertext's key is in this Region, and the request names a related key in another Region.

    Recorded: Decrypt calls that an incorrect key, while the ARN of any other key in another Region is not valid.
    """
    arn = arns.parse(key_id)
    if arn is None or arn.region == call.region or key_id != arns.kms_key(arn.region, name.account, name.key_id):
        return False
    return lookup.existing(call, name.account, name.key_id) is not None


def _decrypted_symmetric(call: Call, ciphertext: Ciphertext, blob: bytes, given: Key | None) -> Decryption:
    """Decrypt a ciphertext that names its key; raises IncorrectKeyException if *given* is another key."""
    name = symmetric.key_name(blob)
    key = given or _named_key(call, name)
    if (key.account, key.id) != (name.account, name.key_id):
        raise errors.IncorrectKey()
    cryptographic_use.require_usable(call, key, KeyUsage.ENCRYPT_DECRYPT, ciphertext.algorithm)
    plaintext, material_id = key_stores.of(call, key).decrypt(call, key, blob, ciphertext.context or {})
    return Decryption(plaintext, key, material_id)


def _decrypted_asymmetric(call: Call, ciphertext: Ciphertext, blob: bytes, key: Key | None) -> Decryption:
    """Decrypt the ciphertext of an RSA key; raises ValidationException if the request does not name the key."""
    if key is None:
        raise errors.KeyIdMissing()
    cryptographic_use.require_usable(call, key, KeyUsage.ENCRYPT_DECRYPT, ciphertext.algorithm)
    _require_no_context(ciphertext.context)
    return Decryption(key_material.key_pair(key).decrypt(ciphertext.algorithm, blob), key, None)


def _named_key(call: Call, name: symmetric.KeyName) -> Key:
    """Return the key that a ciphertext names, in the request's Region, if the caller may use it."""
    key = lookup.existing(call, name.account, name.key_id)
    if key is None or not lookup.may_use(call, key):
        raise errors.CiphertextOfUnknownKey()
    return key


def _require_no_context(context: Mapping[str, str] | None) -> None:
    """Require that a request with an RSA key has no encryption context; raises ValidationException otherwise."""
    if context:
        raise errors.ContextNotValid()
