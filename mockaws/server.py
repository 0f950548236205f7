"""A WSGI app on a socket: waitress, in the foreground or in a thread, which drains before it stops."""

from __future__ import annotations

import logging
import re
import signal
import time
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, Any

import waitress.server
from waitress import wasyncore
from waitress.channel import ClientDisconnected, HTTPChannel
from waitress.task import ThreadedTaskDispatcher, WSGITask

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

THREADS = 8
MOST_THREADS = 64
DRAIN_SECONDS = 10.0
_POLL_SECONDS = 1.0
_DRAIN_POLL_SECONDS = 0.005
_LAST_CALL_TURNS = 5
_METADATA = re.compile(rb"^X-Amz-Meta-[^:]+", re.MULTILINE)


# It warns of every request that waits for a thread, which is what requests do.
logging.getLogger("waitress.queue").setLevel(logging.ERROR)


class PortTakenError(Exception):
    """The address cannot be listened on."""


class _Task(WSGITask):  # type: ignore[misc]
    """Sends the head and the body of an answer in one write, and lets an app abort the connection.

    With two, an SDK now and then sees the connection end between them and sends the call again, which the second time
    answers that the thing exists already. One write is also the cheaper.
    """

    wrote_header: bool

    def execute(self) -> None:
        """Call the app; where it aborts the connection, that ends as it does when the client is gone."""
        try:
            super().execute()
        except ConnectionAbortedError:
            raise ClientDisconnected from None

    def build_response_header(self) -> bytes:
        """Return the head. waitress capitalizes names, but what S3's metadata is called is data, in small letters."""
        built: bytes = super().build_response_header()
        return _METADATA.sub(lambda name: name[0].lower(), built) if b"X-Amz-Meta-" in built else built

    def write(self, data: bytes) -> None:
        if not self.wrote_header and self.has_body and self.content_length == len(data):
            self.wrote_header = True
            self.content_bytes_written += len(data)
            self.channel.write_soon(self.build_response_header() + data)
        else:
            super().write(data)


class _Channel(HTTPChannel):  # type: ignore[misc]
    task_class = _Task
    request: Any

    def send_continue(self) -> None:
        """Tell a client to go on and send the body, unless there is none left to wait for: an empty object for S3."""
        if self.request.completed:
            self.request.expect_continue = False
        else:
            super().send_continue()


class _Crew(ThreadedTaskDispatcher):  # type: ignore[misc]
    """Takes on another thread when a request finds all of them at work: they may be making RSA keys, for seconds."""

    def add_task(self, task: Any) -> None:
        super().add_task(task)
        with self.lock:
            present = len(self.threads) - self.stop_count
            too_few = len(self.queue) > present - self.active_count
        if too_few and present < MOST_THREADS:
            self.set_thread_count(present + 1)


class Server:
    """One listening server; `url` says where, also when the port was 0."""

    def __init__(self, app: Any, host: str, port: int) -> None:
        """Listen, but answer nobody before `start` or `run`. Raises PortTakenError."""
        self._map: dict[int, Any] = {}
        self._stopping = Event()
        self._thread: Thread | None = None
        crew = _Crew()
        crew.set_thread_count(THREADS)
        try:
            self._server = waitress.server.create_server(
                app,
                map=self._map,
                host=host,
                port=port,
                _dispatcher=crew,
                connection_limit=1000,
                backlog=1024,
                channel_timeout=300,
                asyncore_use_poll=True,
                clear_untrusted_proxy_headers=False,
                ident="mockaws",
            )
        except (OSError, ValueError) as error:
            crew.shutdown()
            wasyncore.close_all(self._map)
            # A ValueError of waitress is about the host: all else that it is told is as it should be.
            reason = error.strerror or error if isinstance(error, OSError) else "there is no such host"
            raise PortTakenError(f"cannot listen on {host}:{port}: {reason}") from None
        for dispatcher in self._map.values():
            if hasattr(dispatcher, "channel_class"):
                dispatcher.channel_class = _Channel
        listening = getattr(self._server, "effective_listen", None)
        shown_host, self.port = listening[0] if listening else (host, self._server.effective_port)
        shown_host = host if shown_host in {"0.0.0.0", "::"} else shown_host  # noqa: S104 - shown, not bound
        self.url = f"http://[{shown_host}]:{self.port}" if ":" in shown_host else f"http://{shown_host}:{self.port}"

    def start(self) -> None:
        """Serve in a thread of its own."""
        self._thread = Thread(target=self._loop, name="mockaws-server", daemon=True)
        self._thread.start()

    def run(self, ready: Callable[[], None]) -> None:
        """Serve in this thread until SIGINT or SIGTERM; then answer what has arrived, and return.

        *ready* is called when either may come.
        """

        def stop(_signal: int, _frame: FrameType | None) -> None:
            self._ask_to_stop()

        before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            ready()
            self._loop()
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def stop(self) -> None:
        """Answer what has arrived, then stop listening and end the thread."""
        self._ask_to_stop()
        if self._thread is not None:
            self._thread.join()
        else:
            self._loop()

    def _ask_to_stop(self) -> None:
        self._stopping.set()
        self._server.pull_trigger()

    def _loop(self) -> None:
        while not self._stopping.is_set():
            self._turn(_POLL_SECONDS)
        # What lies in the kernel when the end is asked for has arrived: it is accepted and read before the door closes.
        for _ in range(_LAST_CALL_TURNS):
            self._turn(_DRAIN_POLL_SECONDS)
        for listener in list(self._map.values()):
            if hasattr(listener, "channel_class"):
                listener.accepting = False
        deadline = time.monotonic() + DRAIN_SECONDS
        while self._busy() and time.monotonic() < deadline:
            self._turn(_DRAIN_POLL_SECONDS)
        self._server.task_dispatcher.shutdown()
        for channel in self._channels():
            channel.handle_close()  # which also closes the file that a large answer was kept in
        wasyncore.close_all(self._map)

    def _turn(self, seconds: float) -> None:
        """Handle what is ready on any socket; wait up to *seconds* for the first."""
        wasyncore.loop(timeout=seconds, use_poll=True, map=self._map, count=1)

    def _busy(self) -> bool:
        """Tell whether a request is arriving or being answered, or an answer is not sent yet."""
        return any(channel.requests or channel.request or channel.total_outbufs_len for channel in self._channels())

    def _channels(self) -> list[Any]:
        return [dispatcher for dispatcher in self._map.values() if isinstance(dispatcher, HTTPChannel)]


class ServerOnDemand:
    """A server that listens when somebody first wants it to, so that who needs no socket has none."""

    def __init__(self, app: Any, host: str, port: int) -> None:
        self._make: Callable[[], Server] = lambda: Server(app, host, port)
        self._server: Server | None = None
        self._lock = Lock()
        self.serving = False

    def listen(self) -> Server:
        """Return the server, which listens from the first time on. Raises PortTakenError."""
        with self._lock:
            if self._server is None:
                self._server = self._make()
            return self._server

    @property
    def url(self) -> str:
        """Where it listens."""
        return self.listen().url

    def start(self) -> None:
        """Serve in a thread, unless it does already."""
        server = self.listen()
        with self._lock:
            if not self.serving:
                server.start()
                self.serving = True

    def run(self, ready: Callable[[], None]) -> None:
        """Serve in this thread until it is told to stop; see `Server.run`."""
        server, self.serving = self.listen(), True
        server.run(ready)
        self.serving = False

    def stop(self) -> None:
        """Answer what has arrived, then stop, if it serves."""
        with self._lock:
            server, self._server, self.serving = self._server, None, False
        if server is not None:
            server.stop()
