"""A WSGI application on a socket: waitress, in the foreground or in a thread, which drains before it stops."""

from __future__ import annotations

import logging
import signal
import socket
import sys
import time
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, Any

from waitress import wasyncore
from waitress.adjustments import Adjustments

from mockaws.server import limits
from mockaws.server.connections import MOST_THREADS, Crew, Listener, channels_of
from mockaws.server.sockets import bind

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

__all__ = ["MOST_THREADS", "THREADS", "PortTakenError", "Server", "ServerOnDemand"]

THREADS = 8
_POLL_SECONDS = 1.0
_DRAIN_POLL_SECONDS = 0.005
_LAST_CALL_SECONDS = 0.025
_SHUTDOWN_SECONDS = 0.1
_ANY_ADDRESS = frozenset({"0.0.0.0", "::"})  # noqa: S104 - shown, not bound

_log = logging.getLogger("mockaws.server")
# It warns of every request that waits for a thread, and all requests do.
logging.getLogger("waitress.queue").setLevel(logging.ERROR)


class PortTakenError(Exception):
    """The server cannot listen: its host has no usable address, or its port is taken."""


def _any_body(_target: str) -> int:
    return limits.BODY


class Server:
    """One listening server; `url` has its port, also if the setting was 0."""

    def __init__(self, app: Any, host: str, port: int, *, bytes_wanted: Callable[[str], int] = _any_body) -> None:
        """Listen at each address of *host*, but answer nothing before `start` or `run`.

        *bytes_wanted* returns how many bytes of a body the app reads for a target; the server drops the rest.
        Raises PortTakenError if *host* has no address that can be listened on, or *port* is taken at one of them.
        """
        try:
            sockets = bind(host, port)
        except (OSError, ValueError, OverflowError) as error:
            raise PortTakenError(f"cannot listen on {host}:{port}: {_reason(error)}") from None
        self._map: dict[int, Any] = {}
        self._stopping = Event()
        self._hurrying = Event()
        self._thread: Thread | None = None
        self._crew = Crew()
        self._crew.set_thread_count(THREADS)
        adjustments = Adjustments(
            connection_limit=sys.maxsize,  # a listener has its own
            backlog=1024,
            channel_timeout=limits.IDLE_SECONDS,
            asyncore_use_poll=True,
            clear_untrusted_proxy_headers=False,
            ident="mockaws",
            max_request_header_size=2 * limits.HEAD,  # the parser refuses before waitress does
            max_request_body_size=limits.BODY,
        )
        self._listeners = [
            Listener(app, bound, crew=self._crew, adj=adjustments, map=self._map, bytes_wanted=bytes_wanted)
            for bound in sockets
        ]
        self.port: int = sockets[0].getsockname()[1]
        addresses = [bound.getsockname()[0] for bound in sockets]
        # Not every client reads the brackets of an IPv6 address.
        shown = host if host in _ANY_ADDRESS else min(addresses, key=lambda address: ":" in address)
        self.url = f"http://[{shown}]:{self.port}" if ":" in shown else f"http://{shown}:{self.port}"

    def start(self) -> None:
        """Serve in a thread of its own."""
        self._thread = Thread(target=self._loop, name="mockaws-server", daemon=True)
        self._thread.start()

    def run(self, ready: Callable[[], None]) -> None:
        """Serve in this thread until SIGINT or SIGTERM; then answer the requests that have arrived, and return.

        A second signal makes it return at once. *ready* is called once the signals are handled.
        """

        def stop(_signal: int, _frame: FrameType | None) -> None:
            if self._stopping.is_set():
                self._hurrying.set()
            self._ask_to_stop()

        before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            ready()
            self._loop()
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def stop(self) -> None:
        """Answer the requests that have arrived, then stop listening and end the thread."""
        self._ask_to_stop()
        if self._thread is not None:
            self._thread.join()
        else:
            self._loop()

    def _ask_to_stop(self) -> None:
        self._crew.draining = True
        self._stopping.set()
        self._listeners[0].pull_trigger()

    def _loop(self) -> None:
        while not self._stopping.is_set():
            self._turn(limits.PAUSE_SECONDS if any(door.is_paused for door in self._listeners) else _POLL_SECONDS)
        self._drain()
        channels = channels_of(self._map)
        if unanswered := sum(channel.is_busy() for channel in channels):
            _log.warning("mockaws: ended without an answer to %d requests", unanswered)
        self._crew.end(0 if unanswered else _SHUTDOWN_SECONDS)
        for channel in channels:
            channel.handle_close()  # which also closes the file that a large answer was kept in
        for listener in self._listeners:
            listener.close()
        wasyncore.close_all(self._map)

    def _drain(self) -> None:
        """Answer the requests that have arrived, the last one of each connection, within the time limit."""
        deadline = time.monotonic() + limits.DRAIN_SECONDS
        # Connections in the kernel's queue have arrived: they are accepted and read before the sockets close.
        last_call = time.monotonic() + _LAST_CALL_SECONDS
        while time.monotonic() < last_call:
            self._turn(_DRAIN_POLL_SECONDS)
        self._crew.door_closed = True
        for listener in self._listeners:
            wasyncore.dispatcher.close(listener)  # its trigger still wakes this thread
        while not self._hurrying.is_set() and time.monotonic() < deadline:
            channels = channels_of(self._map)
            for channel in channels:
                if not (channel.is_busy() or channel.is_lingering()):
                    channel.handle_close()
            if not channels:
                break
            self._turn(_DRAIN_POLL_SECONDS)

    def _turn(self, seconds: float) -> None:
        """Handle what is ready on any socket; wait up to *seconds* for the first."""
        wasyncore.loop(timeout=seconds, use_poll=True, map=self._map, count=1)


def _reason(error: OSError | ValueError | OverflowError) -> str:
    if isinstance(error, OSError) and not isinstance(error, socket.gaierror):
        return error.strerror or str(error)
    return "there is no such host"


class ServerOnDemand:
    """A server that listens when it is first needed, so that clients in the same process need no socket."""

    def __init__(self, app: Any, host: str, port: int, bytes_wanted: Callable[[str], int] = _any_body) -> None:
        self._make: Callable[[], Server] = lambda: Server(app, host, port, bytes_wanted=bytes_wanted)
        self._server: Server | None = None
        self._lock = Lock()
        self.serving = False

    def listen(self) -> Server:
        """Return the server; the first call makes it listen. Raises PortTakenError if it cannot."""
        with self._lock:
            if self._server is None:
                self._server = self._make()
            return self._server

    def start(self) -> None:
        """Serve in a thread, unless it serves already."""
        server = self.listen()
        with self._lock:
            if not self.serving:
                server.start()
                self.serving = True

    def run(self, ready: Callable[[], None]) -> None:
        """Serve in this thread until a signal; see `Server.run`."""
        server, self.serving = self.listen(), True
        server.run(ready)
        self.serving = False

    def stop(self) -> None:
        """Answer the requests that have arrived, then stop, if it serves."""
        with self._lock:
            server, self._server, self.serving = self._server, None, False
        if server is not None:
            server.stop()
