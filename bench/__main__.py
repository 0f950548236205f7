"""The costs of mockaws beside its peers, measured in one run with interleaved rounds.

python -m bench [--only mockaws,flask] [--rounds N] [--requests N] [--keys N] [--json FILE]
"""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from bench import large_worlds, load, report, waiting, wire
from bench.operations import OPERATIONS
from bench.peers import BARE, ENVIRONMENTS, OURS, PEERS, InstallError
from bench.primitives import cpu_of, primitives
from bench.process import StartError
from bench.results import (
    MEMORY_IDLE,
    MEMORY_LOADED,
    PRIMITIVE,
    START_CPU,
    START_KMS_CPU,
    START_KMS_WALL,
    START_WALL,
    Results,
)
from bench.wire import CallError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bench.process import ServerProcess

# A server that others have pushed out of the processor's caches takes some requests to come back.
LONGER = 4
MAX_ROUNDS, MAX_REQUESTS, MAX_KEYS = 1000, 100_000, 100_000


def main(arguments: Sequence[str] | None = None) -> int:
    """Install, measure and report; 1 if mockaws itself cannot be measured, saw an error or lost an update."""
    options = _parser().parse_args(arguments)
    if sys.platform != "linux":
        print("bench: reads a server's CPU and memory from /proc and so needs Linux", file=sys.stderr)
        return 1
    results = Results()
    _install(options.only, results)
    _cold_starts(results, options.rounds)
    _requests(results, options.rounds, options.requests)
    if OURS in results.peers:
        _large_worlds(results, options.rounds, options.requests, options.keys)
    print(report.text(results, options.rounds, options.requests))
    if options.json:
        report.write_json(options.json, results, options.rounds, options.requests)
    if OURS not in options.only:
        return 0
    if OURS in results.missing:
        print(f"bench: {OURS} could not be measured: {results.missing[OURS]}", file=sys.stderr)
        return 1
    return 0 if results.crowds[OURS].unharmed else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure mockaws beside its peers.")
    parser.add_argument(
        "--only",
        type=_names,
        default=list(PEERS),
        metavar="NAME,...",
        help=f"peers to measure (default: {','.join(PEERS)})",
    )
    parser.add_argument(
        "--rounds", type=_up_to(MAX_ROUNDS), default=9, metavar="N", help="interleaved rounds (default: %(default)s)"
    )
    parser.add_argument(
        "--requests",
        type=_up_to(MAX_REQUESTS),
        metavar="N",
        default=200,
        help="requests a round and operation, unless its time is over earlier (default: %(default)s)",
    )
    parser.add_argument(
        "--keys",
        type=_up_to(MAX_KEYS),
        metavar="N",
        default=MAX_KEYS,
        help="keys of the largest world (default: %(default)s, as many as KMS allows)",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything measured to FILE too")
    return parser


def _names(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    unknown = [name for name in names if name not in PEERS]
    if unknown or not names:
        raise argparse.ArgumentTypeError(f"peers are {', '.join(PEERS)}, not {', '.join(unknown) or 'nothing'}")
    return [name for name in PEERS if name in names]


def _up_to(highest: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        if not text.isdecimal() or not 1 <= int(text) <= highest:
            raise argparse.ArgumentTypeError(f"a whole number from 1 to {highest} is expected, not {text!r}")
        return int(text)

    return number


def _install(names: list[str], results: Results) -> None:
    ENVIRONMENTS.mkdir(exist_ok=True)
    for name in names:
        peer = PEERS[name]
        try:
            peer.install()
        except InstallError as error:
            results.missing[name] = f"cannot be installed: {error}"
        else:
            results.peers[name] = f"{peer.version()}, {peer.about}"


def _cold_starts(results: Results, rounds: int) -> None:
    """Start each peer again in each round; the first round fills the disk's and Python's caches and does not count."""

    def start(name: str) -> None:
        try:
            measured = load.cold_start(PEERS[name])
        except StartError as error:
            results.drop(name, str(error))
            return
        if number:
            results.samples.add(START_CPU, name, measured.first.cpu)
            results.samples.add(START_WALL, name, measured.first.wall)
            results.samples.add(START_KMS_CPU, name, measured.first_kms.cpu)
            results.samples.add(START_KMS_WALL, name, measured.first_kms.wall)
            results.samples.add(MEMORY_IDLE, name, measured.memory)

    for number in range(rounds + 1):
        _tell(f"cold starts, round {number} of {rounds}")
        load.interleaved(list(results.peers), number, start)


class _SideBySide:
    """The servers of all peers, which run side by side and are loaded one at a time."""

    def __init__(self, results: Results, running: contextlib.ExitStack) -> None:
        self._results = results
        self._running = running
        self._servers: dict[str, ServerProcess] = {}
        self._prepared: dict[str, dict[str, bytes]] = {}

    def each(self, step: Callable[[str], None], number: int = 0) -> None:
        """Take *step* with each peer in turn; one that cannot go on is left out from then on."""

        def attempt(name: str) -> None:
            try:
                step(name)
            except (CallError, StartError) as error:
                self._results.drop(name, str(error))

        load.interleaved(list(self._results.peers), number, attempt)

    def begin(self, name: str) -> None:
        server = self._servers[name] = self._running.enter_context(PEERS[name].start())
        server.first_answer(wire.kms(load.FIRST_KMS_CALL))
        self._prepared[name], self._results.lacking[name] = load.requests(PEERS[name], server.port)
        load.warm_up(server, self._prepared[name])

    def measure(self, operation: str, count: int, name: str) -> None:
        if operation in self._prepared[name]:
            cpu = load.cpu_per_request(self._servers[name], self._prepared[name][operation], count)
            self._results.samples.add(operation, name, cpu)

    def crowd(self, name: str) -> None:
        self._results.samples.add(MEMORY_LOADED, name, self._servers[name].memory())
        if name != BARE:
            self._results.crowds[name] = load.crowd(self._servers[name].port)

    def wait(self, name: str) -> None:
        if name == BARE:
            return
        try:
            self._results.waits[name] = waiting.waits(self._servers[name].port)
        except CallError as error:
            self._results.lacking[name]["DescribeKey while RSA-4096 keys are made"] = str(error)


def _requests(results: Results, rounds: int, count: int) -> None:
    """Ask all peers the same, one after the other, and then many things at once."""
    alone = primitives()
    with contextlib.ExitStack() as running:
        peers = _SideBySide(results, running)
        peers.each(peers.begin)
        for number in range(rounds):
            _tell(f"requests, round {number + 1} of {rounds}")
            for operation in OPERATIONS:
                peers.each(partial(peers.measure, operation, count), number)
                if operation in alone:
                    results.samples.add(operation, PRIMITIVE, cpu_of(alone[operation]))
        _tell(f"{load.CLIENTS} clients at once")
        peers.each(peers.crowd)
        _tell(f"one and {waiting.AT_ONCE} clients that create RSA-4096 keys")
        peers.each(peers.wait)


def _large_worlds(results: Results, rounds: int, count: int, most: int) -> None:
    """Fill a server with few keys and others with many, let them run side by side, and ask one at a time."""
    servers: dict[str, ServerProcess] = {}
    prepared: dict[str, dict[str, bytes]] = {}

    def fill(keys: int) -> None:
        name = large_worlds.column(keys)
        _tell(f"a world of {name}")
        server = running.enter_context(PEERS[OURS].start(name))
        server.first_answer(wire.kms(load.FIRST_KMS_CALL))
        results.fillings[name], ids = large_worlds.fill(server, keys)
        prepared[name], servers[name] = large_worlds.requests(server, ids), server

    def measure(request: str, name: str) -> None:
        if request in prepared[name]:
            cpu = load.cpu_per_request(servers[name], prepared[name][request], LONGER * count)
            results.worlds.add(request, name, cpu)

    with contextlib.ExitStack() as running:
        try:
            for keys in large_worlds.sizes(most):
                fill(keys)
            for number in range(rounds):
                _tell(f"requests in worlds of many keys, round {number + 1} of {rounds}")
                for request in large_worlds.REQUESTS:
                    load.interleaved(list(servers), number, partial(measure, request))
        except (CallError, StartError) as error:
            results.drop(OURS, str(error))


def _tell(progress: str) -> None:
    print(f"{progress} ...", file=sys.stderr, flush=True)


if __name__ == "__main__":
    # Leaving as after an error ends the servers too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
