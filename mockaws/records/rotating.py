"""Rotation of key material, as the clock passes.

Nothing rotates a key in the background. A record tells what is to come, and `settled` what has come of it by some
moment; a generation follows from the one before it, so that whoever asks, whenever and how often, finds the same ones.
https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html
"""

from __future__ import annotations

import math
from dataclasses import replace
from functools import lru_cache

from mockaws.crypto import symmetric
from mockaws.records.base import evolve
from mockaws.records.kms import Key, KeyMaterial, OnDemandRotation, RotationType

# A key that was due is asked for again and again before anything is changed in its record.
_MOST_KNOWN = 4096


def settled(key: Key, now: float) -> Key:
    """Return *key* as it is at *now*, with every rotation in its record that was due or done by then."""
    while True:
        due, done = _due_at(key), _done_at(key)
        if min(due, done) > now:
            return key
        key = _rotated(key, due) if due < done else _completed(key, done)


def begun(key: Key, material: KeyMaterial, started_at: float, done_at: float) -> Key:
    """Return *key* with an on-demand rotation under way, by which *material* becomes the current one."""
    return evolve(
        key, pending_material=material, on_demand_rotation=OnDemandRotation(started_at=started_at, done_at=done_at)
    )


def paused(key: Key) -> Key:
    """Return *key* without automatic rotation, as long as it is disabled or pending deletion.

    A replica key is rotated with its primary key.
    """
    if key.rotation is None or key.is_replica:
        return key
    return evolve(key, rotation=replace(key.rotation, paused=True))


def resumed(key: Key, now: float) -> Key:
    """Return *key* with automatic rotation again: at once where it is overdue, else when it was due before."""
    if key.rotation is None or not key.rotation.paused or key.is_replica:
        return key
    key = evolve(key, rotation=replace(key.rotation, paused=False))
    return _rotated(key, now) if _due_at(key) <= now else key


def _due_at(key: Key) -> float:
    return math.inf if key.rotation is None or key.rotation.paused else key.rotation.next_at


def _done_at(key: Key) -> float:
    return math.inf if key.on_demand_rotation is None else key.on_demand_rotation.done_at


def _rotated(key: Key, at: float) -> Key:
    """Return *key* after an automatic rotation."""
    assert key.rotation is not None
    generation = _following(key.id, key.materials[-1], at)
    return evolve(key, materials=(*key.materials, generation), rotation=replace(key.rotation, counts_from=at))


@lru_cache(_MOST_KNOWN)
def _following(key_id: str, former: KeyMaterial, at: float) -> KeyMaterial:
    """Return the generation that an automatic rotation puts in the place of *former*."""
    assert former.secret is not None  # only keys whose material KMS has made are rotated automatically
    secret = symmetric.next_material(former.secret)
    return KeyMaterial(
        id=symmetric.material_id(key_id, secret),
        secret=secret,
        created_at=at,
        rotated_at=at,
        rotation_type=RotationType.AUTOMATIC,
    )


def _completed(key: Key, at: float) -> Key:
    """Return *key* after an on-demand rotation; where its material was deleted meanwhile, the key is as before."""
    if key.pending_material is None:
        return evolve(key, on_demand_rotation=None)
    generation = replace(key.pending_material, rotated_at=at, rotation_type=RotationType.ON_DEMAND)
    return evolve(key, materials=(*key.materials, generation), pending_material=None, on_demand_rotation=None)
