"""The only clock: everything that AWS does later is a function of a record and of what this clock says."""

from __future__ import annotations

import time
from typing import NamedTuple

MINUTE = 60.0
HOUR = 60 * MINUTE
DAY = 24 * HOUR


class Setting(NamedTuple):
    """How a clock stands: *frozen_at* a moment, or so many *seconds_ahead* of the machine's."""

    seconds_ahead: float = 0.0
    frozen_at: float | None = None


RUNNING = Setting()


class Clock:
    """Tells the time in seconds since 1970, to the millisecond, as AWS's timestamps do.

    It follows the machine's clock until somebody moves it; a world has a clock of its own.
    """

    def __init__(self, setting: Setting = RUNNING) -> None:
        self._ahead, self._frozen_at = setting

    @property
    def setting(self) -> Setting:
        """How the clock stands, for another one to stand the same."""
        frozen_at = self._frozen_at
        return Setting(self._ahead) if frozen_at is None else Setting(frozen_at=frozen_at)

    def now(self) -> float:
        """Return the present moment of this world, in epoch seconds."""
        if self._frozen_at is not None:
            return self._frozen_at
        return round(time.time() + self._ahead, 3)

    def freeze(self, at: float | None = None) -> None:
        """Stop the clock, at epoch second *at* or where it stands."""
        self._frozen_at = self.now() if at is None else at

    def advance(self, seconds: float) -> None:
        """Move the clock by *seconds*, forward or back, whether it is frozen or not."""
        if self._frozen_at is not None:
            self._frozen_at += seconds
        else:
            self._ahead += seconds

    def resume(self) -> None:
        """Let a frozen clock run on from where it stands."""
        if self._frozen_at is not None:
            self._ahead = self._frozen_at - time.time()
            self._frozen_at = None
