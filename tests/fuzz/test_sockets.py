"""Anything that can be sent to a socket: each is answered well or the connection ends, and the server stays well."""

from __future__ import annotations

import contextlib
import re
import selectors
import socket
import threading
import time
from random import Random
from typing import TYPE_CHECKING, Self
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockaws import Mock
from mockaws.gateway.endpoint import CONTROL
from tests.fuzz import noise
from tests.fuzz.effort import effort
from tests.fuzz.http_grammar import Sent, connection, describe_key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.fuzz.noise import Noise

AT_ONCE = 12
# Seconds before a client without an answer hangs up, and seconds that the server may take for the rest.
_PATIENCE, _BOUND = 0.1, 30.0
_HEAD = re.compile(rb"HTTP/1\.[01] ([1-5][0-9]{2})(?: [^\r\n]*)?\r\n((?:[!#-'*+.0-9A-Z^-z|~-]+:[^\r\n]*\r\n)*)\r\n")
_LENGTH = re.compile(rb"^content-length:[ \t]*([0-9]+)[ \t]*\r$", re.IGNORECASE | re.MULTILINE)
_CHUNKED = re.compile(rb"^transfer-encoding:[ \t]*chunked[ \t]*\r$", re.IGNORECASE | re.MULTILINE)
_BEGINNING = b"HTTP/1."


class Listener:
    """A raw listener: it keeps the head of each request as bytes, and answers each with the same."""

    def __init__(self) -> None:
        self.heads: list[bytes] = []
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.authority = f"127.0.0.1:{self._socket.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                accepted, _ = self._socket.accept()
                threading.Thread(target=self._serve, args=[accepted], daemon=True).start()

    def _serve(self, accepted: socket.socket) -> None:
        with contextlib.suppress(OSError, TimeoutError), accepted:
            accepted.settimeout(_BOUND)
            received = b""
            while b"\r\n\r\n" not in received:
                more = accepted.recv(65536)
                if not more:
                    break
                received += more
            if received:
                self.heads.append(received.partition(b"\r\n\r\n")[0])
                accepted.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
            while accepted.recv(65536):
                pass


def answers(received: bytes) -> Iterator[int]:
    """Yield the statuses of the answers in *received*. Raises AssertionError where one is not well formed."""
    while received:
        head = _HEAD.match(received)
        assert head, f"no head of an answer: {received[:300]!r}"
        status, fields, received = int(head[1]), head[2], received[head.end() :]
        yield status
        if received.startswith(_BEGINNING) or status in {100, 204, 304}:
            continue  # to a HEAD, which may tell of a body that it does not have
        length = _LENGTH.search(fields)
        if length is not None and received:
            assert len(received) >= int(length[1]), f"the body ends too early: {received[:300]!r}"
            received = received[int(length[1]) :]
        elif _CHUNKED.search(fields) and received:
            received = _after_chunks(received)
        elif length is None:
            return  # it lasts as long as the connection


def _after_chunks(received: bytes) -> bytes:
    while True:
        line, ending, rest = received.partition(b"\r\n")
        assert ending, f"no size of a chunk: {received[:100]!r}"
        size = int(line, 16)
        assert len(rest) >= size + 2, f"a chunk ends too early: {received[:100]!r}"
        received = rest[size + 2 :]
        if not size:
            return received


