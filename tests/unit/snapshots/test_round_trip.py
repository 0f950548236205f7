"""A world comes back from its snapshot as it was, whatever has happened in it."""

from __future__ import annotations

import re
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given, settings
from hypothesis.strategies import integers, lists, sampled_from, tuples

from mockaws.clock import DAY, LATEST, Clock
from mockaws.fixtures import loader
from mockaws.fixtures.loader import FixtureError
from mockaws.moments import LONGEST
from mockaws.records.backups import Backup
from mockaws.records.cloudhsm import HsmKey
from mockaws.records.kms import Alias, Key
from mockaws.records.state import Bookkeeping
from mockaws.records.world import INSTANT, REALISTIC, Limits, Relaxations, Timing, WorldConfig
from mockaws.worlds.world import World
from tests.journeys.command import ROOT
from tests.unit.snapshots.living import MESSAGE, NOW, PLACES, POLICIES, STEPS, Life, lived

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockaws.records.base import Record
    from tests.unit.snapshots.living import Step

pytestmark = pytest.mark.slow

SMALL = integers(0, 7)
# Daily backups that take a hundred years each would be 36,500 at a time, and cost each test a minute.
LONGEST_OF_ALL = Timing(**{each.name: LONGEST for each in fields(Timing)} | {"create_backup": 100 * DAY})
SHORTEST_OF_ALL = Timing(**{each.name: 1e-20 for each in fields(Timing)})
TIMINGS = sampled_from((INSTANT, REALISTIC, REALISTIC, LONGEST_OF_ALL, SHORTEST_OF_ALL))
FIXTURES = sampled_from(("ready-cluster", "ready-cluster", "strict-cluster", *loader.shipped()))
HISTORIES = lists(tuples(sampled_from(STEPS), SMALL, SMALL), max_size=40)
OF_A_KEY = (
    "DescribeKey",
    "GetKeyPolicy",
    "ListGrants",
    "ListResourceTags",
    "GetKeyRotationStatus",
    "ListKeyRotations",
    "GetKeyLastUsage",
    "GetPublicKey",
)
STEP = {step.__name__: step for step in STEPS}


@settings(max_examples=150)
@given(fixture=FIXTURES, timing=TIMINGS, steps=HISTORIES, later=HISTORIES)
def test_a_world_comes_back_equal(
    fixture: str, timing: Timing, steps: list[tuple[Step, int, int]], later: list[tuple[Step, int, int]]
) -> None:
    """Records, config, faults and the clock are the same, AWS answers the same, and life goes on."""
    life = lived(fixture, timing, steps)
    text = life.world.snapshot()
    twin = restored(text)

    assert in_order(twin) == in_order(life.world)
    assert (twin.config, twin.clock.setting) == (life.world.config, life.world.clock.setting)
    assert [rule.fault for rule in twin.faults.active] == [rule.fault for rule in life.world.faults.active]
    assert twin.snapshot() == text
    assert answers(twin, life) == answers(life.world, life)

    life.world = twin
    for step, one, two in later:
        step(life, one, two)
    assert in_order(restored(twin.snapshot())) == in_order(twin)
    twin.reset()
    assert twin.snapshot() == text


@settings(max_examples=50)
@given(fixture=FIXTURES, timing=TIMINGS, steps=HISTORIES)
@example(fixture="empty", timing=INSTANT, steps=[(STEP["an_aws_key"], 0, 0), (STEP["time"], 5, 3)])  # it has rotated
def test_a_world_without_its_secrets(fixture: str, timing: Timing, steps: list[tuple[Step, int, int]]) -> None:
    """Everything is there but key material and passwords; keys work, and old ciphertexts are no longer theirs."""
    life = lived(fixture, timing, steps)
    text = life.world.snapshot(secrets=False)
    assert not [secret for secret in secrets(life.world) if secret in text]

    twin = restored(text)
    blobs, life.ciphertexts = life.ciphertexts, []
    assert answers(twin, life, public_keys=False) == answers(life.world, life, public_keys=False)
    life.world = twin
    for account, region, blob, purpose in blobs:
        context = {"purpose": purpose}
        assert life.kms("Decrypt", (account, region), CiphertextBlob=blob, EncryptionContext=context) is None
    for step, one, two in steps:
        step(life, one, two)


