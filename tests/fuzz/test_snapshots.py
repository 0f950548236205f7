"""Snapshots with random content are refused with a message for each mistake, or make a world that answers."""

from __future__ import annotations

import copy
import json
from functools import cache
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockaws.fixtures import safe_yaml
from mockaws.records.world import INSTANT
from tests.fuzz import noise
from tests.fuzz.effort import effort
from tests.fuzz.mutations import change, changed_text
from tests.fuzz.requests import sound
from tests.fuzz.worlds import read, require_good
from tests.unit.snapshots.living import STEPS, Life, lived

SEEDS = st.integers(0, 2**32 - 1)
LIVES = ("ready-cluster", "empty", "developer-guide")


@cache
def snapshot(fixture: str) -> str:
    """Return a snapshot of a world in which everything has happened twice."""
    # Near the year 3000 keys have rotated a thousand times, which each call would count.
    steps = [step for step in STEPS if step.__name__ != "the_end_of_time"]
    taken = [(step, 1, 3) for step in steps] + [(step, 2 + number % 6, number % 8) for number, step in enumerate(steps)]
    return lived(fixture, INSTANT, taken).world.snapshot()


@cache
def document(fixture: str) -> Any:
    """Return what that snapshot says."""
    root = safe_yaml.parse(snapshot(fixture).encode(), repeating="records").root
    assert root is not None
    return root.plain()


def require_good_or_refused(content: bytes, random: Random) -> None:
    """Require that a snapshot is refused with messages, or that calls succeed in its world."""
    with noise.listening():
        found = read(content)
        if found is None:
            return
        life = object.__new__(Life)
        life.world, life.ciphertexts = require_good(found), []
        for step in random.sample(STEPS, 5):
            step(life, random.randrange(8), random.randrange(8))


@pytest.mark.slow
@effort(700)
@given(fixture=st.sampled_from(LIVES), seed=SEEDS, count=st.integers(1, 3))
def test_any_value_anywhere(fixture: str, seed: int, count: int) -> None:
    """A changed snapshot is refused with messages, or makes a world in which all operations answer."""
    random, changed = Random(seed), copy.deepcopy(document(fixture))
    for _ in range(count):
        change(changed, random)
    # JSON is YAML, too, and can say what YAML's writer refuses: half of a character.
    text = json.dumps(changed) if seed % 2 else safe_yaml.dump(sound(changed))
    require_good_or_refused(text.encode(), random)


@pytest.mark.slow
@effort(400)
@given(fixture=st.sampled_from(LIVES), seed=SEEDS, count=st.integers(1, 3))
def test_any_text(fixture: str, seed: int, count: int) -> None:
    """A snapshot with a changed text is refused with messages, or makes a world in which all operations answer."""
    random, content = Random(seed), snapshot(fixture).encode()
    for _ in range(count):
        content = changed_text(content, random)
    require_good_or_refused(content, random)
