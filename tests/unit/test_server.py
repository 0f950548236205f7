"""The server on a real socket: its threads, what it refuses, whom it makes room for, and how it ends."""

from __future__ import annotations

import errno
import http.client
import logging
import re
import socket
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from threading import Barrier, BrokenBarrierError, Event
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from waitress.adjustments import Adjustments

from mockaws.gateway.journey import MAX_BODY
from mockaws.server import THREADS, PortTakenError, Server, limits
from mockaws.server.connections import Channel, channels_of
from mockaws.server.parser import RequestParser
from mockaws.testing.mock import Mock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

MORE = 3
PATIENCE = 60.0
GET = b"GET / HTTP/1.1\r\nHost: localhost\r\n"
POST = b"POST / HTTP/1.1\r\nHost: localhost\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"


def echo(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer with the path and the body of the request."""
    body = environ["PATH_INFO"].encode("latin-1") + b" " + environ["wsgi.input"].read()
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]


@contextmanager
def serving(app: Any = echo, host: str = "127.0.0.1", **options: Any) -> Iterator[Server]:
    """Serve *app* while the block runs."""
    server = Server(app, host, 0, **options)
    server.start()
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """Return a server that echoes."""
    with serving() as one:
        yield one


def connect(server: Server) -> socket.socket:
    """Return a connection."""
    return socket.create_connection(("127.0.0.1", server.port), PATIENCE)


def exchange(server: Server, sent: bytes) -> bytes:
    """Return all that comes until the server closes the connection, which is asked for where *sent* is well-formed."""
    with connect(server) as connection:
        connection.sendall(sent)
        return read_all(connection)


def read_all(connection: socket.socket) -> bytes:
    """Return all that comes until the end of the connection."""
    return b"".join(iter(lambda: connection.recv(65536), b""))


def status(answer: bytes) -> int:
    """Return the status of the one answer that *answer* is."""
    head, _, body = answer.partition(b"\r\n\r\n")
    assert f"Content-Length: {len(body)}".encode() in head
    return int(answer.split(b" ", 2)[1])


def get(url: str, path: str) -> int:
    """Return the status of an answer."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=PATIENCE)
    connection.request("GET", path)
    status = connection.getresponse().status
    connection.close()
    return status


@pytest.mark.parametrize("count", [THREADS, THREADS + MORE])
def test_a_request_does_not_wait_for_many_that_take_long(count: int) -> None:
    """While clients ask for many RSA keys at once, other requests are answered."""
    all_there, over = Barrier(count + 1), Event()

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/long":
            all_there.wait(PATIENCE)
            over.wait(PATIENCE)
        start_response("200 OK", [("Content-Length", "0")])
        return [b""]

    server = Server(app, "127.0.0.1", 0)
    server.start()
    with ThreadPoolExecutor(count) as clients:
        slow = [clients.submit(get, server.url, "/long") for _ in range(count)]
        all_there.wait(PATIENCE)
        assert get(server.url, "/short") == 200
        over.set()
        assert [asked.result(PATIENCE) for asked in slow] == [200] * count
    server.stop()


MALFORMED = {
    "absolute target": b"GET http://localhost/ HTTP/1.1\r\n\r\n",
    "target that urlsplit cannot read": b"GET http://[/ HTTP/1.1\r\n\r\n",
    "user information before the upstream's authority": b"GET @127.0.0.1/_mockaws/state HTTP/1.1\r\n\r\n",
    "port": b"GET :80@localhost/ HTTP/1.1\r\n\r\n",
    "authority": b"CONNECT localhost:80 HTTP/1.1\r\n\r\n",
    "asterisk": b"OPTIONS * HTTP/1.1\r\n\r\n",
    "no target": b"GET HTTP/1.1\r\n\r\n",
    "two targets": b"GET / / HTTP/1.1\r\n\r\n",
    "fragment": b"GET /#x HTTP/1.1\r\n\r\n",
    "target beyond ASCII": b"GET /\xc3\xa4 HTTP/1.1\r\n\r\n",
    "control character in the target": b"GET /\x00 HTTP/1.1\r\n\r\n",
    "no version": b"GET /\r\n\r\n",
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "HTTP/1.2": b"GET / HTTP/1.2\r\n\r\n",
    "HTTP/0.9": b"GET / HTTP/0.9\r\n\r\n",
    "method in small letters": b"get / HTTP/1.1\r\n\r\n",
    "no method": b"(): / HTTP/1.1\r\n\r\n",
    "no request": b"hello\r\n\r\n",
    "TLS": bytes.fromhex("1603010200010001fc0303"),
    "header without a colon": GET + b"hello\r\n\r\n",
    "header with a blank before the colon": GET + b"A : b\r\n\r\n",
    "folded header": GET + b"A: b\r\n c\r\n\r\n",
    "line feed alone": GET + b"A: b\nB: c\r\n\r\n",
    "carriage return alone": GET + b"A: b\rB: c\r\n\r\n",
    "NUL in a header": GET + b"A: \x00\r\n\r\n",
    "two hosts": GET + b"Host: elsewhere\r\n\r\n",
    "too many headers": GET + b"A: b\r\n" * 2000 + b"\r\n",
    "length of 5,000 digits": POST + b"Content-Length: " + b"1" * 5000 + b"\r\n\r\n",
    "length of 5,000 zeros": POST + b"Content-Length: " + b"0" * 5000 + b"\r\n\r\n",
    "length with a sign": POST + b"Content-Length: +5\r\n\r\nhello",
    "negative length": POST + b"Content-Length: -5\r\n\r\nhello",
    "hexadecimal length": POST + b"Content-Length: 0x5\r\n\r\nhello",
    "no length in Content-Length": POST + b"Content-Length:\r\n\r\n",
    "list of lengths": POST + b"Content-Length: 5, 5\r\n\r\nhello",
    "two lengths": POST + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
    "length in other digits": POST + "Content-Length: \u0665\r\n\r\n".encode(),
    "length and coding": POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "coding and length": POST + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
    "gzip": POST + b"Transfer-Encoding: gzip\r\n\r\n",
    "gzip, chunked": POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "chunked, gzip": POST + b"Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
    "identity": POST + b"Transfer-Encoding: identity\r\nContent-Length: 5\r\n\r\nhello",
    "unknown coding": POST + b"Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n",
    "chunked twice": POST + b"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
    "two codings": POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip\r\n\r\n0\r\n\r\n",
    "no coding": POST + b"Transfer-Encoding:\r\n\r\n",
    "chunks in HTTP/1.0": b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunk without a size": CHUNKED + b"\r\n",
    "chunk with a sign": CHUNKED + b"+5\r\nhello\r\n0\r\n\r\n",
    "chunk with 0x": CHUNKED + b"0x5\r\nhello\r\n0\r\n\r\n",
    "chunk that is longer": CHUNKED + b"5\r\nhello!\r\n0\r\n\r\n",
    "chunk with a line feed alone": CHUNKED + b"5\nhello\n0\n\n",
    "chunk with a malformed extension": CHUNKED + b"5;=\r\nhello\r\n0\r\n\r\n",
    "endless size": CHUNKED + b"0" * 100_000,
    "endless extension": CHUNKED + b"5;a=" + b"0" * 100_000,
    "endless trailer": CHUNKED + b"0\r\n" + b"A: b\r\n" * 100_000,
    "endless line in a trailer": CHUNKED + b"0\r\n" + b"A" * 100_000,
}


@pytest.mark.parametrize("sent", [pytest.param(sent, id=name) for name, sent in MALFORMED.items()])
def test_a_malformed_request_is_400_and_the_end_of_its_connection(
    sent: bytes, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    """RFC 9112: what can be read in more than one way is refused, so that no two servers read it differently."""
    answer = exchange(server, sent + GET + b"\r\n")
    assert status(answer) == 400
    assert b"Connection: close" in answer
    assert len(re.findall(rb"HTTP/1\.[01] \d{3} ", answer)) == 1
    assert not caplog.records


@pytest.mark.parametrize("name", ["asterisk", "length and coding", "HTTP/1.2"])
def test_a_malformed_request_may_come_in_any_pieces(name: str, server: Server) -> None:
    """TCP has no messages: a request arrives byte by byte as well as at once."""
    with connect(server) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for number in MALFORMED[name].partition(b"\r\n\r\n")[0] + b"\r\n\r\n":
            connection.sendall(bytes([number]))
        assert status(read_all(connection)) == 400


TOO_LARGE = {
    "target": (b"GET /" + b"a" * limits.REQUEST_LINE + b" HTTP/1.1\r\n\r\n", 414),
    "endless target": (b"GET /" + b"a" * 4 * limits.HEAD, 414),
    "endless method": (b"A" * 4 * limits.HEAD, 414),
    "header": (GET + b"A: " + b"b" * limits.HEADER_LINE + b"\r\n\r\n", 431),
    "all headers": (GET + (b"A: " + b"b" * 1000 + b"\r\n") * 70 + b"\r\n", 431),
    "endless header": (GET + b"A: " + b"b" * 4 * limits.HEAD, 431),
    "endless headers": (GET + b"A: b\r\n" * limits.HEAD, 431),
    "body": (POST + b"Content-Length: %d\r\n\r\n" % (limits.BODY + 1), 413),
    "chunk": (CHUNKED + b"%x\r\n" % (limits.BODY + 1), 413),
    "chunk of 2**64 - 1 bytes": (CHUNKED + b"f" * 16 + b"\r\n", 413),
}


@pytest.mark.parametrize(("sent", "code"), [pytest.param(*case, id=name) for name, case in TOO_LARGE.items()])
def test_what_is_too_large_is_said_and_the_answer_arrives(
    sent: bytes, code: int, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    """The client may still be sending when the answer comes; it must be able to read that all the same."""
    answer = exchange(server, sent)
    assert status(answer) == code
    assert b"Connection: close" in answer
    assert not caplog.records


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(b"GET /%s HTTP/1.1\r\n" % (b"%C3%A4" * 2700) + b"Host: x\r\n", id="target of 16 KB"),
        pytest.param(GET + b"X-Amz-Security-Token: " + b"t" * 12_000 + b"\r\n", id="session token of 12 KB"),
        pytest.param(
            GET + b"".join(b"x-amz-meta-%d: %d\r\n" % (n, n) for n in range(400)), id="2 KB of metadata in short names"
        ),
        pytest.param(GET + (b"A: " + b"b" * 1000 + b"\r\n") * 60, id="60 KB of headers"),
        pytest.param(GET + b"A: \t  " + b" " * 10_000 + b"b   c\r\n", id="blanks before a value"),
        pytest.param(b"\r\n\r\n\r\n" + GET, id="empty lines before the request"),
        pytest.param(POST + b"Content-Length: 0005 \r\n", id="length with zeros and a blank"),
    ],
)
def test_what_a_client_may_send_is_answered(sent: bytes, server: Server) -> None:
    """Presigned URLs with session tokens, long keys and much metadata are within AWS's bounds, and so within these."""
    assert status(exchange(server, sent + b"Connection: close\r\n\r\nhello")) == 200


@pytest.mark.parametrize("size", [1, 7, 1000, 1 << 20])
def test_chunks_are_one_body_however_they_arrive(size: int, server: Server) -> None:
    """Sizes, extensions, and a trailer are no part of the body; where the pieces end does not matter."""
    chunks = (
        b"1\r\na\r\n002 ;name=value\r\nbc\r\n" + b"".join(b"1\r\nx\r\n" for _ in range(50)) + b"A\r\n0123456789\r\n"
    )
    sent = CHUNKED.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n") + chunks + b"0\r\nA: b\r\nC: d\r\n\r\n"
    with connect(server) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for start in range(0, len(sent), size):
            connection.sendall(sent[start : start + size])
        assert read_all(connection).endswith(b"\r\n\r\n/ abc" + b"x" * 50 + b"0123456789")


def test_requests_one_behind_the_other_are_answered_in_their_order(server: Server) -> None:
    """A client may send all of its requests before it reads the first answer; chunks and empty lines do not matter."""
    sent = [
        b"GET /%d HTTP/1.1\r\n\r\n" % number if number % 3 else b"POST /%d HTTP/1.1\r\n\r\n" % number
        for number in range(100)
    ]
    sent[3] = b"POST /3 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n\r\n\r\n"
    sent[5] = b"POST /5 HTTP/1.1\r\nContent-Length: 2\r\n\r\nyz\r\n"
    answers = exchange(server, b"".join(sent) + b"GET /last HTTP/1.1\r\nConnection: close\r\n\r\n")
    bodies = [part.partition(b"\r\n\r\n")[2] for part in answers.split(b"HTTP/1.1 200 OK")[1:]]
    expected = [b"/%d " % number for number in range(100)]
    expected[3], expected[5] = b"/3 x", b"/5 yz"
    assert bodies == [*expected, b"/last "]


def test_a_body_is_asked_for_where_the_client_waits_for_that(server: Server) -> None:
    """RFC 9110, section 10.1.1: `Expect: 100-continue`, each time, but not without a body or before an error."""
    expecting = POST + b"Expect: 100-continue\r\n"
    with connect(server) as connection:
        for body in (b"one", b"two"):
            connection.sendall(expecting + b"Content-Length: 3\r\n\r\n")
            assert connection.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
            connection.sendall(body)
            assert connection.recv(65536).endswith(b"/ " + body)
        connection.sendall(expecting + b"Transfer-Encoding: chunked\r\n\r\n")
        assert connection.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"3\r\nsix\r\n0\r\n\r\n")
        assert connection.recv(65536).endswith(b"/ six")
        connection.sendall(expecting + b"Content-Length: 0\r\n\r\n")
        assert connection.recv(65536).startswith(b"HTTP/1.1 200")
        connection.sendall(expecting + b"Content-Length: x\r\n\r\n")
        assert status(read_all(connection)) == 400
    assert status(exchange(server, expecting.replace(b"/1.1", b"/1.0") + b"Content-Length: 1\r\n\r\nx")) == 200
    assert status(exchange(server, expecting + b"Content-Length: %d\r\n\r\n" % (2 * limits.BODY))) == 413


