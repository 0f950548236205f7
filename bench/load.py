"""The measured quantities: CPU a request, cold starts, and a hundred clients at once."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bench import operations, wire
from bench.operations import new_key
from bench.peers import BARE
from bench.wire import CallError, Connection

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.peers import Peer
    from bench.process import ServerProcess, Usage

FIRST_CALL = "GetCallerIdentity"
FIRST_KMS_CALL = "ListKeys"

BATCH_SECONDS = 2.5
WARM_UP_REQUESTS = 20

CLIENTS = 100
KEYS_SHARED = 4  # AWS allows 50 tags on a key, so a hundred clients need more than one
TAGGINGS = 5
MAX_PAGES = 1000


@dataclass(frozen=True)
class ColdStart:
    """One start: CPU and time up to the first answer, to the first KMS answer, and the memory held then."""

    first: Usage
    first_kms: Usage
    memory: float


@dataclass
class Crowd:
    """The answers that a hundred clients saw at once, and the records that were there afterwards."""

    calls: int = 0
    seconds: float = 0.0
    errors: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    clients: int = CLIENTS

    @property
    def unharmed(self) -> bool:
        """The absence of errors and of losses."""
        return not self.errors and not self.lost

    def __str__(self) -> str:
        calls = f"{self.calls} calls in {self.seconds:.1f} s"
        first = f" (first: {(self.errors + self.lost)[0]})" if not self.unharmed else ""
        return f"{calls}, {len(self.errors)} errors, {len(self.lost)} lost updates{first}"


def cold_start(peer: Peer) -> ColdStart:
    """Start *peer*, wait for its first answers, and end it. Raises StartError."""
    with peer.start() as server:
        first = server.first_answer(wire.sts(FIRST_CALL))
        first_kms = server.first_answer(wire.kms(FIRST_KMS_CALL))
        return ColdStart(first, first_kms, server.memory())


def requests(peer: Peer, port: int) -> tuple[dict[str, bytes], dict[str, str]]:
    """Return the request of each operation that *peer* has, and why it has no other. Raises CallError."""
    return (operations.requests_of_the_same_size(), {}) if peer.name == BARE else operations.requests(port)


def cpu_per_request(server: ServerProcess, request: bytes, count: int) -> float:
    """Return the server's CPU seconds a request over *count* of them, or as many as time allows. Raises CallError."""
    with Connection(server.port) as connection:
        connection.call(request)
        deadline = time.perf_counter() + BATCH_SECONDS
        before = server.cpu()
        done = 0
        while done < count and time.perf_counter() < deadline:
            connection.call(request)
            done += 1
        return (server.cpu() - before) / done


def crowd(port: int) -> Crowd:
    """Let a hundred clients write at once: tags on shared keys, over and over, and a key with an alias each."""
    with Connection(port) as connection:
        shared = [new_key(connection) for _ in range(KEYS_SHARED)]
    result = Crowd()
    lock = threading.Lock()
    all_ready = threading.Barrier(CLIENTS + 1)
    expected: list[tuple[str, str]] = []

    def client(number: int) -> None:
        done = 0
        with Connection(port) as connection:
            try:
                connection.open()
                all_ready.wait(wire.TIMEOUT_SECONDS)
                for round_number in range(TAGGINGS):
                    tag = {"TagKey": f"client-{number}", "TagValue": f"round-{round_number}"}
                    connection.call(wire.kms("TagResource", KeyId=shared[number % KEYS_SHARED], Tags=[tag]))
                    done += 1
                key = new_key(connection)
                done += 1
                connection.call(wire.kms("CreateAlias", AliasName=f"alias/client-{number}", TargetKeyId=key))
                done += 1
                with lock:
                    expected.append((f"alias/client-{number}", key))
            except (CallError, OSError, threading.BrokenBarrierError) as error:
                with lock:
                    result.errors.append(f"client {number}: {error}")
            with lock:
                result.calls += done

    threads = [threading.Thread(target=client, args=(number,), daemon=True) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    try:
        all_ready.wait(wire.TIMEOUT_SECONDS)
    except threading.BrokenBarrierError:
        result.errors.append("not every client could connect")
    started = time.perf_counter()
    for thread in threads:
        thread.join()
    result.seconds = time.perf_counter() - started
    with Connection(port) as connection:
        try:
            result.lost = _missing(connection, shared, expected)
        except CallError as error:
            result.errors.append(f"reading back: {error}")
    return result


def _missing(connection: Connection, shared: list[str], expected: list[tuple[str, str]]) -> list[str]:
    """Return what the clients wrote and the server no longer knows."""
    tags: dict[str, str] = {}
    for key in shared:
        for tag in _pages(connection, "ListResourceTags", "Tags", KeyId=key):
            tags[tag["TagKey"]] = tag["TagValue"]
    aliases = {entry["AliasName"]: entry.get("TargetKeyId") for entry in _pages(connection, "ListAliases", "Aliases")}
    last = f"round-{TAGGINGS - 1}"
    lost = [f"tag client-{number}" for number in range(CLIENTS) if tags.get(f"client-{number}") != last]
    lost += [f"key {key}" for _, key in expected if not _exists(connection, key)]
    lost += [name for name, key in expected if aliases.get(name) != key]
    return lost


def _pages(connection: Connection, operation: str, member: str, **document: Any) -> list[dict[str, Any]]:
    """Return the whole list, page after page."""
    entries: list[dict[str, Any]] = []
    for _ in range(MAX_PAGES):
        page = connection.ask(wire.kms(operation, **document))
        entries += page.get(member, [])
        if not page.get("Truncated"):
            return entries
        if not page.get("NextMarker"):
            raise CallError(f"{operation} says that there is more, and gives no marker to go on with")
        document["Marker"] = page["NextMarker"]
    raise CallError(f"{operation} has more than {MAX_PAGES} pages")


def _exists(connection: Connection, key: str) -> bool:
    try:
        connection.call(wire.kms("DescribeKey", KeyId=key))
    except CallError:
        return False
    return True


def warm_up(server: ServerProcess, prepared: dict[str, bytes]) -> None:
    """Ask each operation a few times, so that nothing is done for the first time while it is measured."""
    for request in prepared.values():
        cpu_per_request(server, request, WARM_UP_REQUESTS)


def interleaved(names: list[str], round_number: int, act: Callable[[str], None]) -> None:
    """Do *act* for each name, beginning one further each round, so that none always follows the same other."""
    turn = round_number % max(len(names), 1)
    for name in names[turn:] + names[:turn]:
        act(name)
