"""A command that runs as a child: it gets signals, and none of its own processes outlives the endpoint."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

SIGNAL_BASE = 128
GRACE_SECONDS = 10.0
"""Seconds that the command's descendants have to end, once the command itself has ended."""

_INTERVAL_SECONDS = 0.05
# The terminal sends these to the command as well; it decides what becomes of it, and its parent waits.
_SENT_BY_TERMINAL = ("SIGINT", "SIGQUIT")
# These may come from a program that knows the parent alone.
_PASSED_ON = ("SIGTERM", "SIGHUP")
_PROCESSES = Path("/proc")
_BEGAN = 19  # the place of the time at which a process began, after its name
_PATIENCE = 10


class Process(NamedTuple):
    """A process; its start time distinguishes it from a later one with the same number."""

    number: int
    began: str


def descendants(ancestor: int) -> set[Process]:
    """Return the processes that *ancestor* has started, and those that these have started."""
    running = parents()
    found: set[Process] = set()
    numbers = {ancestor}
    while more := {process for process, parent in running.items() if parent in numbers} - found:
        found |= more
        numbers |= {process.number for process in more}
    return found


def parents() -> dict[Process, int]:
    """Return all running processes with the number of their parent; none if the system does not list them."""
    if not (_PROCESSES / "self" / "stat").exists():
        return _by_ps()
    found = {}
    for directory in _PROCESSES.iterdir():
        if directory.name.isdigit():
            try:
                text = (directory / "stat").read_text(errors="replace")
            except OSError:
                continue  # it has ended
            # The name, in brackets, may hold blanks and brackets of its own.
            fields = text.rpartition(")")[2].split()
            if len(fields) > _BEGAN and fields[0] != "Z":
                found[Process(int(directory.name), fields[_BEGAN])] = int(fields[1])
    return found


def _by_ps() -> dict[Process, int]:
    try:
        ran = subprocess.run(
            ["ps", "-A", "-o", "pid=,ppid=,state=,lstart="],  # noqa: S607 - the system's own
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return {}
    rows = [line.split(None, 3) for line in ran.stdout.splitlines()]
    return {Process(int(row[0]), row[3]): int(row[1]) for row in rows if len(row) == 4 and row[2][:1] != "Z"}  # noqa: PLR2004


def run(command: Sequence[str], variables: Mapping[str, str]) -> int:
    """Run *command* to its end and return its status as a shell would report it.

    SIGTERM and SIGHUP are passed on, and end what the command leaves behind, too. Raises OSError if the command cannot
    be started.
    """
    child: subprocess.Popen[bytes] | None = None
    passed_on: list[int] = []
    family: set[Process] = set()

    def pass_on(number: int, _frame: object) -> None:
        passed_on.append(number)
        if child is not None:
            # Before the command hears of it: what it leaves behind is not its child any more.
            family.update(descendants(child.pid))
            child.send_signal(number)

    for name in _SENT_BY_TERMINAL:
        # A handler, where SIG_IGN would do: the command would inherit that.
        _handle(name, lambda *_: None)
    for name in _PASSED_ON:
        _handle(name, pass_on)
    child = subprocess.Popen(command, env=variables)  # noqa: S603 - running it is what the user asked for
    for number in tuple(passed_on):
        child.send_signal(number)
    status = child.wait()
    if passed_on:
        _end(family, passed_on[-1])
    return status if status >= 0 else SIGNAL_BASE - status


def _handle(name: str, handler: Callable[[int, object], None]) -> None:
    """Call *handler* on a signal, unless the system lacks that signal or it was ignored from the start."""
    number = getattr(signal, name, None)
    if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
        signal.signal(number, handler)


def _end(family: set[Process], number: int) -> None:
    """Send a signal to those of *family* that are left, parents before children; kill what stays."""
    deadline = time.monotonic() + GRACE_SECONDS
    sent: set[Process] = set()
    while time.monotonic() < deadline:
        running = parents()
        left = family & running.keys()
        if not left:
            return
        numbers = {process.number for process in left}
        first = {process for process in left if running[process] not in numbers}
        for process in first - sent:
            _kill(process.number, number)
        sent |= first
        time.sleep(_INTERVAL_SECONDS)
    for process in family & parents().keys():
        _kill(process.number, signal.SIGKILL)


def _kill(process: int, number: int) -> None:
    try:
        os.kill(process, number)
    except OSError:
        return  # it has ended, or is another user's
