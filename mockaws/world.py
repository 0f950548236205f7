"""Isolated worlds: each has its own records, clock, ids, terms, faults and journal, and a state that it began with."""

from __future__ import annotations

import re
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple, Self, TypeVar

from mockaws import arns
from mockaws.clock import RUNNING, Clock, Setting
from mockaws.faults import Faults
from mockaws.ids import Ids
from mockaws.journal.entries import Journal
from mockaws.seed import snapshots
from mockaws.services.hsm import sweeping as hsm_sweeping
from mockaws.services.kms import sweeping as kms_sweeping
from mockaws.services.operation import Call, Caller, Made
from mockaws.services.sts import sweeping as sts_sweeping
from mockaws.services.sweeping import Rules, Sweeper
from mockaws.store.memory import MemoryStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mockaws.journal.entries import Listener
    from mockaws.others.base import Others
    from mockaws.records.base import Record
    from mockaws.records.faults import Fault
    from mockaws.records.world import Terms
    from mockaws.seed.loader import Seed
    from mockaws.store.base import Transaction

T = TypeVar("T")

MAX_WORLDS = 1000
_MOST_ACCESS_KEYS = 100_000
_SWEEPING: Rules = {**kms_sweeping.RULES, **hsm_sweeping.RULES, **sts_sweeping.RULES}
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class _Beginning(NamedTuple):
    """What a world begins with and comes back to; *picture* is its store's."""

    terms: Terms
    picture: Any
    faults: tuple[Fault, ...]
    clock: Setting = RUNNING
    mark: str = ""


class LastSeen:
    """A set of texts that forgets the one added longest ago when it has *most* of them."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._texts: dict[str, None] = {}
        self._lock = Lock()

    def __contains__(self, text: str) -> bool:
        return text in self._texts

    def __len__(self) -> int:
        return len(self._texts)

    def add(self, text: str) -> None:
        """Add a text, which is then the last to be forgotten."""
        with self._lock:
            self._texts.pop(text, None)
            self._texts[text] = None
            if len(self._texts) > self._most:
                del self._texts[next(iter(self._texts))]

    def clear(self) -> None:
        """Forget all texts."""
        with self._lock:
            self._texts.clear()


class World:
    """What calls happen in."""

    def __init__(
        self,
        terms: Terms,
        records: Iterable[Record] = (),
        faults: Iterable[Fault] = (),
        *,
        seed: str | None = None,
        listeners: Iterable[Listener] = (),
        others: Others | None = None,
    ) -> None:
        """Make a world of *records* under *terms*, in which *faults* strike.

        *seed* makes the ids that it gives out, and what is left to chance, repeatable; *listeners* hear of each call;
        *others* answer for the services that are not ours.
        """
        self.others = others
        # Those that the others' IAM was seen to have: what is not there any more was deleted, and not made up.
        self.access_keys = LastSeen(_MOST_ACCESS_KEYS)
        self.clock = Clock()
        self.journal = Journal(listeners)
        self.store = MemoryStore()
        self._sweeper = Sweeper(self.store, _SWEEPING)
        self.faults = Faults(self.clock, self.store, seed=seed)
        self._seed = seed
        # Held by loads, resets, snapshots and sweeps: each of them sees the world as it is before another, or after it.
        self._lock = Lock()
        if others is not None:
            others.meet(self.act)
        self._begin(_Beginning(terms, _picture(records), tuple(faults)))

    @classmethod
    def of(
        cls,
        fixture: Seed,
        *,
        seed: str | None = None,
        listeners: Iterable[Listener] = (),
        others: Others | None = None,
    ) -> Self:
        """Return a world that begins as a fixture says."""
        world = cls(fixture.terms, seed=seed, listeners=listeners, others=others)
        world.load(fixture)
        return world

    def run(self, name: str, caller: Caller, request_id: str, work: Callable[[Call], T]) -> T:
        """Do *work* inside one transaction, at one moment of the world's clock; *name* tells what it is.

        It may run several times: see `Store.run`.
        """
        now, ids, terms, others = self.clock.now(), self.ids, self.terms, self.others
        made = Made()

        def attempt(tx: Transaction) -> T:
            made.runs += 1
            return work(Call(name, caller, tx, now, ids, terms, request_id, made, others))

        try:
            result = self.store.run(attempt)
        except BaseException:
            made.runs += 1
            raise
        finally:
            if made.things:
                made.tidy()
        if made.wrote and self._sweeper.is_due():
            self._sweep()
        return result

    def act(self, name: str, account: str, region: str, work: Callable[[Call], T]) -> T:
        """Do *work* as `run` does, as the owner of an account: what no API of AWS's can do, and happens."""
        caller = Caller("", account, region, arns.account_root(region, account), account)
        return self.run(name, caller, self.ids.uuid(), work)

    def _sweep(self) -> None:
        """Remove a few records that are over, unless another thread is sweeping, loading or resetting the world."""
        if self._lock.acquire(blocking=False):
            try:
                self._sweeper.step(self.clock.now(), self.ids, self.terms)
            finally:
                self._lock.release()

    def twin(self, seed: str | None = None, listeners: Iterable[Listener] = (), others: Others | None = None) -> World:
        """Return another world that begins as this one did, which costs less than to fill one."""
        twin = World(self.terms, seed=seed, listeners=listeners, others=others)
        twin._begin(self._beginning)
        return twin

    def load(self, fixture: Seed) -> None:
        """Become the world of another fixture, as if this one had begun as that."""
        self._begin(_Beginning(fixture.terms, _picture(fixture.records), fixture.faults, fixture.clock, fixture.mark))

    def snapshot(self, *, secrets: bool = True) -> str:
        """Return the world as it is now, as a fixture that brings it back; without *secrets*, all but those."""
        with self._lock:
            strikes = [rule.fault for rule in self.faults.rules]
            state = snapshots.State(self.terms, self.clock.setting, self.clock.now(), strikes, self.store.records())
        return snapshots.write(state, secrets=secrets)

    def reset(self) -> None:
        """Go back to the records, the faults and the clock that the world began with. Forget all calls."""
        self._begin(self._beginning)

    def _begin(self, beginning: _Beginning) -> None:
        with self._lock:
            self._beginning = beginning
            self.terms = beginning.terms
            self.store.restore(beginning.picture)
            self.clock.reset(beginning.clock)
            self.faults.begin(beginning.faults)
            # What a world of this seed has given out already is in its snapshot, and must not come a second time.
            again = self._seed is None or not beginning.mark
            self.ids = Ids(self._seed if again else f"{self._seed} {beginning.mark}")
            self.journal.clear()
            self.access_keys.clear()
            if self.others is not None:
                self.others.reset()


