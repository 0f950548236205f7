"""The lock of the one moto in a process, which many worlds share.

Requests of one world run side by side; those of another wait until these have ended. Requests are admitted in the order
of their arrival, so a busy world does not starve the others.
"""

from __future__ import annotations

from collections import deque
from contextlib import contextmanager
from threading import Condition, local
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator


class Holder(Protocol):
    """A holder of the lock, with state that is swapped in while it holds the lock."""

    def swap_in(self) -> None:
        """Put the holder's state in."""
        ...

    def swap_out(self) -> None:
        """Take the holder's state out."""
        ...


class SharedLock:
    """A lock that the threads of one holder share; a holder's state stays in until another holder gets the lock."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._queue: deque[object] = deque()
        self._swapped_in: Holder | None = None
        self._threads = 0
        self._local = local()

    @property
    def waiting(self) -> int:
        """The number of threads that wait for the lock."""
        return len(self._queue)

    @property
    def holder(self) -> Holder | None:
        """The holder for which this thread has the lock; None if it has not."""
        holder: Holder | None = getattr(self._local, "holder", None)
        return holder

    @contextmanager
    def held_by(self, holder: Holder, *, alone: bool = False) -> Iterator[None]:
        """Hold the lock for *holder* while the block runs; if *alone*, no other thread of the holder runs beside it."""
        self._acquire(holder, alone=alone)
        try:
            yield
        finally:
            self._release()

    @contextmanager
    def released(self) -> Iterator[None]:
        """Release this thread's lock, if it has it, while the block runs, which only waits."""
        holder = self.holder
        if holder is None:
            yield
            return
        self._release()
        try:
            yield
        finally:
            self._acquire(holder, alone=False)

    def _acquire(self, holder: Holder, *, alone: bool) -> None:
        ticket = object()
        with self._changed:
            self._queue.append(ticket)
            try:
                self._changed.wait_for(lambda: self._queue[0] is ticket and self._admits(holder, alone=alone))
            finally:
                self._queue.remove(ticket)
                self._changed.notify_all()
            if holder is not self._swapped_in:
                if self._swapped_in is not None:
                    self._swapped_in.swap_out()
                holder.swap_in()
                self._swapped_in = holder
            self._threads += 1
        self._local.holder = holder

    def _admits(self, holder: Holder, *, alone: bool) -> bool:
        return not self._threads or (holder is self._swapped_in and not alone)

    def _release(self) -> None:
        self._local.holder = None
        with self._changed:
            self._threads -= 1
            self._changed.notify_all()
