"""The journal of a world: its last calls. Each is kept in the size that its event needs; reading makes the event.

The gateway fills an `Entry` on the way of a request and hands it over at the end. Secrets are dropped then, which costs
a look into a tuple that is made once for each operation from its model. An entry keeps the names of records instead of
the records themselves, so that the journal keeps no removed record alive.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from mockaws import arns
from mockaws.journal import cloudtrail
from mockaws.model.validation import snake_case
from mockaws.records.kms import CustomKeyStore, Grant, Key
from mockaws.services.facts import NO_FACTS, Kind
from mockaws.store.call_log import ORDINARY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from mockaws.records.base import Record
    from mockaws.services.facts import Facts
    from mockaws.services.operation import Call, Caller, Operation
    from mockaws.store.call_log import CallLog

    Listener = Callable[["Entry"], None]

# The bounds of CloudTrail's events, in characters:
# https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
LONGEST_TEXT = 1024
_MOST_OF_DOCUMENT = 100 * 1024
# No service, operation or error of AWS has a name that comes near; a caller may send any text as one.
LONGEST_NAME = 128
_LONGEST_KEY_NAME = 2048  # of all members that name a key, an alias or a role
# The arguments of a request up to this size are kept as they are.
_SMALL = 512
_LONGEST_MEMBER = 40
_MOST_SEEN = 16
_new = tuple.__new__
_MOST_AGENTS = 64
# The event of an operation that only reads shows these members of its answer and no others.
_SHOWN = ("KeyId", "KeyMaterialId", "SourceKeyMaterialId", "DestinationKeyMaterialId")


class SeenKey(NamedTuple):
    """A key that a call looked at, as events show it."""

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
    """The arguments by which a call is found, kept if all of them would take too many bytes."""


@dataclass(slots=True)
class Entry:
    """One call: the caller, the operation with its *arguments*, and the result.

    *operation* is None if mockaws does not answer it; then *asked* are the caller's own words for the service and the
    operation. *error* is the code and the sentence of a refusal. *seen* are the records that the call looked at, by
    which its event names its key. *size* is the number of bytes of the request, and later about that of the entry.
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
        return self.operation.facts.service if self.operation is not None else self.asked[0]

    @property
    def facts(self) -> Facts:
        """The facts of the operation."""
        return self.operation.facts if self.operation is not None else NO_FACTS

    @property
    def name(self) -> str:
        """The name of the operation."""
        return self.operation.name if self.operation is not None else self.asked[1]


class _Kept(NamedTuple):
    """The parts of a call that are kept: all but the hidden ones.

    *shown* are the members of the result that are kept, None for all; *seen* returns what is kept of the records that
    the call looked at.
    """

    hidden_arguments: tuple[str, ...]
    hides_results: bool
    shown: tuple[str, ...] | None
    seen: Callable[[Records], tuple[Seen, ...]] | None


class Journal:
    """The calls of a world in the log of its store; *listeners* are called with each call that has ended."""

    def __init__(self, log: CallLog, listeners: Iterable[Listener] = ()) -> None:
        self._log = log
        self._agents: dict[str, str] = {}
        self.listeners = tuple(listeners)

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
        self._log.append(entry)
        for listener in self.listeners:
            listener(entry)

    def entries(self) -> Sequence[Entry]:
        """Return the calls that are kept now, oldest first."""
        return self._log.read()

    def clear(self) -> None:
        """Forget all calls."""
        self._log.clear()

    def _new_agent(self, text: str) -> str:
        """Return what is kept of a user agent, and let later calls of that client share it."""
        if len(text) > LONGEST_TEXT:
            return text[:LONGEST_TEXT]
        if len(self._agents) >= _MOST_AGENTS:
            self._agents = {}
        self._agents[text] = text
        return text


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
        if kept.shown is not None:
            entry.result = {name: result[name] for name in kept.shown if name in result} if kept.shown else None
        else:
            if kept.hides_results:
                entry.result = cloudtrail.without_secrets(operation.model.service, operation.model.output_shape, result)
            entry.size += answered if answered <= ORDINARY else _weight(entry.result)
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
    service, model = operation.model.service, operation.model
    shown = None
    if cloudtrail.is_silent(operation):
        shown = tuple(name for name in _SHOWN if name in cloudtrail.members(service, model.output_shape))
    return _Kept(
        tuple(map(snake_case, cloudtrail.hidden_members(service, model.input_shape))),
        cloudtrail.has_secrets(service, model.output_shape),
        shown,
        _seen_by(operation),
    )


def _seen_by(operation: Operation) -> Callable[[Records], tuple[Seen, ...]] | None:
    """Return a function from the records that a call looked at to those in its event, None if the event has none.

    The records that the call was about come first.
    """
    if operation.facts.service != "kms":
        return None
    if operation.facts.names(Kind.KEY_STORE):
        return _seen_stores
    if operation.name == "RetireGrant":
        return lambda records: (*_seen_grants(records), *_seen_keys(records))
    return _seen_keys if operation.facts.key_parameters or not operation.name.startswith("List") else None


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
