"""One moto in a process, and many worlds: whoever calls takes turns.

Requests of one world run side by side, those of another wait until these are done. Who comes first is let in first, so
that a busy world keeps no other one waiting.
"""

from __future__ import annotations

from collections import deque
from contextlib import contextmanager
from threading import Condition, local
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator


class Guest(Protocol):
    """What has a turn."""

    def enter(self) -> None:
        """Bring along what is one's own."""
        ...

    def leave(self) -> None:
        """Take it away."""
        ...


class Turns:
    """Whose turn it is; what a guest has brought stays until another one comes."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._waiting: deque[object] = deque()
        self._whose: Guest | None = None
        self._users = 0
        self._here = local()

    @property
    def waiting(self) -> int:
        """How many wait to be let in."""
        return len(self._waiting)

    @property
    def here(self) -> Guest | None:
        """Whose turn this thread is in; None where it is in nobody's."""
        guest: Guest | None = getattr(self._here, "guest", None)
        return guest

    @contextmanager
    def of(self, guest: Guest, *, alone: bool = False) -> Iterator[None]:
        """Let the block run in the turn of *guest*, beside others of the same one unless it must be *alone*."""
        self._begin(guest, alone=alone)
        try:
            yield
        finally:
            self._end()

    @contextmanager
    def given_up(self) -> Iterator[None]:
        """Let others have their turn while the block runs, which only waits, where this thread has one."""
        guest = self.here
        if guest is None:
            yield
            return
        self._end()
        try:
            yield
        finally:
            self._begin(guest, alone=False)

    def _begin(self, guest: Guest, *, alone: bool) -> None:
        ticket = object()
        with self._changed:
            self._waiting.append(ticket)
            try:
                self._changed.wait_for(lambda: self._waiting[0] is ticket and self._lets_in(guest, alone=alone))
            finally:
                self._waiting.remove(ticket)
                self._changed.notify_all()
            if guest is not self._whose:
                if self._whose is not None:
                    self._whose.leave()
                guest.enter()
                self._whose = guest
            self._users += 1
        self._here.guest = guest

    def _lets_in(self, guest: Guest, *, alone: bool) -> bool:
        return not self._users or (guest is self._whose and not alone)

    def _end(self) -> None:
        self._here.guest = None
        with self._changed:
            self._users -= 1
            self._changed.notify_all()
