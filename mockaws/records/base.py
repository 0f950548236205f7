"""What every record has: an identity, and the fields by which it can be found."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar, Protocol, TypeVar


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Something that exists in a world; its kind, account, Region and id identify it.

    Subclasses name in `INDEXED` the fields by which a transaction can find them.
    """

    INDEXED: ClassVar[tuple[str, ...]] = ()

    account: str
    region: str
    id: str


class Change(Protocol):
    """One step in a history, which holds from *at* until the next one."""

    @property
    def at(self) -> float:
        """The moment, in epoch seconds."""
        ...


R = TypeVar("R", bound=Record)
C = TypeVar("C", bound=Change)


def evolve(record: R, **changes: Any) -> R:
    """Return a new record: *record* with *changes*."""
    return replace(record, **changes)


def since(changes: tuple[C, ...], moment: float) -> tuple[C, ...]:
    """Return a history from the step on that held at *moment*."""
    first = next((index for index in reversed(range(len(changes))) if changes[index].at <= moment), 0)
    return changes[first:]
