"""The journal of a world: its last calls, each kept as little as its event needs, and written up when it is read.

The gateway fills an `Entry` on the way of a request and hands it over at the end. What must never be told is dropped
then; that costs a look into a tuple, made once for each operation from its model.
"""

from __future__ import annotations

import sys
from collections import deque
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from mockaws.journal import cloudtrail
from mockaws.model.validation import snake_case

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from mockaws.model.service import Operation
    from mockaws.records.base import Record
    from mockaws.services.operation import Call, Caller

    Listener = Callable[["Entry"], None]

CAPACITY = 10_000
# What only reads has nothing else in its answer that its event tells.
_TOLD = ("KeyId", "KeyMaterialId", "SourceKeyMaterialId", "DestinationKeyMaterialId")


@dataclass(slots=True)
class Entry:
    """One call, as far as it came: who asked for what from where, with which *arguments*, and what became of it.

    *operation* is None where nothing answers what was asked for; then *asked* are the caller's own words for the
    service and the operation. *error* is the code and the sentence of a refusal. *seen* are the records that the call
    looked at, from which its event tells which key it was about.
    """

    request_id: str
    source: str
    agent: str
    at: float = 0.0
    operation: Operation | None = None
    asked: tuple[str, str] = ("", "")
    caller: Caller | None = None
    arguments: dict[str, Any] | None = None
    call: Call | None = None
    result: Mapping[str, Any] | None = None
    error: tuple[str, str] | None = None
    seen: tuple[Record | None, ...] = ()

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

    *told* are all members of the result that are wanted, where it is not the whole.
    """

    hidden_arguments: tuple[str, ...]
    hidden_results: frozenset[str]
    told: tuple[str, ...] | None


class Journal:
    """The last calls of a world, oldest first; *listeners* hear of each as it happens."""

    def __init__(self, listeners: Iterable[Listener] = ()) -> None:
        self._entries: deque[Entry] = deque(maxlen=CAPACITY)
        self.listeners = tuple(listeners)

    def keep(self, entry: Entry, at: float) -> None:
        """Keep a call that ended at epoch second *at*, without what must not be told of it."""
        entry.at, entry.agent = at, sys.intern(entry.agent)  # a client's calls share the text
        if entry.operation is not None:
            _strip(entry, entry.operation)
        self._entries.append(entry)
        for listener in self.listeners:
            listener(entry)

    def entries(self) -> Sequence[Entry]:
        """Return the calls that are kept now, oldest first."""
        return self._entries.copy()

    def clear(self) -> None:
        """Forget all calls."""
        self._entries.clear()


def _strip(entry: Entry, operation: Operation) -> None:
    kept, arguments, result = _kept(operation), entry.arguments, entry.result
    if arguments is not None:
        for name in kept.hidden_arguments:
            arguments.pop(name, None)
    if result is not None:
        if kept.told is not None:
            entry.result = {name: result[name] for name in kept.told if name in result} if kept.told else None
        elif kept.hidden_results:
            entry.result = {name: value for name, value in result.items() if name not in kept.hidden_results}
    if entry.call is not None:
        entry.seen = tuple(entry.call.tx.seen())
        entry.call = None


@cache
def _kept(operation: Operation) -> _Kept:
    model = operation.service
    told = None
    if cloudtrail.is_silent(operation):
        told = tuple(name for name in _TOLD if name in cloudtrail.members(model, operation.output_shape))
    return _Kept(
        tuple(map(snake_case, cloudtrail.hidden_members(model, operation.input_shape))),
        cloudtrail.hidden_members(model, operation.output_shape),
        told,
    )
