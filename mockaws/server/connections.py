"""Listeners, their connections, and the threads that answer: waitress's classes, with limits.

waitress stops accepting at its limit of connections, so one client that opens them all shuts out the others. A limit
for each address would not help, because all clients of a local server have one address. So the connection that has been
idle longest makes room for a new one.
"""

from __future__ import annotations

import errno
import logging
import socket
import time
from typing import TYPE_CHECKING, Any

from waitress.channel import ClientDisconnected, HTTPChannel
from waitress.server import TcpWSGIServer
from waitress.task import ThreadedTaskDispatcher

from mockaws.clock import Clock
from mockaws.server import limits, sockets
from mockaws.server.parser import RequestParser
from mockaws.server.tasks import AppAnswer, Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from socket import socket as Socket  # noqa: N812 - the classes here have an attribute of its name
    from threading import Condition

MOST_THREADS = 64
_ACCEPTED_AT_ONCE = 16
_LINGER_READ = 64 << 10
_NO_ROOM = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
_clock = Clock()
_log = logging.getLogger("mockaws.server")


class Channel(HTTPChannel):  # type: ignore[misc]
    """One connection."""

    task_class = AppAnswer
    error_task_class = Refusal
    lingers = False
    _lingers_until = 0.0
    _left_unread = limits.LINGER_BYTES
    server: Listener
    request: RequestParser | None
    requests: list[Any]
    socket: Socket | None
    last_activity: float
    outbuf_lock: Condition
    total_outbufs_len: int
    will_close: bool
    close_when_flushed: bool

    def parser_class(self, adj: Any) -> RequestParser:
        """Return a parser for the next request."""
        return RequestParser(adj, self.server.bytes_wanted)

    def is_busy(self) -> bool:
        """Return True while a request is arriving or being answered, or an answer is not sent yet."""
        return bool(self.requests or self.total_outbufs_len or self._is_receiving())

    def is_lingering(self) -> bool:
        """Return True while the client may still read the answer to a malformed request."""
        return self._lingers_until > 0

    def is_idle(self) -> bool:
        """Return True if the client waits for no answer, and has sent nothing that is not read yet."""
        if self._lingers_until:
            return True
        if self.is_busy() or self.socket is None:
            return False
        try:
            return not self.socket.recv(1, socket.MSG_PEEK)
        except OSError:  # nothing has come, or the client is gone
            return True

    def is_slow(self) -> bool:
        """Return True if the client takes too long to send a request, or reads nothing of an answer."""
        if self.total_outbufs_len:
            return _clock.now() - self.last_activity > limits.GRACE_SECONDS
        return self._is_receiving() and not self.requests and self.request is not None and self.request.is_slow()

    def began(self) -> float:
        """Return when the request that is arriving began; 0 for one that has arrived, whose answer is not read."""
        return self.request.began if self.request is not None and not self.total_outbufs_len else 0.0

    def is_stuck(self) -> bool:
        """Return True if a thread waits with an answer for a client that does not read it."""
        unread = self.requests and self.total_outbufs_len
        return bool(unread) and _clock.now() - self.last_activity > limits.UNREAD_ANSWER_SECONDS

    def readable(self) -> bool:
        """Return True when it is time to read from the client."""
        if self._lingers_until:
            if time.monotonic() < self._lingers_until and self._left_unread > 0:
                return True
            self.will_close = True
            return False
        if self.server.task_dispatcher.door_closed and not self._is_receiving():
            return False
        return super().readable()  # type: ignore[no-any-return]

    def handle_read(self) -> None:
        """Read available bytes, or drop them if the connection only waits until the client has read the answer."""
        if not self._lingers_until:
            super().handle_read()
            return
        self._left_unread -= len(self.recv(_LINGER_READ))

    def recv(self, buffer_size: int) -> bytes:
        """Return available bytes; any error ends the connection."""
        try:
            return super().recv(buffer_size)  # type: ignore[no-any-return]
        except OSError:
            self.handle_close()
            return b""

    def send(self, data: bytes, do_close: bool = True) -> int:
        """Send as many bytes as the kernel takes, and return their number; any error ends the connection."""
        connection = self.socket
        if connection is None:  # the other thread has closed it meanwhile
            return 0
        try:
            return connection.send(data)
        except BlockingIOError:
            return 0
        except OSError:
            if do_close:
                self.handle_close()
            return 0

    def write_soon(self, data: Any) -> int:
        """Take a part of an answer. Raises ClientDisconnected if the client is gone, or the part cannot be buffered."""
        try:
            return super().write_soon(data)  # type: ignore[no-any-return]
        except OSError as error:
            _log.warning("mockaws: cannot keep an answer until its client reads it: %s", error.strerror)
            self.will_close = True
            raise ClientDisconnected from None

    def handle_write(self) -> None:
        """Send pending bytes; after the answer to a malformed request, wait until the client has read it."""
        if self.lingers and self.close_when_flushed and self.socket is not None:
            self._flush_exception(self._flush_some)
            if not self.total_outbufs_len and not self.will_close and self.connected:
                self.lingers = self.close_when_flushed = False
                self._lingers_until = time.monotonic() + limits.LINGER_SECONDS
                try:
                    self.socket.shutdown(socket.SHUT_WR)
                except OSError:
                    self.will_close = True
                return
        super().handle_write()

    def handle_close(self) -> None:
        """Close the connection, and the file of a half-sent body."""
        if self.request is not None:
            self.request.close()
        super().handle_close()

    def send_continue(self) -> None:
        """Send 100 Continue to a client, unless the body is empty, as for an empty object in S3."""
        request = self.request
        if request is not None and request.completed:
            request.expect_continue = False
        else:
            super().send_continue()

    def _flush_some(self, do_close: bool = True) -> bool:
        """Send a part of the pending bytes, one thread at a time.

        waitress takes no lock if it sees no request. A thread may be answering one at that moment, and both would send
        the same bytes.
        """
        with self.outbuf_lock:
            return super()._flush_some(do_close=do_close)  # type: ignore[no-any-return]

    def _is_receiving(self) -> bool:
        request = self.request
        return request is not None and request.has_begun


