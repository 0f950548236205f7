"""The costs of a world as it grows: CPU and memory of a new key, of a key among many, and of a page."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench import wire
from bench.operations import new_key
from bench.wire import CallError, Connection

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.process import ServerProcess

FEW, SOME = 10, 1_000
DESCRIBE = "DescribeKey"
PLACES = ("first page", "page in the middle", "page at the end")
LISTS = ("ListKeys", "ListAliases")
PAGES = {name: tuple(f"{name}, {place}" for place in PLACES) for name in LISTS}
REQUESTS = (DESCRIBE, *(page for pages in PAGES.values() for page in pages))
PAGE_SIZE = 100
MAX_PAGES = 10_000
_CLIENTS = 4
_PARTS = 10


@dataclass(frozen=True)
class Filling:
    """The costs of creating a world's keys: CPU a key, over all and by tenths, time, and resident bytes a key."""

    keys: int
    cpu: float
    cpu_by_tenth: tuple[float, ...]
    seconds: float
    bytes: float

    def __str__(self) -> str:
        first, last = self.cpu_by_tenth[0] * 1e6, self.cpu_by_tenth[-1] * 1e6
        cpu = f"{self.cpu * 1e6:.0f} us CPU a key (first tenth {first:.0f}, last tenth {last:.0f})"
        return f"{cpu}, {self.bytes:.0f} bytes a key, {self.seconds:.1f} s"


def sizes(most: int) -> list[int]:
    """Return how many keys the worlds have, of which the largest has *most*."""
    return [*(keys for keys in (FEW, SOME) if keys < most), most]


def column(keys: int) -> str:
    """Return what the report calls a world of so many keys."""
    return f"{keys:,} keys"


def fill(server: ServerProcess, keys: int) -> tuple[Filling, list[str]]:
    """Create *keys* keys, several clients at once; return what that took, and their ids. Raises CallError."""
    ids = _made(1, _create_keys(server))
    memory, cpu, started = server.memory(), server.cpu(), time.perf_counter()
    tenths = []
    while len(ids) < keys:
        count = min(-(-keys // _PARTS), keys - len(ids))
        before = server.cpu()
        ids += _made(count, _create_keys(server))
        tenths.append((server.cpu() - before) / count)
    filling = Filling(
        keys,
        (server.cpu() - cpu) / (keys - 1),
        tuple(tenths),
        time.perf_counter() - started,
        (server.memory() - memory) * 2**20 / (keys - 1),
    )
    return filling, ids


def requests(server: ServerProcess, ids: list[str]) -> dict[str, bytes]:
    """Give each key an alias, and return what is asked of the world then. Raises CallError."""
    _made(len(ids), _create_aliases(server, ids))
    found = {DESCRIBE: wire.kms("DescribeKey", KeyId=ids[len(ids) // 2])}
    with Connection(server.port) as connection:
        for name in LISTS:
            markers = _markers(connection, name)
            if len(markers) > len(PLACES):
                # The last page but one is the last that is surely full.
                places = (markers[0], markers[len(markers) // 2], markers[-2])
                found |= {page: _page(name, marker) for page, marker in zip(PAGES[name], places, strict=True)}
    return found


def _made(count: int, make: Callable[[range], list[str]]) -> list[str]:
    """Let several clients make *count* things between them."""
    numbers = range(count)
    with ThreadPoolExecutor(_CLIENTS) as clients:
        made = clients.map(make, [numbers[first::_CLIENTS] for first in range(_CLIENTS)])
        return [thing for things in made for thing in things]


def _create_keys(server: ServerProcess) -> Callable[[range], list[str]]:
    def create(numbers: range) -> list[str]:
        with Connection(server.port) as connection:
            return [new_key(connection) for _ in numbers]

    return create


def _create_aliases(server: ServerProcess, ids: list[str]) -> Callable[[range], list[str]]:
    def create(numbers: range) -> list[str]:
        names = [f"alias/key-{number:06}" for number in numbers]
        with Connection(server.port) as connection:
            for number, name in zip(numbers, names, strict=True):
                connection.call(wire.kms("CreateAlias", AliasName=name, TargetKeyId=ids[number]))
        return names

    return create


def _markers(connection: Connection, name: str) -> list[str | None]:
    """Return what each page of a list is asked for with. Raises CallError."""
    markers: list[str | None] = [None]
    while len(markers) < MAX_PAGES:
        answer = connection.ask(_page(name, markers[-1]))
        if not answer["Truncated"]:
            return markers
        markers.append(answer["NextMarker"])
    raise CallError(f"{name} has more than {MAX_PAGES} pages")


def _page(name: str, marker: str | None) -> bytes:
    start = {} if marker is None else {"Marker": marker}
    return wire.kms(name, Limit=PAGE_SIZE, **start)