def _picture(records: Iterable[Record]) -> Any:
    """Return the picture of a store that holds *records*."""
    store = MemoryStore()

    def fill(tx: Transaction) -> None:
        for record in records:
            tx.put(record)

    store.run(fill)
    return store.snapshot()


class NoSuchWorldError(Exception):
    """A world's name that cannot be one, or one world too many."""


class WorldTakenError(Exception):
    """A name that another world has already."""


@dataclass(slots=True)
class Named:
    """A world and its name.

    *fixture* is the source of one that was not made from the server's. After *idle_timeout* seconds of the machine's
    time in which nobody used the world it is over.
    """

    name: str
    world: World
    fixture: str | None = None
    idle_timeout: float | None = None
    used_at: float = 0.0

    def over(self, now: float) -> bool:
        """Tell whether nobody has used the world for too long."""
        return self.idle_timeout is not None and now - self.used_at > self.idle_timeout


class Worlds:
    """The default world of a server, and the named ones, each made when somebody first asks for it.

    One that is over is removed when somebody next looks: there is no thread that would do it.
    """

    def __init__(self, make: Callable[[], World]) -> None:
        self.make = make
        self._named: dict[str, Named] = {}
        self._lock = Lock()
        self._machine = Clock()
        self.default = make()

    def named(self, name: str) -> World:
        """Return the world called *name*, seeded as the default one where it is new, for somebody who uses it.

        Raises NoSuchWorldError for a name that is not 1 to 64 letters, digits, dots, dashes and underscores, and when
        there are `MAX_WORLDS` already.
        """
        found = self._named.get(name)
        if found is not None:
            if found.idle_timeout is None:
                return found.world
            now = self._machine.now()
            if not found.over(now):
                found.used_at = now
                return found.world
        with self._lock:
            self._sweep()
            if name not in self._named:
                self.require_room(name)
                self._named[name] = Named(name, self.make())
            return self._named[name].world

    def add(self, name: str, world: World, *, fixture: str | None = None, idle_timeout: float | None = None) -> Named:
        """Give *world* a name. Raises NoSuchWorldError as `named` does, and WorldTakenError."""
        with self._lock:
            self._sweep()
            if name in self._named:
                raise WorldTakenError(f"there is a world '{name}' already")
            self.require_room(name)
            added = Named(name, world, fixture, idle_timeout, self._machine.now())
            self._named[name] = added
        return added

    def get(self, name: str) -> Named | None:
        """Return the world called *name*, None where there is none; a look is no use."""
        with self._lock:
            self._sweep()
            return self._named.get(name)

    def peek(self, name: str) -> World:
        """Return the world called *name*, or the default one that it would begin as, and do not count it as used."""
        found = self._named.get(name)
        return self.default if found is None else found.world

    def all(self) -> list[Named]:
        """Return the named worlds, in the order of their names."""
        with self._lock:
            self._sweep()
            return [self._named[name] for name in sorted(self._named)]

    def drop(self, name: str) -> bool:
        """Forget the world called *name*; False where there is none."""
        with self._lock:
            self._sweep()
            return self._remove(name)

    def require_room(self, name: str) -> None:
        """Raise NoSuchWorldError if there cannot be a new world called *name*."""
        if not _NAME.fullmatch(name):
            raise NoSuchWorldError(
                f"'{name}' cannot be the name of a world: 1 to 64 letters, digits, '.', '_' and '-', not a sign first"
            )
        if len(self._named) >= MAX_WORLDS:
            raise NoSuchWorldError(f"there are {MAX_WORLDS} worlds already, and '{name}' is none of them")

    def _sweep(self) -> None:
        now = self._machine.now()
        for name in [named.name for named in self._named.values() if named.over(now)]:
            self._remove(name)

    def _remove(self, name: str) -> bool:
        named = self._named.pop(name, None)
        if named is not None and named.world.others is not None:
            named.world.others.reset()  # what S3 keeps in files goes with them
        return named is not None