@pytest.mark.parametrize("fixture", loader.shipped())
def test_each_shipped_world(fixture: str) -> None:
    """The content of a fixture can be written as records as well."""
    world = World.of(loader.load(fixture, now=NOW))
    twin = restored(world.snapshot())
    assert (in_order(twin), twin.config) == (in_order(world), world.config)


def test_the_example_of_the_docs() -> None:
    """docs/snapshots.md shows a snapshot exactly as it is written."""
    (block,) = re.findall(r"^```yaml\n(.*?)^```", (ROOT / "docs/snapshots.md").read_text(), re.MULTILINE | re.DOTALL)
    assert restored(block).snapshot() == block


def test_all_terms() -> None:
    """Each duration, relaxation and limit comes back, however odd the number."""
    config = WorldConfig(
        account="111122223333",
        region="eu-central-1",
        timing=Timing(**{each.name: 60.1 + number / 3 for number, each in enumerate(fields(Timing))}),
        relaxations=loader.load("ready-cluster", now=NOW).config.relaxations,
        limits=Limits(**{each.name: 1 + number for number, each in enumerate(fields(Limits))}),
        irregular_ids=frozenset({"cluster-1a23b4cdefg", "1e5"}),
    )
    assert config.relaxations != Relaxations()
    assert restored(World.holding(config).snapshot()).config == config


def test_every_field_of_the_terms_is_tested_above() -> None:
    """A new one has to be thought of."""
    assert {each.name for each in fields(WorldConfig)} == {
        "account",
        "region",
        "timing",
        "relaxations",
        "limits",
        "irregular_ids",
    }


@pytest.mark.parametrize("moved", ["not at all", "ahead", "frozen"])
def test_the_clock(moved: str) -> None:
    """A clock that stood stands at the same moment; one that runs is as far from the machine's as before."""
    world = World.holding(WorldConfig())
    if moved == "ahead":
        world.clock.advance(30 * DAY)
    if moved == "frozen":
        world.clock.freeze(NOW)
    twin = restored(world.snapshot())
    assert twin.clock.setting == world.clock.setting
    twin.clock.set(5.0)
    twin.reset()
    assert twin.clock.setting == world.clock.setting


@pytest.mark.parametrize("policy", POLICIES)
def test_odd_policies(policy: str) -> None:
    """A policy that KMS takes from a caller who bypasses the lockout check can be read again."""
    life = Life("empty", INSTANT)
    STEP["a_key"](life, 0, 0)
    life.with_key(0, "PutKeyPolicy", Policy=policy, BypassPolicyLockoutSafetyCheck=True)
    twin = restored(life.world.snapshot())
    assert in_order(twin) == in_order(life.world)
    assert answers(twin, life) == answers(life.world, life)


def test_most_odd_policies_are_taken() -> None:
    """The test above is about policies, and not about refusals."""
    life = Life("empty", INSTANT)
    STEP["a_key"](life, 0, 0)
    taken = []
    for policy in POLICIES:
        life.with_key(0, "PutKeyPolicy", Policy=policy, BypassPolicyLockoutSafetyCheck=True)
        taken.append(life.of(Key, 0).policy == policy)
    assert all(taken[:6])
    assert not taken[6]  # so deep that whether it can be read depends on where
    assert sum(taken) > len(POLICIES) / 2


@pytest.mark.parametrize("timing", [INSTANT, LONGEST_OF_ALL, SHORTEST_OF_ALL], ids=["instant", "longest", "shortest"])
@pytest.mark.parametrize("end", range(8))
def test_the_ends_of_time(timing: Timing, end: int) -> None:
    """At each end of the clock, and with each length of what AWS takes, a world comes back equal."""
    steps = ("a_key", "a_store", "connecting", "a_replica", "an_hsm", "a_change_of_a_cluster", "a_backup", "a_deletion")
    life = lived("ready-cluster", timing, [(STEP["the_end_of_time"], end, 0)])
    for one in range(2):
        for name in steps:
            STEP[name](life, one, 1)
    text = life.world.snapshot()
    twin = restored(text)
    assert in_order(twin) == in_order(life.world)
    assert twin.config == life.world.config
    assert twin.clock.setting == life.world.clock.setting
    assert twin.snapshot() == text


