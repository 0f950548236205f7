"""Checks of every world that can be read: it answers, it can be shown, and it survives a snapshot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockaws.seed import loader
from mockaws.seed.loader import FixtureError
from mockaws.seed.problems import MAX_PROBLEMS
from mockaws.world import World
from tests.unit.snapshots.living import NOW, Life
from tests.unit.snapshots.test_round_trip import answers, in_order

if TYPE_CHECKING:
    from mockaws.seed.loader import Seed


def read(content: bytes, source: str = "world.yaml") -> Seed | None:
    """Return what a document describes, None if it is refused in words: each problem with a line, on one line.

    The last of too many says that there are more, and has no line.
    """
    try:
        return loader.parse(content, source, now=NOW)
    except FixtureError as refused:
        problems = refused.problems
    assert problems
    for number, problem in enumerate(problems):
        assert problem.line > 0 or number == MAX_PROBLEMS, problem
        assert "\n" not in str(problem), problem
        str(problem).encode()  # it can be printed
    return None


def require_good(seed: Seed) -> World:
    """Return the world that begins as *seed* says. Raises AssertionError unless it answers and survives a snapshot."""
    world = World.of(seed, seed="tests")
    twin = World.of(loader.parse(world.snapshot().encode(), "again", now=NOW), seed="tests")
    assert in_order(twin) == in_order(world)
    assert (twin.terms, twin.clock.setting) == (world.terms, world.clock.setting)
    assert [rule.fault for rule in twin.faults.rules] == [rule.fault for rule in world.faults.rules]
    world.faults.clear()  # which would strike, or wait
    life = object.__new__(Life)
    life.world, life.ciphertexts = world, []
    answers(world, life)
    return world
