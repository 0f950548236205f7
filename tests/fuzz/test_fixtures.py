"""Fixtures with random content are refused with a message for each mistake, or make a good world."""

from __future__ import annotations

import copy
import json
from dataclasses import fields
from functools import cache
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockaws.fixtures import library, loader, safe_yaml
from mockaws.records.world import Limits, Timing
from tests.fuzz import noise
from tests.fuzz.effort import effort
from tests.fuzz.mutations import change, changed_text
from tests.fuzz.worlds import read, require_good
from tests.unit.fixtures.test_junk import WORLD

NAMES = loader.shipped()
SEEDS = st.integers(0, 2**32 - 1)

# Sections that few fixtures have.
MORE: dict[str, Any] = {
    "timing": {each.name: "PT1M" for each in fields(Timing)},
    "limits": {each.name: 4 for each in fields(Limits)} | {"policy_bytes": 32768},
    "relaxations": WORLD["relaxations"],
    "faults": [
        {"operation": "kms:Encrypt", "error": "ThrottlingException", "times": 2, "every": 2},
        {
            "operation": "kms:CreateKey",
            "latency": "PT0.001S",
            "probability": 0.5,
            "key": "alias/one",
            "account": "111122223333",
        },
        {"operation": "cloudhsmv2:*", "status": 503, "nth": 3, "region": "us-west-2"},
        {"operation": "kms:Decrypt", "throttle": 5},
    ],
}


@cache
def document(name: str) -> Any:
    """Return what a shipped fixture says; an empty name is something of everything."""
    if not name:
        return WORLD
    root = safe_yaml.parse(library.fixture(name).read_bytes()).root
    assert root is not None
    return MORE | _with_files(root.plain())


def _with_files(value: Any) -> Any:
    """Return *value* with what stands in files in the place of their names."""
    if isinstance(value, dict):
        if value.keys() == {"file"}:
            return (library.FOLDER / value["file"]).read_text()
        return {name: _with_files(item) for name, item in value.items()}
    return [_with_files(item) for item in value] if isinstance(value, list) else value


def test_unchanged_documents_are_good() -> None:
    """The documents that are changed below are right before: one mistake would hide all others."""
    assert not [name for name in NAMES if read(json.dumps(document(name)).encode()) is None]


@pytest.mark.slow
@effort(1000)
@given(name=st.sampled_from(["", *NAMES]), seed=SEEDS, count=st.integers(1, 4))
def test_any_value_anywhere(name: str, seed: int, count: int) -> None:
    """Reading a changed fixture ends with mistakes or with a world that answers and can be kept."""
    random, changed = Random(seed), copy.deepcopy(document(name))
    for _ in range(count):
        change(changed, random)
    with noise.listening():
        found = read(json.dumps(changed, ensure_ascii=seed % 2 == 0).encode("utf-8", "surrogatepass"))
        if found is not None:
            require_good(found)


@pytest.mark.slow
@effort(1000)
@given(name=st.sampled_from(NAMES), seed=SEEDS, count=st.integers(1, 4))
def test_any_text(name: str, seed: int, count: int) -> None:
    """Reading a fixture with a changed text ends with mistakes or with a good world."""
    random, content = Random(seed), library.fixture(name).read_bytes()
    for _ in range(count):
        content = changed_text(content, random)
    with noise.listening():
        found = read(content)
        if found is not None:
            require_good(found)
