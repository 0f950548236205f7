"""Waits and errors of a well-behaved client while other clients abuse the server.

python -m bench.abuse [--seconds N] [--only "NAME;..."]

Each kind of abuse lasts a few seconds, from a process of its own. Meanwhile one client asks for DescribeKey every 5 ms,
and the server's memory, its errors and what it prints are watched.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import multiprocessing
import os
import platform
import re
import resource
import signal
import socket
import sys
import time
from typing import TYPE_CHECKING

from bench import load, wire
from bench.operations import new_key
from bench.peers import ENVIRONMENTS, ROOT
from bench.process import ServerProcess, StartError, free_port
from bench.results import Watched
from bench.targets import abused
from bench.wire import HOST, CallError, Connection

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    Abuse = Callable[[int, float], None]

SECONDS, MAX_SECONDS = 5.0, 600.0
_INTERVAL = 0.005
_SETTLING_SECONDS = 0.5
_MEGABYTE = 1 << 20
_IDLE_CONNECTIONS, _SLOW_CONNECTIONS, _REFUSED_CALLS = 1000, 200, 600
_LAST_ANSWER_SECONDS = 30.0
_CLIENT_SECONDS = 10.0
_CALLS_A_CONNECTION = 20
_COLUMNS = {
    "": 28,
    "calls": 8,
    "median": 11,
    "99 of 100": 11,
    "longest": 11,
    "errors": 8,
    "memory": 11,
    "tracebacks": 12,
}
_TRACEBACKS = re.compile("^Traceback|uncaptured python exception", re.MULTILINE)


def _opened(port: int) -> socket.socket:
    connected = socket.create_connection((HOST, port), _CLIENT_SECONDS)
    connected.settimeout(_CLIENT_SECONDS)
    return connected


def _repeated(attempt: Callable[[], None], until: float) -> None:
    """Do the same until it is time; a server that hangs up is what is wanted."""
    while time.monotonic() < until:
        with contextlib.suppress(OSError):
            attempt()


def nothing(_port: int, _until: float) -> None:
    """Do no harm: what all others are compared with."""


def idle_connections(port: int, until: float) -> None:
    """Keep 1,000 connections that send nothing, and open each again that the server closes."""
    kept: list[socket.socket] = []

    def another() -> None:
        kept.append(_opened(port))
        kept[-1].setblocking(False)
        if len(kept) >= _IDLE_CONNECTIONS:
            time.sleep(_INTERVAL)
            kept.pop(0).close()

    _repeated(another, until)


def slow_clients(port: int, until: float) -> None:
    """Send requests one byte at a time, 200 of them at once."""
    request = wire.kms("ListKeys")
    clients = [(_opened(port), itertools.cycle(request)) for _ in range(_SLOW_CONNECTIONS)]

    def byte_each() -> None:
        for connected, following in clients:
            with contextlib.suppress(OSError):
                connected.send(bytes([next(following)]))
        time.sleep(_INTERVAL)

    _repeated(byte_each, until)


def refused_calls(port: int, until: float) -> None:
    """Make 600 calls of 1 MB each that are refused."""
    request = wire.kms("CreateKey", Description="x" * (_MEGABYTE - 1024))
    for _ in range(_REFUSED_CALLS):
        if time.monotonic() >= until:
            return
        with contextlib.suppress(CallError), Connection(port) as connection:
            connection.call(request)


def large_bodies(port: int, until: float) -> None:
    """Send bodies of 256 MB, most of which the server has no use for."""
    head = f"PUT /_mockaws/state HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: {256 * _MEGABYTE}\r\n\r\n".encode()
    _endless(port, until, head, b"#" * 65536)


def chunk_size_lines(port: int, until: float) -> None:
    """Send the size of a chunk, without an end."""
    _endless(port, until, _chunked(), b"0" * 16384)


def trailers(port: int, until: float) -> None:
    """Send trailers, without an end."""
    _endless(port, until, _chunked() + b"0\r\n", b"X: y\r\n" * 2048)


def headers(port: int, until: float) -> None:
    """Send headers, without an end."""
    _endless(port, until, f"POST / HTTP/1.1\r\nHost: {HOST}\r\n".encode(), b"X: y\r\n" * 2048)


def large_documents(port: int, until: float) -> None:
    """Load 3 MB of YAML, over and over."""
    nested = b"".join(b"- {a: [1, 2, 3, {b: c}], d: e}\n" for _ in range(3 * _MEGABYTE // 31))
    body = b"description: x\nclusters:\n" + nested
    head = f"PUT /_mockaws/state HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: {len(body)}\r\n\r\n".encode()

    def attempt() -> None:
        with _opened(port) as connected:
            connected.sendall(head + body)
            connected.recv(65536)

    _repeated(attempt, until)


def connection_churn(port: int, until: float) -> None:
    """Connect and hang up, as fast as that goes, sometimes in the middle of a request."""
    half = wire.kms("ListKeys")[:200]

    def attempt() -> None:
        with _opened(port) as connected:
            connected.sendall(half)
        _opened(port).close()

    _repeated(attempt, until)


def broken_requests(port: int, until: float) -> None:
    """Send malformed requests, each on a new connection."""
    broken = (
        b"GET http://[/ HTTP/1.1\r\n\r\n",
        b"\x00" * 500,
        b"POST / HTTP/1.1\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n",
    )
    following = itertools.cycle(broken)

    def attempt() -> None:
        with _opened(port) as connected:
            connected.sendall(next(following))
            connected.recv(65536)

    _repeated(attempt, until)


def _chunked() -> bytes:
    return f"POST / HTTP/1.1\r\nHost: {HOST}\r\nTransfer-Encoding: chunked\r\n\r\n".encode()


def _endless(port: int, until: float, beginning: bytes, more: bytes) -> None:
    """Send *beginning* and then *more* until the server hangs up, on one connection after the other."""

    def attempt() -> None:
        with _opened(port) as connected:
            connected.sendall(beginning)
            while time.monotonic() < until:
                connected.sendall(more)

    _repeated(attempt, until)


ABUSES: dict[str, Abuse] = {
    "nothing": nothing,
    "1,000 idle connections": idle_connections,
    "200 slow clients": slow_clients,
    "600 refused calls of 1 MB": refused_calls,
    "bodies of 256 MB": large_bodies,
    "endless chunk size lines": chunk_size_lines,
    "endless trailers": trailers,
    "endless headers": headers,
    "3 MB of YAML": large_documents,
    "connection churn": connection_churn,
    "broken requests": broken_requests,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and report; 1 if a call was not answered, or if the server printed a traceback."""
    options = _parser().parse_args(arguments)
    if sys.platform != "linux":
        print("bench: reads a server's memory from /proc and so needs Linux", file=sys.stderr)
        return 1
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    try:
        found = [_watched(name, options.seconds) for name in options.only]
    except (StartError, CallError, OSError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    print(_text(found, options.seconds))
    return 0 if all(each.unharmed for each in found) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.abuse", description="Measure the effect of abuse on others.")
    parser.add_argument(
        "--seconds", type=_seconds, default=SECONDS, metavar="N", help="of each kind (default: %(default)s)"
    )
    names = ", ".join(ABUSES)
    parser.add_argument("--only", type=_names, default=list(ABUSES), metavar="NAME;...", help=f"some of: {names}")
    return parser


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds <= MAX_SECONDS:
        raise argparse.ArgumentTypeError(f"a number of seconds up to {MAX_SECONDS:.0f} is expected, not {text}")
    return seconds


def _names(text: str) -> list[str]:
    names = text.split(";")
    unknown = [name for name in names if name not in ABUSES]
    if unknown:
        raise argparse.ArgumentTypeError(f"there are {'; '.join(ABUSES)}, and not {'; '.join(unknown)}")
    return names


def _watched(name: str, seconds: float) -> Watched:
    """Watch a new server while it is abused. Raises StartError, and CallError if it does not answer afterwards."""
    print(f"{name} ...", file=sys.stderr, flush=True)
    with _serving() as (server, log):
        with Connection(server.port) as connection:
            request = wire.kms("DescribeKey", KeyId=new_key(connection))
        before, until = server.memory(), time.monotonic() + seconds
        abuser = multiprocessing.get_context("fork").Process(
            target=_abuse, args=(name, server.port, until), daemon=True
        )
        abuser.start()
        try:
            waits, errors = _waits(server.port, request, until)
        finally:
            abuser.kill()
            abuser.join()
        time.sleep(_SETTLING_SECONDS)
        with Connection(server.port, _LAST_ANSWER_SECONDS) as connection:
            connection.call(request)
        growth = server.memory() - before
    return Watched(name, waits, errors, growth, len(_TRACEBACKS.findall(log.read_text(errors="replace"))))


def _abuse(name: str, port: int, until: float) -> None:
    with contextlib.suppress(OSError):
        ABUSES[name](port, until)
    time.sleep(max(0.0, until - time.monotonic()))


@contextlib.contextmanager
def _serving() -> Iterator[tuple[ServerProcess, Path]]:
    """Yield a server that answers, and the file that it prints to. Raises StartError."""
    ENVIRONMENTS.mkdir(exist_ok=True)
    port, log = free_port(), ENVIRONMENTS / "abuse.log"
    command = [sys.executable, "-m", "mockaws", "serve", "--quiet", "--port", str(port)]
    with ServerProcess(command, os.environ, port, ROOT, log) as server:
        server.first_answer(wire.kms(load.FIRST_KMS_CALL))
        yield server, log


def _waits(port: int, request: bytes, until: float) -> tuple[list[float], list[str]]:
    """Ask at even intervals; return how long after its time each was answered, and what was no answer.

    The client opens another connection after some calls. While one call waits, those due after it wait, too.
    """
    waits: list[float] = []
    errors: list[str] = []
    with Connection(port, _CLIENT_SECONDS) as connection:
        due = time.monotonic()
        while due < until:
            time.sleep(max(0.0, due - time.monotonic()))
            try:
                connection.call(request)
            except CallError as error:
                errors.append(str(error))
            waits.append(time.monotonic() - due)
            due += _INTERVAL
            if len(waits) % _CALLS_A_CONNECTION == 0:
                connection.close()
            if time.monotonic() > until + _CLIENT_SECONDS:
                errors.append(f"{int((until - due) / _INTERVAL)} calls had no turn")
                break
    return waits, errors


def _text(found: Sequence[Watched], seconds: float) -> str:
    lines = [
        f"Python {platform.python_version()}, {os.cpu_count()} CPUs; load {os.getloadavg()[0]:.1f}.",
        f"DescribeKey every 5 ms while a server is abused for {seconds:g} seconds in each of these ways.",
        "",
        "  " + "".join(f"{title:>{width}}" for title, width in _COLUMNS.items()),
    ]
    for each in found:
        times = "".join(f"{each.percentile(share) * 1e3:>8.1f} ms" for share in (0.5, 0.99, 1.0))
        memory = f"{each.growth:>+8.1f} MB"
        lines.append(f"  {each.name:28}{len(each.waits):>8}{times}{len(each.errors):>8}{memory}{each.tracebacks:>12}")
        lines += [f"      {error}" for error in each.errors[:1]]
    verdicts = [abused(each) for each in found]
    lines += ["", "Targets", *(f"  {verdict.verdict}  {verdict.target}: {verdict.outcome}" for verdict in verdicts)]
    return "\n".join(lines)


if __name__ == "__main__":
    # Leaving as after an error ends the server and the abuser too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
