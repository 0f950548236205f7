"""A world comes back from its snapshot as it was, whatever has happened in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis.strategies import integers, lists, sampled_from, tuples

from mockaws.records.kms import Key
from mockaws.records.world import INSTANT, REALISTIC
from mockaws.seed import loader
from mockaws.world import World
from tests.unit.snapshots.living import MESSAGE, PLACES, STEPS, Life, lived

if TYPE_CHECKING:
    from mockaws.records.base import Record
    from mockaws.records.world import Timing

FIXTURES = sampled_from(("ready-cluster", "ready-cluster", "strict-cluster", *loader.shipped()))
TIMINGS = sampled_from((INSTANT, REALISTIC))
SMALL = integers(0, 7)
HISTORIES = lists(tuples(sampled_from(STEPS), SMALL, SMALL), max_size=40)


@settings(max_examples=200)
@given(fixture=FIXTURES, timing=TIMINGS, steps=HISTORIES)
def test_a_world_comes_back_equal(fixture: str, timing: Timing, steps: list[Any]) -> None:
    """All records, terms and faults are the same, the clock stands where it stood, and AWS answers the same."""
    life = lived(fixture, timing, steps)
    text = life.world.snapshot()
    twin = restored(text)

    assert in_order(twin) == in_order(life.world)
    assert (twin.terms, twin.clock.setting) == (life.world.terms, life.world.clock.setting)
    assert faults(twin) == faults(life.world)
    assert twin.snapshot() == text
    assert answers(twin, life) == answers(life.world, life)


def restored(text: str) -> World:
    return World.of(loader.parse(text.encode(), "snapshot", now=0.0), seed="tests")


def in_order(world: World) -> list[Record]:
    return sorted(world.store.records(), key=lambda each: (type(each).__name__, each.account, each.region, each.id))


def faults(world: World) -> list[Any]:
    return [rule.fault for rule in world.faults.rules]


def answers(world: World, life: Life) -> list[Any]:
    """Return what AWS says of everything in *world*, and the plaintexts of all ciphertexts of a life."""
    asker = object.__new__(Life)
    asker.world = world
    found: list[Any] = []
    for place in PLACES:
        for operation in ("ListKeys", "ListAliases", "DescribeCustomKeyStores"):
            found.append(asker.kms(operation, place))
        for operation in ("DescribeClusters", "DescribeBackups"):
            found.append(asker.ask("cloudhsmv2", operation, place))
    for key in in_order(life.world):
        if isinstance(key, Key):
            for operation in (
                "DescribeKey",
                "GetKeyPolicy",
                "ListGrants",
                "ListResourceTags",
                "GetKeyRotationStatus",
                "ListKeyRotations",
                "GetPublicKey",
                "GetKeyLastUsage",
            ):
                found.append(asker.kms(operation, (key.account, key.region), KeyId=key.id))
    for account, region, blob, purpose in life.ciphertexts:
        answer = asker.kms("Decrypt", (account, region), CiphertextBlob=blob, EncryptionContext={"purpose": purpose})
        assert answer is None or answer["Plaintext"] == MESSAGE
        found.append(answer)
    return found
