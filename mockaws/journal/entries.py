"""The journal of a world: its last calls, each kept as little as its event needs, and written up when it is read.

The gateway fills an `Entry` on the way of a request and hands it over at the end. What must never be told is dropped
then; that costs a look into a tuple, made once for each operation from its model. Records are not kept, only what
events tell of them, so that a journal keeps nothing alive that a world has let go.
"""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple
from weakref import WeakSet

from mockaws import arns
from mockaws.journal import cloudtrail
from mockaws.model.validation import snake_case
from mockaws.records.kms import CustomKeyStore, Grant, Key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from mockaws.model.service import Operation
    from mockaws.records.base import Record
    from mockaws.services.operation import Call, Caller

    Listener = Callable[["Entry"], None]

CAPACITY = 10_000
# The most bytes of all calls with more than `_ORDINARY` bytes, in all worlds of a process. Beside them, the smaller
# calls of a world take at most 20 MiB.
_MOST_LARGE_BYTES = 64 * 1024 * 1024
# The bounds of CloudTrail's events, in characters:
# https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
LONGEST_TEXT = 1024
_MOST_OF_DOCUMENT = 100 * 1024
# No service, operation or error of AWS has a name that comes near; a caller may send any text as one.
LONGEST_NAME = 128
_LONGEST_KEY_NAME = 2048  # of all members that name a key, an alias or a role
# Up to so many bytes a request is not looked into, and a call is not counted among the large ones.
_SMALL, _ORDINARY = 512, 2048
_LONGEST_MEMBER = 40
_MOST_SEEN = 16
_new = tuple.__new__
_MOST_AGENTS = 64
# What only reads has nothing else in its answer that its event tells.
_TOLD = ("KeyId", "KeyMaterialId", "SourceKeyMaterialId", "DestinationKeyMaterialId")


class SeenKey(NamedTuple):
    """A key that a call looked at, as far as events tell of it."""

    account: str
    region: str
    id: str
    custom_key_store_id: str | None

    @property
    def arn(self) -> str:
        """The key's ARN."""
        return arns.kms_key(self.region, self.account, self.id)


class SeenGrant(NamedTuple):
    """A grant that a call looked at."""

    id: str


class SeenKeyStore(NamedTuple):
    """A custom key store that a call looked at, as it was before."""

    id: str
    name: str
    cluster_id: str


Seen = SeenKey | SeenGrant | SeenKeyStore
Records = Collection["Record | None"]


class CutArguments(dict[str, Any]):
    """The arguments by which a call is found, if all of them would take too many bytes."""


@dataclass(slots=True)
class Entry:
    """One call, as far as it came: who asked for what from where, with which *arguments*, and what became of it.

    *operation* is None where nothing answers what was asked for; then *asked* are the caller's own words for the
    service and the operation. *error* is the code and the sentence of a refusal. *seen* is what the call looked at,
    from which its event tells which key it was about. *size* is how many bytes the request had, and later about how
    many the entry takes.
    """

    request_id: str
    source: str
    agent: str
    size: int = 0
    at: float = 0.0
    operation: Operation | None = None
    asked: tuple[str, str] = ("", "")
    caller: Caller | None = None
    arguments: dict[str, Any] | None = None
    call: Call | None = None
    result: Mapping[str, Any] | None = None
    error: tuple[str, str] | None = None
    seen: tuple[Seen, ...] = ()

    @property
    def service(self) -> str:
        """The service, under the name by which requests are signed for it: `kms`, `cloudhsm`, `sts`."""
        return self.operation.service.signing_name if self.operation is not None else self.asked[0]

    @property
    def name(self) -> str:
        """The name of the operation."""
        return self.operation.name if self.operation is not None else self.asked[1]


class _Kept(NamedTuple):
    """What of a call is kept: of its arguments and its result all but the hidden ones.

    *told* are all members of the result that are wanted, where it is not the whole; *seen* returns what is kept of the
    records that the call looked at.
    """

    hidden_arguments: tuple[str, ...]
    hides_results: bool
    told: tuple[str, ...] | None
    seen: Callable[[Records], tuple[Seen, ...]] | None


