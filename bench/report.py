"""What came out: medians, ratios, targets, as a text and as JSON."""

from __future__ import annotations

import json
import os
import platform
import statistics
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from bench.load import FIRST_CALL, FIRST_KMS_CALL, OPERATIONS, TAGGINGS
from bench.peers import BARE, OURS

if TYPE_CHECKING:
    from pathlib import Path

    from bench.load import Crowd

START_CPU = f"start CPU, to {FIRST_CALL}"
START_WALL = f"start time, to {FIRST_CALL}"
START_KMS_CPU = f"start CPU, to {FIRST_KMS_CALL} too"
START_KMS_WALL = f"start time, to {FIRST_KMS_CALL} too"
MEMORY_IDLE = "memory idle"
MEMORY_LOADED = "memory after load"
_MICROSECONDS, _MILLISECONDS, _MEGABYTES = (1e6, "us"), (1e3, "ms"), (1.0, "MB")
UNITS = dict.fromkeys(OPERATIONS, _MICROSECONDS) | {
    START_CPU: _MILLISECONDS,
    START_KMS_CPU: _MILLISECONDS,
    START_WALL: _MILLISECONDS,
    START_KMS_WALL: _MILLISECONDS,
    MEMORY_IDLE: _MEGABYTES,
    MEMORY_LOADED: _MEGABYTES,
}
_LABEL, _CELL = 36, 20


@dataclass
class Results:
    """Everything measured: the samples by what was measured and by peer, one a round and in the order of rounds."""

    peers: dict[str, str] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    samples: dict[str, dict[str, list[float]]] = field(default_factory=dict)
    crowds: dict[str, Crowd] = field(default_factory=dict)

    def add(self, what: str, peer: str, value: float) -> None:
        """Keep one sample."""
        self.samples.setdefault(what, {}).setdefault(peer, []).append(value)

    def drop(self, peer: str, why: str) -> None:
        """Leave out a peer that cannot go on, with all its samples."""
        self.missing[peer] = why
        self.peers.pop(peer, None)
        self.crowds.pop(peer, None)
        for by_peer in self.samples.values():
            by_peer.pop(peer, None)

    def median(self, what: str, peer: str) -> float | None:
        """Return the median, or None if the peer was not measured."""
        values = self.samples.get(what, {}).get(peer)
        return statistics.median(values) if values else None

    def ratio(self, what: str, peer: str, other: str) -> float | None:
        """Return the median over the rounds of one peer's figure divided by the other's of the same round."""
        by_peer = self.samples.get(what, {})
        pairs = zip(by_peer.get(peer, ()), by_peer.get(other, ()), strict=False)
        ratios = [mine / theirs for mine, theirs in pairs if theirs]
        return statistics.median(ratios) if ratios else None


@dataclass(frozen=True)
class Verdict:
    """One target: what was asked, what came out, and PASS, MISS or SKIP."""

    target: str
    outcome: str
    verdict: str


def verdicts(results: Results) -> list[Verdict]:
    """Compare the results with the targets."""
    if OURS not in results.peers:
        return []
    return [
        _times(results, "DescribeKey: CPU at most 1.3 x the bare Flask route", "DescribeKey", BARE, 1.3),
        _times(results, "DescribeKey: CPU no more than ministack", "DescribeKey", "ministack", 1.0),
        _times(results, "CreateKey: CPU at most 1/100 of moto", "CreateKey", "moto", 1 / 100),
        _times(results, f"cold start to {FIRST_CALL}: CPU at most 1/2 of moto", START_CPU, "moto", 1 / 2),
        _at_most_megabytes(results, 45.0),
        _unharmed(results),
    ]


def _times(results: Results, target: str, what: str, other: str, limit: float) -> Verdict:
    ratio = results.ratio(what, OURS, other)
    if ratio is None:
        return Verdict(target, f"{other} was not measured", "SKIP")
    shown = f"{ratio:.2f} x {other}" if limit >= 0.1 else f"1/{1 / ratio:.0f} of {other}"  # noqa: PLR2004
    outcome = f"{shown} ({_figure(results, what, OURS)} against {_figure(results, what, other)})"
    return Verdict(target, outcome, "PASS" if ratio <= limit else "MISS")


def _at_most_megabytes(results: Results, limit: float) -> Verdict:
    target = f"memory idle: at most {limit:.0f} MB"
    idle = results.median(MEMORY_IDLE, OURS)
    if idle is None:
        return Verdict(target, "not measured", "SKIP")
    return Verdict(target, f"{idle:.1f} MB", "PASS" if idle <= limit else "MISS")


