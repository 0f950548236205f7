"""Secrets that a snapshot leaves out, made anew.

What can be derived is the same each time that the snapshot is read. Of key pairs it is not: they are made as for a new
key.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mockaws.crypto import key_pairs, symmetric
from mockaws.records.backups import Backup
from mockaws.records.base import evolve
from mockaws.records.cloudhsm import HsmKey
from mockaws.records.key_specs import KeyType
from mockaws.records.kms import DomainKey, Key
from mockaws.seed.shapes import MADE_ANEW

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mockaws.records.base import Record
    from mockaws.records.key_specs import KeySpec
    from mockaws.records.kms import KeyMaterial


def complete(records: Iterable[Record]) -> Iterator[Record]:
    """Yield *records* with secrets of their own where they have none."""
    made: dict[tuple[str, str], bytes] = {}
    for record in records:
        match record:
            case Key():
                yield _key(record, made)
            case HsmKey():
                yield _hsm_key(record)
            case Backup():
                yield _backup(record)
            case DomainKey(secret=b""):
                yield evolve(record, secret=symmetric.derive_material(f"{record.account} {record.region}"))
            case _:
                yield record


def _key(key: Key, made: dict[tuple[str, str], bytes]) -> Key:
    pending = key.pending_material
    if all(each.secret != MADE_ANEW for each in (*key.materials, *([pending] if pending else []))):
        return key
    return evolve(
        key,
        materials=tuple(_material(each, key.key_spec, made) for each in key.materials),
        pending_material=_material(pending, key.key_spec, made) if pending is not None else None,
    )


def _material(material: KeyMaterial, spec: KeySpec, made: dict[tuple[str, str], bytes]) -> KeyMaterial:
    """Return a generation of material with a secret, which related keys in other Regions share by its id."""
    if material.secret != MADE_ANEW:
        return material
    identity = (material.id, spec.name)
    if identity not in made:
        made[identity] = _secret(material.id, spec)
    return replace(material, secret=made[identity])


def _secret(material_id: str, spec: KeySpec) -> bytes:
    if spec.type is KeyType.ASYMMETRIC:
        return key_pairs.generate(spec.family, spec.size).private_der
    return b"".join(symmetric.derive_material(f"{material_id} {part}") for part in range(2))[: int(spec.size)]


def _hsm_key(key: HsmKey) -> HsmKey:
    """A key that was restored from a backup has the material of the one that was backed up."""
    if key.material != MADE_ANEW:
        return key
    return evolve(key, material=symmetric.derive_material(f"{key.reference} {key.label}"))


def _backup(backup: Backup) -> Backup:
    if all(key.material != MADE_ANEW for key in backup.contents.keys):
        return backup
    return evolve(backup, contents=replace(backup.contents, keys=tuple(map(_hsm_key, backup.contents.keys))))
