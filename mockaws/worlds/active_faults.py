"""The faults at work in a world: errors, throttling, late answers and lost connections that a test asked for.

A fault strikes a call whose caller is known and whose arguments are valid, before the operation does anything. All
faults that concern a call are tried in their order. The first one that refuses it ends it, and the faults behind that
one do not count the call.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from http import HTTPStatus
from random import Random, SystemRandom
from typing import TYPE_CHECKING, Any, NamedTuple

from mockaws import arns, clock
from mockaws.crypto.errors import InvalidCiphertextError
from mockaws.crypto.symmetric import key_name
from mockaws.model import operation_patterns
from mockaws.model.errors import AWSError
from mockaws.records.kms import Alias, Key
from mockaws.records.state import Bucket, FaultCount, fault_id
from mockaws.services.quotas import Quota

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mockaws.records.faults import Fault
    from mockaws.records.state import NumberedFault
    from mockaws.services.facts import Facts
    from mockaws.services.operation import Caller, Service
    from mockaws.store.base import Store, Transaction

MOST_BUCKETS = 10_000
"""The most buckets of a fault. Callers choose accounts and Regions. A forgotten bucket is full at its next use."""

# A program may ask for the counts of a fault that it has removed, unless it has added as many others since.
_MOST_REMOVED = 1000
_CIPHERTEXT = "ciphertext_blob"
# https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html
_SERVER_ERRORS = {
    500: ("InternalFailure", "The request processing has failed because of an unknown error, exception or failure."),
    503: ("ServiceUnavailable", "The request has failed due to a temporary failure of the server."),
}


class DroppedError(Exception):
    """A fault that ends the connection without an answer."""


class Identity(NamedTuple):
    """The identity of the key that a name stands for, whether or not there is one."""

    account: str
    region: str
    id: str


class StruckCall(NamedTuple):
    """A call as a fault sees it."""

    service: Service
    operation: str
    caller: Caller
    arguments: Mapping[str, Any]

    @property
    def facts(self) -> Facts:
        """The facts of the operation."""
        return self.service.operations[self.operation].facts


@dataclass(frozen=True, slots=True)
class ActiveFault:
    """A fault of a world and its *id* there."""

    id: str
    fault: Fault
    store: Store

    @property
    def calls(self) -> int:
        """The number of calls that have concerned the fault so far."""
        return _count(self.store, self.id).calls

    @property
    def struck(self) -> int:
        """The number of calls that the fault has struck so far."""
        return _count(self.store, self.id).struck


class ActiveFaults:
    """The faults of one world."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @property
    def active(self) -> tuple[ActiveFault, ...]:
        """The faults in the order in which they are tried."""
        numbered = self._store.state.faults
        return tuple(ActiveFault(each.id, each.fault, self._store) for each in numbered) if numbered else ()

    def add(self, fault: Fault) -> ActiveFault:
        """Add *fault* behind the others."""

        def work(tx: Transaction) -> NumberedFault:
            state, added = tx.state.with_fault(fault)
            tx.put_state(state)
            old = fault_id(state.faults_added - _MOST_REMOVED)
            if all(each.id != old for each in state.faults):
                tx.drop(FaultCount(id=old))
            return added

        return ActiveFault(self._store.run(work).id, fault, self._store)

    def remove(self, fault_id: str) -> bool:
        """Remove a fault. Return False if no fault has that id."""

        def work(tx: Transaction) -> bool:
            kept = tuple(each for each in tx.state.faults if each.id != fault_id)
            found = len(kept) < len(tx.state.faults)
            if found:
                tx.put_state(replace(tx.state, faults=kept))
            return found

        return self._store.run(work)

    def clear(self) -> int:
        """Remove all faults, and return how many there were."""

        def work(tx: Transaction) -> int:
            count = len(tx.state.faults)
            if count:
                tx.put_state(replace(tx.state, faults=()))
            return count

        return self._store.run(work)

    def strike(self, service: Service, operation: str, caller: Caller, arguments: Mapping[str, Any]) -> None:
        """Apply all faults that concern a call, in their order.

        Raises AWSError if a fault answers with an error, and DroppedError if one closes the connection.
        """
        call = StruckCall(service, operation, caller, arguments)
        for active in self._store.state.faults:
            # A transaction of its own, which ends before the wait: other calls may be counted meanwhile.
            if _may_concern(active.fault, call) and self._store.run(partial(_count_call, active=active, call=call)):
                if active.fault.latency:
                    clock.wait(active.fault.latency)
                _raise_error(active.fault, service)


_matching = lru_cache(maxsize=256)(operation_patterns.matching)


def _count(store: Store, fault_id: str) -> FaultCount:
    return store.run(lambda tx: _counted(tx, fault_id))


def _counted(tx: Transaction, fault_id: str) -> FaultCount:
    return tx.get(FaultCount, "", "", fault_id) or FaultCount(id=fault_id)


def _may_concern(fault: Fault, call: StruckCall) -> bool:
    """Return True if a fault concerns a call, as far as that is known without looking at keys."""
    caller = call.caller
    return (
        f"{call.service.model.name}:{call.operation}" in _matching(fault.operation)
        and fault.account in {None, caller.account}
        and fault.region in {None, caller.region}
    )


