"""The journal as a file: one event a line, written when its call ends."""

from __future__ import annotations

import json
import os
import stat
import sys
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from mockaws import files
from mockaws.journal.events import event

if TYPE_CHECKING:
    from mockaws.journal.entries import Entry


class FileError(Exception):
    """A file that cannot be written; the message says why."""


class CallsFile:
    """A file of JSON Lines that begins empty. Each line is there, whole, as soon as its call has ended."""

    def __init__(self, path: str) -> None:
        """Make the file if it is not there. Its content stays until `begin`.

        Raises FileError if it cannot be written, and for a pipe or a socket, which could keep every call waiting.
        """
        try:
            _require_no_pipe(Path(path))
            self._file = Path(path).open("ab", buffering=0)  # noqa: SIM115 - open as long as the server runs
        except (OSError, ValueError) as error:
            reason = files.reason(error, "that is no file name")
            raise FileError(f"{path}: {reason}; --calls names a file that can be written") from None
        self._lock = Lock()

    def begin(self) -> None:
        """Empty the file. A terminal or another device stays as it is."""
        if self._is_regular():
            self._file.truncate(0)

    def write(self, entry: Entry) -> None:
        """Write the event of one call. A full disk ends the file, not the server."""
        with self._lock:
            if self._file.closed:
                return
            try:
                self._append(json.dumps(event(entry)).encode() + b"\n")
            except OSError as error:
                print(f"mockaws: {self._file.name}: {error.strerror}; no more calls are written", file=sys.stderr)  # noqa: T201
                self._file.close()

    def close(self) -> None:
        """End the file."""
        with self._lock:
            self._file.close()

    def _append(self, line: bytes) -> None:
        """Write a line, or nothing of it. Raises OSError if the disk does not take all of it."""
        written = 0
        try:
            while written < len(line):
                written += self._file.write(line[written:]) or 0
        except OSError:
            if written and self._is_regular():
                self._file.truncate(os.fstat(self._file.fileno()).st_size - written)
            raise

    def _is_regular(self) -> bool:
        return stat.S_ISREG(os.fstat(self._file.fileno()).st_mode)


def _require_no_pipe(path: Path) -> None:
    """Raise OSError for a pipe or a socket, which could keep every call waiting."""
    if files.is_opened_by_shell(path) or not path.exists():
        return
    mode = path.stat().st_mode
    if stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode):
        raise OSError(0, f"it is {files.kind_of(mode)}")
