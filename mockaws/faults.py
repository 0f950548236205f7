"""What goes wrong in a world because somebody wants to see it: errors, throttling, late answers, lost connections.

A fault strikes a call that AWS knows the caller of and has found valid, before the operation does anything. All that
concern a call are tried in their order; the first that refuses it ends it, and those behind it do not count it.
"""

from __future__ import annotations

from contextlib import suppress
from http import HTTPStatus
from random import Random
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple

from mockaws import arns, clock
from mockaws.crypto.faults import InvalidCiphertextError
from mockaws.crypto.symmetric import key_name
from mockaws.model.errors import AWSError
from mockaws.records.kms import Alias, Key
from mockaws.seed.faults import operations
from mockaws.services.quotas import Quota

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from mockaws.clock import Clock
    from mockaws.records.faults import Fault
    from mockaws.services.operation import Caller, Service
    from mockaws.store.base import Store, Transaction

# Callers choose accounts and Regions. A bucket that is forgotten is full when it is needed again.
_MOST_BUCKETS = 10_000
_NAMING_A_KEY = ("key_id", "source_key_id", "destination_key_id", "target_key_id")
# https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html
_OUT_OF_ORDER = {
    500: ("InternalFailure", "The request processing has failed because of an unknown error, exception or failure."),
    503: ("ServiceUnavailable", "The request has failed due to a temporary failure of the server."),
}


class DroppedError(Exception):
    """The connection is to end without an answer."""


class Identity(NamedTuple):
    """Which key a name stands for, whether or not it is there."""

    account: str
    region: str
    id: str


class Request(NamedTuple):
    """What a fault gets to see of a call."""

    service: Service
    operation: str
    caller: Caller
    arguments: Mapping[str, Any]


class Rule:
    """A fault of a world: its *id*, how many *calls* it was for, and how many of them it struck."""

    __slots__ = ("calls", "dice", "fault", "id", "operations", "struck")

    def __init__(self, rule_id: str, fault: Fault, seed: str | None) -> None:
        self.id = rule_id
        self.fault = fault
        self.operations = operations(fault.operation)
        self.dice = Random(None if seed is None else f"{seed}:{rule_id}")  # noqa: S311 - dice, and no secrets
        self.calls = 0
        self.struck = 0

    def strikes(self) -> bool:
        """Count one more call, and tell whether it is struck, as far as that is a matter of counting and of chance."""
        self.calls += 1
        fault = self.fault
        if not fault.due(self.calls) or (fault.times is not None and self.struck >= fault.times):
            return False
        return fault.probability >= 1 or self.dice.random() < fault.probability


