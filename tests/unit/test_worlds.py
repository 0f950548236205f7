"""The worlds of a server."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from mockaws.clock import MINUTE
from mockaws.model.errors import AWSError
from mockaws.records.world import WorldConfig
from mockaws.services import kms
from mockaws.services.operation import Caller
from mockaws.store.memory import MemoryStore
from mockaws.worlds.access_keys import AccessKeys
from mockaws.worlds.named import MAX_WORLDS, NoWorldError, Worlds, WorldTakenError
from mockaws.worlds.world import World
from tests.samples import cluster, fault, subnet


def make() -> World:
    """Return an empty world."""
    return World.holding(WorldConfig())


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return the machine's time, which a test can change."""
    moment = [1000.0]
    monkeypatch.setattr(time, "time", lambda: moment[0])
    return moment


def test_a_world_is_made_at_its_first_use() -> None:
    """The first use of a name makes a world, and the next one gets the same; a look makes none."""
    worlds = Worlds(make)
    assert worlds.get("one") is None
    one = worlds.named("one")
    assert worlds.named("one") is one
    assert one is not worlds.default
    assert [named.name for named in worlds.all()] == ["one"]


def test_many_first_requests_get_one_world() -> None:
    """Requests that are the first of a world at the same time make one world."""
    worlds = Worlds(make)
    with ThreadPoolExecutor(16) as pool:
        assert len({id(world) for world in pool.map(lambda _: worlds.named("one"), range(64))}) == 1


def test_a_name_is_given_once() -> None:
    """A world cannot take another's name before that is gone."""
    worlds = Worlds(make)
    mine = make()
    assert worlds.add("mine", mine, fixture="empty").world is mine
    with pytest.raises(WorldTakenError, match=r"^there is a world 'mine' already$"):
        worlds.add("mine", make())
    assert worlds.drop("mine")
    assert not worlds.drop("mine")
    assert worlds.named("mine") is not mine


@pytest.mark.parametrize("name", ["", ".hidden", "-x", "a b", "a/b", "x" * 65, "ä"])
def test_names_that_cannot_be(name: str) -> None:
    """1 to 64 letters, digits, dots, dashes and underscores, a letter or a digit first."""
    worlds = Worlds(make)
    with pytest.raises(NoWorldError, match="invalid world name"):
        worlds.named(name)
    with pytest.raises(NoWorldError, match="invalid world name"):
        worlds.add(name, make())


def test_an_idle_world_is_over(machine: list[float]) -> None:
    """A world that was not used for its timeout is gone at the next look. A use keeps it, a look does not."""
    worlds = Worlds(make)
    mine, other = make(), make()
    worlds.add("mine", mine, idle_timeout=MINUTE)
    worlds.add("other", other)
    machine[0] += MINUTE
    assert worlds.named("mine") is mine
    machine[0] += MINUTE
    found = worlds.get("mine")
    assert found is not None
    assert found.world is mine
    machine[0] += 1
    assert worlds.get("mine") is None
    assert [named.name for named in worlds.all()] == ["other"]
    worlds.add("mine", mine, idle_timeout=MINUTE)
    machine[0] += MINUTE + 1
    assert worlds.named("mine") is not mine
    assert worlds.named("other") is other


def test_idle_worlds_make_room(machine: list[float]) -> None:
    """There are at most a thousand worlds; worlds that are over do not count."""
    worlds = Worlds(make)
    same = make()
    for number in range(MAX_WORLDS):
        worlds.add(f"w{number}", same, idle_timeout=MINUTE)
    with pytest.raises(NoWorldError, match="there are 1000 worlds already"):
        worlds.named("another")
    machine[0] += MINUTE + 1
    worlds.named("another")
    assert [named.name for named in worlds.all()] == ["another"]


def test_reset_keeps_the_clock_and_the_faults() -> None:
    """A program that holds a world's clock or faults can go on using them after a reset."""
    world = make()
    clock, faults = world.clock, world.faults
    clock.freeze(5.0)
    world.reset()
    assert (world.clock, world.faults) == (clock, faults)
    assert not clock.frozen


def test_access_keys_that_were_seen() -> None:
    """Access keys are known until a world begins again."""
    store = MemoryStore()
    seen = AccessKeys(store)
    for access_key_id in ("AKIAQYLPMN5HNM4OZ56B", "AKIASP2TPHJSQH3FJRUX", "AKIAQYLPMN5HNM4OZ56B"):
        assert access_key_id not in seen or access_key_id == "AKIAQYLPMN5HNM4OZ56B"
        seen.add(access_key_id)
        assert access_key_id in seen
    assert "AKIAAAAAAAAAAAAAA56B" not in seen
    store.begin(store.beginning)
    assert "AKIAQYLPMN5HNM4OZ56B" not in seen


def test_access_keys_are_bounded() -> None:
    """Of access keys that come without end, at least the last hundred are known."""
    store = MemoryStore()
    seen = AccessKeys(store)
    for number in range(250):
        seen.add(f"AKIA{number:014d}AA")
    assert [number for number in range(250) if f"AKIA{number:014d}AA" in seen] == list(range(150, 250))


def test_ids_of_a_world_with_a_seed() -> None:
    """Worlds with the same seed give the same calls the same ids, after a reset as well."""
    one, same, other = (World.holding(WorldConfig(), id_seed=seed) for seed in ("a", "a", "b"))

    def ids(world: World) -> list[str]:
        return [world.ids.uuid(), world.act("Test", "1", "r", lambda call: call.ids.uuid()), world.ids.uuid()]

    found = ids(one)
    assert found == ids(same)
    assert set(found).isdisjoint(ids(other))
    one.reset()
    assert found == ids(one)
    assert found == ids(one.twin("a"))
    assert len({*found, *ids(one)}) == 6


def test_a_twin_begins_as_its_world_did() -> None:
    """A twin has the records, the faults and the config that its world began with, and nothing that came later."""
    world = World.holding(WorldConfig(account="111122223333"), [subnet()], [fault(drop=True)])
    world.faults.clear()
    world.clock.freeze(5.0)
    world.store.run(lambda tx: tx.put(cluster()))
    twin = world.twin()
    assert twin.store.records() == [subnet()]
    assert [active.id for active in twin.faults.active] == ["fault-1"]
    assert (twin.clock.frozen, twin.config.account) == (False, "111122223333")
    assert (len(world.store.records()), world.faults.active) == (2, ())


def test_bookkeeping_is_in_no_snapshot() -> None:
    """A snapshot has the faults and the records of AWS, and neither counts of faults nor access keys that were seen."""
    world = World.holding(WorldConfig(), [subnet()], [fault(operation="kms:ListKeys", status=500)])
    caller = Caller("", "000000000000", "us-west-2", "arn", "id")
    with pytest.raises(AWSError):
        world.faults.strike(kms.service, "ListKeys", caller, {})
    world.access_keys.add("AKIAQYLPMN5HNM4OZ56B")
    assert len(world.store.records()) == 3
    text = world.snapshot()
    assert "Records: 1 Subnet." in text
    assert "AKIAQYLPMN5HNM4OZ56B" not in text
