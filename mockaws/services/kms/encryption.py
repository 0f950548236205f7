"""Encrypting and decrypting, under symmetric encryption keys and RSA keys.

The ciphertext of a symmetric key names the key and the generation of material that it was made with; the encryption
context is authenticated with it. https://docs.aws.amazon.com/kms/latest/developerguide/encrypt_context.html
That of an RSA key is the bare RSAES-OAEP ciphertext, which names nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from mockaws import arns
from mockaws.crypto import symmetric
from mockaws.crypto.faults import InvalidCiphertextError
from mockaws.records.key_specs import SYMMETRIC_DEFAULT, KeyType, KeyUsage
from mockaws.services.kms import errors, lookup, material, recipients, tokens, using
from mockaws.services.operation import operation

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mockaws.records.kms import Key
    from mockaws.services.operation import Call, Result

IGNORE_CIPHERTEXT = "IGNORE_CIPHERTEXT"


class Sealed(NamedTuple):
    """A ciphertext, and the id of the material that made it where AWS shows one."""

    blob: bytes
    material_id: str | None


class Opened(NamedTuple):
    """What a ciphertext held, and what it was encrypted with."""

    plaintext: bytes
    key: Key
    material_id: str | None


class Ciphertext(NamedTuple):
    """A ciphertext as a request brings it: with which algorithm, context and key it is to be opened.

    *ignored* is a dry run's: only whether the key may be used is of interest.
    """

    blob: bytes | None
    algorithm: str
    context: Mapping[str, str] | None
    key_id: str | None
    ignored: bool


@operation
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
    """Encrypt up to 4096 bytes, or what an RSA key takes.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_Encrypt.html
    """
    tokens.check(call, grant_tokens)
    key = using.key(call, key_id, KeyUsage.ENCRYPT_DECRYPT, encryption_algorithm)
    sealed = seal(call, key, encryption_algorithm, plaintext, encryption_context)
    using.stop_dry_run(dry_run=dry_run)
    return {"CiphertextBlob": sealed.blob, "KeyId": key.arn, "EncryptionAlgorithm": encryption_algorithm}


@operation
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
    """Decrypt what Encrypt, ReEncrypt or one of the data key operations made.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html
    """
    attestation = recipients.attested(call, recipient)
    tokens.check(call, grant_tokens)
    ignored = dry_run and IGNORE_CIPHERTEXT in dry_run_modifiers
    opened = _open(call, Ciphertext(ciphertext_blob, encryption_algorithm, encryption_context, key_id, ignored))
    using.stop_dry_run(dry_run=dry_run)
    return {
        "KeyId": opened.key.arn,
        **recipients.secret("Plaintext", opened.plaintext, attestation),
        "EncryptionAlgorithm": encryption_algorithm,
        **material.shown("KeyMaterialId", opened.material_id if attestation is None else None),
    }


@operation
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
    tokens.check(call, grant_tokens)
    ignored = dry_run and IGNORE_CIPHERTEXT in dry_run_modifiers
    source = Ciphertext(ciphertext_blob, source_encryption_algorithm, source_encryption_context, source_key_id, ignored)
    opened = _open(call, source)
    destination = using.key(
        call,
        destination_key_id,
        KeyUsage.ENCRYPT_DECRYPT,
        destination_encryption_algorithm,
        action="ReEncryptTo",
    )
    sealed = seal(call, destination, destination_encryption_algorithm, opened.plaintext, destination_encryption_context)
    using.stop_dry_run(dry_run=dry_run)
    return {
        "CiphertextBlob": sealed.blob,
        "SourceKeyId": opened.key.arn,
        "KeyId": destination.arn,
        "SourceEncryptionAlgorithm": source_encryption_algorithm,
        "DestinationEncryptionAlgorithm": destination_encryption_algorithm,
        **material.shown("SourceKeyMaterialId", opened.material_id),
        **material.shown("DestinationKeyMaterialId", sealed.material_id),
    }


def seal(call: Call, key: Key, algorithm: str, plaintext: bytes, context: Mapping[str, str] | None) -> Sealed:
    """Encrypt *plaintext* under *key*; raises ValidationException where the key cannot take so much, or a context."""
    if key.key_spec.type is KeyType.SYMMETRIC:
        secret = material.current(call, key)
        name = symmetric.KeyName(key.account, key.id, secret.name)
        return Sealed(symmetric.encrypt(plaintext, context or {}, name=name, secret=secret.value), secret.id)
    _no_context(context)
    longest = key.key_spec.encrypts[algorithm]
    if len(plaintext) > longest:
        raise errors.PlaintextTooLong(algorithm=algorithm, spec=key.spec, longest=longest)
    return Sealed(material.key_pair(call, key).encrypt(algorithm, plaintext), None)


def _open(call: Call, ciphertext: Ciphertext) -> Opened:
    """Open a ciphertext with the key that it names, or with the one that the request names for it."""
    if ciphertext.ignored:
        if ciphertext.key_id is None:
            raise errors.KeyIdMissing()
        key = using.key(call, ciphertext.key_id, KeyUsage.ENCRYPT_DECRYPT, ciphertext.algorithm)
        return Opened(b"", key, None)
    if ciphertext.blob is None:
        raise errors.CiphertextMissing()
    given = None if ciphertext.key_id is None else _given_key(call, ciphertext, ciphertext.blob, ciphertext.key_id)
    try:
        if ciphertext.algorithm == SYMMETRIC_DEFAULT:
            return _open_symmetric(call, ciphertext, ciphertext.blob, given)
        return _open_asymmetric(call, ciphertext, ciphertext.blob, given)
    except InvalidCiphertextError:
        raise errors.InvalidCiphertext() from None


def _given_key(call: Call, ciphertext: Ciphertext, blob: bytes, key_id: str) -> Key:
    """Return the key that a request names. The bare key id of another account's is enough where the ciphertext says it.

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
    """Tell whether the key of a ciphertext is here, but the request names the related one in another Region.

    Recorded: to Decrypt that is another key, while the ARN of any other key elsewhere is not valid here.
    """
    arn = arns.parse(key_id)
    if arn is None or arn.region == call.region or key_id != arns.kms_key(arn.region, name.account, name.key_id):
        return False
    return lookup.existing(call, name.account, name.key_id) is not None


