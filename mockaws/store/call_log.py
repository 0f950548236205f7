"""The log of calls that a store keeps: calls are added at its end and never changed."""

from __future__ import annotations

from collections import deque
from threading import Lock
from typing import TYPE_CHECKING, Any, Protocol
from weakref import WeakSet

if TYPE_CHECKING:
    from collections.abc import Sequence

CAPACITY = 10_000
"""The most calls of a world that are kept."""

# The most bytes of all large calls, in all worlds of a process. Beside them, the ordinary calls of a world take at
# most 20 MiB.
_MOST_LARGE_BYTES = 64 * 1024 * 1024
ORDINARY = 2048
"""A call of more bytes than this is a large one."""


class LoggedCall(Protocol):
    """A call as a log keeps it; *size* is about how many bytes it takes."""

    size: int


class CallLog(Protocol):
    """The last calls of one world, oldest first. It is bounded by calls and by bytes, whatever callers send."""

    def append(self, call: Any) -> None:
        """Add a call, a `LoggedCall`, and forget the oldest ones if there are too many."""
        ...

    def read(self) -> Sequence[Any]:
        """Return the calls that are kept now, oldest first."""
        ...

    def clear(self) -> None:
        """Forget all calls."""
        ...


class MemoryCallLog:
    """A log of calls in memory."""

    def __init__(self) -> None:
        self._calls: deque[LoggedCall] = deque(maxlen=CAPACITY)
        # At least as many bytes as the large calls take: a call that CAPACITY displaces is subtracted later.
        self.large_bytes = 0
        _ROOM.share(self)

    def append(self, call: LoggedCall) -> None:
        """Add a call; see `CallLog.append`."""
        self._calls.append(call)
        if call.size > ORDINARY:
            _ROOM.take(self, call.size)

    def read(self) -> Sequence[Any]:
        """Return the calls; see `CallLog.read`."""
        return self._calls.copy()

    def clear(self) -> None:
        """Forget all calls; see `CallLog.clear`."""
        self._calls.clear()

    def halve(self) -> None:
        """Forget the oldest calls until the large ones take half as many bytes as `large_bytes` says."""
        left = sum(call.size for call in self._calls.copy() if call.size > ORDINARY)
        while left > self.large_bytes // 2:
            try:
                oldest = self._calls.popleft().size
            except IndexError:  # cleared meanwhile
                break
            left -= oldest if oldest > ORDINARY else 0
        self.large_bytes = min(left, self.large_bytes // 2)


class _Room:
    """The bytes that the large calls of all logs share, because callers choose the number of worlds.

    Ordinary calls are not counted one by one, because CAPACITY bounds the bytes that they take.
    """

    def __init__(self) -> None:
        self._logs: WeakSet[MemoryCallLog] = WeakSet()
        self._taken = 0
        self._lock = Lock()

    def share(self, log: MemoryCallLog) -> None:
        """Let one more log have a part."""
        with self._lock:
            self._logs.add(log)

    def take(self, log: MemoryCallLog, size: int) -> None:
        """Count *size* more bytes of *log*. If all logs take too many, the largest ones forget their oldest calls."""
        with self._lock:
            log.large_bytes += size
            self._taken += size
            if self._taken <= _MOST_LARGE_BYTES:
                return
            logs = list(self._logs)
            self._taken = sum(each.large_bytes for each in logs)
            while self._taken > _MOST_LARGE_BYTES // 2:
                largest = max(logs, key=lambda each: each.large_bytes)
                before = largest.large_bytes
                largest.halve()
                self._taken += largest.large_bytes - before


_ROOM = _Room()