class Faults:
    """The faults of one world; `rules` is empty in a world where nothing goes wrong."""

    def __init__(
        self, world_clock: Clock, store: Store, faults: Iterable[Fault] = (), *, seed: str | None = None
    ) -> None:
        self._clock = world_clock
        self._store = store
        self._seed = seed
        self._lock = Lock()
        self.begin(faults)

    def begin(self, faults: Iterable[Fault]) -> None:
        """Have *faults* and no others, none of which has seen a call."""
        rules = tuple(Rule(f"fault-{number}", fault, self._seed) for number, fault in enumerate(faults, 1))
        with self._lock:
            self.rules: tuple[Rule, ...] = rules
            self._given_out = len(rules)
            self._buckets: dict[tuple[str, Quota], _Bucket] = {}

    def add(self, fault: Fault) -> Rule:
        """Add *fault* behind the others."""
        with self._lock:
            self._given_out += 1
            rule = Rule(f"fault-{self._given_out}", fault, self._seed)
            self.rules = (*self.rules, rule)
        return rule

    def remove(self, rule_id: str) -> bool:
        """Remove a fault; False where there is none of that id."""
        with self._lock:
            kept = tuple(rule for rule in self.rules if rule.id != rule_id)
            found = len(kept) < len(self.rules)
            self.rules = kept
        return found

    def clear(self) -> int:
        """Remove all faults, and return how many there were."""
        with self._lock:
            count, self.rules = len(self.rules), ()
        return count

    def strike(self, service: Service, operation: str, caller: Caller, arguments: Mapping[str, Any]) -> None:
        """Do to a call what the faults want done to it. Raises AWSError, or DroppedError."""
        request = Request(service, operation, caller, arguments)
        for rule in self.rules:
            if self._concerns(rule, request) and self._strikes(rule, request):
                if rule.fault.latency:
                    clock.wait(rule.fault.latency)
                _refuse(rule.fault, service)

    def _concerns(self, rule: Rule, request: Request) -> bool:
        fault, caller = rule.fault, request.caller
        return (
            f"{request.service.model.name}:{request.operation}" in rule.operations
            and fault.account in {None, caller.account}
            and fault.region in {None, caller.region}
            and (fault.key is None or self._names(fault.key, request))
        )

    def _names(self, key: str, request: Request) -> bool:
        """Tell whether the request names the key that *key* stands for, in any of the ways to name one."""
        now = self._clock.now()
        return self._store.run(lambda tx: _identity(tx, request.caller, key, now) in _keys(tx, request, now))

    def _strikes(self, rule: Rule, request: Request) -> bool:
        wanted = self._quotas(rule.fault, request)
        with self._lock:
            struck = rule.strikes() and (rule.fault.throttle is None or not self._goes_through(rule, wanted))
            rule.struck += struck
        return struck

    def _quotas(self, fault: Fault, request: Request) -> tuple[Quota, ...]:
        """Return what a call counts against where calls are throttled."""
        if fault.throttle is None:
            return ()
        if isinstance(fault.throttle, float):
            return (Quota("", fault.throttle, request.caller.account, request.caller.region),)
        now = self._clock.now()
        key = self._store.run(lambda tx: next(_found(tx, request, now), None))
        return request.service.quotas(request.operation, request.arguments, request.caller, key)

    def _goes_through(self, rule: Rule, wanted: Iterable[Quota]) -> bool:
        """Take what a call costs out of its buckets, if all of them hold as much."""
        now = self._clock.now()
        buckets = [(self._bucket((rule.id, quota._replace(cost=1)), now), quota.cost) for quota in wanted]
        if not all(bucket.holds(cost, now) for bucket, cost in buckets):
            return False
        for bucket, cost in buckets:
            bucket.tokens -= cost
        return True

    def _bucket(self, key: tuple[str, Quota], now: float) -> _Bucket:
        """Return the bucket of a quota in an account and Region, and forget the ones that were not used for longest."""
        bucket = self._buckets.pop(key, None) or _Bucket(key[1].rate, now)
        while len(self._buckets) >= _MOST_BUCKETS:
            del self._buckets[next(iter(self._buckets))]
        self._buckets[key] = bucket
        return bucket


class _Bucket:
    """Holds what may be asked in a second, or one request where that is less, and fills up as the clock passes."""

    __slots__ = ("at", "rate", "size", "tokens")

    def __init__(self, rate: float, now: float) -> None:
        self.rate = rate
        self.size = self.tokens = max(rate, 1.0)
        self.at = now

    def holds(self, cost: int, now: float) -> bool:
        self.tokens = min(self.size, self.tokens + self.rate * max(0.0, now - self.at))
        self.at = now
        # What is counted in fractions of a second never comes to a whole exactly.
        return self.tokens >= cost - 1e-9


def _refuse(fault: Fault, service: Service) -> None:
    if fault.drop:
        raise DroppedError
    if fault.error is not None:
        raise service.errors.error(fault.error, fault.message)
    if fault.throttle is not None:
        raise service.errors.error("ThrottlingException")
    if fault.status is not None:
        raise _out_of_order(fault.status)


def _out_of_order(status: int) -> AWSError:
    code, sentence = _OUT_OF_ORDER[500]
    if status in _OUT_OF_ORDER:
        code, sentence = _OUT_OF_ORDER[status]
    elif status in set(HTTPStatus):
        code, sentence = HTTPStatus(status).phrase.title().replace(" ", ""), HTTPStatus(status).phrase
    return AWSError(code, sentence, status)


def _keys(tx: Transaction, request: Request, now: float) -> list[Identity]:
    """Return the keys that a request names: by their ids, ARNs or aliases, or by what was encrypted under them."""
    named = [
        _identity(tx, request.caller, request.arguments[member], now)
        for member in _NAMING_A_KEY
        if request.arguments.get(member)
    ]
    blob = request.arguments.get("ciphertext_blob")
    if blob is not None:
        with suppress(InvalidCiphertextError):
            name = key_name(blob)
            named.append(Identity(name.account, request.caller.region, name.key_id))
    return named


def _found(tx: Transaction, request: Request, now: float) -> Iterator[Key]:
    for identity in _keys(tx, request, now):
        key = tx.get(Key, *identity)
        if key is not None and not key.gone(now):
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
    return Identity(account, region, key.id if key is not None and not key.gone(now) else resource)
