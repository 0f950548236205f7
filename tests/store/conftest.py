"""The stores that the tests here are about: each test holds for all of them."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import pytest

from mockaws.records.base import Record
from mockaws.store.memory import MemoryStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mockaws.store.base import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing(Record):
    """A record with two indexed fields, one of which may be empty."""

    INDEXED: ClassVar = ("colour", "owner")

    colour: str = "red"
    owner: str | None = None
    count: int = 0


def thing(thing_id: str, account: str = "1", region: str = "r", colour: str = "red", **fields: object) -> Thing:
    """Return a thing."""
    return Thing(account=account, region=region, id=thing_id, colour=colour, **fields)  # type: ignore[arg-type]


STORES: list[Callable[[], Store]] = [MemoryStore]


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest) -> Store:
    """Return an empty store."""
    make: Callable[[], Store] = request.param
    return make()


@pytest.fixture
def busy_switching() -> Iterator[None]:
    """Let the interpreter switch threads as often as it can, so that races become visible."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)
