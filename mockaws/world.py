"""Isolated worlds: each has its own records, clock, ids, terms and journal, and a state that it was seeded with."""

from __future__ import annotations

import re
from threading import Lock
from typing import TYPE_CHECKING, TypeVar

from mockaws.clock import Clock
from mockaws.ids import Ids
from mockaws.journal.entries import Journal
from mockaws.services.operation import Call
from mockaws.store.memory import MemoryStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mockaws.journal.entries import Listener
    from mockaws.records.base import Record
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
        *,
        seed: str | None = None,
        listeners: Iterable[Listener] = (),
    ) -> None:
        """Make a world of *records* under *terms*.

        *seed* makes the ids that it gives out repeatable; *listeners* hear of each call.
        """
        self.terms = terms
        self.clock = Clock()
        self.ids = Ids(seed)
        self.journal = Journal(listeners)
        self.store = MemoryStore()
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
        twin = World(self.terms, seed=seed, listeners=listeners)
        twin._seeded = self._seeded
        twin.reset()
        return twin

    def reset(self) -> None:
        """Go back to the records that the world was seeded with, and to the machine's time; forget all calls."""
        self.store.restore(self._seeded)
        self.clock = Clock()
        self.ids = Ids(self._seed)
        self.journal.clear()


class NoSuchWorldError(Exception):
    """A world's name that cannot be one, or one world too many."""


class Worlds:
    """The default world of a server, and the named ones, each made when somebody first asks for it."""

    def __init__(self, make: Callable[[], World]) -> None:
        self._make = make
        self._named: dict[str, World] = {}
        self._lock = Lock()
        self.default = make()

    def named(self, name: str) -> World:
        """Return the world called *name*, seeded as the default one where it is new.

        Raises NoSuchWorldError for a name that is not 1 to 64 letters, digits, dots, dashes and underscores, and when
        there are `MAX_WORLDS` already.
        """
        world = self._named.get(name)
        if world is not None:
            return world
        with self._lock:
            if name not in self._named:
                self._check(name)
                self._named[name] = self._make()
            return self._named[name]

    def add(self, name: str, world: World) -> None:
        """Give *world* a name. Raises NoSuchWorldError, as `named` does, and for a name that another world has."""
        with self._lock:
            if name in self._named:
                raise NoSuchWorldError(f"there is a world '{name}' already")
            self._check(name)
            self._named[name] = world

    def drop(self, name: str) -> None:
        """Forget the world called *name*; no error if there is none."""
        with self._lock:
            self._named.pop(name, None)

    def _check(self, name: str) -> None:
        """Refuse a new world that there cannot be."""
        if not _NAME.fullmatch(name):
            raise NoSuchWorldError(
                f"'{name}' cannot be the name of a world: 1 to 64 letters, digits, '.', '_' and '-', not a sign first"
            )
        if len(self._named) >= MAX_WORLDS:
            raise NoSuchWorldError(f"there are {MAX_WORLDS} worlds already, and '{name}' is none of them")
