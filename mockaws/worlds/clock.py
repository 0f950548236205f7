"""The clock of a world: its setting is part of the world's state."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mockaws.clock import Clock, Setting

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockaws.store.base import Store, Transaction


class WorldClock(Clock):
    """The clock of the world in a store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @property
    def setting(self) -> Setting:
        """The setting of the clock, with which another clock shows the same time."""
        return self._store.state.clock

    def _change(self, change: Callable[[Setting], Setting]) -> None:
        def work(tx: Transaction) -> None:
            tx.put_state(replace(tx.state, clock=change(tx.state.clock)))

        self._store.run(work)