class Crew(ThreadedTaskDispatcher):  # type: ignore[misc]
    """The threads that answer.

    A request that finds all of them busy starts another one: they may be generating RSA keys, for seconds.
    """

    draining = False
    """True once the server has to end: each answer is its connection's last."""
    door_closed = False
    """True when no further request is read."""

    def add_task(self, task: Any) -> None:
        """Queue the next request of a channel for a thread."""
        super().add_task(task)
        with self.lock:
            present = len(self.threads) - self.stop_count
            too_few = len(self.queue) > present - self.active_count
        if too_few and present < MOST_THREADS:
            self.set_thread_count(present + 1)

    def end(self, seconds: float) -> None:
        """End the threads that wait, and within *seconds* those that answer; no thread takes a request any more."""
        self.set_thread_count(0)
        deadline = time.monotonic() + seconds
        with self.lock:
            while self.threads and (left := deadline - time.monotonic()) > 0:
                self.thread_exit_cv.wait(left)
            while self.queue:
                self.queue.popleft().cancel()


class Listener(TcpWSGIServer):  # type: ignore[misc]
    """One listening socket, which always has room for one more connection."""

    channel_class = Channel
    task_dispatcher: Crew
    socket: Socket
    _map: dict[int, Any]

    def __init__(
        self,
        app: Any,
        bound: Socket,
        *,
        crew: Crew,
        adj: Any,
        map: dict[int, Any],  # noqa: A002 - waitress's name
        bytes_wanted: Callable[[str], int],
    ) -> None:
        """Listen on the socket *bound*."""
        self.bytes_wanted = bytes_wanted
        self._most_connections = sockets.connection_limit()
        self._paused_until = 0.0
        self._warned_at = -limits.SECONDS_BETWEEN_WARNINGS
        super().__init__(app, map, True, bound, crew, adj, (bound.family, bound.type), bind_socket=False)

    @property
    def is_paused(self) -> bool:
        """Return True while there is no room even for a connection that would be refused."""
        return time.monotonic() < self._paused_until

    def readable(self) -> bool:
        """Return True if it is time to accept."""
        return super().readable() and not self.is_paused

    def maintenance(self, now: float) -> None:
        """Close the connections of inactive clients."""
        super().maintenance(now)
        for channel in self.active_channels.values():
            if channel.is_stuck():
                channel.will_close = True

    def handle_accept(self) -> None:
        """Accept waiting connections, some at a time; at the limit, another connection closes for each."""
        channels = channels_of(self._map)
        expendable, count = _expendable(channels), len(channels)
        for _ in range(_ACCEPTED_AT_ONCE):
            full = count >= self._most_connections
            leaving = next(expendable, None) if full else None
            if full and leaving is None:
                self._pause(f"all {count} are busy")
                return
            try:
                accepted = self.accept()
            except OSError as error:
                if error.errno in _NO_ROOM:
                    leaving = leaving or next(expendable, None)
                    if leaving is None:
                        self._pause(error.strerror or str(error))
                    else:
                        leaving.will_close = True
                return
            if accepted is None:
                return
            if leaving is not None:
                # Closed in its own turn: its file descriptor must not be another connection's while events wait for it.
                leaving.will_close = True
                count -= 1
            count += self._take(*accepted)

    def pull_trigger(self) -> None:
        """Wake the thread that reads, unless it has ended."""
        if not self.trigger._closed:  # noqa: SLF001 - its file descriptor may be another file's by now
            super().pull_trigger()

    def _take(self, connection: Socket, address: Any) -> bool:
        """Begin with a connection; return False if the client is gone already."""
        try:
            self.set_socket_options(connection)
            self.channel_class(self, connection, self.fix_addr(address), self.adj, map=self._map)
        except OSError:
            connection.close()
            return False
        return True

    def _pause(self, reason: str) -> None:
        now = time.monotonic()
        self._paused_until = now + limits.PAUSE_SECONDS
        if now - self._warned_at >= limits.SECONDS_BETWEEN_WARNINGS:
            self._warned_at = now
            _log.warning("mockaws: cannot accept connections for the moment: %s", reason)


def channels_of(dispatchers: dict[int, Any]) -> list[Channel]:
    """Return the connections among the sockets of a server, without those that are about to close."""
    return [
        dispatcher
        for dispatcher in dispatchers.values()
        if isinstance(dispatcher, Channel) and not dispatcher.will_close
    ]


def _expendable(channels: list[Channel]) -> Iterator[Channel]:
    """Yield the connections that may close for a new one: the longest idle first, then the oldest of the slow ones."""
    longest = sorted(channels, key=lambda channel: channel.last_activity)
    yield from (channel for channel in longest if channel.is_idle())
    yield from sorted((channel for channel in channels if channel.is_slow()), key=lambda channel: channel.began())
