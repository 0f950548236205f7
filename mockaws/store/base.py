"""The interface of every store: transactions over records, the state of the world, and the log of its calls."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, Self, TypeVar

from mockaws.records.base import Record
from mockaws.records.state import WorldState

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from mockaws.store.call_log import CallLog

EMPTY = WorldState()
"""The state of a world by default."""

R = TypeVar("R", bound=Record)
T = TypeVar("T")


class OvertakenError(Exception):
    """A read of this transaction is out of date, so that its work has to run again. Only a store catches it."""


class RecordExistsError(Exception):
    """A transaction puts a record that it has not read in the place of another one, however often it runs."""


class Position(NamedTuple):
    """The place of a record among all records of a store."""

    kind: str
    account: str
    region: str
    id: str

    @classmethod
    def of(cls, record: Record) -> Self:
        """Return the position of *record*."""
        return cls(type(record).__name__, record.account, record.region, record.id)


@dataclass(slots=True, eq=False)
class Beginning:
    """The content that a world begins with, and comes back to.

    *prepared* is a store's own form of the records, made once and shared by all worlds that begin with them.
    """

    state: WorldState = EMPTY
    records: Sequence[Record] = ()
    prepared: Any = None

    def with_id_seed(self, id_seed: str | None) -> Self:
        """Return the same beginning for a world with another *id_seed*."""
        return replace(self, state=replace(self.state, id_seed=id_seed))


class Transaction(Protocol):
    """A view of the committed world, together with the transaction's own writes.

    Others see its writes, all at once, after the commit.
    """

    @property
    def state(self) -> WorldState:
        """The state of the world when the transaction began, or as it has put it. Reading it makes no conflict."""
        ...

    def get(self, kind: type[R], account: str, region: str, id: str) -> R | None:  # noqa: A002 - a record's own word
        """Return one record, or None."""
        ...

    def find(
        self, kind: type[R], account: str, region: str, *, after: str = "", limit: int | None = None, **field: str
    ) -> Sequence[R]:
        """Return records in the order of their ids: those behind id *after*, at most *limit*.

        At most one *field* narrows them down; it must be one of the kind's `INDEXED` fields. Raises LookupError if it
        is not.
        """
        ...

    def count(self, kind: type[Record], account: str, region: str) -> int:
        """Return about how many records of a kind there are. Unlike the reads, a count makes no conflict."""
        ...

    def seen(self) -> Collection[Record | None]:
        """Return the committed records that the transaction has read, in that order; None for an absent one."""
        ...

    def put(self, record: Record) -> None:
        """Create *record*, or replace the one with its identity.

        A record that the transaction has not read is created, never replaced: if there is one, that is a conflict.
        """
        ...

    def put_state(self, state: WorldState) -> None:
        """Replace the state of the world. It is a conflict if another transaction has done so meanwhile."""
        ...

    def drop(self, record: Record) -> None:
        """Remove *record*; no error if it is not there."""
        ...

    def note(self, record: Record) -> None:
        """Put *record* after the commit, whether or not it was read, without a conflict. The last note stays.

        The transaction itself does not read its notes.
        """
        ...

    def confirm(self) -> None:
        """Return if everything that was read is still up to date.

        Otherwise the work runs again: call this before an effect outside the transaction. Raises OvertakenError.
        """
        ...


class Store(Protocol):
    """The place where one world is kept."""

    @property
    def calls(self) -> CallLog:
        """The log of the calls in this world."""
        ...

    @property
    def beginning(self) -> Beginning:
        """The content that the world began with."""
        ...

    @property
    def state(self) -> WorldState:
        """The committed state of the world as it is now."""
        ...

    def run(self, work: Callable[[Transaction], T]) -> T:
        """Run *work* in a transaction, commit when it returns, undo everything when it raises.

        Work that read a record which another transaction changed meanwhile runs again from the start, also when it
        raised or wrote nothing. So it must have no effect outside its transaction that cannot be repeated. Raises
        RecordExistsError if work goes on putting a record that is there and that it has not read.
        """
        ...

    def begin(self, beginning: Beginning) -> None:
        """Replace everything by *beginning*: records and state. Forget all calls, and count numbers from 1 again.

        A transaction under way ends as if it had ended before.
        """
        ...

    def another(self, beginning: Beginning) -> Store:
        """Return a new store of the same kind, for a world that begins with *beginning*."""
        ...

    def next_number(self) -> int:
        """Return a number that is unique since the world began, however the transaction ends."""
        ...

    def records(self) -> Sequence[Record]:
        """Return all records of the committed world as it is now."""
        ...

    def page(self, after: Position | None, limit: int) -> Sequence[Record]:
        """Return at most *limit* committed records behind a position, or from the beginning, in the order of positions.

        It is for reading everything little by little: records come and go between one page and the next.
        """
        ...