@pytest.mark.parametrize("size", [1, 700, 5000])
def test_an_answer_is_sent_at_once(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The head and the body of an AWS answer go to the kernel in one call, so no client reads half an answer.

    A Terraform provider took the end of the connection between the two for a lost answer, and repeated its request.
    """
    sent: list[bytes] = []
    send = Channel.send

    def recorded(channel: Channel, data: bytes, **options: Any) -> int:
        written = send(channel, data, **options)
        sent.append(bytes(data[:written]))
        return written

    monkeypatch.setattr(Channel, "send", recorded)
    body = b"x" * size
    with serving() as server, connect(server) as connection:
        for _ in range(3):
            connection.sendall(POST + b"Content-Length: %d\r\n\r\n" % size + body)
            answer = http.client.HTTPResponse(connection)
            answer.begin()
            assert answer.read() == b"/ " + body
    assert len(sent) == 3
    assert all(each.startswith(b"HTTP/1.1 200 OK\r\n") and each.endswith(b"\r\n\r\n/ " + body) for each in sent)


def test_a_client_that_sends_no_more_is_answered(server: Server) -> None:
    """A client may close its side of the connection behind the request."""
    with connect(server) as connection:
        connection.sendall(GET + b"\r\n")
        connection.shutdown(socket.SHUT_WR)
        assert status(read_all(connection)) == 200


@pytest.mark.parametrize("sent", [b"", GET, POST + b"Content-Length: 9\r\n\r\nhalf", CHUNKED + b"9\r\nhalf"])
@pytest.mark.parametrize("linger", [b"\0" * 8, b"\1\0\0\0" + b"\0" * 4], ids=["closed", "reset"])
def test_a_client_that_goes_in_the_middle_is_no_fault(
    sent: bytes, linger: bytes, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    """Connections end for many reasons; none of them is worth a line in the log."""
    with connect(server) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        connection.sendall(sent)
    assert get(server.url, "/") == 200
    assert not caplog.records


def test_only_the_wanted_part_of_a_body_is_kept() -> None:
    """An app that refuses bodies of more than some bytes needs one more than these to see that; the rest is dropped."""
    with serving(bytes_wanted=lambda path: 70_000 if path == "/short" else limits.BODY) as server:
        for path, kept in ((b"/short", 70_000), (b"/long", 100_000)):
            head = b"POST %s HTTP/1.1\r\nConnection: close\r\n" % path
            for framed in (
                b"Content-Length: 100000\r\n\r\n" + b"x" * 100_000,
                b"Transfer-Encoding: chunked\r\n\r\n186a0\r\n" + b"x" * 100_000 + b"\r\n0\r\n\r\n",
            ):
                assert exchange(server, head + framed).endswith(b"\r\n\r\n" + path + b" " + b"x" * kept)


def test_bodies_for_mockaws_itself_end_where_it_refuses_them() -> None:
    """A body for other services, or for a control route, may be larger, and is kept whole."""
    own, all_of_it = MAX_BODY + 1, limits.BODY
    with Mock() as mock:
        mock.world("passing", fixture="empty", others="http://127.0.0.1:1")
        wanted = mock.application.endpoint.bytes_wanted
        assert [wanted(path) for path in ("/", "/worlds/new/", "/worlds/x", "/?/_mockaws/")] == [own] * 4
        for path in ("/_mockaws/load", "/worlds/new/%5Fmockaws/load", "/worlds/passing", "/worlds/passing/bucket/key"):
            assert wanted(path) >= all_of_it
        assert mock.worlds.peek("new") is mock.worlds.default
        connection = http.client.HTTPConnection("127.0.0.1", urlsplit(mock.url).port or 0, timeout=PATIENCE)
        target = {"X-Amz-Target": "TrentService.ListKeys", "Content-Type": "application/x-amz-json-1.1"}
        for body in (b"x" * 3 * MAX_BODY, iter([b"x" * MAX_BODY] * 3)):
            connection.request("POST", "/", body, target)
            answer = connection.getresponse()
            assert (answer.status, b"RequestEntityTooLargeException" in answer.read()) == (413, True)
        connection.close()


def answering(code: str, *, length: bool) -> Any:
    """Return an app that answers with *code* and a body."""

    def app(_environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        start_response(code, [("Content-Length", "5")] if length else [])
        return iter([b"he", b"llo"])

    return app


@pytest.mark.parametrize("length", [True, False])
@pytest.mark.parametrize("version", [b"1.1", b"1.0"])
@pytest.mark.parametrize("code", ["200 OK", "400 Bad Request", "500 Internal Server Error"])
def test_an_answer_to_head_has_no_body(code: str, version: bytes, length: bool) -> None:
    """RFC 9110: the headers are those of GET, and nothing is behind them."""
    with serving(answering(code, length=length)) as server:
        head, _, body = exchange(server, b"HEAD / HTTP/%s\r\nConnection: close\r\n\r\n" % version).partition(
            b"\r\n\r\n"
        )
        assert head.split(b" ", 1)[1].startswith(code.encode())
        assert (b"Content-Length: 5" in head) == length
        assert body == b""


@pytest.mark.parametrize("code", ["204 No Content", "304 Not Modified"])
def test_a_status_without_a_body_has_none(code: str) -> None:
    """RFC 9110: 204 and 304 end with their headers."""
    with serving(answering(code, length=True)) as server:
        answer = exchange(server, GET + b"Connection: close\r\n\r\n")
        assert answer.endswith(b"\r\n\r\n")
        assert answer.count(b"\r\n\r\n") == 1


@pytest.mark.parametrize("sent", [b"HEAD http://[/ HTTP/1.1\r\n\r\n", b"HEAD /" + b"a" * 20_000])
def test_a_malformed_head_has_no_body_either(sent: bytes, server: Server) -> None:
    """The client waits for no body, whatever the status is."""
    head, _, body = exchange(server, sent).partition(b"\r\n\r\n")
    assert head.split(b" ")[1] in {b"400", b"414"}
    assert b"Content-Length: " in head
    assert body == b""


def test_head_leaves_the_connection_open(server: Server) -> None:
    """Two requests on one connection: a body would be read as the beginning of the second answer."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
    for method, body in (("HEAD", b""), ("GET", b"/x "), ("HEAD", b""), ("POST", b"/x ")):
        connection.request(method, "/x")
        answer = connection.getresponse()
        assert (answer.read(), answer.headers["Content-Length"]) == (body, "3")
    connection.close()


def test_the_connection_that_has_been_idle_longest_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """All clients of a local server have one address; none may shut out the others by opening all connections."""
    monkeypatch.setattr(limits, "CONNECTIONS", 3)
    with serving() as server, closing(connect(server)) as first, closing(connect(server)) as second:
        first.sendall(GET + b"\r\n")  # so the second has been idle longest
        assert first.recv(65536).startswith(b"HTTP/1.1 200")
        with closing(connect(server)) as third, closing(connect(server)) as fourth:
            for connection in (third, fourth, first):
                connection.sendall(GET + b"\r\n")
                assert connection.recv(65536).startswith(b"HTTP/1.1 200")
            assert second.recv(65536) == b""


def test_a_request_under_way_goes_only_where_nothing_is_idle(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a request is worth more than none; the longer its client takes, the less."""
    monkeypatch.setattr(limits, "CONNECTIONS", 2)
    monkeypatch.setattr(limits, "GRACE_SECONDS", 0.0)
    with serving() as server, closing(connect(server)) as half, closing(connect(server)) as idle:
        half.sendall(GET)
        assert get(server.url, "/") == 200
        assert idle.recv(1) == b""
        half.sendall(b"\r\n")
        assert half.recv(65536).startswith(b"HTTP/1.1 200")
        with closing(connect(server)) as other:
            for connection in (half, other):
                connection.sendall(POST + b"Content-Length: 9\r\n\r\nhalf")
            assert get(server.url, "/") == 200
            assert half.recv(1) == b""


def test_a_client_that_reads_nothing_of_its_answer_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """If no connection is idle, one goes whose client neither sends nor reads."""
    monkeypatch.setattr(limits, "CONNECTIONS", 1)
    monkeypatch.setattr(limits, "GRACE_SECONDS", 0.0)

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        large = environ["PATH_INFO"] == "/large"
        start_response("200 OK", [])
        return (b"x" * (1 << 20) for _ in range(64 if large else 1))

    with serving(app) as server, connect(server) as unread:
        unread.sendall(b"GET /large HTTP/1.1\r\n\r\n")
        assert unread.recv(1) == b"H"
        assert get(server.url, "/") == 200


def test_large_bodies_and_answers_where_there_is_no_file_for_them(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Bodies that mockaws itself takes stay in memory then; larger ones, and larger answers, have no room."""

    def fail(*_: Any, **__: Any) -> Any:
        raise OSError(errno.EMFILE, "Too many open files")

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        start_response("200 OK", [])
        return [b"x" * len(environ["wsgi.input"].read()) * (64 if environ["PATH_INFO"] == "/large" else 0)]

    monkeypatch.setattr(tempfile, "TemporaryFile", fail)
    body = b"Content-Length: 500000\r\nConnection: close\r\n\r\n" + b"x" * 500_000
    with serving(app, bytes_wanted=lambda path: limits.BODY if path == "/other" else MAX_BODY) as server:
        assert status(exchange(server, POST + body)) == 200
        assert status(exchange(server, b"POST /other HTTP/1.1\r\n" + body)) == 413
        assert not caplog.records
        assert len(exchange(server, b"POST /large HTTP/1.1\r\n" + body)) < 64 * 500_000  # the client sees that
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == [
        "mockaws: cannot keep an answer until its client reads it: Too many open files"
    ]


def test_a_connection_whose_request_is_being_answered_stays(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A new connection waits where all others are being answered, and one warning says so."""
    monkeypatch.setattr(limits, "CONNECTIONS", 2)
    over = Event()

    def app(_environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        over.wait(PATIENCE)
        start_response("200 OK", [("Content-Length", "0")])
        return [b""]

    with serving(app) as server, ThreadPoolExecutor(4) as clients:
        asked = [clients.submit(get, server.url, "/") for _ in range(4)]
        while not caplog.records:
            assert not any(one.done() for one in asked)
        over.set()
        assert [one.result(PATIENCE) for one in asked] == [200] * 4
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == [
        "mockaws: cannot accept connections for the moment: all 2 are busy"
    ]


def test_an_answer_after_the_end_was_asked_for_is_the_last_of_its_connection() -> None:
    """The client must not send another request, and what it has sent already is not read."""
    begun, over = Event(), Event()

    def app(_environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        begun.set()
        over.wait(PATIENCE)
        start_response("200 OK", [("Content-Length", "2")])
        return [b"ok"]

    server = Server(app, "127.0.0.1", 0)
    server.start()
    with connect(server) as connection, connect(server) as idle, ThreadPoolExecutor(1) as ending:
        connection.sendall((GET + b"\r\n") * 2)
        assert begun.wait(PATIENCE)
        ended = ending.submit(server.stop)
        assert idle.recv(1) == b""
        over.set()
        answer = read_all(connection)
        assert answer.endswith(b"\r\n\r\nok")
        assert answer.count(b"HTTP/1.1 200 OK") == answer.count(b"Connection: close") == 1
        ended.result(PATIENCE)


def test_a_name_with_several_addresses_is_listened_on_at_each(monkeypatch: pytest.MonkeyPatch) -> None:
    """Clients choose among the addresses of `localhost` as they like, so there is one port for all of them."""
    addresses(monkeypatch, "127.0.0.1", "127.0.0.2")
    with serving(host="localhost") as server:
        for address in ("127.0.0.1", "127.0.0.2"):
            assert get(f"http://{address}:{server.port}", "/") == 200
    for address in ("127.0.0.1", "127.0.0.2"):
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((address, server.port), PATIENCE)


def test_a_port_that_is_free_at_one_address_only_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Port 0 is one that is free at all addresses; a port that was asked for is taken where it is at one of them."""
    addresses(monkeypatch, "127.0.0.1", "127.0.0.2")
    asked: list[Any] = []
    really = socket.socket.bind
    other = socket.socket()

    def bind(listening: socket.socket, address: Any) -> None:
        asked.append(address)
        if len(asked) == 2:
            really(other, address)
            other.listen()
        really(listening, address)

    monkeypatch.setattr(socket.socket, "bind", bind)
    with closing(other), serving(host="localhost") as server:
        assert [host for host, _ in asked] == ["127.0.0.1", "127.0.0.2"] * 2
        assert server.port == asked[-1][1] != asked[1][1]
        with pytest.raises(PortTakenError, match="Address already in use"):
            Server(echo, "localhost", asked[1][1])


def test_addresses_that_this_machine_lacks_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """`localhost` may name ::1 where there is no IPv6; one address that can be listened on is enough, none is not."""
    addresses(monkeypatch, "192.0.2.1", "127.0.0.1")
    with serving(host="localhost") as server:
        assert server.url == f"http://127.0.0.1:{server.port}"
    addresses(monkeypatch, "192.0.2.1")
    with pytest.raises(PortTakenError, match=r"cannot listen on localhost:0: Cannot assign requested address"):
        Server(echo, "localhost", 0)


def addresses(monkeypatch: pytest.MonkeyPatch, *hosts: str) -> None:
    """Make every name one of all *hosts*."""

    def resolve(_host: str, port: int, *_numbers: int, **_options: int) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, port)) for host in hosts]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)