def _unharmed(results: Results) -> Verdict:
    target = "100 parallel clients: no error, no lost update"
    crowd = results.crowds.get(OURS)
    if crowd is None:
        return Verdict(target, "not measured", "SKIP")
    return Verdict(target, _crowd(crowd), "PASS" if crowd.unharmed else "MISS")


def text(results: Results, rounds: int, count: int) -> str:
    """Return the report for people."""
    names = list(results.peers)
    lines = [
        f"Python {platform.python_version()}, {os.cpu_count()} CPUs; medians over the rounds, which are interleaved.",
        f"Rounds: {rounds}. Requests a round and operation: up to {count}.",
        "Figures hold for this machine at this hour; the ratios are what to compare.",
        "",
        *(f"  {name:10} {about}" for name, about in results.peers.items()),
        *(f"  {name:10} NOT MEASURED: {why}" for name, why in results.missing.items()),
    ]
    shape = f"(in brackets: as a multiple of {BARE})" if BARE in names else f"({BARE} was not measured: no multiples)"
    lines += _table(f"Server CPU a request {shape}", OPERATIONS, results)
    lines += _table(f"Cold start {shape}", (START_CPU, START_WALL, START_KMS_CPU, START_KMS_WALL), results)
    lines += _table(f"Memory, resident {shape}", (MEMORY_IDLE, MEMORY_LOADED), results)
    if OURS in names:
        others = [name for name in names if name != OURS]
        lines += ["", f"{OURS + ' as a multiple of':{_LABEL}}" + "".join(f"{name:>{_CELL}}" for name in others)]
        for what in UNITS:
            ratios = [results.ratio(what, OURS, other) for other in others]
            cells = ("-" if ratio is None else f"{ratio:.3f}" for ratio in ratios)
            lines.append(f"  {what:{_LABEL - 2}}" + "".join(f"{cell:>{_CELL}}" for cell in cells))
    if results.crowds:
        lines += ["", f"100 clients at once, each {TAGGINGS} x TagResource on shared keys, CreateKey, CreateAlias"]
        lines += [f"  {name:10} {_crowd(crowd)}" for name, crowd in results.crowds.items()]
    if found := verdicts(results):
        lines += ["", "Targets"]
        lines += [f"  {verdict.verdict}  {verdict.target}: {verdict.outcome}" for verdict in found]
    return "\n".join(lines)


def document(results: Results, rounds: int, count: int) -> str:
    """Return the report for programs."""
    return json.dumps(
        {
            "python": platform.python_version(),
            "cpus": os.cpu_count(),
            "rounds": rounds,
            "requests": count,
            "peers": results.peers,
            "missing": results.missing,
            "medians": {
                what: {peer: results.median(what, peer) for peer in by_peer}
                for what, by_peer in results.samples.items()
            },
            "times_flask": {
                what: {peer: results.ratio(what, peer, BARE) for peer in by_peer}
                for what, by_peer in results.samples.items()
            },
            "samples": results.samples,
            "crowds": {peer: asdict(crowd) for peer, crowd in results.crowds.items()},
            "targets": [asdict(verdict) for verdict in verdicts(results)],
        },
        indent=2,
    )


def write_json(path: Path, *arguments: Any) -> None:
    """Write the report for programs to a file."""
    path.write_text(document(*arguments) + "\n")


def _table(title: str, rows: tuple[str, ...], results: Results) -> list[str]:
    lines = ["", title, " " * _LABEL + "".join(f"{name:>{_CELL}}" for name in results.peers)]
    for what in rows:
        cells = []
        for peer in results.peers:
            ratio = results.ratio(what, peer, BARE)
            cells.append(_figure(results, what, peer) + (f" ({ratio:.2f})" if ratio is not None else ""))
        lines.append(f"  {what:{_LABEL - 2}}" + "".join(f"{cell:>{_CELL}}" for cell in cells))
    return lines


def _figure(results: Results, what: str, peer: str) -> str:
    value = results.median(what, peer)
    if value is None:
        return "-"
    factor, unit = UNITS[what]
    digits = 1 if unit == "MB" else 0
    return f"{value * factor:.{digits}f} {unit}"


def _crowd(crowd: Crowd) -> str:
    told = f"{crowd.calls} calls in {crowd.seconds:.1f} s, {len(crowd.errors)} errors, {len(crowd.lost)} lost updates"
    first = (crowd.errors + crowd.lost)[:1]
    return told + (f" (first: {first[0]})" if first else "")