def _count_call(tx: Transaction, active: NumberedFault, call: StruckCall) -> bool:
    """Count a call if the fault concerns it, and return True if the fault strikes it.

    Counting is part of the transaction, so a call is counted once however often this runs.
    """
    fault, state = active.fault, tx.state
    now = state.clock.now()
    if active not in state.faults or (fault.key is not None and not _names(tx, fault.key, call, now)):
        return False
    before = _counted(tx, active.id)
    count = replace(before, calls=before.calls + 1)
    struck = _is_due(active, count, state.id_seed)
    if struck and fault.throttle is not None:
        buckets = dict(count.buckets)
        struck = not _took_tokens(buckets, _quotas(tx, fault.throttle, call, now), now)
        count = replace(count, buckets=buckets)
    tx.put(replace(count, struck=count.struck + struck))
    return struck


def _is_due(active: NumberedFault, count: FaultCount, id_seed: str | None) -> bool:
    """Return True if a fault strikes the call that was just counted, by its counts and by chance."""
    fault = active.fault
    if not fault.is_due(count.calls) or (fault.times is not None and count.struck >= fault.times):
        return False
    # The chance of each call follows from its number, so there is no generator whose state would have to be kept.
    dice = SystemRandom() if id_seed is None else Random(f"{id_seed}:{active.id}:{count.calls}")  # noqa: S311
    return fault.probability >= 1 or dice.random() < fault.probability


def _names(tx: Transaction, key: str, call: StruckCall, now: float) -> bool:
    """Return True if the request names the key that *key* stands for, in any of the ways to name one."""
    return _identity(tx, call.caller, key, now) in _named_identities(tx, call, now)


def _quotas(tx: Transaction, throttle: float | str, call: StruckCall, now: float) -> tuple[Quota, ...]:
    """Return the quotas that a call counts against if calls are throttled."""
    if isinstance(throttle, float):
        return (Quota("", throttle, call.caller.account, call.caller.region),)
    key = next(_named_keys(tx, call, now), None)
    return call.service.quotas(call.facts, call.arguments, call.caller, key)


def _took_tokens(buckets: dict[str, Bucket], quotas: tuple[Quota, ...], now: float) -> bool:
    """Take the cost of a call out of its buckets and return True, or return False if one of them holds too little.

    A bucket holds the requests of one second, or one request if the rate is less, and fills up as the clock passes.
    """
    costs: list[tuple[str, int]] = []
    for quota in quotas:
        name = f"{quota.account}/{quota.region}/{quota.name}"
        size = max(quota.rate, 1.0)
        bucket = buckets.pop(name, None) or Bucket(size, now)
        while len(buckets) >= MOST_BUCKETS:
            del buckets[next(iter(buckets))]
        buckets[name] = Bucket(min(size, bucket.tokens + quota.rate * max(0.0, now - bucket.at)), now)
        costs.append((name, quota.cost))
    # Tokens that come in fractions never add up to a whole number exactly.
    if not all(buckets[name].tokens >= cost - 1e-9 for name, cost in costs):
        return False
    for name, cost in costs:
        buckets[name] = Bucket(buckets[name].tokens - cost, now)
    return True


def _raise_error(fault: Fault, service: Service) -> None:
    """Raise what the caller gets: AWSError, or DroppedError; return if the fault only delays the answer."""
    if fault.drop:
        raise DroppedError
    if fault.error is not None:
        raise service.errors.error(fault.error, fault.message)
    if fault.throttle is not None:
        raise service.errors.error("ThrottlingException")
    if fault.status is not None:
        raise _server_error(fault.status)


def _server_error(status: int) -> AWSError:
    code, sentence = _SERVER_ERRORS[500]
    if status in _SERVER_ERRORS:
        code, sentence = _SERVER_ERRORS[status]
    elif status in set(HTTPStatus):
        code, sentence = HTTPStatus(status).phrase.title().replace(" ", ""), HTTPStatus(status).phrase
    return AWSError(code, sentence, status)


def _named_identities(tx: Transaction, call: StruckCall, now: float) -> list[Identity]:
    """Return the identities of the keys that a request names by id, ARN or alias, or by a ciphertext of them."""
    given = [(name, call.arguments.get(name)) for name in call.facts.key_parameters]
    named = [_identity(tx, call.caller, value, now) for name, value in given if value and name.endswith("key_id")]
    for name, blob in given:
        if name == _CIPHERTEXT and blob is not None:
            with suppress(InvalidCiphertextError):
                key = key_name(blob)
                named.append(Identity(key.account, call.caller.region, key.key_id))
    return named


def _named_keys(tx: Transaction, call: StruckCall, now: float) -> Iterator[Key]:
    """Yield the keys that a request names and that exist."""
    for identity in _named_identities(tx, call, now):
        key = tx.get(Key, *identity)
        if key is not None and not key.is_gone(now):
            yield key


def _identity(tx: Transaction, caller: Caller, name: str, now: float) -> Identity:
    arn = arns.parse(name)
    account, region, resource = (
        (arn.account, arn.region, arn.resource) if arn else (caller.account, caller.region, name)
    )
    if not resource.startswith("alias/"):
        return Identity(account, region, resource.removeprefix("key/").lower())
    alias = tx.get(Alias, account, region, resource)
    target = alias.target_key_id if alias is not None else None
    key = tx.get(Key, account, region, target) if target is not None else None
    return Identity(account, region, key.id if key is not None and not key.is_gone(now) else resource)