def _open_symmetric(call: Call, ciphertext: Ciphertext, blob: bytes, given: Key | None) -> Opened:
    """The ciphertext of a symmetric encryption key names its key; *given* can only be the same one."""
    name = symmetric.key_name(blob)
    key = given or _named_key(call, name)
    if (key.account, key.id) != (name.account, name.key_id):
        raise errors.IncorrectKey()
    using.check(call, key, KeyUsage.ENCRYPT_DECRYPT, ciphertext.algorithm)
    secret = material.named(call, key, name.material)
    if secret is None:
        raise errors.InvalidCiphertext()
    return Opened(symmetric.decrypt(blob, ciphertext.context or {}, secret.value), key, secret.id)


def _open_asymmetric(call: Call, ciphertext: Ciphertext, blob: bytes, key: Key | None) -> Opened:
    """The ciphertext of an RSA key names nothing, so the request must name the key."""
    if key is None:
        raise errors.KeyIdMissing()
    using.check(call, key, KeyUsage.ENCRYPT_DECRYPT, ciphertext.algorithm)
    _no_context(ciphertext.context)
    return Opened(material.key_pair(call, key).decrypt(ciphertext.algorithm, blob), key, None)


def _named_key(call: Call, name: symmetric.KeyName) -> Key:
    """Return the key that a ciphertext names, in the Region that the caller speaks to, if the caller may use it."""
    key = lookup.existing(call, name.account, name.key_id)
    if key is None or not lookup.may_use(call, key):
        raise errors.CiphertextOfUnknownKey()
    return key


def _no_context(context: Mapping[str, str] | None) -> None:
    """An encryption context goes with symmetric encryption keys only."""
    if context:
        raise errors.ContextNotValid()