@pytest.mark.parametrize("value", [b"close, X-A", b"X-A ,Close", b"keep-alive, close"])
def test_close_among_other_options(value: bytes) -> None:
    """Connection is a list: https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1."""
    with serving() as server, connect(server) as connection:
        connection.sendall(GET + b"Connection: " + value + b"\r\n\r\n")
        with connection.makefile("rb") as read:
            answer = read.read()
        assert b"Connection: close\r\n" in answer
        assert answer.endswith(b"/ ")


def test_a_client_has_time_for_each_part_of_a_request(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that goes on sending is not slow, however long its request. One that stops sending is."""
    moment = 0.0
    monkeypatch.setattr("mockaws.server.parser.time.monotonic", lambda: moment)
    request = RequestParser(Adjustments(), lambda _: limits.BODY)
    request.received(POST + b"Content-Length: 1000000\r\n\r\n")
    for _ in range(6):
        moment += limits.GRACE_SECONDS
        request.received(b"x" * limits.PART_OF_REQUEST)
        assert not request.is_slow()
    moment += limits.GRACE_SECONDS / 2
    request.received(b"x")
    moment += limits.GRACE_SECONDS
    assert request.is_slow()


def test_two_threads_send_nothing_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """The thread that reads and the one that answers may both find something to send."""
    both, sent = Barrier(2), []

    def send(_channel: Channel, data: bytes, do_close: bool = True) -> int:
        sent.append(bytes(data))
        with suppress(BrokenBarrierError):
            both.wait(0.2)
        return len(data)

    with serving() as server, connect(server) as connection:
        connection.sendall(GET + b"\r\n")
        assert connection.recv(65536).startswith(b"HTTP/1.1 200")
        (channel,) = channels_of(server._map)  # noqa: SLF001 - no other way to a connection
        monkeypatch.setattr(Channel, "send", send)
        with channel.outbuf_lock:
            channel.outbufs[-1].append(b"once")
            channel.total_outbufs_len += len(b"once")
        with ThreadPoolExecutor(2) as threads:
            for flushing in [threads.submit(channel._flush_some) for _ in range(2)]:  # noqa: SLF001
                flushing.result()
        assert b"".join(sent) == b"once"
