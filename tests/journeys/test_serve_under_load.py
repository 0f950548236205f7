"""`mockaws serve` under load: many connections, few file descriptors, and requests without pause."""

from __future__ import annotations

import http.client
import json
import signal
import socket
import sys
import threading
import time
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

import pytest

from tests.journeys.command import Serving
from tests.wire import signature

if TYPE_CHECKING:
    from types import TracebackType

PATIENCE = 60.0


def port_of(server: Serving) -> int:
    """Return the port of a server."""
    port = urlsplit(server.url).port
    assert port is not None
    return port


def ask(connection: http.client.HTTPConnection, operation: str, **document: object) -> tuple[int, object]:
    """Return the status and the document of an answer of KMS."""
    send(connection, operation, **document)
    answer = connection.getresponse()
    return answer.status, json.loads(answer.read())


def send(connection: http.client.HTTPConnection, operation: str, **document: object) -> None:
    """Send a request for KMS."""
    headers = {
        "X-Amz-Target": f"TrentService.{operation}",
        "Content-Type": "application/x-amz-json-1.1",
        "Authorization": signature("kms"),
    }
    connection.request("POST", "/", json.dumps(document), headers)


def connect(server: Serving) -> http.client.HTTPConnection:
    """Return a connection for requests."""
    return http.client.HTTPConnection("127.0.0.1", port_of(server), timeout=PATIENCE)


@pytest.mark.parametrize(
    ("sent", "count"),
    [
        pytest.param(b"", 150, id="idle"),
        pytest.param(b"POST / HTTP/1.1\r\n", 60, id="half a header", marks=pytest.mark.slow),
        pytest.param(b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nhalf", 60, id="half a body", marks=pytest.mark.slow),
    ],
)
def test_more_connections_than_file_descriptors(sent: bytes, count: int) -> None:
    """With 64 file descriptors and 150 connections, the next client is answered, and the log has one line of it."""
    with limited_to(64, "--quiet") as server, ExitStack() as held:
        for _ in range(count):
            connection = held.enter_context(socket.create_connection(("127.0.0.1", port_of(server)), PATIENCE))
            connection.sendall(sent)
        for _ in range(3):
            with closing(connect(server)) as client:
                assert ask(client, "ListKeys")[0] == 200
        held.close()
        with closing(connect(server)) as client:
            assert ask(client, "ListKeys")[0] == 200
        status, _, log = server.stop(signal.SIGTERM)
    assert status == 0
    assert len(log.splitlines()) <= 1
    assert "Traceback" not in log


def test_a_thousand_idle_connections_leave_room_for_another() -> None:
    """The connection that has been idle longest makes room; a client that works meanwhile keeps its own."""
    with Serving("--quiet") as server, ExitStack() as held, closing(connect(server)) as client:
        for number in range(1200):
            held.enter_context(socket.create_connection(("127.0.0.1", port_of(server)), PATIENCE))
            if number % 100 == 0:
                assert ask(client, "ListKeys")[0] == 200
        with closing(connect(server)) as other:
            assert ask(other, "ListKeys")[0] == 200
        assert server.stop(signal.SIGTERM) == (0, "", "")


def limited_to(descriptors: int, *flags: str) -> Serving:
    """Return a server with a limited number of file descriptors."""
    server = Serving(*flags)
    server.command = ["/bin/sh", "-c", f'ulimit -n {descriptors} && exec "$@"', "sh", *server.command]
    return server


class Keepers:
    """Clients that send one request after the other on a connection, and open another when it is closed."""

    def __init__(self, server: Serving, count: int) -> None:
        self.answers = 0
        self.lost: list[str] = []
        self._port = port_of(server)
        self._threads = [threading.Thread(target=self._ask) for _ in range(count)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        while self.answers < len(self._threads):
            time.sleep(0.01)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for thread in self._threads:
            thread.join(PATIENCE)

    def _ask(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE)
        while True:
            try:
                connection.request("GET", "/_mockaws/health")
            except OSError:
                break  # the server has ended
            try:
                answer = connection.getresponse()
                answer.read()
            except (http.client.RemoteDisconnected, ConnectionResetError):
                break  # the connection was closed before the request was read
            except (http.client.HTTPException, OSError) as error:
                self.lost.append(repr(error))
                break
            self.answers += 1
        connection.close()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_clients_that_never_stop_do_not_keep_a_server_from_its_end(number: int) -> None:
    """From the signal on each answer is the last of its connection, and no answer ends half-way."""
    with Serving("--quiet") as server, Keepers(server, 16) as clients:
        assert server.stop(number) == (0, "", "")
    assert clients.lost == []
    assert clients.answers > 16


def test_a_request_that_takes_long_does_not_keep_a_server_from_its_end() -> None:
    """A request that takes longer than the time to drain ends with the server: Docker would end both."""
    with Serving("--quiet") as server, closing(connect(server)) as client, closing(connect(server)) as waiting:
        fault = json.dumps({"operation": "kms:ListKeys", "latency": "PT1M"})
        client.request("POST", "/_mockaws/faults", fault, {"Content-Type": "application/json"})
        assert client.getresponse().read()
        send(waiting, "ListKeys")
        struck = 0
        while not struck:
            client.request("GET", "/_mockaws/faults")
            struck = json.loads(client.getresponse().read())["faults"][0]["struck"]
        status, _, log = server.stop(signal.SIGTERM)
        assert (status, log) == (0, "mockaws: ended without an answer to 1 requests\n")
        with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
            waiting.getresponse()


def test_a_second_signal_ends_a_server_at_once() -> None:
    """Ctrl-C twice: what arrives or is answered is not waited for."""
    with Serving("--quiet") as server, socket.create_connection(("127.0.0.1", port_of(server)), PATIENCE) as half:
        half.sendall(b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nhalf")
        server.process.send_signal(signal.SIGINT)
        status, _, log = server.stop(signal.SIGINT)
        assert status == 0
        assert "Traceback" not in log
        assert half.recv(1) == b""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_many_signals_are_one_end(number: int) -> None:
    """Impatient users press Ctrl-C more than twice; the end stays an orderly one."""
    with Serving("--quiet") as server:
        while server.process.poll() is None:
            server.process.send_signal(number)
            time.sleep(0.002)
        assert server.stop(number) == (0, "", "")


_TWO_ADDRESSES = """
import socket, sys
from mockaws.cli import main
socket.getaddrinfo = lambda host, port, *_, **__: [
    (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port)),
    (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("::1", port, 0, 0)),
    (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.2", port)),
]
sys.exit(main(sys.argv[1:]))
"""


def test_a_server_with_several_addresses_ends_as_one() -> None:
    """`--host localhost` may be ::1 and 127.0.0.1: one port, one end, and none where this machine has no IPv6."""
    server = Serving("--host", "localhost", "--quiet")
    server.command = [sys.executable, "-c", _TWO_ADDRESSES, *server.command[1:]]
    with server:
        port = port_of(server)
        for host in ("127.0.0.1", "127.0.0.2", "::1"):
            if host == "::1" and not has_ipv6():
                continue
            with closing(http.client.HTTPConnection(host, port, timeout=PATIENCE)) as client:
                assert ask(client, "ListKeys")[0] == 200
        with Keepers(server, 4):
            assert server.stop(signal.SIGTERM) == (0, "", "")


def has_ipv6() -> bool:
    """Return True if this machine has ::1."""
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            return True
    except OSError:
        return False
