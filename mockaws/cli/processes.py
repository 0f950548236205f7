"""The processes of this machine, and which has started which."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import NamedTuple

_PROCESSES = Path("/proc")
_BEGAN = 19  # the place of the time at which a process began, after its name
_PATIENCE = 10


class Process(NamedTuple):
    """A process; the time at which it began tells it from a later one with the same number."""

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
    """Return all processes that run, with the number of their parent; none where the system does not say."""
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
