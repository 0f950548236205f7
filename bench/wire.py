"""A client that costs next to nothing: requests built once as bytes, sent over a socket that is kept open."""

from __future__ import annotations

import json
import socket
import time
from typing import Any, Self
from urllib.parse import urlencode

HOST = "127.0.0.1"
REGION = "us-west-2"
ACCESS_KEY = "AKIAIOSFODNN7EXAMPLE"
TIMEOUT_SECONDS = 60.0
MAX_HEAD = 64 * 1024
MAX_QUOTE = 200
_SIGNED = "content-type;host;x-amz-date;x-amz-target"
_AGENT = "Boto3/1.44.5 md/Botocore#1.44.5 ua/2.1 os/linux md/arch#x86_64 lang/python#3.11.7 cfg/retry-mode#legacy"
_INVOCATION = "0b5a2e64-6f0e-4c58-9f1d-7d3c2a1e4b90"


class CallError(Exception):
    """A call got no answer, or one that is not 200."""


def kms(operation: str, **document: Any) -> bytes:
    """Return the bytes of a KMS request, with the headers of an SDK and a signature that is only shaped like one."""
    headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": f"TrentService.{operation}"}
    return _request("kms", headers, json.dumps(document).encode())


def sts(operation: str) -> bytes:
    """Return the bytes of an STS request without parameters."""
    headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
    return _request("sts", headers, urlencode({"Action": operation, "Version": "2011-06-15"}).encode())


def _request(service: str, headers: dict[str, str], body: bytes) -> bytes:
    now = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    authorization = (
        f"AWS4-HMAC-SHA256 Credential={ACCESS_KEY}/{now[:8]}/{REGION}/{service}/aws4_request, "
        f"SignedHeaders={_SIGNED}, Signature={'0123456789abcdef' * 4}"
    )
    lines = [
        "POST / HTTP/1.1",
        f"Host: {HOST}:4566",
        "Accept-Encoding: identity",
        *(f"{name}: {value}" for name, value in headers.items()),
        f"User-Agent: {_AGENT}",
        f"X-Amz-Date: {now}",
        f"Authorization: {authorization}",
        f"amz-sdk-invocation-id: {_INVOCATION}",
        "amz-sdk-request: attempt=1",
        f"Content-Length: {len(body)}",
    ]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


class Connection:
    """One connection, opened when needed and kept as long as the server keeps it."""

    def __init__(self, port: int, timeout: float = TIMEOUT_SECONDS) -> None:
        self._address = (HOST, port)
        self._timeout = timeout
        self._socket: socket.socket | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def open(self) -> socket.socket:
        """Connect unless connected. Raises OSError."""
        if self._socket is None:
            self._socket = socket.create_connection(self._address, self._timeout)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self._socket

    def close(self) -> None:
        """Disconnect, if connected."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def call(self, request: bytes) -> bytes:
        """Send *request* once and return the answer's body. Raises CallError."""
        try:
            head, body, keep = self._exchange(request)
        except OSError as error:
            self.close()
            raise CallError(f"no answer: {error}") from None
        if not keep:
            self.close()
        if not head.startswith(b"HTTP/1.1 200"):
            status = head.partition(b"\r\n")[0].decode("latin-1")
            raise CallError(f"{status}: {_short(body)}")
        return body

    def ask(self, request: bytes, *members: str) -> Any:
        """Send *request* and return the value in its answer's document that *members* lead to. Raises CallError."""
        body = self.call(request)
        try:
            found = json.loads(body)
            for member in members:
                found = found[member]
        except (ValueError, KeyError, TypeError):
            raise CallError(f"an answer without {'.'.join(members)}: {_short(body)}") from None
        return found

    def _exchange(self, request: bytes) -> tuple[bytes, bytes, bool]:
        connected = self.open()
        connected.sendall(request)
        received = b""
        while (end := received.find(b"\r\n\r\n")) < 0:
            if len(received) > MAX_HEAD:
                raise CallError("the head of an answer never ends")
            received += _some(connected)
        head = received[:end]
        headers = head.lower()
        _, _, length = headers.partition(b"\r\ncontent-length:")
        if not length:
            raise CallError("an answer without Content-Length")
        size = end + 4 + int(length.split(b"\r\n", 1)[0])
        while len(received) < size:
            received += _some(connected)
        return head, received[end + 4 : size], b"\r\nconnection: close" not in headers


def _short(body: bytes) -> str:
    return " ".join(body.decode(errors="replace").split())[:MAX_QUOTE]


def _some(connected: socket.socket) -> bytes:
    data = connected.recv(65536)
    if not data:
        raise ConnectionResetError("the server closed the connection before the answer was whole")
    return data
