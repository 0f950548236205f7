"""HTTP as bytes: a listener that keeps what it gets, and a client that sends what it is given."""

from __future__ import annotations

import socket
import threading
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, BinaryIO, Self
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

# Keys of S3 that a server on their way may change.
ODD_KEYS = [
    "a/../k",
    "./k",
    "a//b",
    "~",
    "%7e",
    "[k]",
    "a+b c;d",
    "k?x#y",
    "a%2Fb",
    "|^`\"'<>{}\\",
    "é€",
    "..",
    "/k",
]
GOOD = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood"


class Listener:
    """An endpoint that keeps the bytes of each request, and answers with `answers` in turn, the last one again.

    The answers in `later` follow the first one, each when there is another request on its connection.
    """

    def __init__(self) -> None:
        self.got: list[bytes] = []
        self.answers = [GOOD]
        self.ends = False
        self.later = b""
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listening.getsockname()[1]}"
        self.url = f"http://{self.address}"
        threading.Thread(target=self._accept, daemon=True).start()

    def lines(self) -> list[bytes]:
        """Return the request lines that came."""
        return [request.partition(b"\r\n")[0] for request in self.got]

    def headers(self) -> dict[bytes, bytes]:
        """Return the headers of the last request. Raises ValueError if one came twice."""
        fields = [line.split(b": ", 1) for line in self.got[-1].partition(b"\r\n\r\n")[0].split(b"\r\n")[1:]]
        found = {name.lower(): value for name, value in fields}
        if len(found) != len(fields):
            raise ValueError(fields)
        return found

    def stop(self) -> None:
        """Take no more connections."""
        if self._listening.fileno() >= 0:
            # shutdown wakes the thread in accept; close alone does not
            self._listening.shutdown(socket.SHUT_RDWR)
            self._listening.close()

    def _accept(self) -> None:
        while True:
            try:
                connection = self._listening.accept()[0]
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(20)
        rest = b""
        with connection, connection.makefile("rb") as file:
            try:
                while request := _one(file):
                    self.got.append(request)
                    connection.sendall(rest + (self.answers[0] if len(self.answers) == 1 else self.answers.pop(0)))
                    rest, self.later = self.later, b""
                    if self.ends:
                        return
            except OSError:
                return

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def _one(file: BinaryIO) -> bytes:
    """Return one request: its head, and as much of a body as the head says."""
    request, length, chunked = b"", 0, False
    while True:
        line = file.readline()
        request += line
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
        elif name.lower() == b"transfer-encoding":
            chunked = True
        if line in {b"\r\n", b""}:
            break
    if chunked:
        while not request.endswith(b"0\r\n\r\n"):
            request += file.readline()
        return request
    return request + (file.read(length) if length else b"")


@contextmanager
def connected(url: str) -> Iterator[socket.socket]:
    """Connect to the server at *url*."""
    parts = urlsplit(url)
    with closing(socket.create_connection((parts.hostname, parts.port), timeout=20)) as connection:
        yield connection


def exchange(url: str, request: bytes) -> bytes:
    """Send bytes to the server at *url*, and return all that it answers before the connection ends."""
    with connected(url) as connection:
        connection.sendall(request)
        answer = b""
        while chunk := connection.recv(65536):
            answer += chunk
        return answer


def request(method: bytes, target: bytes, *headers: bytes, body: bytes = b"") -> bytes:
    """Return a request that ends its connection, and that S3 is to answer."""
    scope = b"111122223333/20260101/us-west-2/s3/aws4_request"
    signed = b"Authorization: AWS4-HMAC-SHA256 Credential=" + scope + b", SignedHeaders=host, Signature=0"
    host = () if any(header.startswith(b"Host:") for header in headers) else (b"Host: localhost",)
    ending = () if any(header.startswith(b"Connection:") for header in headers) else (b"Connection: close",)
    return b"\r\n".join([method + b" " + target + b" HTTP/1.1", *host, signed, *ending, *headers, b"", body])


def status(answer: bytes) -> int:
    """Return the status of an answer."""
    return int(answer.split(b" ", 2)[1])
