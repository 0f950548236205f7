"""Isolated worlds: each has its own records, clock, ids, terms, faults and journal, and a state that it began with."""

from __future__ import annotations

import re
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, TypeVar

from mockaws.clock import Clock
from mockaws.faults import Faults
from mockaws.ids import Ids
from mockaws.journal.entries import Journal
from mockaws.services.operation import Call
from mockaws.store.memory import MemoryStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mockaws.journal.entries import Listener
    from mockaws.records.base import Record
    from mockaws.records.faults import Fault
    from mockaws.records.world import Terms
    from mockaws.services.operation import Caller
    from mockaws.store.base import Transaction

T = TypeVar("T")

MAX_WORLDS = 1000
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


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
    ) -> None:
        """Make a world of *records* under *terms*, in which *faults* strike.

        *seed* makes the ids that it gives out, and what is left to chance, repeatable; *listeners* hear of each call.
        """
        self.terms = terms
        self.clock = Clock()
        self.ids = Ids(seed)
        self.journal = Journal(listeners)
        self.store = MemoryStore()
        self.faults = Faults(self.clock, self.store, faults, seed=seed)
        self._seed = seed

        def fill(tx: Transaction) -> None:
            for record in records:
                tx.put(record)

        self.store.run(fill)
        self._seeded = self.store.snapshot()

    def run(self, name: str, caller: Caller, request_id: str, work: Callable[[Call], T]) -> T:
        """Do *work* inside one transaction, at one moment of the world's clock; *name* tells what it is.

        It may run several times: see `Store.run`.
        """
        now, ids, terms = self.clock.now(), self.ids, self.terms
        made: dict[str, object] = {}
        return self.store.run(lambda tx: work(Call(name, caller, tx, now, ids, terms, request_id, made)))

    def twin(self, seed: str | None = None, listeners: Iterable[Listener] = ()) -> World:
        """Return another world that begins as this one did, which costs less than to fill one."""
        twin = World(self.terms, (), self.faults.seeded, seed=seed, listeners=listeners)
        twin._seeded = self._seeded
        twin.reset()
        return twin

    def reset(self) -> None:
        """Go back to the records and the faults that the world was seeded with, and to the machine's time.

        Forget all calls.
        """
        self.store.restore(self._seeded)
        self.clock.reset()
        self.faults.reset()
        self.ids = Ids(self._seed)
        self.journal.clear()


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
                self._check(name)
                self._named[name] = Named(name, self.make())
            return self._named[name].world

    def add(self, name: str, world: World, *, fixture: str | None = None, idle_timeout: float | None = None) -> Named:
        """Give *world* a name. Raises NoSuchWorldError as `named` does, and WorldTakenError."""
        with self._lock:
            self._sweep()
            if name in self._named:
                raise WorldTakenError(f"there is a world '{name}' already")
            self._check(name)
            added = Named(name, world, fixture, idle_timeout, self._machine.now())
            self._named[name] = added
        return added

    def get(self, name: str) -> Named | None:
        """Return the world called *name*, None where there is none; a look is no use."""
        with self._lock:
            self._sweep()
            return self._named.get(name)

    def all(self) -> list[Named]:
        """Return the named worlds, in the order of their names."""
        with self._lock:
            self._sweep()
            return [self._named[name] for name in sorted(self._named)]

    def drop(self, name: str) -> bool:
        """Forget the world called *name*; False where there is none."""
        with self._lock:
            self._sweep()
            return self._named.pop(name, None) is not None

    def _check(self, name: str) -> None:
        """Refuse a new world that there cannot be."""
        if not _NAME.fullmatch(name):
            raise NoSuchWorldError(
                f"'{name}' cannot be the name of a world: 1 to 64 letters, digits, '.', '_' and '-', not a sign first"
            )
        if len(self._named) >= MAX_WORLDS:
            raise NoSuchWorldError(f"there are {MAX_WORLDS} worlds already, and '{name}' is none of them")

    def _sweep(self) -> None:
        now = self._machine.now()
        for name in [named.name for named in self._named.values() if named.over(now)]:
            del self._named[name]