def test_a_clock_that_has_come_to_its_end() -> None:
    """One that runs, and is where no clock comes by the time that its snapshot is read, stands at the last moment."""
    world = World.holding(WorldConfig())
    world.clock.set(LATEST)
    text = world.snapshot()
    twin = World.of(loader.parse(text.encode(), "snapshot", now=Clock().now() + DAY))
    for each in (world, twin):
        assert each.clock.now() == LATEST
        each.clock.freeze()
        assert each.clock.setting.frozen_at == LATEST
        restored(each.snapshot())


def test_an_alias_whose_key_went_with_its_store() -> None:
    """A relaxation lets a key store go before the keys in it, and an alias of such a key can still be moved."""
    life = Life("ready-cluster", INSTANT)
    STEP["a_store"](life, 0, 1)
    STEP["connecting"](life, 1, 7)
    assert life.of(Alias, 0) is not None
    assert life.of(Key, 0) is None
    assert in_order(restored(life.world.snapshot())) == in_order(life.world)


def test_ids_do_not_come_a_second_time() -> None:
    """A world that repeats its ids gives out others after its snapshot, and the same others each time."""
    life = Life("empty", INSTANT)
    for number in range(3):
        STEP["a_key"](life, 0, number)
    text = life.world.snapshot()
    twins = [restored(text), restored(text)]
    for twin in twins:
        life.world = twin
        STEP["a_key"](life, 0, 0)
    one, other = ({key.id for key in in_order(twin) if isinstance(key, Key)} for twin in twins)
    assert one == other
    assert len(one) == 4


def test_what_backups_share_is_written_once() -> None:
    """A year of daily backups of many keys is not many times as long as one of them."""
    life = Life("ready-cluster", INSTANT)
    STEP["a_store"](life, 0, 1)
    for _ in range(10):
        STEP["a_key_in_a_store"](life, 0, 0)
    keys = [record for record in in_order(life.world) if isinstance(record, HsmKey)]
    assert keys
    life.world.clock.advance(80 * DAY)
    life.ask("cloudhsmv2", "DescribeBackups", PLACES[0])
    text = life.world.snapshot()
    twin = restored(text)
    backups = [record for record in in_order(twin) if isinstance(record, Backup)]
    assert len(backups) > 50
    assert len({id(backup.contents) for backup in backups}) < 5
    assert text.count(keys[0].id) == 1


def restored(text: str) -> World:
    """Return the world of a snapshot; every problem with it is shown."""
    try:
        return World.of(loader.parse(text.encode(), "snapshot", now=NOW), id_seed="tests")
    except FixtureError as error:
        raise AssertionError(f"{error}\n{text}") from None


def in_order(world: World) -> list[Record]:
    """Return all records of a world but those that no snapshot has."""
    records = (each for each in world.store.records() if not isinstance(each, Bookkeeping))
    return sorted(records, key=lambda each: (type(each).__name__, each.account, each.region, each.id))


def secrets(world: World) -> Iterator[str]:
    """Yield all passwords of a world that are long enough not to be there by chance, and what material looks like."""
    for line in world.snapshot().splitlines():
        name, _, value = line.strip().removeprefix("- ").partition(": ")
        if name in {"password", "given_password", "material", "secret"} and len(value.strip("'")) > 6:
            yield value.strip("'")


def answers(world: World, life: Life, *, public_keys: bool = True) -> list[Any]:
    """Return what AWS says of everything in *world*, and the plaintexts of all ciphertexts of a *life*."""
    asker = object.__new__(Life)
    asker.world = world
    found: list[Any] = []
    for place in PLACES:
        found += [asker.kms(operation, place) for operation in ("ListKeys", "ListAliases", "DescribeCustomKeyStores")]
        found += [asker.ask("cloudhsmv2", operation, place) for operation in ("DescribeClusters", "DescribeBackups")]
    asked = OF_A_KEY if public_keys else OF_A_KEY[:-1]
    for key in in_order(life.world):
        if isinstance(key, Key):
            found += [asker.kms(operation, (key.account, key.region), KeyId=key.id) for operation in asked]
    for account, region, blob, purpose in life.ciphertexts:
        answer = asker.kms("Decrypt", (account, region), CiphertextBlob=blob, EncryptionContext={"purpose": purpose})
        assert answer is None or answer["Plaintext"] == MESSAGE
        found.append(answer)
    return found
