"""The material of keys in KMS itself; `lookup` returns keys with all the generations that they have by now.

https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#key-material
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mockaws.crypto import key_pairs, symmetric
from mockaws.records.key_specs import KeyType
from mockaws.records.kms import KeyMaterial

if TYPE_CHECKING:
    from collections.abc import Collection

    from mockaws.crypto.key_pairs import KeyPair
    from mockaws.records.key_specs import KeySpec
    from mockaws.records.kms import Key
    from mockaws.services.operation import Call

EXPIRES, DOES_NOT_EXPIRE = "KEY_MATERIAL_EXPIRES", "KEY_MATERIAL_DOES_NOT_EXPIRE"


class Secret(NamedTuple):
    """A generation of key material: its bytes, its name in a ciphertext, and its id, None if AWS does not show it."""

    value: bytes
    name: bytes
    id: str | None


def new(call: Call, spec: KeySpec) -> KeyMaterial:
    """Return new material for a key of *spec*."""
    if spec.type is KeyType.ASYMMETRIC:
        pair = new_key_pair(call, spec)
        secret = pair.private_der
        key_pairs.keep_loaded(secret, pair)
    else:
        secret = symmetric.random_bytes(int(spec.size))
    return KeyMaterial(id=call.ids.hexadecimal(64), secret=secret, created_at=call.now)


def new_key_pair(call: Call, spec: KeySpec) -> KeyPair:
    """Return a new key pair of *spec*; each run of the call returns the same one."""
    return call.once("key pair", lambda: key_pairs.generate(spec.family, spec.size))


def current(key: Key) -> Secret:
    """Return the material that *key* encrypts with."""
    return _secret(key, key.materials[-1])


def named(key: Key, name: bytes) -> Secret | None:
    """Return the generation of material with this name in ciphertexts, None if *key* has none such."""
    return next((secret for secret in (_secret(key, each) for each in key.materials) if secret.name == name), None)


def key_pair(key: Key) -> KeyPair:
    """Return the key pair of an asymmetric key."""
    return key_pairs.load(key.key_spec.family, key.key_spec.size, current(key).value)


def shown(member: str, material_id: str | None) -> dict[str, str]:
    """Return the member of an answer that names the material in use; nothing if AWS shows no id of it."""
    return {} if material_id is None else {member: material_id}


def expiration(generations: Collection[KeyMaterial]) -> dict[str, str | float]:
    """Return the members of an answer that say when the first imported material expires.

    Nothing is returned if any material is missing.
    """
    if not generations or not all(generation.is_held for generation in generations):
        return {}
    expiring = [generation.expires_at for generation in generations if generation.expires_at is not None]
    return {"ExpirationModel": EXPIRES, "ValidTo": min(expiring)} if expiring else {"ExpirationModel": DOES_NOT_EXPIRE}


def _secret(key: Key, generation: KeyMaterial) -> Secret:
    """Return a generation of material; AWS shows ids for symmetric encryption keys, which alone can have several."""
    name = bytes.fromhex(generation.id[: 2 * symmetric.MATERIAL_NAME_BYTES])
    assert generation.secret is not None  # a key with missing material is pending import, and cannot be used
    return Secret(generation.secret, name, generation.id if key.key_spec.type is KeyType.SYMMETRIC else None)
