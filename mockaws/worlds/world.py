"""An isolated world: its store, and the other services beside it."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Any, Self, TypeVar

from mockaws import arns
from mockaws.fixtures import snapshots
from mockaws.ids import Ids, NumberedIds
from mockaws.journal.entries import Journal
from mockaws.model.errors import CommittedError
from mockaws.records.state import Bookkeeping, WorldState
from mockaws.services.facts import NO_FACTS
from mockaws.services.hsm import sweeping as hsm_sweeping
from mockaws.services.kms import sweeping as kms_sweeping
from mockaws.services.operation import Call, Caller, SideEffects
from mockaws.services.sts import sweeping as sts_sweeping
from mockaws.services.sweeping import Rules, Sweeper
from mockaws.store.base import Beginning
from mockaws.store.memory import MemoryStore
from mockaws.worlds.access_keys import AccessKeys
from mockaws.worlds.active_faults import ActiveFaults
from mockaws.worlds.clock import WorldClock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from mockaws.fixtures.loader import Fixture
    from mockaws.journal.entries import Listener
    from mockaws.other_services.base import OtherServices
    from mockaws.records.base import Record
    from mockaws.records.faults import Fault
    from mockaws.records.world import WorldConfig
    from mockaws.services.facts import Facts
    from mockaws.store.base import Store, Transaction

T = TypeVar("T")

_SWEEPING: Rules = {**kms_sweeping.RULES, **hsm_sweeping.RULES, **sts_sweeping.RULES}


class World:
    """The world in a store. Its parts are views of that store, and stay the same when it begins again."""

    def __init__(
        self, store: Store, *, listeners: Iterable[Listener] = (), other_services: OtherServices | None = None
    ) -> None:
        """Open the world in *store*.

        *listeners* are called with each call that has ended. *other_services* answer for the services that mockaws
        does not have.
        """
        self.store = store
        self.clock = WorldClock(store)
        self.faults = ActiveFaults(store)
        self.access_keys = AccessKeys(store)
        self.journal = Journal(store.calls, listeners)
        self.ids = Ids() if store.state.id_seed is None else NumberedIds(self._next_seed)
        self.other_services = other_services
        self._sweeper = Sweeper(store, _SWEEPING)
        # Held by loads, resets, snapshots and sweeps: each of them sees the world as it is before another, or after it.
        self._lock = Lock()
        if other_services is not None:
            other_services.bind(self.act)
            other_services.reset()

    @classmethod
    def holding(
        cls,
        config: WorldConfig,
        records: Iterable[Record] = (),
        faults: Iterable[Fault] = (),
        *,
        id_seed: str | None = None,
        listeners: Iterable[Listener] = (),
        other_services: OtherServices | None = None,
    ) -> Self:
        """Return a world in memory with *records*, under *config*, in which *faults* strike.

        *id_seed* makes its ids, and everything that is left to chance, repeatable.
        """
        beginning = Beginning(WorldState.beginning_with(config, faults), tuple(records)).with_id_seed(id_seed)
        return cls(MemoryStore(beginning), listeners=listeners, other_services=other_services)

    @classmethod
    def of(
        cls,
        fixture: Fixture,
        *,
        id_seed: str | None = None,
        listeners: Iterable[Listener] = (),
        other_services: OtherServices | None = None,
    ) -> Self:
        """Return a world in memory that begins as *fixture* describes."""
        store = MemoryStore(_beginning(fixture).with_id_seed(id_seed))
        return cls(store, listeners=listeners, other_services=other_services)

    @property
    def config(self) -> WorldConfig:
        """The config of the world."""
        return self.store.state.config

    def run(
        self,
        name: str,
        caller: Caller,
        request_id: str,
        work: Callable[[Call], T],
        *,
        facts: Facts = NO_FACTS,
        arguments: Mapping[str, Any] | None = None,
    ) -> T:
        """Do *work* inside one transaction, at one moment of the world's clock; *name* is that of the operation.

        *facts* and *arguments* are those of an AWS operation. *work* may run several times: see `Store.run`. An
        exception from it undoes its records, unless it is a CommittedError.
        """
        ids, other_services = self.ids.of_call(), self.other_services
        made, given = SideEffects(), {} if arguments is None else arguments
        now: float | None = None

        def attempt(tx: Transaction) -> T | CommittedError:
            nonlocal now
            made.runs += 1
            state = tx.state
            if now is None:
                now = state.clock.now()
            try:
                config = state.config
                return work(Call(name, caller, tx, now, ids, config, request_id, made, other_services, facts, given))
            except CommittedError as error:
                return error  # so that the store commits; it is raised below

        try:
            result = self.store.run(attempt)
        except BaseException:
            made.runs += 1
            raise
        finally:
            if made.things:
                made.undo_unused()
        if made.wrote and self._sweeper.is_due():
            self._sweep()
        if isinstance(result, CommittedError):
            raise result
        return result

    def act(self, name: str, account: str, region: str, work: Callable[[Call], T]) -> T:
        """Do *work* as `run` does, as the owner of an account. It is for events that no API of AWS causes."""
        caller = Caller("", account, region, arns.account_root(region, account), account)
        return self.run(name, caller, self.ids.uuid(), work)

    def twin(
        self,
        id_seed: str | None = None,
        listeners: Iterable[Listener] = (),
        other_services: OtherServices | None = None,
    ) -> World:
        """Return another world that begins as this one did, which costs less than to fill one."""
        store = self.store.another(self.store.beginning.with_id_seed(id_seed))
        return World(store, listeners=listeners, other_services=other_services)

    def load(self, fixture: Fixture) -> None:
        """Become the world of another fixture, as if this one had begun as that."""
        self._begin(_beginning(fixture).with_id_seed(self.store.state.id_seed))

    def reset(self) -> None:
        """Go back to the records, the faults and the clock that the world began with. Forget all calls."""
        self._begin(self.store.beginning)

    def snapshot(self, *, secrets: bool = True) -> str:
        """Return the world as it is now, as a fixture that brings it back; without *secrets*, everything but those."""
        with self._lock:
            state = self.store.state
            records = [record for record in self.store.records() if not isinstance(record, Bookkeeping)]
        faults = [active.fault for active in state.faults]
        shown = snapshots.State(state.config, state.clock, state.clock.now(), faults, records)
        return snapshots.write(shown, secrets=secrets)

    def _begin(self, beginning: Beginning) -> None:
        with self._lock:
            self.store.begin(beginning)
            if self.other_services is not None:
                self.other_services.reset()

    def _sweep(self) -> None:
        """Remove a few records that are over, unless another thread is sweeping, loading or resetting the world."""
        if self._lock.acquire(blocking=False):
            try:
                self._sweeper.step(self.clock.now(), self.ids, self.config)
            finally:
                self._lock.release()

    def _next_seed(self) -> str:
        """Return the seed of the ids that the next call takes.

        Ids of a snapshot must not come a second time, so the seed contains the mark of the snapshot.
        """
        store = self.store
        return store.state.numbered_seed(store.next_number())


def _beginning(fixture: Fixture) -> Beginning:
    """Return the beginning that *fixture* describes."""
    state = WorldState.beginning_with(fixture.config, fixture.faults, clock=fixture.clock, mark=fixture.mark)
    return Beginning(state, fixture.records)
