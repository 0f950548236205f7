"""A store in memory: readers of single records take no lock, writers commit one after the other.

A transaction notes what it read. When it ends, under the lock, everything that it read must still be there unchanged
(records are immutable, so "the same object" says that); else it runs again, whether it wanted to write, to answer or to
refuse, so that nobody acts on half of what another one did. Only a transaction that looked once needs no such check.
Each conflict means that another transaction went through, so the store as a whole always moves on.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from itertools import count, islice
from operator import itemgetter
from threading import Lock
from typing import TYPE_CHECKING, TypeVar, cast

from mockaws.records.base import Record
from mockaws.store.base import Position

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from mockaws.store.base import Transaction

R = TypeVar("R", bound=Record)
T = TypeVar("T")

TableKey = tuple[type[Record], str, str]
Bucket = tuple[str, str]  # an indexed field and its value
ALL: Bucket = ("", "")
_BEGINNING = Position("", "", "", "")


# A version is given out once, so that nothing has to be remembered of a bucket or a table that is empty: one that is
# filled again is another one, and to have found it empty twice is to have found the same.
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
    """All tables that have records, and their keys in order."""

    def __init__(self, tables: Iterable[tuple[TableKey, _Table]] = ()) -> None:
        super().__init__(tables)
        self.order = sorted(((_place(key), key) for key in self), key=itemgetter(0))

    def copy(self) -> _Tables:
        return _Tables((key, table.copy()) for key, table in self.items())

    def begin(self, key: TableKey) -> _Table:
        """Return a new table, for the first record that belongs there."""
        table = self[key] = _Table()
        insort(self.order, (_place(key), key), key=itemgetter(0))
        return table

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


def _place(key: TableKey) -> tuple[str, str, str]:
    kind, account, region = key
    return kind.__name__, account, region


class MemoryStore:
    """Keeps one world in dictionaries."""

    def __init__(self) -> None:
        self._tables = _Tables()
        self._lock = Lock()

    def run(self, work: Callable[[Transaction], T]) -> T:
        """Run *work* in a transaction; see `Store.run`."""
        while True:
            transaction = _MemoryTransaction(self._tables, self._lock)
            try:
                result = work(transaction)
            except Exception:
                if transaction.saw_one_moment():
                    raise
            else:
                if transaction.commit():
                    return result

    def records(self) -> list[Record]:
        """Return all records; see `Store.records`."""
        with self._lock:
            return [record for table in self._tables.values() for record in table.records.values()]

    def page(self, after: Position | None, limit: int) -> list[Record]:
        """Return some of all records; see `Store.page`."""
        with self._lock:
            return self._tables.page(after or _BEGINNING, limit)

    def snapshot(self) -> _Tables:
        """Return a copy of the dictionaries; the records themselves are shared."""
        with self._lock:
            return self._tables.copy()

    def restore(self, snapshot: _Tables) -> None:
        """Put a copy of *snapshot* in the place of everything."""
        # A transaction under way keeps the dictionaries that it began with, as if it had ended before this.
        self._tables = snapshot.copy()


class _MemoryTransaction:
    __slots__ = ("_found", "_lock", "_looks", "_read", "_tables", "_written")

    def __init__(self, tables: _Tables, lock: Lock) -> None:
        self._tables = tables
        self._lock = lock
        self._looks = 0
        self._read: dict[tuple[TableKey, str], Record | None] = {}
        self._found: dict[tuple[TableKey, Bucket], int] = {}
        self._written: dict[tuple[TableKey, str], Record | None] = {}

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
        with self._lock:
            table = self._tables.get(key) or _Table()
            self._found.setdefault((key, bucket), table.versions.get(bucket, 0))
            ids = table.buckets.get(bucket, [])
            start = bisect_right(ids, after)
            # What this transaction wrote may push committed records off the page, never pull more than that many in.
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
        self._written[(type(record), record.account, record.region), record.id] = record

    def drop(self, record: Record) -> None:
        self._written[(type(record), record.account, record.region), record.id] = None

    def commit(self) -> bool:
        """Make the writes visible to all; False, with nothing done, where something read has changed meanwhile."""
        if not self._written:
            return self.saw_one_moment()
        with self._lock:
            if not self._unchanged():
                return False
            tables = self._tables
            for (key, id_), record in self._written.items():
                table = tables.get(key)
                if record is None:
                    tables.drop(key, id_)
                elif table is None:
                    tables.begin(key).put(record)
                else:
                    table.put(record)
        return True

    def saw_one_moment(self) -> bool:
        """Tell whether everything that was read was so at one and the same moment."""
        if self._looks <= 1:
            return True
        with self._lock:
            return self._unchanged()

    def _unchanged(self) -> bool:
        tables = self._tables
        for (key, id_), seen in self._read.items():
            table = tables.get(key)
            if (table.records.get(id_) if table is not None else None) is not seen:
                return False
        for (key, bucket), version in self._found.items():
            table = tables.get(key)
            if (table.versions.get(bucket, 0) if table is not None else 0) != version:
                return False
        return True


def _one_bucket(kind: type[Record], field: dict[str, str]) -> Bucket:
    if not field:
        return ALL
    ((name, value),) = field.items()
    if name not in kind.INDEXED:
        raise LookupError(f"{kind.__name__} is not indexed by {name}")
    return name, value