def exchange(authority: str, batch: list[Sent]) -> list[bytes]:
    """Send each of *batch* on a connection of its own, all at once; return what came back until the server hung up.

    A client that has not had an answer for a moment hangs up its own side. Raises AssertionError if the server then
    keeps a connection open.
    """
    host, _, port = authority.partition(":")
    received = [b""] * len(batch)
    deadline = time.monotonic() + _BOUND
    with selectors.DefaultSelector() as waiting, contextlib.ExitStack() as opened:
        for number, sent in enumerate(batch):
            client = opened.enter_context(socket.create_connection((host, int(port)), _BOUND))
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with contextlib.suppress(OSError):
                for piece in sent.pieces:
                    client.sendall(piece)
            if sent.leaves:
                client.close()
            else:
                client.setblocking(False)
                waiting.register(client, selectors.EVENT_READ, number)
        hung_up = False
        while waiting.get_map():
            ready = waiting.select(_PATIENCE)
            for key, _ in ready:
                if more := _received(key.fileobj):  # type: ignore[arg-type]
                    received[key.data] += more
                else:
                    waiting.unregister(key.fileobj)
            if not ready and not hung_up:
                hung_up = True
                for key in waiting.get_map().values():
                    with contextlib.suppress(OSError):
                        key.fileobj.shutdown(socket.SHUT_WR)  # type: ignore[union-attr]
            kept = [batch[key.data].wire[:200] for key in waiting.get_map().values()]
            assert time.monotonic() < deadline, f"kept open: {kept}"
    return received


def _received(client: socket.socket) -> bytes:
    try:
        return client.recv(1 << 20)
    except OSError:
        return b""


def ask(mock: Mock, elsewhere: str, seed: int, sound: Noise) -> None:
    """Send a batch, and hold each answer against what is promised of all of them."""
    authority = urlsplit(mock.url).netloc
    random = Random(seed)
    batch = [connection(random, authority, elsewhere) for _ in range(AT_ONCE)]
    for sent, received in zip(batch, exchange(authority, batch), strict=True):
        if sent.wire.startswith(b"HEAD ") and (head := _HEAD.match(received)):
            assert received[head.end() :][:7] in {b"", _BEGINNING}, (sent.wire[:300], received[:600])
        for status in answers(received):
            assert status < 500, (status, sent.wire[:600], received[:600])
    (described,) = exchange(authority, [Sent([describe_key(authority)], leaves=False)])
    assert described.startswith((b"HTTP/1.1 200", b"HTTP/1.1 400")), described
    assert b"NotFoundException" in described or b"KeyMetadata" in described, described
    sound.require_none()


@pytest.mark.slow
def test_any_bytes() -> None:
    """No bytes cause a 5xx, a malformed answer, a connection that stays open, or a traceback."""
    with noise.listening() as sound, Mock(fixture="ready-cluster", quiet=True) as mock, Listener() as elsewhere:

        @effort(100)
        @given(seed=st.integers(0, 2**32 - 1))
        def any_batch(seed: int) -> None:
            ask(mock, elsewhere.authority, seed, sound)

        any_batch()
        assert not elsewhere.heads


@pytest.mark.slow
def test_any_bytes_before_other_services() -> None:
    """The same in front of another endpoint, which is sent nothing but requests that are meant for it."""
    with (
        noise.listening() as sound,
        Listener() as upstream,
        Listener() as elsewhere,
        Mock(others=f"http://{upstream.authority}", quiet=True) as mock,
    ):

        @effort(100)
        @given(seed=st.integers(0, 2**32 - 1))
        def any_batch(seed: int) -> None:
            upstream.heads.clear()
            ask(mock, elsewhere.authority, seed, sound)
            assert not elsewhere.heads
            for head in upstream.heads:
                require_origin_form(head)

        any_batch()


def require_origin_form(head: bytes) -> None:
    """Require that a request's target is a path, and that this path leads to no control route, however it is read."""
    _, target, version = head.partition(b"\r\n")[0].decode("latin-1").split(" ")
    assert target.startswith("/"), head[:300]
    assert version == "HTTP/1.1"
    path = target.partition("?")[0]
    for read in (path, unquote(path), unquote(unquote(path))):
        parts: list[str] = []
        for part in read.split("/"):
            if part == "..":
                del parts[-1:]
            elif part not in {"", "."}:
                parts.append(part)
        assert not f"/{'/'.join(parts)}/".startswith(CONTROL), head[:300]
