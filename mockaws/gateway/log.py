"""The request log on stderr, a line a request: time, operation, account, result and duration; never its content."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TextIO

from mockaws.clock import Clock

if TYPE_CHECKING:
    from mockaws.gateway.http import Answer

# Longer than the name of any operation of AWS; a caller may send any text as one.
_LONGEST_OPERATION = 128


class RequestLog:
    """The log, as text for people or as JSON for programs."""

    def __init__(self, log_format: str = "text", *, quiet: bool = False, stream: TextIO | None = None) -> None:
        self._json = log_format == "json"
        self._quiet = quiet
        self._stream = stream
        self._clock = Clock()

    def request(self, answer: Answer, seconds: float) -> None:
        """Write the line of one request."""
        if self._quiet:
            return
        milliseconds = round(seconds * 1000, 1)
        operation = answer.operation[:_LONGEST_OPERATION]
        if self._json:
            self._write(
                json.dumps(
                    {
                        "time": self._now(),
                        "operation": operation,
                        "account": answer.account,
                        "region": answer.region,
                        "status": answer.status,
                        "error": answer.error or None,
                        "ms": milliseconds,
                        "request_id": answer.request_id,
                    }
                )
            )
        else:
            result = f"{answer.status} {answer.error}" if answer.error else str(answer.status)
            whose = f"{answer.account}/{answer.region}"
            self._write(f"{self._now()} {_printable(operation)} {whose} {result} {milliseconds} ms")

    def note(self, sentence: str) -> None:
        """Write a sentence about the server itself."""
        if self._quiet:
            return
        self._write(json.dumps({"time": self._now(), "note": sentence}) if self._json else f"{self._now()} {sentence}")

    def _now(self) -> str:
        moment = datetime.fromtimestamp(self._clock.now(), UTC)
        return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"

    def _write(self, line: str) -> None:
        stream = self._stream or sys.stderr
        stream.write(line + "\n")
        stream.flush()


def _printable(text: str) -> str:
    """Return text with its control characters escaped, so that a caller cannot break a line of the log."""
    return text if text.isprintable() else text.encode("unicode_escape").decode()
