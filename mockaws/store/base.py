"""What every store offers: transactions with a few verbs, and a picture of the whole that can be brought back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, Self, TypeVar

from mockaws.records.base import Record

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

R = TypeVar("R", bound=Record)
T = TypeVar("T")


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


class Transaction(Protocol):
    """All or nothing: reads see the committed world and the transaction's own writes.

    Others see what it wrote when it is over.
    """

    def get(self, kind: type[R], account: str, region: str, id: str) -> R | None:  # noqa: A002 - a record's own word
        """Return one record, or None."""
        ...

    def find(
        self, kind: type[R], account: str, region: str, *, after: str = "", limit: int | None = None, **field: str
    ) -> Sequence[R]:
        """Return records in the order of their ids: those behind id *after*, at most *limit*.

        At most one *field* narrows them down; it must be one of the kind's `INDEXED` fields.
        """
        ...

    def count(self, kind: type[Record], account: str, region: str) -> int:
        """Return about how many records of a kind there are; unlike the reads, a count makes no conflict."""
        ...

    def seen(self) -> Collection[Record | None]:
        """Return what the transaction has read of what was there before it, in that order; None was not there."""
        ...

    def put(self, record: Record) -> None:
        """Create *record*, or put it in the place of the one with its identity."""
        ...

    def drop(self, record: Record) -> None:
        """Remove *record*; no error if it is not there."""
        ...


class Store(Protocol):
    """Where the records of one world are kept."""

    def run(self, work: Callable[[Transaction], T]) -> T:
        """Run *work* in a transaction, commit when it returns, undo everything when it raises.

        Work that read what another transaction changed meanwhile runs again from the start, also when it raised or
        wrote nothing, so it must not do anything outside its transaction that cannot be done twice.
        """
        ...

    def records(self) -> Sequence[Record]:
        """Return all records of the committed world as it is now."""
        ...

    def page(self, after: Position | None, limit: int) -> Sequence[Record]:
        """Return at most *limit* committed records behind a position, or from the beginning, in the order of positions.

        It is for looking at everything little by little: records come and go between one page and the next.
        """
        ...

    def snapshot(self) -> Any:
        """Return the committed world as it is now; only this store's `restore` can read it."""
        ...

    def restore(self, snapshot: Any) -> None:
        """Make the world again what it was when *snapshot* was taken."""
        ...
