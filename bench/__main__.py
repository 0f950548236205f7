"""What mockaws costs beside its peers, measured in one run with the rounds interleaved.

python -m bench [--only mockaws,flask] [--rounds N] [--requests N] [--json FILE]
"""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from bench import load, report, wire
from bench.peers import BARE, ENVIRONMENTS, OURS, PEERS, InstallError
from bench.process import StartError
from bench.report import Results
from bench.wire import CallError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bench.process import ServerProcess

MAX_ROUNDS, MAX_REQUESTS = 1000, 100_000


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
    parser = argparse.ArgumentParser(prog="python -m bench", description="What mockaws costs beside its peers.")
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
    """Start each peer anew each round; the first round fills the disk's and Python's caches and is not counted."""

    def start(name: str) -> None:
        try:
            measured = load.cold_start(PEERS[name])
        except StartError as error:
            results.drop(name, str(error))
            return
        if number:
            results.add(report.START_CPU, name, measured.first.cpu)
            results.add(report.START_WALL, name, measured.first.wall)
            results.add(report.START_KMS_CPU, name, measured.first_kms.cpu)
            results.add(report.START_KMS_WALL, name, measured.first_kms.wall)
            results.add(report.MEMORY_IDLE, name, measured.memory)

    for number in range(rounds + 1):
        _tell(f"cold starts, round {number} of {rounds}")
        load.interleaved(list(results.peers), number, start)


def _requests(results: Results, rounds: int, count: int) -> None:
    """Let all peers run side by side and load one at a time."""
    servers: dict[str, ServerProcess] = {}
    prepared: dict[str, dict[str, bytes]] = {}

    def begin(name: str) -> None:
        servers[name] = running.enter_context(PEERS[name].start())
        servers[name].first_answer(wire.kms(load.FIRST_KMS_CALL))
        prepared[name] = load.requests(PEERS[name], servers[name].port)
        load.warm_up(servers[name], prepared[name])

    def measure(operation: str, name: str) -> None:
        results.add(operation, name, load.cpu_per_request(servers[name], prepared[name][operation], count))

    def finish(name: str) -> None:
        results.add(report.MEMORY_LOADED, name, servers[name].memory())
        if name != BARE:
            results.crowds[name] = load.crowd(servers[name].port)

    def safely(step: Callable[[str], None]) -> Callable[[str], None]:
        def attempt(name: str) -> None:
            try:
                step(name)
            except (CallError, StartError) as error:
                results.drop(name, str(error))

        return attempt

    with contextlib.ExitStack() as running:
        load.interleaved(list(results.peers), 0, safely(begin))
        for number in range(rounds):
            _tell(f"requests, round {number + 1} of {rounds}")
            for operation in load.OPERATIONS:
                load.interleaved(list(results.peers), number, safely(partial(measure, operation)))
        _tell(f"{load.CLIENTS} clients at once")
        load.interleaved(list(results.peers), 0, safely(finish))


def _tell(progress: str) -> None:
    print(f"{progress} ...", file=sys.stderr, flush=True)


if __name__ == "__main__":
    # Leaving as after an error ends the servers too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
