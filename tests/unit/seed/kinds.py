"""The types of the fixtures in conftest.py, and records out of a seed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

from mockaws.records.base import Record

if TYPE_CHECKING:
    from mockaws.seed.loader import Seed

NOW = 1_800_000_000.0
R = TypeVar("R", bound=Record)


class Load(Protocol):
    """The fixture `load`."""

    def __call__(self, text: str, *, account: str | None = None) -> Seed:
        """Read a fixture; raises FixtureError."""
        ...


class Mistakes(Protocol):
    """The fixture `mistakes`."""

    def __call__(self, text: str, *, account: str | None = None) -> list[str]:
        """Return the problems of a fixture, each as `line: path: message; expected …`."""
        ...


def all_of(seed: Seed, kind: type[R]) -> list[R]:
    """Return the records of a kind, in the order of the file."""
    return [record for record in seed.records if isinstance(record, kind)]


def one(seed: Seed, kind: type[R]) -> R:
    """Return the only record of a kind."""
    (record,) = all_of(seed, kind)
    return record
