"""The shared properties of the keys of one multi-Region key, and their synchronization.

The key of each Region is a record of its own with all that callers ask about, so reading stays in one Region. Shared
properties are copied when they change, in the same transaction.
https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-overview.html#mrk-sync-properties
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mockaws import arns
from mockaws.clock import DAY
from mockaws.records.base import evolve
from mockaws.records.kms import NEVER, Origin, ReplicaKey
from mockaws.services.kms import lookup

if TYPE_CHECKING:
    from mockaws.records.kms import Key, KeyMaterial, MultiRegion
    from mockaws.services.operation import Call


def put(call: Call, key: Key) -> dict[str, Key]:
    """Create or change *key*, and copy the shared properties to its related keys; return each key by its Region.

    It is for changes of material, rotation, deletion, and of the related keys themselves. In all else related keys are
    independent, and `call.put` suffices. A primary key that is to be deleted gets its date from its replicas.
    """
    if key.multi_region is None:
        call.put(key)
        return {key.region: key}
    family = _family(call, key, key.multi_region)
    replicas = tuple(_as_replica(each) for each in family if each.region != key.multi_region.primary_region)
    known = replace(key.multi_region, replicas=replicas)
    synchronized = {each.region: _synchronized(each, key, known) for each in family}
    for each in synchronized.values():
        call.put(each)
    return synchronized


def configuration(key: Key, known: MultiRegion, now: float) -> dict[str, Any]:
    """Return the members of an answer about the keys that are related to *key*, itself among them.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_MultiRegionConfiguration.html
    """

    def shown(region: str) -> dict[str, str]:
        return {"Arn": arns.kms_key(region, key.account, key.id), "Region": region}

    return {
        "MultiRegionKeyType": "REPLICA" if key.is_replica else "PRIMARY",
        "PrimaryKey": shown(known.primary_region),
        "ReplicaKeys": [shown(replica.region) for replica in known.remaining(now)],
    }


def _family(call: Call, key: Key, known: MultiRegion) -> list[Key]:
    """Return *key* and its related keys that still exist, replicas in the order of their creation."""
    regions = dict.fromkeys((known.primary_region, *(replica.region for replica in known.replicas), key.region))
    found = (key if region == key.region else lookup.existing(call, key.account, key.id, region) for region in regions)
    return [each for each in found if each is not None]


def _as_replica(key: Key) -> ReplicaKey:
    return ReplicaKey(region=key.region, deletion_at=NEVER if key.deletion_at is None else key.deletion_at)


def _synchronized(key: Key, source: Key, known: MultiRegion) -> Key:
    """Return *key* with the shared properties of *source*."""
    pending = source.pending_material
    return evolve(
        key,
        multi_region=known,
        materials=tuple(_material(key, generation) for generation in source.materials),
        pending_material=None if pending is None else _material(key, pending),
        rotation=source.rotation,
        on_demand_rotation=source.on_demand_rotation,
        deletion_at=_deletion_at(key, known),
    )


def _material(key: Key, generation: KeyMaterial) -> KeyMaterial:
    """Return a generation of material as *key* has it.

    Imported material is not copied, only its id and description. Its owner imports it in each Region, and it expires in
    each Region separately.
    https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-import.html
    """
    if key.origin is not Origin.EXTERNAL:
        return generation
    for own in (*key.materials, key.pending_material):
        if own is not None and own.id == generation.id:
            return replace(generation, secret=own.secret, expires_at=own.expires_at)
    return replace(generation, secret=None, expires_at=None)


def _deletion_at(key: Key, known: MultiRegion) -> float | None:
    """Return the moment of a key's deletion; a primary key's waiting period begins after its last replica's deletion.

    https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-delete.html
    """
    if key.deletion_at is None or key.region != known.primary_region or not known.replicas:
        return key.deletion_at
    return max(replica.deletion_at for replica in known.replicas) + (key.pending_window_in_days or 0) * DAY
