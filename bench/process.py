"""A server process: its start, its CPU, its memory and its end. Reads /proc, so it works on Linux only."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Self

from bench.wire import HOST, CallError, Connection

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

START_SECONDS = 60.0
STOP_SECONDS = 15.0
_POLL_SECONDS = 0.005
_TICKS = os.sysconf("SC_CLK_TCK")
_CPU_OF_PROCESS = 2  # the kernel's CPUCLOCK_SCHED


class StartError(Exception):
    """A server did not come to answer."""


@dataclass(frozen=True)
class Usage:
    """Costs since the start of a server: CPU of its processes and wall time, in seconds."""

    cpu: float
    wall: float


class ServerProcess:
    """One running server; use it as a context manager, so that it is ended whatever happens."""

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], port: int, folder: Path, log: Path
    ) -> None:
        """Start *command*, which is to answer on *port*; what it prints goes to *log*."""
        self.port = port
        self._log = log
        self._output: IO[bytes] = log.open("wb")
        self._started = time.perf_counter()
        try:
            self._process = subprocess.Popen(
                command,
                cwd=folder,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=self._output,
                stderr=subprocess.STDOUT,
            )
        except OSError as error:
            self._output.close()
            raise StartError(f"cannot start {command[0]}: {error.strerror}") from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def first_answer(self, request: bytes) -> Usage:
        """Ask *request* until it is answered and return what that took since the start. Raises StartError."""
        failure = "nothing listens"
        while time.perf_counter() - self._started < START_SECONDS:
            if self._process.poll() is not None:
                raise StartError(f"ended with status {self._process.returncode}: {self._last_words()}")
            try:
                with Connection(self.port, START_SECONDS) as connection:
                    connection.open()
                    connection.call(request)
                return self.usage()
            except OSError:
                pass
            except CallError as error:
                failure = str(error)
            time.sleep(_POLL_SECONDS)
        raise StartError(f"no answer within {START_SECONDS:.0f} s ({failure}): {self._last_words()}")

    def usage(self) -> Usage:
        """Return what has passed since the start."""
        return Usage(self.cpu(), time.perf_counter() - self._started)

    def cpu(self) -> float:
        """Return the CPU seconds, user and system, that the server and its children have used since the start."""
        return sum(_cpu(pid) for pid in _family(self._process.pid))

    def memory(self) -> float:
        """Return the resident memory of the server and its children, in MB of 2**20 bytes."""
        return sum(_resident_kib(pid) for pid in _family(self._process.pid)) / 1024

    def stop(self) -> None:
        """End the server: politely, then by force."""
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._output.close()

    def _last_words(self) -> str:
        self._output.flush()
        lines = self._log.read_text(errors="replace").strip().splitlines()
        return " / ".join(lines[-3:]) or "it printed nothing"


def free_port() -> int:
    """Return a free port of the loopback address."""
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        port: int = listener.getsockname()[1]
        return port


def _family(pid: int) -> Iterator[int]:
    """Yield *pid* and the processes below it that live."""
    yield pid
    with contextlib.suppress(OSError):
        for children in Path(f"/proc/{pid}/task").glob("*/children"):
            for child in children.read_text().split():
                yield from _family(int(child))


def _cpu(pid: int) -> float:
    """Return the CPU seconds of one process, by its nanosecond clock, and of the children that it has outlived."""
    try:
        own = time.clock_gettime((~pid << 3) | _CPU_OF_PROCESS)
        after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return own + (int(after_name[13]) + int(after_name[14])) / _TICKS


def _resident_kib(pid: int) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return int(status.partition("VmRSS:")[2].split(maxsplit=1)[0])
