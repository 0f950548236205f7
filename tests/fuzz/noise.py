"""Noise that a fuzzed server must not make: tracebacks, warnings, and text on stderr."""

from __future__ import annotations

import contextlib
import io
import logging
import sys
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class Noise(logging.Handler):
    """All that was logged as a warning or worse, written to stderr, or raised in a thread."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._texts: list[str] = []
        self.stderr = io.StringIO()

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line of a log, with its traceback."""
        self._texts.append(self.format(record))

    def failed(self, arguments: threading.ExceptHookArgs) -> None:
        """Keep the exception that ended a thread."""
        self._texts.append(f"{arguments.thread} ended with {arguments.exc_value!r}")

    def require_none(self) -> None:
        """Raise AssertionError if there was any noise since the last time."""
        found = "\n".join([*self._texts, self.stderr.getvalue()]).strip()
        self._texts.clear()
        self.stderr.seek(0)
        self.stderr.truncate()
        assert not found, found


@contextlib.contextmanager
def listening() -> Iterator[Noise]:
    """Collect noise while the block runs. Raises AssertionError if there was any."""
    noise = Noise()
    root, before, stderr = logging.getLogger(), threading.excepthook, sys.stderr
    root.addHandler(noise)
    threading.excepthook = noise.failed
    sys.stderr = noise.stderr
    try:
        yield noise
        noise.require_none()
    finally:
        root.removeHandler(noise)
        threading.excepthook = before
        sys.stderr = stderr
