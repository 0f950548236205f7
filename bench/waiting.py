"""The wait of a DescribeKey while the server makes RSA-4096 keys for other clients."""

from __future__ import annotations

import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench import wire
from bench.operations import new_key
from bench.wire import Connection

if TYPE_CHECKING:
    from collections.abc import Callable

AT_ONCE = 8
_ROUNDS = 3
_ONE_AFTER_THE_OTHER = 4
_IDLE_SECONDS = 1.0
_INTERVAL = 0.005
_TIMEOUT = 300.0
_KEY = wire.kms("CreateKey", KeySpec="RSA_4096", KeyUsage="SIGN_VERIFY")


@dataclass(frozen=True)
class Waits:
    """The 99th percentile of waiting, in seconds: alone, and beside one and many makers of keys.

    All are medians over the rounds. *key* is the median of what a key takes whose maker is alone.
    """

    idle: float
    beside_one: float
    beside_many: float
    key: float
    at_once: int = AT_ONCE

    def __str__(self) -> str:
        idle, one, many = (f"{seconds * 1e3:.1f} ms" for seconds in (self.idle, self.beside_one, self.beside_many))
        return (
            f"idle {idle}; while RSA-4096 keys are made {one}; while {self.at_once} make them at once {many}; "
            f"one key takes {self.key * 1e3:.0f} ms"
        )


def waits(port: int) -> Waits:
    """Measure them. Raises CallError."""
    with Connection(port) as connection:
        request = wire.kms("DescribeKey", KeyId=new_key(connection))
    idle, beside_one, beside_many, keys = [], [], [], []
    for _ in range(_ROUNDS):
        idle.append(_percentile_99(_idle(port, request)))
        found, times = _beside(port, request, 1, _ONE_AFTER_THE_OTHER)
        beside_one.append(_percentile_99(found))
        keys += times
        found, _ = _beside(port, request, AT_ONCE, 1)
        beside_many.append(_percentile_99(found))
    median = statistics.median
    return Waits(median(idle), median(beside_one), median(beside_many), median(keys))


def _idle(port: int, request: bytes) -> list[float]:
    """Return the waits of a client that is alone."""
    until = time.perf_counter() + _IDLE_SECONDS
    return _waits(port, request, lambda: time.perf_counter() >= until)


def _beside(port: int, request: bytes, makers: int, each: int) -> tuple[list[float], list[float]]:
    """Return the waits beside so many *makers* of keys, and the times that the keys took."""

    def make(_number: int) -> list[float]:
        with Connection(port, _TIMEOUT) as connection:
            return [_time_of(connection, _KEY) for _ in range(each)]

    with ThreadPoolExecutor(makers) as pool:
        making = [pool.submit(make, number) for number in range(makers)]
        found = _waits(port, request, lambda: all(maker.done() for maker in making))
        return found, [seconds for maker in making for seconds in maker.result()]


def _waits(port: int, request: bytes, over: Callable[[], bool]) -> list[float]:
    """Ask at even intervals until it is *over*, and return how long after its time each was answered.

    While one waits, those that were to come after it wait too, as they would at a server that does not answer.
    """
    found = []
    with Connection(port, _TIMEOUT) as connection:
        connection.open()
        due = time.perf_counter()
        while due < time.perf_counter() or not over():
            time.sleep(max(0.0, due - time.perf_counter()))
            connection.call(request)
            found.append(time.perf_counter() - due)
            due += _INTERVAL
    return found


def _time_of(connection: Connection, request: bytes) -> float:
    started = time.perf_counter()
    connection.call(request)
    return time.perf_counter() - started


def _percentile_99(values: list[float]) -> float:
    return sorted(values)[int(len(values) * 0.99)]
