"""Checks of every world that can be read: it answers, it can be shown, and it survives a snapshot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockaws.fixtures import loader
from mockaws.fixtures.loader import FixtureError
from mockaws.fixtures.mistakes import MAX_MISTAKES
from mockaws.worlds.world import World
from tests.unit.snapshots.living import NOW, Life
from tests.unit.snapshots.test_round_trip import answers, in_order

if TYPE_CHECKING:
    from mockaws.fixtures.loader import Fixture


def read(content: bytes, source: str = "world.yaml") -> Fixture | None:
    """Return what a document describes, None if it is refused: each mistake with a line, on one line.

    The last of too many says that there are more, and has no line.
    """
    try:
        return loader.parse(content, source, now=NOW)
    except FixtureError as refused:
        mistakes = refused.mistakes
    assert mistakes
    for number, mistake in enumerate(mistakes):
        assert mistake.line > 0 or number == MAX_MISTAKES, mistake
        assert "\n" not in str(mistake), mistake
        str(mistake).encode()  # it can be printed
    return None


def require_good(seed: Fixture) -> World:
    """Return the world that begins as *seed* says. Raises AssertionError unless it answers and survives a snapshot."""
    world = World.of(seed, id_seed="tests")
    twin = World.of(loader.parse(world.snapshot().encode(), "again", now=NOW), id_seed="tests")
    assert in_order(twin) == in_order(world)
    assert (twin.config, twin.clock.setting) == (world.config, world.clock.setting)
    assert [rule.fault for rule in twin.faults.active] == [rule.fault for rule in world.faults.active]
    world.faults.clear()  # which would strike, or wait
    life = object.__new__(Life)
    life.world, life.ciphertexts = world, []
    answers(world, life)
    return world
