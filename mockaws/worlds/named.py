"""The named worlds of a server, beside its default one."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

from mockaws.clock import Clock
from mockaws.records.state import WorldEntry
from mockaws.store.memory import MemoryStore

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockaws.store.base import Store, Transaction
    from mockaws.worlds.world import World

MAX_WORLDS = 1000
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class NoWorldError(Exception):
    """A world that cannot be had: its name is invalid, the server has no room, or a request may not create it."""


class WorldTakenError(Exception):
    """A name that another world has already."""


class NamedWorld(NamedTuple):
    """A world and its entry in the store of the server."""

    entry: WorldEntry
    world: World

    @property
    def name(self) -> str:
        """The name of the world."""
        return self.entry.id

    @property
    def fixture(self) -> str | None:
        """The source of the world's own fixture; None if the world was made from the server's."""
        return self.entry.fixture

    @property
    def idle_timeout(self) -> float | None:
        """The seconds without a use after which the world is over; None if it never is."""
        return self.entry.idle_timeout


class Worlds:
    """The default world of a server, and the named ones, each made when a client first uses its name.

    A world that is over is removed at the next look: there is no thread in the background. *store* keeps the entries
    of the named worlds; what is in them is in their own stores.
    """

    def __init__(self, make: Callable[[], World], store: Store | None = None) -> None:
        self.make = make
        self._store = store or MemoryStore()
        self._worlds: dict[str, World] = {}
        # Names of worlds that can be used without a look at their entries.
        self._lasting: set[str] = set()
        self._lock = Lock()
        self._machine = Clock()
        self.default = make()

    def named(self, name: str) -> World:
        """Return the world called *name*, and count that as a use. A new one begins as the default one did.

        Raises NoWorldError for an invalid name, and when there are `MAX_WORLDS` already.
        """
        found = self._worlds.get(name)
        if found is not None and (name in self._lasting or self._store.run(partial(self._use, name=name))):
            return found
        with self._lock:
            self._sweep()
            world = self._worlds.get(name)
            if world is None:
                self.require_room(name)
                world = self._keep(WorldEntry(id=name), self.make()).world
            return world

    def add(
        self, name: str, world: World, *, fixture: str | None = None, idle_timeout: float | None = None
    ) -> NamedWorld:
        """Give *world* a name.

        Raises NoWorldError as `named` does, and WorldTakenError if another world has the name.
        """
        with self._lock:
            self._sweep()
            if name in self._worlds:
                raise WorldTakenError(f"there is a world '{name}' already")
            self.require_room(name)
            now = self._machine.now()
            return self._keep(WorldEntry(id=name, fixture=fixture, idle_timeout=idle_timeout, used_at=now), world)

    def get(self, name: str) -> NamedWorld | None:
        """Return the world called *name*, or None. That does not count as a use."""
        with self._lock:
            self._sweep()
            entry = self._store.run(lambda tx: tx.get(WorldEntry, "", "", name))
            return None if entry is None else NamedWorld(entry, self._worlds[name])

    def peek(self, name: str) -> World:
        """Return the world called *name*, or the default one that it would begin as. That does not count as a use."""
        return self._worlds.get(name, self.default)

    def all(self) -> list[NamedWorld]:
        """Return the named worlds, in the order of their names."""
        with self._lock:
            self._sweep()
            return [NamedWorld(entry, self._worlds[entry.id]) for entry in self._store.run(_entries)]

    def drop(self, name: str) -> bool:
        """Remove the world called *name*. Return False if there is none."""
        with self._lock:
            self._sweep()
            return self._remove(name)

    def require_room(self, name: str) -> None:
        """Require that a world called *name* can be created; raises NoWorldError otherwise."""
        if not _NAME.fullmatch(name):
            raise NoWorldError(
                f"invalid world name '{name}': use 1 to 64 letters, digits, '.', '_' or '-', "
                f"starting with a letter or a digit"
            )
        if len(self._worlds) >= MAX_WORLDS:
            raise NoWorldError(
                f"there are {MAX_WORLDS} worlds already, so '{name}' cannot be created: remove one first"
            )

    def _use(self, tx: Transaction, name: str) -> bool:
        """Note a use of a world with a timeout. Return False if it is over or gone."""
        entry, now = tx.get(WorldEntry, "", "", name), self._machine.now()
        if entry is None or entry.is_over(now):
            return False
        tx.put(replace(entry, used_at=now))
        return True

    def _keep(self, entry: WorldEntry, world: World) -> NamedWorld:
        self._store.run(lambda tx: tx.put(entry))
        self._worlds[entry.id] = world
        if entry.idle_timeout is None:
            self._lasting.add(entry.id)
        return NamedWorld(entry, world)

    def _sweep(self) -> None:
        now = self._machine.now()
        for entry in self._store.run(_entries):
            if entry.is_over(now):
                self._remove(entry.id)

    def _remove(self, name: str) -> bool:
        world = self._worlds.pop(name, None)
        self._lasting.discard(name)
        self._store.run(lambda tx: tx.drop(WorldEntry(id=name)))
        if world is not None and world.other_services is not None:
            world.other_services.reset()  # the files of its S3 buckets go with them
        return world is not None


def _entries(tx: Transaction) -> list[WorldEntry]:
    return list(tx.find(WorldEntry, "", ""))
