"""One account and Region of a world, from which the views read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self, TypeVar

from mockaws.records.base import Record

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mockaws.worlds.world import World

R = TypeVar("R", bound=Record)


@dataclass(frozen=True, slots=True)
class Place:
    """One account and Region of a world: its records and its time."""

    world: World
    account: str
    region: str

    def __str__(self) -> str:
        return f"in account {self.account}, {self.region}"

    @property
    def now(self) -> float:
        """The present moment of the world."""
        return self.world.clock.now()

    def get(self, kind: type[R], id: str) -> R | None:  # noqa: A002 - a record's own word
        """Return a record, or None."""
        return self.world.store.run(lambda tx: tx.get(kind, self.account, self.region, id))

    def find(self, kind: type[R], **field: str) -> Sequence[R]:
        """Return the records of a *kind*, limited by at most one indexed *field*, in the order of their ids."""
        return self.world.store.run(lambda tx: tx.find(kind, self.account, self.region, after="", limit=None, **field))

    def elsewhere(self, account: str, region: str) -> Place:
        """Return another account or Region of the same world."""
        return replace(self, account=account, region=region)


class RecordView:
    """A thing with an id in a place. Two objects for the same thing are equal, even if it has changed between."""

    def __init__(self, place: Place, id: str) -> None:  # noqa: A002 - AWS's own word
        self._place = place
        self.id = id

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and (other._place, other.id) == (self._place, self.id)

    def __hash__(self) -> int:
        return hash((self._place, self.id))


class State(str):
    """A state in AWS's words, which keeps its owner, so that a failed assertion can show that as well."""

    __slots__ = ("owner",)

    owner: object

    @classmethod
    def of(cls, owner: object, state: str) -> Self:
        """Return the *state* of *owner*."""
        made = cls(state)
        made.owner = owner
        return made


def moment(seconds: float) -> datetime:
    """Return epoch seconds as a date, in UTC."""
    return datetime.fromtimestamp(seconds, UTC)


def moment_or_none(seconds: float | None) -> datetime | None:
    """Return epoch seconds as a date, or None."""
    return None if seconds is None else moment(seconds)
