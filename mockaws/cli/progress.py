"""What is said on stderr while commands run in many worlds."""

from __future__ import annotations

import asyncio
import shutil
import sys
from contextlib import contextmanager
from time import perf_counter
from typing import TYPE_CHECKING

from mockaws.matrix.reports import verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockaws.matrix.results import Result, Trial

_LINES_SHOWN = 20
_CLEAR = "\r\x1b[K"


class Progress:
    """A line for each world in which the command has ended; on a terminal, what is under way as well."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._ended = 0
        self._running: dict[str, float] = {}
        self._terminal = sys.stderr.isatty()

    def began(self, trial: Trial) -> None:
        """Hear that the command began in a world."""
        self._running[trial.world] = perf_counter()
        self._draw()

    def ended(self, result: Result) -> None:
        """Hear that the command ended in a world, and say so; show what it printed last where nobody expected that."""
        self._ended += 1
        del self._running[result.world]
        self.say(
            f"[{self._ended}/{self._count}] {result.world}: {verdict(result)} ({result.seconds:.1f} s)",
            *([] if result.as_expected else _last_lines(result)),
        )

    def say(self, *lines: str) -> None:
        """Say something between the lines."""
        text = "".join(f"{line}\n" for line in lines)
        sys.stderr.write(f"{_CLEAR if self._terminal else ''}{text}")
        self._draw()

    @contextmanager
    def live(self) -> Iterator[None]:
        """Keep what is said of a terminal's running commands up to date, in the event loop that runs them."""
        ticking = asyncio.create_task(self._tick())
        try:
            yield
        finally:
            ticking.cancel()
            self._running.clear()
            self._draw()

    async def _tick(self) -> None:
        while True:
            self._draw()
            await asyncio.sleep(1)

    def _draw(self) -> None:
        if self._terminal:
            now = perf_counter()
            under_way = ", ".join(f"{world} {now - since:.0f} s" for world, since in self._running.items())
            line = f"[{self._ended}/{self._count}] {under_way}" if under_way else ""
            sys.stderr.write(_CLEAR + line[: shutil.get_terminal_size().columns - 1])
        sys.stderr.flush()


def _last_lines(result: Result) -> list[str]:
    lines = [line for line in result.output.splitlines() if line.strip()]
    shown = lines[-_LINES_SHOWN:] or ([result.finding.error] if result.finding.error else [])
    return [f"    {line}" for line in shown]
