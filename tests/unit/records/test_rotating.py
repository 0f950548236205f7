"""Key material as the clock advances. https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html."""

from __future__ import annotations

from typing import Any

import pytest

from mockaws.clock import DAY
from mockaws.records import rotating
from mockaws.records.kms import AutomaticRotation, Key, KeyMaterial, MultiRegion, RotationType
from tests.samples import ACCOUNT, NOW, REGION

FIRST = KeyMaterial(id="0" * 64, secret=bytes(32), created_at=NOW)
YEARLY = AutomaticRotation(period_in_days=365, counts_from=NOW)


def key(**changes: Any) -> Key:
    """Return a key with one generation of material, which is rotated every year."""
    fields: dict[str, Any] = {"materials": (FIRST,), "rotation": YEARLY}
    return Key(account=ACCOUNT, region=REGION, id="key", created_at=NOW, **fields | changes)


def rotations(found: Key) -> list[tuple[float | None, RotationType | None]]:
    """Return when and how each generation of a key became the current one, with days from the start."""
    return [
        (None if each.rotated_at is None else (each.rotated_at - NOW) / DAY, each.rotation_type)
        for each in found.materials
    ]


def test_nothing_to_come() -> None:
    """A key that is not rotated stays the very same record."""
    still = key(rotation=None)
    assert rotating.settled(still, NOW + 9999 * DAY) is still
    due_later = key()
    assert rotating.settled(due_later, NOW + 364 * DAY) is due_later


def test_one_generation_a_period() -> None:
    """The material is new each time that the period is over, and the period counts on."""
    found = rotating.settled(key(), NOW + 3 * 365 * DAY)
    automatic = RotationType.AUTOMATIC
    assert rotations(found) == [(None, None), (365, automatic), (730, automatic), (1095, automatic)]
    assert found.rotation == AutomaticRotation(period_in_days=365, counts_from=NOW + 1095 * DAY)
    assert len({each.id for each in found.materials}) == len({each.secret for each in found.materials}) == 4


def test_whoever_asks_finds_the_same() -> None:
    """The result does not depend on reads or writes in between."""
    once = rotating.settled(key(), NOW + 1000 * DAY)
    twice = rotating.settled(rotating.settled(key(), NOW + 400 * DAY), NOW + 1000 * DAY)
    assert once == twice


def test_keys_differ() -> None:
    """Material and ids of other keys are others."""
    other = key(materials=(KeyMaterial(id="1" * 64, secret=bytes(31) + b"1", created_at=NOW),))
    (_, one), (_, two) = (rotating.settled(each, NOW + 365 * DAY).materials for each in (key(), other))
    assert one.id != two.id
    assert one.secret != two.secret


def test_paused() -> None:
    """While it is paused nothing is rotated; what was overdue is done once when it resumes, and counts from then."""
    found = rotating.settled(rotating.paused(key()), NOW + 1000 * DAY)
    assert rotations(found) == [(None, None)]
    found = rotating.resumed(found, NOW + 1000 * DAY)
    assert rotations(found) == [(None, None), (1000, RotationType.AUTOMATIC)]
    assert found.rotation == AutomaticRotation(period_in_days=365, counts_from=NOW + 1000 * DAY)


def test_a_short_pause() -> None:
    """A pause that is over before the rotation is due changes nothing."""
    assert rotating.resumed(rotating.paused(key()), NOW + 100 * DAY) == key()
    assert rotating.resumed(key(), NOW + 100 * DAY) == key()


def test_a_replica_follows() -> None:
    """A replica key is rotated with its primary key, whatever state it is in itself."""
    replica = key(multi_region=MultiRegion(primary_region="eu-west-1"))
    assert rotating.paused(replica) is replica
    paused = key(multi_region=MultiRegion(primary_region="eu-west-1"), rotation=rotating.paused(key()).rotation)
    assert rotating.resumed(paused, NOW) is paused
    primary = key(multi_region=MultiRegion(primary_region=REGION))
    assert rotating.paused(primary) != primary


@pytest.mark.parametrize("begins_at", [100, 364.5])
def test_on_demand(begins_at: float) -> None:
    """An on-demand rotation is done when its time is over, and automatic rotation goes on as scheduled."""
    begun = rotating.begun(key(), FIRST, NOW + begins_at * DAY, NOW + (begins_at + 1) * DAY)
    assert rotations(rotating.settled(begun, NOW + (begins_at + 0.2) * DAY)) == [(None, None)]
    found = rotating.settled(begun, NOW + 400 * DAY)
    done = [(begins_at + 1, RotationType.ON_DEMAND), (365, RotationType.AUTOMATIC)]
    assert rotations(found) == [(None, None), *sorted(done)]
    assert (found.pending_material, found.on_demand_rotation) == (None, None)
