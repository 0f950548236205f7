"""The worlds of a server."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from mockaws.clock import MINUTE
from mockaws.records.world import Terms
from mockaws.world import MAX_WORLDS, LastSeen, NoSuchWorldError, World, Worlds, WorldTakenError


def make() -> World:
    """Return an empty world."""
    return World(Terms())


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return the machine's time, which a test can change."""
    moment = [1000.0]
    monkeypatch.setattr(time, "time", lambda: moment[0])
    return moment


def test_a_world_is_made_when_it_is_asked_for() -> None:
    """Who asks for a name gets a world, and the next one the same; a look makes none."""
    worlds = Worlds(make)
    assert worlds.get("one") is None
    one = worlds.named("one")
    assert worlds.named("one") is one
    assert one is not worlds.default
    assert [named.name for named in worlds.all()] == ["one"]


def test_many_who_ask_at_once_get_one_world() -> None:
    """Two first requests do not make two worlds."""
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
    with pytest.raises(NoSuchWorldError, match="cannot be the name of a world"):
        worlds.named(name)
    with pytest.raises(NoSuchWorldError, match="cannot be the name of a world"):
        worlds.add(name, make())


def test_an_idle_world_is_over(machine: list[float]) -> None:
    """A world that nobody used for its time-out is gone when somebody next looks; use keeps it, looking does not."""
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
    """There are at most a thousand worlds, of which those that are over do not count."""
    worlds = Worlds(make)
    same = make()
    for number in range(MAX_WORLDS):
        worlds.add(f"w{number}", same, idle_timeout=MINUTE)
    with pytest.raises(NoSuchWorldError, match="there are 1000 worlds already"):
        worlds.named("another")
    machine[0] += MINUTE + 1
    worlds.named("another")
    assert [named.name for named in worlds.all()] == ["another"]


def test_reset_keeps_the_clock_and_the_faults_where_others_hold_them() -> None:
    """Who has a world's clock or faults in hand has them after a reset, too."""
    world = make()
    clock, faults = world.clock, world.faults
    clock.freeze(5.0)
    world.reset()
    assert (world.clock, world.faults) == (clock, faults)
    assert not clock.frozen


def test_what_was_seen_last() -> None:
    """Of texts that come and go without end the last ones are known, and one that comes again is the last."""
    seen = LastSeen(3)
    for text in ("a", "b", "c", "a", "d"):
        seen.add(text)
    assert [text for text in "abcd" if text in seen] == ["a", "c", "d"]
    seen.clear()
    assert len(seen) == 0
