"""A command that runs as a child: signals reach it, and nothing that it has started outlives its endpoint."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from typing import TYPE_CHECKING

from mockaws.cli import processes

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


def run(command: Sequence[str], variables: Mapping[str, str]) -> int:
    """Run *command* to its end and return its status as a shell would report it.

    SIGTERM and SIGHUP are passed on, and end what the command leaves behind, too. Raises OSError if the command cannot
    be started.
    """
    child: subprocess.Popen[bytes] | None = None
    passed_on: list[int] = []
    family: set[processes.Process] = set()

    def pass_on(number: int, _frame: object) -> None:
        passed_on.append(number)
        if child is not None:
            # Before the command hears of it: what it leaves behind is not its child any more.
            family.update(processes.descendants(child.pid))
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


def _end(family: set[processes.Process], number: int) -> None:
    """Send a signal to those of *family* that are left, parents before children; kill what stays."""
    deadline = time.monotonic() + GRACE_SECONDS
    sent: set[processes.Process] = set()
    while time.monotonic() < deadline:
        parents = processes.parents()
        left = family & parents.keys()
        if not left:
            return
        numbers = {process.number for process in left}
        first = {process for process in left if parents[process] not in numbers}
        for process in first - sent:
            _kill(process.number, number)
        sent |= first
        time.sleep(_INTERVAL_SECONDS)
    for process in family & processes.parents().keys():
        _kill(process.number, signal.SIGKILL)


def _kill(process: int, number: int) -> None:
    try:
        os.kill(process, number)
    except OSError:
        return  # it has ended, or is another user's
