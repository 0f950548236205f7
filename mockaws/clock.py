"""The only clock: everything that AWS does later is a function of a record and of what this clock says."""

from __future__ import annotations

import time
from threading import Lock
from typing import NamedTuple

MINUTE = 60.0
HOUR = 60 * MINUTE
DAY = 24 * HOUR
WEEK = 7 * DAY

EARLIEST = 0.0
LATEST = 32_503_680_000.0
"""1970-01-01 and 3000-01-01: AWS's dates, and what it adds to them, stay far from where calendars end."""


class ClockError(ValueError):
    """A moment that no clock can show."""


class Setting(NamedTuple):
    """How a clock stands: *frozen_at* a moment, or so many *seconds_ahead* of the machine's."""

    seconds_ahead: float = 0.0
    frozen_at: float | None = None


RUNNING = Setting()


class Clock:
    """Tells the time in seconds since 1970, to the millisecond, as AWS's timestamps do.

    It follows the machine's clock until it is moved, between EARLIEST and LATEST; a world has a clock of its own.
    """

    def __init__(self, setting: Setting = RUNNING) -> None:
        self._ahead, self._frozen_at = setting
        self._lock = Lock()

    def now(self) -> float:
        """Return the present moment of this world, in epoch seconds."""
        # Read once: another thread may let the clock run on meanwhile.
        frozen_at = self._frozen_at
        if frozen_at is not None:
            return frozen_at
        return min(max(round(time.time() + self._ahead, 3), EARLIEST), LATEST)

    @property
    def frozen(self) -> bool:
        """Whether the clock stands still."""
        return self._frozen_at is not None

    @property
    def setting(self) -> Setting:
        """How the clock stands, for another one to stand the same."""
        with self._lock:
            return Setting(self._ahead) if self._frozen_at is None else Setting(frozen_at=self._frozen_at)

    def freeze(self, at: float | None = None) -> None:
        """Stop the clock, at epoch second *at* or where it stands. Raises ClockError, as all that moves it does."""
        with self._lock:
            self._frozen_at = self.now() if at is None else possible(at)

    def set(self, at: float) -> None:
        """Move the clock to epoch second *at*, forward or back; it goes on standing, or running, as before."""
        with self._lock:
            self._move(at)

    def advance(self, seconds: float) -> None:
        """Move the clock by *seconds*, forward or back, whether it is frozen or not."""
        with self._lock:
            self._move(self.now() + seconds)

    def resume(self) -> None:
        """Let a frozen clock run on from where it stands."""
        with self._lock:
            if self._frozen_at is not None:
                self._ahead = self._frozen_at - time.time()
                self._frozen_at = None

    def reset(self, setting: Setting = RUNNING) -> None:
        """Follow the machine's clock again, or stand as another clock did."""
        with self._lock:
            self._ahead, self._frozen_at = setting

    def _move(self, at: float) -> None:
        if self._frozen_at is not None:
            self._frozen_at = possible(at)
        else:
            self._ahead = possible(at) - time.time()


def wait(seconds: float) -> None:
    """Let so much of the machine's time pass."""
    time.sleep(seconds)


def possible(at: float) -> float:
    """Return *at*, which a clock can show. Raises ClockError where none can."""
    if not EARLIEST <= at <= LATEST:
        raise ClockError("the clock goes from 1970-01-01 to 3000-01-01")
    return at
