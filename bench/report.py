"""The results, as text and as JSON."""

from __future__ import annotations

import json
import os
import platform
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from bench import large_worlds
from bench.load import TAGGINGS
from bench.operations import OPERATIONS
from bench.peers import BARE, OURS
from bench.results import (
    MEMORY_IDLE,
    MEMORY_LOADED,
    PRIMITIVE,
    START_CPU,
    START_KMS_CPU,
    START_KMS_WALL,
    START_WALL,
)
from bench.targets import verdicts

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bench.results import Results

_MICROSECONDS, _MILLISECONDS, _MEGABYTES = (1e6, "us"), (1e3, "ms"), (1.0, "MB")
_STARTS = (START_CPU, START_WALL, START_KMS_CPU, START_KMS_WALL)
_MEMORY = (MEMORY_IDLE, MEMORY_LOADED)
_UNITS = dict.fromkeys(_STARTS, _MILLISECONDS) | dict.fromkeys(_MEMORY, _MEGABYTES)
_LABEL, _CELL = 36, 20


def text(results: Results, rounds: int, count: int) -> str:
    """Return the report for people."""
    lines = [
        f"Python {platform.python_version()}, {os.cpu_count()} CPUs; medians over the rounds, which are interleaved.",
        f"Rounds: {rounds}. Requests a round and operation: up to {count}.",
        "Figures hold for this machine at this hour; the ratios are what to compare.",
        "",
        *(f"  {name:10} {about}" for name, about in results.peers.items()),
        *(f"  {name:10} NOT MEASURED: {why}" for name, why in results.missing.items()),
        *(
            f"  {name:10} NOT MEASURED: {operation}: {why}"
            for name, reasons in results.lacking.items()
            for operation, why in reasons.items()
        ),
    ]
    lines += _by_peer(results)
    if OURS in results.peers:
        lines += _large_worlds(results)
        lines += _multiples(results)
    if results.crowds:
        lines += ["", f"100 clients at once, each {TAGGINGS} x TagResource on shared keys, CreateKey, CreateAlias"]
        lines += [f"  {name:10} {crowd}" for name, crowd in results.crowds.items()]
    if results.waits:
        lines += ["", "DescribeKey every 5 ms: what 99 of 100 wait at most"]
        lines += [f"  {name:10} {waits}" for name, waits in results.waits.items()]
    if found := verdicts(results):
        lines += ["", "Targets"]
        lines += [f"  {verdict.verdict}  {verdict.target}: {verdict.outcome}" for verdict in found]
    return "\n".join(lines)


def document(results: Results, rounds: int, count: int) -> str:
    """Return the report for programs."""
    samples, worlds = results.samples, results.worlds
    return json.dumps(
        {
            "python": platform.python_version(),
            "cpus": os.cpu_count(),
            "rounds": rounds,
            "requests": count,
            "peers": results.peers,
            "missing": results.missing,
            "lacking": results.lacking,
            "medians": {
                what: {peer: samples.median(what, peer) for peer in by_peer} for what, by_peer in samples.values.items()
            },
            "times_flask": {
                what: {peer: samples.ratio(what, peer, BARE) for peer in by_peer}
                for what, by_peer in samples.values.items()
            },
            "samples": samples.values,
            "crowds": {peer: asdict(crowd) for peer, crowd in results.crowds.items()},
            "waits": {peer: asdict(waits) for peer, waits in results.waits.items()},
            "worlds": {
                "medians": {
                    what: {name: worlds.median(what, name) for name in by_world}
                    for what, by_world in worlds.values.items()
                },
                "samples": worlds.values,
                "fillings": {name: asdict(filling) for name, filling in results.fillings.items()},
            },
            "targets": [asdict(verdict) for verdict in verdicts(results)],
        },
        indent=2,
    )


def write_json(path: Path, *arguments: Any) -> None:
    """Write the report for programs to a file."""
    path.write_text(document(*arguments) + "\n")


def _by_peer(results: Results) -> list[str]:
    names = list(results.peers)
    shape = f"(in brackets: as a multiple of {BARE})" if BARE in names else f"({BARE} was not measured: no multiples)"

    def table(title: str, rows: Sequence[str], columns: Sequence[str] = names) -> list[str]:
        lines = ["", f"{title} {shape}", _row("", columns)]
        for what in rows:
            cells = []
            for column in columns:
                ratio = results.samples.ratio(what, column, BARE)
                shown = f" ({ratio:.2f})" if ratio is not None and column != PRIMITIVE else ""
                cells.append(_figure(what, results.samples.median(what, column)) + shown)
            lines.append(_row(what, cells))
        return lines

    return [
        *table("Server CPU a request", OPERATIONS, [*names, PRIMITIVE]),
        *table("Cold start", _STARTS),
        *table("Memory, resident", _MEMORY),
    ]


def _multiples(results: Results) -> list[str]:
    others = [name for name in results.peers if name != OURS]
    lines = ["", _row(f"{OURS} as a multiple of", others)]
    for what in (*OPERATIONS, *_STARTS, *_MEMORY):
        ratios = [results.samples.ratio(what, OURS, other) for other in others]
        lines.append(_row(what, ["-" if ratio is None else f"{ratio:.3f}" for ratio in ratios]))
    return lines


def _large_worlds(results: Results) -> list[str]:
    names = list(results.fillings)
    return [
        "",
        f"Server CPU a request of {OURS}, by how many keys there are, each with an alias",
        _row("", names),
        *(
            _row(what, [_figure(what, results.worlds.median(what, name)) for name in names])
            for what in large_worlds.REQUESTS
        ),
        "",
        *(f"  creating {name}: {filling}" for name, filling in results.fillings.items()),
    ]


def _row(label: str, cells: Sequence[str]) -> str:
    return f"  {label:{_LABEL - 2}}" + "".join(f"{cell:>{_CELL}}" for cell in cells)


def _figure(what: str, value: float | None) -> str:
    if value is None:
        return "-"
    factor, unit = _UNITS.get(what, _MICROSECONDS)
    digits = 1 if unit == "MB" or value * factor < 10 else 0  # noqa: PLR2004 - one digit says too little
    return f"{value * factor:.{digits}f} {unit}"