class Journal:
    """The last calls of a world, oldest first; *listeners* hear of each as it happens.

    It is bounded by calls and by bytes, whatever callers send.
    """

    def __init__(self, listeners: Iterable[Listener] = ()) -> None:
        self._entries: deque[Entry] = deque(maxlen=CAPACITY)
        # At least what the large calls take: what falls out behind CAPACITY is noticed when room is made.
        self.large_bytes = 0
        self._agents: dict[str, str] = {}
        self.listeners = tuple(listeners)
        _ROOM.share(self)

    def keep(self, entry: Entry, at: float, answered: int = 0) -> None:
        """Keep a call that ended at epoch second *at*, without its secrets; its answer has *answered* bytes."""
        entry.at = at
        try:
            entry.agent = self._agents[entry.agent]  # a client's calls share the text
        except KeyError:
            entry.agent = self._new_agent(entry.agent)
        if entry.operation is not None:
            _strip(entry, entry.operation, answered)
        else:
            _bound_texts(entry)
        self._entries.append(entry)
        if entry.size > _ORDINARY:
            _ROOM.take(self, entry.size)
        for listener in self.listeners:
            listener(entry)

    def entries(self) -> Sequence[Entry]:
        """Return the calls that are kept now, oldest first."""
        return self._entries.copy()

    def clear(self) -> None:
        """Forget all calls."""
        self._entries.clear()

    def halve(self) -> None:
        """Forget the oldest calls until the large ones take half as many bytes as they were thought to take."""
        left = sum(kept.size for kept in self._entries.copy() if kept.size > _ORDINARY)
        while left > self.large_bytes // 2:
            try:
                oldest = self._entries.popleft().size
            except IndexError:  # cleared meanwhile
                break
            left -= oldest if oldest > _ORDINARY else 0
        self.large_bytes = min(left, self.large_bytes // 2)

    def _new_agent(self, text: str) -> str:
        """Return what is kept of a user agent, and let later calls of that client share it."""
        if len(text) > LONGEST_TEXT:
            return text[:LONGEST_TEXT]
        if len(self._agents) >= _MOST_AGENTS:
            self._agents = {}
        self._agents[text] = text
        return text


class _Room:
    """The bytes that the large calls of all journals share, as callers choose the number of worlds.

    Small calls are not counted one by one, as CAPACITY bounds what they take.
    """

    def __init__(self) -> None:
        self._journals: WeakSet[Journal] = WeakSet()
        self._taken = 0
        self._lock = Lock()

    def share(self, journal: Journal) -> None:
        """Let one more journal have a part."""
        with self._lock:
            self._journals.add(journal)

    def take(self, journal: Journal, size: int) -> None:
        """Count *size* bytes more of *journal*.

        If all take too many, the largest journals forget their oldest calls.
        """
        with self._lock:
            journal.large_bytes += size
            self._taken += size
            if self._taken <= _MOST_LARGE_BYTES:
                return
            journals = list(self._journals)
            self._taken = sum(each.large_bytes for each in journals)
            while self._taken > _MOST_LARGE_BYTES // 2:
                largest = max(journals, key=lambda each: each.large_bytes)
                before = largest.large_bytes
                largest.halve()
                self._taken += largest.large_bytes - before


_ROOM = _Room()


def _strip(entry: Entry, operation: Operation, answered: int) -> None:
    kept, arguments, result = _kept(operation), entry.arguments, entry.result
    if arguments is not None:
        for name in kept.hidden_arguments:
            arguments.pop(name, None)
    if entry.size > _SMALL:
        _bound_arguments(entry)
    if entry.error is not None:
        _bound_texts(entry)
    if result is not None:
        if kept.told is not None:
            entry.result = {name: result[name] for name in kept.told if name in result} if kept.told else None
        else:
            if kept.hides_results:
                entry.result = cloudtrail.without_secrets(operation.service, operation.output_shape, result)
            entry.size += answered if answered <= _ORDINARY else _weight(entry.result)
    if entry.call is not None:
        if kept.seen is not None:
            entry.seen = kept.seen(entry.call.tx.seen())
        entry.call = None


def _bound_arguments(entry: Entry) -> None:
    """Leave out arguments that CloudTrail would not show either, except the names by which a call is found."""
    arguments = entry.arguments or {}
    entry.size = _weight(arguments)
    if entry.size > _MOST_OF_DOCUMENT:
        texts = {name: value for name, value in arguments.items() if isinstance(value, str)}
        entry.arguments = CutArguments({name: text for name, text in texts.items() if len(text) <= _LONGEST_KEY_NAME})
        entry.size = _weight(entry.arguments)


def _bound_texts(entry: Entry) -> None:
    """Cut the sentence of an error and the names that a caller made up."""
    if entry.error is not None:
        code, sentence = entry.error
        entry.error = code[:LONGEST_NAME], sentence[:LONGEST_TEXT]
        entry.size += sys.getsizeof(entry.error[1])
    if entry.operation is None:
        service, name = entry.asked
        entry.asked = service[:LONGEST_NAME], name[:LONGEST_NAME]
        entry.size = min(entry.size, LONGEST_TEXT)


def _weight(value: Any) -> int:
    """Return about how many bytes a value takes; short names of members are shared, and take none."""
    if isinstance(value, Mapping):
        names = sum(sys.getsizeof(name) for name in value if len(name) > _LONGEST_MEMBER)
        return sys.getsizeof(value) + names + sum(map(_weight, value.values()))
    if isinstance(value, (list, tuple)):
        return sys.getsizeof(value) + sum(map(_weight, value))
    return sys.getsizeof(value)


@cache
def _kept(operation: Operation) -> _Kept:
    model = operation.service
    told = None
    if cloudtrail.is_silent(operation):
        told = tuple(name for name in _TOLD if name in cloudtrail.members(model, operation.output_shape))
    return _Kept(
        tuple(map(snake_case, cloudtrail.hidden_members(model, operation.input_shape))),
        cloudtrail.has_secrets(model, operation.output_shape),
        told,
        _seen_by(operation),
    )


def _seen_by(operation: Operation) -> Callable[[Records], tuple[Seen, ...]] | None:
    """Return a function from the records that a call looked at to those in its event, None if the event has none.

    The records that the call was about come first.
    """
    if operation.service.name != "kms":
        return None
    if "CustomKeyStore" in operation.name:
        return _seen_stores
    if operation.name == "RetireGrant":
        return lambda records: (*_seen_grants(records), *_seen_keys(records))
    return _seen_keys if "KeyId" in operation.members or not operation.name.startswith("List") else None


def _seen_keys(records: Records) -> tuple[Seen, ...]:
    found: tuple[Seen, ...] = ()
    for key in records:
        if type(key) is Key:
            # NamedTuple's own way to make one takes twice as long, and each call of KMS comes by here.
            found += (_new(SeenKey, (key.account, key.region, key.id, key.custom_key_store_id)),)
            if len(found) == _MOST_SEEN:
                break
    return found


def _seen_grants(records: Records) -> tuple[Seen, ...]:
    return tuple(SeenGrant(grant.id) for grant in records if isinstance(grant, Grant))[:1]


def _seen_stores(records: Records) -> tuple[Seen, ...]:
    stores = [store for store in records if isinstance(store, CustomKeyStore)]
    return tuple(SeenKeyStore(store.id, store.name, store.cluster_id) for store in stores[:_MOST_SEEN])
