"""A request as it arrives: read in linear time, limited, and refused with a sentence if it is malformed.

RFC 9112 defines malformed requests. waitress's own parser raises where `int` or `urlsplit` do, accepts some ambiguous
framings, and takes quadratic time for some heads. Only its sequence of head and body is used here.
"""

from __future__ import annotations

import re
import time
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

from waitress.buffers import OverflowableBuffer
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.receiver import FixedStreamReceiver
from waitress.utilities import BadRequest, Error, RequestEntityTooLarge, RequestHeaderFieldsTooLarge

from mockaws.other_services import targets
from mockaws.other_services.base import TOKEN
from mockaws.server import limits
from mockaws.server.chunks import ChunkedBody

if TYPE_CHECKING:
    from collections.abc import Callable

_END = b"\r\n\r\n"
_TLS_HANDSHAKE = 0x16
_CONTROLS = bytes({*range(32), 127} - set(b"\t"))
_METHOD = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Z]+")
_DIGITS = re.compile(r"[0-9]{1,4000}")  # int takes 4,300
_VERSIONS = {"HTTP/1.1": "1.1", "HTTP/1.0": "1.0"}
_NAMES_REMEMBERED = 1_000
_LONG_NAME = 100


class RequestLineTooLongError(Error):  # type: ignore[misc]
    """The request line exceeds its limit."""

    code = 414
    reason = "URI Too Long"


class BodyBuffer(OverflowableBuffer):  # type: ignore[misc]
    """The beginning of a body, as many bytes as the application reads; the rest is dropped."""

    def __init__(self, bytes_wanted: Callable[[], int]) -> None:
        """Call *bytes_wanted* for the number of bytes to keep if the body is larger than its buffer in memory."""
        super().__init__(limits.BODY_IN_MEMORY)
        self._bytes_wanted = bytes_wanted
        self._most = limits.BODY_IN_MEMORY
        self._has_asked = False

    def append(self, s: bytes) -> None:
        """Keep the bytes for which there is room."""
        if len(self) + len(s) > self._most and not self._has_asked:
            self._most, self._has_asked = self._bytes_wanted(), True
        room = self._most - len(self)
        if room > 0:
            super().append(s if len(s) <= room else s[:room])

    def _set_large_buffer(self) -> None:
        """Move the body to a file, or keep a small one in memory without a file. Raises OSError for others."""
        try:
            super()._set_large_buffer()
        except OSError:
            if self._most > limits.BODY_IN_MEMORY_WITHOUT_FILES:
                raise
            self.overflowed = True


