"""Key material that customers create and import. It can expire, be deleted, and be imported again.

https://docs.aws.amazon.com/kms/latest/developerguide/importing-keys.html
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from mockaws.clock import DAY
from mockaws.crypto import symmetric
from mockaws.crypto.errors import InvalidCiphertextError, InvalidKeyError
from mockaws.records.base import evolve
from mockaws.records.key_specs import KEY_SPECS, RSAES, KeyType
from mockaws.records.kms import KeyMaterial, Origin
from mockaws.services.facts import KEY, Effect
from mockaws.services.kms import errors, import_tokens, key_material, key_states, lookup, multi_region, rules
from mockaws.services.operation import operation

if TYPE_CHECKING:
    from mockaws.records.key_specs import KeySpec
    from mockaws.records.kms import Key
    from mockaws.services.kms.import_tokens import Parameters
    from mockaws.services.operation import Call, Result

NEW_KEY_MATERIAL = "NEW_KEY_MATERIAL"
_PARAMETERS_VALID = DAY
_LONGEST_EXPIRATION = 365 * DAY
_LONGEST_HMAC_BYTES = 128


@operation(KEY, effect=Effect.READS, quota=1)
def get_parameters_for_import(call: Call, *, key_id: str, wrapping_algorithm: str, wrapping_key_spec: str) -> Result:
    """Return a public key to wrap key material with, and its import token, both for 24 hours.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_GetParametersForImport.html
    """
    key = _external(call, key_id)
    key_states.require_allowed(call, key)
    rules.require_fitting_wrapping(call, wrapping_algorithm, wrapping_key_spec, key.key_spec)
    from mockaws.crypto import wrapping  # noqa: PLC0415 - it imports the cryptography package

    size = KEY_SPECS[wrapping_key_spec].size
    wrapping_key = wrapping.new_key(wrapping_algorithm, size)
    valid_to = call.now + _PARAMETERS_VALID
    parameters = import_tokens.Parameters(wrapping_algorithm, size, wrapping_key.private_der)
    return {
        "KeyId": key.arn,
        "ImportToken": import_tokens.seal(call, key, parameters, valid_to),
        "PublicKey": wrapping_key.public_der,
        "ParametersValidTo": valid_to,
    }


@operation(KEY, quota=15, event_has_key_arn=True)
def import_key_material(
    call: Call,
    *,
    key_id: str,
    import_token: bytes,
    encrypted_key_material: bytes,
    valid_to: float | None = None,
    expiration_model: str = key_material.EXPIRES,
    import_type: str | None = None,
    key_material_description: str | None = None,
    key_material_id: str | None = None,
) -> Result:
    """Import key material into a key that was created without, or the same material again.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_ImportKeyMaterial.html
    """
    key = _external(call, key_id)
    key_states.require_allowed(call, key)
    _require_expiration(call, expiration_model, valid_to)
    rules.require_several_materials(
        key, importType=import_type, keyMaterialId=key_material_id, keyMaterialDescription=key_material_description
    )
    _require_for_replica(key, import_type, key_material_description)
    new = _is_new(key, import_type, key_material_id)
    secret = _unwrapped(key.key_spec, import_tokens.read(call, key, import_token), encrypted_key_material)
    imported = KeyMaterial(
        id=symmetric.material_id(key.id, secret),
        secret=secret,
        created_at=call.now,
        expires_at=None if valid_to is None else math.floor(valid_to),
        description=key_material_description,
    )
    if key_material_id not in {None, imported.id}:
        raise errors.OtherMaterialExpected(expected=key_material_id)
    key = _with_new(key, imported) if new else _with_again(key, imported)
    # Recorded: a key is enabled then, also where it was disabled and had all its material.
    multi_region.put(call, evolve(key, enabled=True))
    return _answer(key, imported)


@operation(KEY, quota=15)
def delete_imported_key_material(call: Call, *, key_id: str, key_material_id: str | None = None) -> Result:
    """Delete imported key material; the key cannot be used until it is imported again.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_DeleteImportedKeyMaterial.html
    """
    key = _external(call, key_id)
    key_states.require_allowed(call, key)
    if key_material_id is None and not key.materials:
        return {"KeyId": key.arn}
    deleted = key.materials[-1] if key_material_id is None else _known(key, key_material_id)
    if deleted is None:
        raise errors.MaterialNeverImported(arn=key.arn, id=key_material_id)
    multi_region.put(call, _without(key, deleted))
    return _answer(key, deleted)


def _answer(key: Key, generation: KeyMaterial) -> dict[str, str]:
    """Return the answer about a material; AWS shows the id for symmetric encryption keys only."""
    shown = generation.id if key.key_spec.type is KeyType.SYMMETRIC else None
    return {"KeyId": key.arn, **key_material.shown("KeyMaterialId", shown)}


def _external(call: Call, key_id: str) -> Key:
    """Return the key; raises UnsupportedOperationException unless its origin is EXTERNAL."""
    key = lookup.key(call, key_id)
    rules.require_origin(key, Origin.EXTERNAL)
    return key


def _require_expiration(call: Call, model: str, valid_to: float | None) -> None:
    """Require material that expires within a year at a given moment, or that does not expire.

    Raises ValidationException otherwise.
    """
    if model == key_material.DOES_NOT_EXPIRE:
        if valid_to is not None:
            raise errors.ValidToNotExpected()
    elif valid_to is None:
        raise errors.ValidToMissing()
    elif valid_to <= call.now:
        raise errors.ValidToPast()
    elif valid_to > call.now + _LONGEST_EXPIRATION:
        raise errors.ValidToFar()


def _require_for_replica(key: Key, import_type: str | None, description: str | None) -> None:
    """Require that new material, and descriptions of material, are given for the primary key.

    Raises ValidationException otherwise.
    """
    if key.is_replica and import_type == NEW_KEY_MATERIAL:
        raise errors.NewMaterialOnReplica()
    if key.is_replica and description is not None:
        raise errors.DescriptionOnReplica()


def _is_new(key: Key, import_type: str | None, material_id: str | None) -> bool:
    """Return True if a request brings material that is new to the key, as the first one is; it has no id yet."""
    new = import_type == NEW_KEY_MATERIAL or (import_type is None and not key.materials)
    if new and material_id is not None:
        raise errors.IdOfNewMaterial()
    return new


def _unwrapped(spec: KeySpec, parameters: Parameters, wrapped: bytes) -> bytes:
    """Return the material in *wrapped* as KMS keeps it.

    Material of a wrong length or encoding for *spec* gets the same error as material that does not unwrap.
    """
    from mockaws.crypto import wrapping  # noqa: PLC0415 - it imports the cryptography package

    if parameters.algorithm in RSAES and len(wrapped) != int(parameters.size) // 8:
        raise errors.WrappedLength()
    try:
        plaintext = wrapping.unwrap(*parameters, wrapped)
        if spec.type is KeyType.ASYMMETRIC:
            return wrapping.private_key(spec.family, spec.size, plaintext)
    except (InvalidCiphertextError, InvalidKeyError):
        raise errors.InvalidCiphertext() from None
    longest = _LONGEST_HMAC_BYTES if spec.type is KeyType.HMAC else int(spec.size)
    if not int(spec.size) <= len(plaintext) <= longest:
        raise errors.InvalidCiphertext()
    return plaintext


def _known(key: Key, material_id: str) -> KeyMaterial | None:
    """Return the material of *key* with this id, whether or not its bytes are present."""
    generations = (*key.materials, key.pending_material)
    return next((each for each in generations if each is not None and each.id == material_id), None)


def _with_new(key: Key, imported: KeyMaterial) -> Key:
    """Return *key* with new material: the first becomes the current one, any other waits for RotateKeyOnDemand."""
    if _known(key, imported.id) is not None:
        raise errors.MaterialNotNew(id=imported.id, arn=key.arn)
    if not key.materials:
        return evolve(key, materials=(imported,))
    pending = key.pending_material
    if pending is not None:
        raise errors.AnotherMaterialPending(id=imported.id, arn=key.arn, pending=pending.id)
    return evolve(key, pending_material=imported)


def _with_again(key: Key, imported: KeyMaterial) -> Key:
    """Return *key* with material that it had before; its expiration and its description can change."""
    if not key.materials:
        raise errors.NoMaterialBefore()
    known = _known(key, imported.id)
    if known is None:
        raise errors.OtherMaterialExpected(expected=key.materials[-1].id)
    description = known.description if imported.description is None else imported.description
    return _replaced(
        key, replace(known, secret=imported.secret, expires_at=imported.expires_at, description=description)
    )


def _without(key: Key, deleted: KeyMaterial) -> Key:
    """Return *key* without the bytes of *deleted*; material that waits for its rotation is forgotten altogether.

    A replica key does not forget material that its primary key waits for. A rotation under way continues with the
    material that is imported by its end.
    """
    if deleted is key.pending_material and not key.is_replica:
        return evolve(key, pending_material=None)
    return _replaced(key, replace(deleted, secret=None, expires_at=None))


def _replaced(key: Key, generation: KeyMaterial) -> Key:
    """Return *key* with *generation* in place of the material with the same id."""
    pending = key.pending_material
    return evolve(
        key,
        materials=tuple(generation if each.id == generation.id else each for each in key.materials),
        pending_material=generation if pending is not None and pending.id == generation.id else pending,
    )
