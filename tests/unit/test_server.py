"""The server's threads, on a real socket."""

from __future__ import annotations

import http.client
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from mockaws.server import THREADS, Server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

MORE = 3
PATIENCE = 60.0


def get(url: str, path: str) -> int:
    """Return the status of an answer."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=PATIENCE)
    connection.request("GET", path)
    status = connection.getresponse().status
    connection.close()
    return status


@pytest.mark.parametrize("count", [THREADS, THREADS + MORE])
def test_a_request_does_not_wait_for_many_that_take_long(count: int) -> None:
    """Clients may ask for many RSA keys at once; whoever asks for something else meanwhile gets it."""
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
