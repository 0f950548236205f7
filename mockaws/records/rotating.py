"""Rotation of key material as time passes.

No background task rotates a key. A record has the schedule, and `settled` applies all rotations that are due by some
moment. Each generation follows from the one before it, so every reader derives the same material.
https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html
"""

from __future__ import annotations

import math
from dataclasses import replace
from functools import lru_cache

from mockaws.crypto import symmetric
from mockaws.records.base import evolve
from mockaws.records.kms import Key, KeyMaterial, OnDemandRotation, RotationType

# Calls look at a key many times before its record changes, so that what has become due is worth remembering.
_MOST_GENERATIONS = 4096
_MOST_HISTORIES = 256


def settled(key: Key, now: float) -> Key:
    """Return *key* with all rotations applied that are due or complete by *now*."""
    while True:
        due, done = _due_at(key), _done_at(key)
        if min(due, done) > now:
            return key
        key = _rotated_until(key, now, done) if due < done else _completed(key, done)


def begun(key: Key, material: KeyMaterial, started_at: float, done_at: float) -> Key:
    """Return *key* with an on-demand rotation under way, which makes *material* the current one."""
    return evolve(
        key, pending_material=material, on_demand_rotation=OnDemandRotation(started_at=started_at, done_at=done_at)
    )


def paused(key: Key) -> Key:
    """Return *key* with automatic rotation paused, while it is disabled or pending deletion.

    A replica key rotates with its primary key.
    """
    if key.rotation is None or key.is_replica:
        return key
    return evolve(key, rotation=replace(key.rotation, paused=True))


def resumed(key: Key, now: float) -> Key:
    """Return *key* with automatic rotation resumed. An overdue rotation happens at once, another as scheduled."""
    if key.rotation is None or not key.rotation.paused or key.is_replica:
        return key
    key = evolve(key, rotation=replace(key.rotation, paused=False))
    return _rotated(key, now) if _due_at(key) <= now else key


def _due_at(key: Key) -> float:
    return math.inf if key.rotation is None or key.rotation.paused else key.rotation.next_at


def _done_at(key: Key) -> float:
    return math.inf if key.on_demand_rotation is None else key.on_demand_rotation.done_at


def _rotated_until(key: Key, now: float, done: float) -> Key:
    """Return *key* after all automatic rotations that are due by *now* and before *done*.

    One record is made for all of them: a clock that is set to another century makes hundreds due at once.
    """
    assert key.rotation is not None
    moments, at, period = [], key.rotation.next_at, key.rotation.period
    while at <= now and at < done:
        moments.append(at)
        at += period
    generations = _generations(key.id, key.materials[-1], tuple(moments))
    rotation = replace(key.rotation, counts_from=moments[-1])
    return evolve(key, materials=key.materials + generations, rotation=rotation)


@lru_cache(_MOST_HISTORIES)
def _generations(key_id: str, former: KeyMaterial, moments: tuple[float, ...]) -> tuple[KeyMaterial, ...]:
    """Return the generations after *former*, one for each moment of an automatic rotation."""
    generations = []
    for at in moments:
        former = _following(key_id, former, at)
        generations.append(former)
    return tuple(generations)


def _rotated(key: Key, at: float) -> Key:
    """Return *key* after an automatic rotation."""
    assert key.rotation is not None
    generation = _following(key.id, key.materials[-1], at)
    return evolve(key, materials=(*key.materials, generation), rotation=replace(key.rotation, counts_from=at))


@lru_cache(_MOST_GENERATIONS)
def _following(key_id: str, former: KeyMaterial, at: float) -> KeyMaterial:
    """Return the generation that an automatic rotation puts in place of *former*."""
    assert former.secret is not None  # automatic rotation is for material from KMS only
    secret = symmetric.next_material(former.secret)
    return KeyMaterial(
        id=symmetric.material_id(key_id, secret),
        secret=secret,
        created_at=at,
        rotated_at=at,
        rotation_type=RotationType.AUTOMATIC,
    )


def _completed(key: Key, at: float) -> Key:
    """Return *key* after an on-demand rotation. If its material was deleted meanwhile, nothing rotates."""
    if key.pending_material is None:
        return evolve(key, on_demand_rotation=None)
    generation = replace(key.pending_material, rotated_at=at, rotation_type=RotationType.ON_DEMAND)
    return evolve(key, materials=(*key.materials, generation), pending_material=None, on_demand_rotation=None)
