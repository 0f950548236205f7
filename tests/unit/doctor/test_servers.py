"""The servers on a port and behind an endpoint."""

from __future__ import annotations

import json
import socket
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest

from mockaws import Mock, __version__
from mockaws.doctor import servers
from mockaws.doctor.findings import Grade

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.unit.doctor.conftest import Examined


@contextmanager
def answering(**documents: Any) -> Iterator[int]:
    """Serve documents by the first part of their path, and yield the port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            document = documents.get(self.path.split("/")[1].lstrip("_"))
            body = json.dumps(document).encode()
            self.send_response(200 if document else 404)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Do nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


def free_port() -> int:
    """Return a free port."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def test_a_free_port() -> None:
    """`mockaws serve` can have it."""
    port = free_port()
    found = servers.check_port(port)
    assert (found.grade, found.found) == (Grade.OK, f"127.0.0.1:{port} is free")
    assert servers.check_port(0).grade is Grade.OK


def test_a_mockaws(surroundings: Examined) -> None:
    """Its version and the fixture that it was started with are told, also behind the path of a world."""
    with Mock(fixture="one-hsm") as mock:
        words = f"mockaws {__version__}, fixture one-hsm answers on "
        found = servers.check_port(int(mock.url.rpartition(":")[2]))
        assert (found.grade, found.found.startswith(words)) == (Grade.OK, True)
        (found,) = servers.check_endpoints(surroundings(AWS_ENDPOINT_URL=f"{mock.url}/worlds/pr-1"))
        assert (found.grade, found.found) == (Grade.OK, f"{words}{mock.url}/worlds/pr-1")


@pytest.mark.parametrize(
    ("documents", "words"),
    [
        (
            {"mockaws": {"version": "0.0.1", "status": "running"}},
            f"mockaws 0.0.1 answers on|this command is {__version__}",
        ),
        ({"localstack": {"services": {}, "version": "4.1"}}, "taken by LocalStack 4.1"),
        ({"mockaws": [1]}, "taken by something else"),
        ({}, "taken by something else"),
    ],
)
def test_others(documents: dict[str, Any], words: str) -> None:
    """A mockaws of another version, LocalStack and anything else are told apart."""
    with answering(**documents) as port:
        found = servers.check_port(port)
    assert found.grade is Grade.WARNING
    for part in words.split("|"):
        assert part in found.found


def test_something_that_does_not_speak_http() -> None:
    """A server that sends nothing, or no HTTP, takes the port all the same."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        thread = Thread(target=_babble, args=(listener,))
        thread.start()
        found = servers.check_port(listener.getsockname()[1])
        thread.join()
    assert "taken by something else" in found.found


def _babble(listener: socket.socket) -> None:
    for _ in range(2):
        with listener.accept()[0] as connection:
            connection.recv(1000)
            connection.sendall(b"SSH-2.0-OpenSSH\r\n")


def test_endpoints(surroundings: Examined) -> None:
    """An endpoint where nothing answers, or something else, is no good; each is asked once."""
    (found,) = servers.check_endpoints(surroundings(AWS_ENDPOINT_URL=f"http://127.0.0.1:{free_port()}"))
    assert (found.grade, found.remedy) == (Grade.PROBLEM, ("start it: mockaws serve",))
    with answering(localstack={"services": {}}) as port:
        (found,) = servers.check_endpoints(surroundings(AWS_ENDPOINT_URL_KMS=f"http://127.0.0.1:{port}"))
    assert found.grade is Grade.WARNING
    assert "AWS_ENDPOINT_URL_KMS" in found.found


@pytest.mark.parametrize("url", ["https://kms.us-east-1.amazonaws.com", "https://kms.cn-north-1.amazonaws.com.cn"])
def test_aws_is_never_asked(surroundings: Examined, url: str) -> None:
    """An endpoint of AWS's own is for `real AWS` to tell of."""
    assert not list(servers.check_endpoints(surroundings(AWS_ENDPOINT_URL=url)))
    assert not list(servers.check_endpoints(surroundings()))


@pytest.mark.parametrize("url", ["localhost:4566", "http://", "http://[", "http://127.0.0.1:none"])
def test_no_url(surroundings: Examined, url: str) -> None:
    """A text that is no URL leads nowhere."""
    (found,) = servers.check_endpoints(surroundings(AWS_ENDPOINT_URL=url))
    assert found.grade is Grade.PROBLEM
