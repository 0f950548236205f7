"""The journal as a file: an event a line, written as the calls happen."""

from __future__ import annotations

import contextlib
import json
import sys
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from mockaws.journal.events import event

if TYPE_CHECKING:
    from mockaws.journal.entries import Entry


class FileError(Exception):
    """The file cannot be written; the message says why."""


class CallsFile:
    """A file of JSON Lines that begins empty; each line is there as soon as its call has ended."""

    def __init__(self, path: str) -> None:
        """Make the file where there is none; what is in it stays until `begin`.

        Raises FileError where it cannot be written.
        """
        try:
            self._file = Path(path).open("a", encoding="utf-8", buffering=1)  # noqa: SIM115 - as long as the server is
        except OSError as error:
            raise FileError(f"{path}: {error.strerror}; --calls names a file that can be written") from None
        self._lock = Lock()

    def begin(self) -> None:
        """Empty the file; what is no file, such as a pipe, is as it is."""
        if Path(self._file.name).is_file():
            self._file.truncate(0)

    def write(self, entry: Entry) -> None:
        """Write the event of one call. A disk that takes no more ends the file and not the server."""
        with self._lock:
            if self._file.closed:
                return
            try:
                self._file.write(json.dumps(event(entry)) + "\n")
            except OSError as error:
                print(f"mockaws: {self._file.name}: {error.strerror}; no more calls are written", file=sys.stderr)  # noqa: T201
                self._close()

    def close(self) -> None:
        """End the file."""
        with self._lock:
            self._close()

    def _close(self) -> None:
        with contextlib.suppress(OSError):  # a line that did not fit is tried once more, and the file is closed anyway
            self._file.close()
