"""A request's body in chunks, read in linear time: RFC 9112, section 7.1."""

from __future__ import annotations

import re
from typing import Any

from waitress.receiver import ChunkedReceiver
from waitress.rfc7230 import CHUNK_EXT_RE
from waitress.utilities import BadRequest, RequestEntityTooLarge

from mockaws.server import limits

_WHOLE = re.compile(rb"([0-9A-Fa-f]{1,16})\r\n")
_SIZE = re.compile(rb"([0-9A-Fa-f]{1,16})[ \t]*")


class ChunkedBody(ChunkedReceiver):  # type: ignore[misc]
    """The body of a request with `Transfer-Encoding: chunked`.

    waitress joins and searches all bytes of a line each time more arrive, and limits neither a line nor the trailer. So
    one client can occupy the thread that reads from all of them.
    """

    buf: Any

    def __init__(self, buf: Any) -> None:
        """Keep the bytes in *buf*, a buffer of waitress."""
        super().__init__(buf)
        self._line = bytearray()
        self._trailer = 0
        self._take = self._take_size

    def received(self, s: bytes) -> int:
        """Read *s* and return how many bytes of it belong to the body; `completed` or `error` marks the end."""
        at = 0
        pieces: list[bytes] = []
        while at < len(s) and not self.completed and self.error is None:
            if self.chunk_remainder:
                piece = s[at : at + self.chunk_remainder]
                pieces.append(piece)
                at += len(piece)
                self.chunk_remainder -= len(piece)
            elif self._take == self._take_size and not self._line:
                whole = _read_whole_chunks(s, at, pieces)
                at = self._read_line(s, whole) if whole == at else whole
            else:
                at = self._read_line(s, at)
        if pieces:
            self.buf.append(b"".join(pieces))
        return at

    def _read_line(self, s: bytes, start: int) -> int:
        """Read up to the end of a line, and return where it is."""
        most = limits.TRAILER - self._trailer if self._take == self._take_trailer else limits.CHUNK_LINE
        end = s.find(b"\n", start, start + most + 1 - len(self._line)) + 1
        stop = end or len(s)
        if len(self._line) + stop - start > most:
            self.error = BadRequest(f"A line between the chunks of the body, or its trailer, exceeds {most} bytes.")
            return len(s)
        self._line += s[start:stop]
        if end:
            line = bytes(self._line)
            self._line.clear()
            if line.endswith(b"\r\n"):
                self._take(line[:-2])
            else:
                self.error = BadRequest("A line between the chunks of the body does not end with CR LF.")
        return stop

    def _take_size(self, line: bytes) -> None:
        digits, _, extension = line.partition(b";")
        size = _SIZE.fullmatch(digits)
        if size is None or (extension and not CHUNK_EXT_RE.match(b";" + extension)):
            self.error = BadRequest("The size of a chunk is not a hexadecimal number.")
            return
        self.chunk_remainder = int(size[1], 16)
        if self.chunk_remainder > limits.BODY:
            self.error = RequestEntityTooLarge(f"The body exceeds {limits.BODY} bytes.")
        self._take = self._take_end if self.chunk_remainder else self._take_trailer

    def _take_end(self, line: bytes) -> None:
        if line:
            self.error = BadRequest("A chunk is longer than its size says.")
        self._take = self._take_size

    def _take_trailer(self, line: bytes) -> None:
        self._trailer += len(line) + 2
        self.completed = not line


def _read_whole_chunks(s: bytes, at: int, pieces: list[bytes]) -> int:
    """Append the complete chunks in *s*, and return where they end.

    A client may send a million chunks of one byte; this is the fast path for those.
    """
    match = _WHOLE.match
    while whole := match(s, at):
        start = whole.end()
        end = start + int(whole[1], 16)
        if end == start or not s.startswith(b"\r\n", end):
            break
        pieces.append(s[start:end])
        at = end + 2
    return at
