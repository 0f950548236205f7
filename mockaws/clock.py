"""The only clock: everything that AWS does later is a function of a record and of the moment that this clock shows."""

from __future__ import annotations

import time
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

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
    """The setting of a clock: *frozen_at* a moment, or *seconds_ahead* of the machine's clock."""

    seconds_ahead: float = 0.0
    frozen_at: float | None = None

    def now(self) -> float:
        """Return the moment that the clock shows, in epoch seconds."""
        if self.frozen_at is not None:
            return self.frozen_at
        return min(max(round(time.time() + self.seconds_ahead, 3), EARLIEST), LATEST)

    def moved_to(self, at: float) -> Setting:
        """Return the setting with the clock at epoch second *at*, frozen or running as before. Raises ClockError."""
        moment = possible(at)
        return Setting(moment - time.time()) if self.frozen_at is None else Setting(frozen_at=moment)

    def resumed(self) -> Setting:
        """Return the setting with the clock running on from the moment that it shows."""
        return self if self.frozen_at is None else Setting(self.frozen_at - time.time())


RUNNING = Setting()


class Clock:
    """A clock that shows seconds since 1970, to the millisecond, as AWS's timestamps do.

    It follows the machine's clock until it is moved, between EARLIEST and LATEST.
    """

    def __init__(self, setting: Setting = RUNNING) -> None:
        self._setting = setting
        self._lock = Lock()

    @property
    def setting(self) -> Setting:
        """The setting of the clock, with which another clock shows the same time."""
        return self._setting

    @property
    def frozen(self) -> bool:
        """The state of the clock: True if it stands still."""
        return self.setting.frozen_at is not None

    def now(self) -> float:
        """Return the present moment, in epoch seconds."""
        return self.setting.now()

    def freeze(self, at: float | None = None) -> None:
        """Stop the clock, at epoch second *at* or at the moment that it shows. Raises ClockError."""
        self._change(lambda setting: Setting(frozen_at=setting.now() if at is None else possible(at)))

    def set(self, at: float) -> None:
        """Move the clock to epoch second *at*, forward or back; it stays frozen or running. Raises ClockError."""
        self._change(lambda setting: setting.moved_to(at))

    def advance(self, seconds: float) -> None:
        """Move the clock by *seconds*, forward or back; it stays frozen or running. Raises ClockError."""
        self._change(lambda setting: setting.moved_to(setting.now() + seconds))

    def resume(self) -> None:
        """Let a frozen clock run on from the moment that it shows."""
        self._change(Setting.resumed)

    def reset(self, setting: Setting = RUNNING) -> None:
        """Follow the machine's clock again, or take over the *setting* of another clock."""
        self._change(lambda _: setting)

    def _change(self, change: Callable[[Setting], Setting]) -> None:
        """Put the setting that *change* returns in the place of the one that it is given."""
        with self._lock:
            self._setting = change(self._setting)


def wait(seconds: float) -> None:
    """Wait for *seconds* of the machine's time."""
    time.sleep(seconds)


def possible(at: float) -> float:
    """Return *at* if a clock can show it. Raises ClockError if no clock can."""
    if not EARLIEST <= at <= LATEST:
        raise ClockError("the clock goes from 1970-01-01 to 3000-01-01")
    return at
