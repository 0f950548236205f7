"""The base of all records: their identity, and the fields by which they can be found."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar, Protocol, TypeVar


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A resource of a world, identified by its type, account, Region and id.

    Subclasses list in `INDEXED` the fields by which a transaction can find them.
    """

    INDEXED: ClassVar[tuple[str, ...]] = ()

    account: str
    region: str
    id: str


class Change(Protocol):
    """One step of a history. It holds from *at* until the next step."""

    @property
    def at(self) -> float:
        """The moment, in epoch seconds."""
        ...


R = TypeVar("R", bound=Record)
C = TypeVar("C", bound=Change)


def evolve(record: R, **changes: Any) -> R:
    """Return a copy of *record* with *changes*."""
    return replace(record, **changes)


def since(changes: tuple[C, ...], moment: float) -> tuple[C, ...]:
    """Return a history without the steps that ended by *moment*."""
    first = next((index for index in reversed(range(len(changes))) if changes[index].at <= moment), 0)
    return changes[first:]