class RequestParser(HTTPRequestParser):  # type: ignore[misc]
    """One request; if it is malformed, `error` is set."""

    # The answer with the error, and the log, read these also if the request line was not understood.
    command = path = query = request_uri = ""
    version = "1.1"
    error: Error | None
    body_rcv: Any
    headers: dict[str, str]

    def __init__(self, adj: Any, bytes_wanted: Callable[[str], int]) -> None:
        """Read a request; *bytes_wanted* returns how many bytes of a body the application reads for a target."""
        super().__init__(adj)
        self._bytes_wanted = bytes_wanted
        self._head = bytearray()
        self.began = self._advanced_at = time.monotonic()
        self._advanced_by = 0

    @property
    def has_begun(self) -> bool:
        """Return True if more than empty lines have arrived."""
        return bool(self.headers_finished or self._head)

    def is_slow(self) -> bool:
        """Return True if the client takes too long to send the next part of the request."""
        return time.monotonic() > self._advanced_at + limits.GRACE_SECONDS

    def received(self, data: bytes) -> int:
        """Read *data* and return how many bytes of it belong to this request."""
        if self.completed:
            return 0
        if self.headers_finished:
            return self._receive_body(data)
        if not self._head:
            if data.find(_END, 0, limits.HEADER_LINE) > 0 and data[0] > ord("\r"):
                return super().received(data)  # type: ignore[no-any-return]
            # RFC 9112, section 2.2: empty lines before a request are ignored.
            lines = len(data) - len(data.lstrip(b"\r\n"))
            return lines + self._receive_head(data[lines:])
        return self._receive_head(data)

    def parse_header(self, header_plus: bytes) -> None:
        """Read the request line and the headers. Raises ParsingError with a sentence."""
        self.command = "HEAD" if header_plus.startswith(b"HEAD ") else ""
        line, *fields = header_plus.decode("latin-1").split("\r\n")
        # The only control characters are the CR and LF of each line's end.
        if len(header_plus) - len(header_plus.translate(None, _CONTROLS)) != 2 * len(fields):
            raise ParsingError("There is a control character in the header, or a line does not end with CR LF.")
        if len(fields) > limits.HEADER_LINES:
            raise ParsingError(f"There are more than {limits.HEADER_LINES} lines of headers.")
        self._read_request_line(line)
        self._read_fields(fields)
        self._read_connection()
        self._read_framing()

    def _read_request_line(self, line: str) -> None:
        method, _, rest = line.partition(" ")
        target, _, version = rest.partition(" ")
        if not _METHOD.fullmatch(method):
            raise ParsingError("The request line does not begin with a method in capital letters.")
        if not targets.is_origin_form(target):
            raise ParsingError(f"The request target must be {targets.TARGET_FORM}.")
        if version not in _VERSIONS:
            raise ParsingError("The request line must end with HTTP/1.1 or HTTP/1.0.")
        self.command, self.request_uri, self.version = method, target, _VERSIONS[version]
        path, _, self.query = target.partition("?")
        self.path = unquote_to_bytes(path).decode("latin-1") if "%" in path else path
        self.url_scheme = self.adj.url_scheme

    def _read_fields(self, fields: list[str]) -> None:
        headers = self.headers
        for field in fields:
            if not field:
                continue
            name, colon, value = field.partition(":")
            key = _key(name) if len(name) < _LONG_NAME else _key.__wrapped__(name)
            if not key or not colon:
                raise ParsingError("A header does not begin with its name and ':', or is folded over several lines.")
            if "_" in name:  # it would be taken for the header that has '-' in its place
                continue
            value = value.strip(" \t")
            headers[key] = f"{headers[key]}, {value}" if key in headers else value
        if "," in headers.get("HOST", ""):
            raise ParsingError("There is more than one Host.")

    def _read_connection(self) -> None:
        given = self.headers.get("CONNECTION", "").lower()
        options = {option.strip() for option in given.split(",")} if "," in given else {given}
        self.connection_close = "close" in options or (self.version == "1.0" and "keep-alive" not in options)
        self.expect_continue = self.version == "1.1" and self.headers.get("EXPECT", "").lower() == "100-continue"

    def _read_framing(self) -> None:
        """Determine where the body ends: RFC 9112, section 6."""
        headers = self.headers
        coding, length = headers.pop("TRANSFER_ENCODING", None), headers.get("CONTENT_LENGTH")
        if coding is not None:
            if coding.lower() != "chunked" or self.version == "1.0":
                raise ParsingError("The only Transfer-Encoding that is understood is chunked, once, with HTTP/1.1.")
            if length is not None:
                raise ParsingError("There are both a Content-Length and a Transfer-Encoding; send one of them.")
            self.chunked = True
            self.body_rcv = ChunkedBody(self._buffer())
        elif length is not None:
            if not _DIGITS.fullmatch(length):
                raise ParsingError("Content-Length must be one number of bytes, in digits.")
            self.content_length = int(length)
            if self.content_length:
                self.body_rcv = FixedStreamReceiver(self.content_length, self._buffer())

    def _buffer(self) -> BodyBuffer:
        return BodyBuffer(lambda: self._bytes_wanted(self.request_uri))

    def _advance(self, size: int) -> None:
        """Note that *size* bytes more have come; a client that sent a part of the request has time for the next."""
        self._advanced_by += size
        if self._advanced_by >= limits.PART_OF_REQUEST:
            self._advanced_by, self._advanced_at = 0, time.monotonic()

    def _receive_head(self, data: bytes) -> int:
        before = len(self._head)
        self._head += data
        end = self._head.find(_END, max(before - len(_END) + 1, 0))
        head = self._head if end < 0 else self._head[: end + len(_END)]
        error = _excess(head) if end >= 0 or len(head) > limits.REQUEST_LINE else None
        if error is None and head and head[0] == _TLS_HANDSHAKE:
            error = BadRequest("This is TLS; the server speaks HTTP without it: http://, not https://.")
        if error is not None:
            self.command = "HEAD" if head.startswith(b"HEAD ") else ""
            self.error = error
            self.completed = True
            self._head.clear()
        elif end >= 0:
            self._head.clear()
            super().received(bytes(head))
            return len(head) - before
        return len(data)

    def _receive_body(self, data: bytes) -> int:
        self._advance(len(data))
        try:
            return super().received(data)  # type: ignore[no-any-return]
        except OSError as reason:
            self.error = RequestEntityTooLarge(f"The body cannot be kept: {reason.strerror}.")
            self.completed = True
            return len(data)


@lru_cache(_NAMES_REMEMBERED)
def _key(name: str) -> str:
    """Return the name of a header in WSGI's form, or an empty text if it is invalid in HTTP."""
    return name.upper().replace("-", "_") if TOKEN.fullmatch(name) else ""


def _excess(head: bytearray) -> Error | None:
    """Return the error for the part of *head* that exceeds a limit; *head* may be incomplete."""
    line = head.find(b"\r\n")
    if (line if line >= 0 else len(head)) > limits.REQUEST_LINE:
        return RequestLineTooLongError(f"The request line exceeds {limits.REQUEST_LINE} bytes.")
    if len(head) > limits.HEAD:
        return RequestHeaderFieldsTooLarge(f"The request line and headers exceed {limits.HEAD} bytes.")
    if len(head) > limits.HEADER_LINE and head.endswith(_END):
        for number, field in enumerate(head.split(b"\r\n")):
            if len(field) > limits.HEADER_LINE:
                return RequestHeaderFieldsTooLarge(f"Line {number} of the header exceeds {limits.HEADER_LINE} bytes.")
    return None
