"""A store in memory: reads of single records take no lock, and writers commit one after the other.

A transaction notes what it read. When it ends, under the lock, everything that it read must still be there unchanged.
Records are immutable, so "the same object" says that. Otherwise the work runs again, whether it wanted to write, to
answer or to refuse, so that no answer rests on half of another transaction. Only a transaction that looked once needs
no such check. Each conflict means that another transaction went through, so the store as a whole always moves on.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from itertools import count, islice
from operator import itemgetter
from threading import Lock
from typing import TYPE_CHECKING, TypeVar, cast

from mockaws.records.base import Record
from mockaws.store.base import Beginning, OvertakenError, Position, RecordExistsError
from mockaws.store.call_log import MemoryCallLog

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from mockaws.records.state import WorldState
    from mockaws.store.base import Transaction

R = TypeVar("R", bound=Record)
T = TypeVar("T")

TableKey = tuple[type[Record], str, str]
Identity = tuple[TableKey, str]
Bucket = tuple[str, str]  # an indexed field and its value
ALL: Bucket = ("", "")
_FIRST = Position("", "", "", "")
# Work that draws a new id each time it runs gets past a record that is in its way. Other work would run for ever.
_MOST_COLLISIONS = 10


# A version is given out once, so that nothing has to be remembered of an empty bucket or table. One that is filled
# again has another version, and one that was empty twice counts as unchanged.
_versions = count(1)


class _Table:
    """The records of one kind in one account and Region, their ids in order, and the ids by indexed field."""

    __slots__ = ("buckets", "records", "versions")

    def __init__(self) -> None:
        self.records: dict[str, Record] = {}
        self.buckets: dict[Bucket, list[str]] = {}
        self.versions: dict[Bucket, int] = {}

    def copy(self) -> _Table:
        twin = _Table()
        twin.records = self.records.copy()
        twin.buckets = {bucket: ids.copy() for bucket, ids in self.buckets.items()}
        twin.versions = self.versions.copy()
        return twin

    def put(self, record: Record) -> None:
        before = self.records.get(record.id)
        self.records[record.id] = record
        if before is not None and not record.INDEXED:
            return
        old, new = _buckets(before), _buckets(record)
        for bucket in old - new:
            self._leave(bucket, record.id)
        for bucket in new - old:
            insort(self.buckets.setdefault(bucket, []), record.id)
            self.versions[bucket] = next(_versions)

    def drop(self, record_id: str) -> None:
        record = self.records.pop(record_id, None)
        for bucket in _buckets(record):
            self._leave(bucket, record_id)

    def _leave(self, bucket: Bucket, record_id: str) -> None:
        ids = self.buckets[bucket]
        del ids[bisect_left(ids, record_id)]
        if ids:
            self.versions[bucket] = next(_versions)
        else:
            del self.buckets[bucket]
            del self.versions[bucket]


def _buckets(record: Record | None) -> set[Bucket]:
    if record is None:
        return set()
    found = {ALL}
    for field in record.INDEXED:
        value = getattr(record, field)
        if value is not None:
            found.add((field, value))
    return found


class _Tables(dict[TableKey, _Table]):
    """All tables that have records, their keys in order, and the *state* of the world."""

    def __init__(self, state: WorldState, tables: Iterable[tuple[TableKey, _Table]] = ()) -> None:
        super().__init__(tables)
        self.order = sorted(((_place(key), key) for key in self), key=itemgetter(0))
        self.state = state
        self.numbers = count(1)

    @classmethod
    def holding(cls, state: WorldState, records: Iterable[Record]) -> _Tables:
        tables = cls(state)
        for record in records:
            tables.put(_key(record), record)
        return tables

    def beginning_with(self, state: WorldState) -> _Tables:
        """Return a copy for a world that begins with the same records; the records themselves are shared."""
        return _Tables(state, ((key, table.copy()) for key, table in self.items()))

    def put(self, key: TableKey, record: Record) -> None:
        table = self.get(key)
        if table is None:
            table = self[key] = _Table()
            insort(self.order, (_place(key), key), key=itemgetter(0))
        table.put(record)

    def drop(self, key: TableKey, record_id: str) -> None:
        table = self.get(key)
        if table is None:
            return
        table.drop(record_id)
        if not table.records:
            del self[key]
            del self.order[bisect_left(self.order, _place(key), key=itemgetter(0))]

    def page(self, after: Position, limit: int) -> list[Record]:
        found: list[Record] = []
        start = bisect_left(self.order, after[:-1], key=itemgetter(0))
        for place, key in islice(self.order, start, None):
            table = self[key]
            ids = table.buckets[ALL]
            first = bisect_right(ids, after.id) if place == after[:-1] else 0
            found += (table.records[id_] for id_ in ids[first : first + limit - len(found)])
            if len(found) == limit:
                break
        return found


def _key(record: Record) -> TableKey:
    return type(record), record.account, record.region


def _place(key: TableKey) -> tuple[str, str, str]:
    kind, account, region = key
    return kind.__name__, account, region


class MemoryStore:
    """A store that keeps one world in dictionaries."""

    def __init__(self, beginning: Beginning | None = None) -> None:
        self.calls = MemoryCallLog()
        self.lock = Lock()
        self.tables: _Tables
        # That of the tables as well: each call of AWS's asks for it.
        self.state: WorldState
        self._begin(beginning or Beginning())

    @property
    def beginning(self) -> Beginning:
        """The content that the world began with."""
        return self._beginning

    def run(self, work: Callable[[Transaction], T]) -> T:
        """Run *work* in a transaction; see `Store.run`."""
        collisions = 0
        while True:
            transaction = _MemoryTransaction(self)
            try:
                result = work(transaction)
            except OvertakenError:
                continue
            except Exception:
                if transaction.is_of_one_moment():
                    raise
            else:
                if transaction.commit():
                    return result
                if transaction.collided is not None:
                    collisions += 1
                    if collisions == _MOST_COLLISIONS:
                        raise RecordExistsError(
                            f"{' '.join(Position.of(transaction.collided))} is there: read a record before replacing it"
                        )

    def begin(self, beginning: Beginning) -> None:
        """Replace everything by *beginning*; see `Store.begin`."""
        with self.lock:
            self._begin(beginning)

    def another(self, beginning: Beginning) -> MemoryStore:
        """Return a new store in memory; see `Store.another`."""
        return MemoryStore(beginning)

    def next_number(self) -> int:
        """Return a number that nothing else was given; see `Store.next_number`."""
        return next(self.tables.numbers)

    def records(self) -> list[Record]:
        """Return all records; see `Store.records`."""
        with self.lock:
            return [record for table in self.tables.values() for record in table.records.values()]

    def page(self, after: Position | None, limit: int) -> list[Record]:
        """Return some of all records; see `Store.page`."""
        with self.lock:
            return self.tables.page(after or _FIRST, limit)

    def _begin(self, beginning: Beginning) -> None:
        if beginning.prepared is None:
            beginning.prepared = _Tables.holding(beginning.state, beginning.records)
        self._beginning = beginning
        # A transaction under way keeps the dictionaries that it began with, as if it had ended before this.
        prepared: _Tables = beginning.prepared
        self.tables = prepared.beginning_with(beginning.state)
        self.state = beginning.state
        self.calls.clear()


class _MemoryTransaction:
    __slots__ = (
        "_before",
        "_created",
        "_found",
        "_looks",
        "_notes",
        "_read",
        "_store",
        "_tables",
        "_written",
        "collided",
        "state",
    )

    def __init__(self, store: MemoryStore) -> None:
        self._store = store
        self._tables = tables = store.tables
        self.state = self._before = tables.state
        self._looks = 0
        self._read: dict[Identity, Record | None] = {}
        self._found: dict[tuple[TableKey, Bucket], int] = {}
        self._written: dict[Identity, Record | None] = {}
        # Most transactions have none of these.
        self._created: set[Identity] | None = None
        self._notes: tuple[Record, ...] = ()
        self.collided: Record | None = None

    def get(self, kind: type[R], account: str, region: str, id: str) -> R | None:  # noqa: A002
        key: TableKey = (kind, account, region)
        identity = (key, id)
        if identity in self._written:
            return cast("R | None", self._written[identity])
        if identity in self._read:
            return cast("R | None", self._read[identity])
        table = self._tables.get(key)
        record = table.records.get(id) if table is not None else None
        self._looks += 1
        self._read[identity] = record
        return cast("R | None", record)

    def find(
        self, kind: type[R], account: str, region: str, *, after: str = "", limit: int | None = None, **field: str
    ) -> Sequence[R]:
        key: TableKey = (kind, account, region)
        bucket = _one_bucket(kind, field)
        mine = {id_: record for (table_key, id_), record in self._written.items() if table_key == key and id_ > after}
        with self._store.lock:
            table = self._tables.get(key) or _Table()
            self._found.setdefault((key, bucket), table.versions.get(bucket, 0))
            ids = table.buckets.get(bucket, [])
            start = bisect_right(ids, after)
            # The own writes may remove committed records from the page: read as many more as there are such writes.
            stop = len(ids) if limit is None else start + limit + len(mine)
            records = {id_: table.records[id_] for id_ in ids[start:stop]}
        self._looks += 1
        for id_, record in records.items():
            self._read.setdefault((key, id_), record)
        if not mine:
            return cast("list[R]", list(records.values()))
        for id_, written in mine.items():
            if written is not None and bucket in _buckets(written):
                records[id_] = written
            else:
                records.pop(id_, None)
        return cast("list[R]", [records[id_] for id_ in sorted(records)][:limit])

    def count(self, kind: type[Record], account: str, region: str) -> int:
        table = self._tables.get((kind, account, region))
        return len(table.records) if table is not None else 0

    def seen(self) -> Collection[Record | None]:
        return self._read.values()

    def put(self, record: Record) -> None:
        identity = (_key(record), record.id)
        if identity not in self._read and identity not in self._written:
            if self._created is None:
                self._created = {identity}
            else:
                self._created.add(identity)
        self._written[identity] = record

    def put_state(self, state: WorldState) -> None:
        self.state = state

    def drop(self, record: Record) -> None:
        self._written[_key(record), record.id] = None

    def note(self, record: Record) -> None:
        self._notes = (*self._notes, record)

    def confirm(self) -> None:
        with self._store.lock:
            if not self._unchanged():
                raise OvertakenError

    def commit(self) -> bool:
        """Make the writes visible to all. Return False, with nothing done, if there is a conflict."""
        if not self._written and not self._notes and self.state is self._before:
            return self.is_of_one_moment()
        with self._store.lock:
            if not self._unchanged() or (self._created is not None and not self._creates_only(self._created)):
                return False
            tables = self._tables
            for (key, id_), record in self._written.items():
                if record is None:
                    tables.drop(key, id_)
                else:
                    tables.put(key, record)
            for record in self._notes:
                tables.put(_key(record), record)
            if self.state is not self._before:
                tables.state = self.state
                if self._store.tables is tables:
                    self._store.state = self.state
        return True

    def is_of_one_moment(self) -> bool:
        """Return True if everything that was read was true at one moment."""
        if self._looks <= 1:
            return True
        with self._store.lock:
            return self._unchanged()

    def _unchanged(self) -> bool:
        tables = self._tables
        if self.state is not self._before and tables.state is not self._before:
            return False
        for (key, id_), seen in self._read.items():
            table = tables.get(key)
            if (table.records.get(id_) if table is not None else None) is not seen:
                return False
        for (key, bucket), version in self._found.items():
            table = tables.get(key)
            if (table.versions.get(bucket, 0) if table is not None else 0) != version:
                return False
        return True

    def _creates_only(self, created: set[Identity]) -> bool:
        """Return True if there is none of the records that were put without having been read."""
        for key, id_ in created:
            table = self._tables.get(key)
            if table is not None and id_ in table.records:
                self.collided = table.records[id_]
                return False
        return True


def _one_bucket(kind: type[Record], field: dict[str, str]) -> Bucket:
    if not field:
        return ALL
    ((name, value),) = field.items()
    if name not in kind.INDEXED:
        raise LookupError(f"{kind.__name__} is not indexed by {name}")
    return name, value
