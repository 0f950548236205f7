"""The targets of mockaws, and the comparison of results with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.large_worlds import DESCRIBE, PAGES
from bench.load import FIRST_CALL
from bench.peers import BARE, OURS
from bench.results import APPLY_TIME, MEMORY_IDLE, PRIMITIVE, START_CPU, Cell

if TYPE_CHECKING:
    from bench.load import Crowd
    from bench.results import Results, Samples, Watched

MEGABYTES_IDLE = 45.0
TIMES_DESCRIBE_KEY = 1.5
SAME = 1.2  # what two figures may differ by that are to be the same
BYTES_A_KEY = 1500
OF_A_KEY = 1 / 10
MEGABYTES_ABUSED = 64.0
SECONDS_ABUSED = 0.25
INSTANT = "instant"
TIMES_INSTANT = 1.05
_US, _MS = 1e6, 1e3


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
    samples = results.samples
    return [
        _times(samples, "DescribeKey: CPU at most 1.3 x the bare Flask route", "DescribeKey", BARE, 1.3),
        _times(samples, "DescribeKey: CPU no more than ministack", "DescribeKey", "ministack", 1.0),
        _times(samples, "CreateKey: CPU at most 1/100 of moto", "CreateKey", "moto", 1 / 100),
        _times(samples, f"cold start to {FIRST_CALL}: CPU at most 1/2 of moto", START_CPU, "moto", 1 / 2),
        _memory_idle(samples),
        _unharmed(results.crowds.get(OURS)),
        *(_beside_primitive(samples, what) for what, columns in samples.values.items() if PRIMITIVE in columns),
        *_large_worlds(results),
        *_waits(results),
    ]


def apply_time(samples: Samples, keys: int) -> Verdict:
    """Compare how long an apply takes with what it takes against a server that answers instantly."""
    target = f"apply of {keys} keys with aliases: at most {TIMES_INSTANT} x the same against an instant server"
    ours, instant = (samples.median(APPLY_TIME, name) or 0 for name in (OURS, INSTANT))
    shown = f"{ours / instant:.3f} x, of medians ({ours:.2f} s against {instant:.2f} s)"
    return _judged(target, ours / instant, TIMES_INSTANT, shown)


def abused(watched: Watched) -> Verdict:
    """Compare what a client noticed of one kind of abuse with what it may notice."""
    limits = f"99 of 100 calls wait at most {SECONDS_ABUSED * _MS:.0f} ms, at most {MEGABYTES_ABUSED:.0f} MB more"
    wait, growth = watched.percentile(0.99), watched.growth
    kept = watched.unharmed and wait <= SECONDS_ABUSED and growth <= MEGABYTES_ABUSED
    seen = f"{len(watched.errors)} errors, {watched.tracebacks} tracebacks, {wait * _MS:.1f} ms, {growth:+.1f} MB"
    return Verdict(f"{watched.name}: no error, no traceback, {limits}", seen, "PASS" if kept else "MISS")


def _judged(target: str, value: float, limit: float, outcome: str) -> Verdict:
    return Verdict(target, outcome, "PASS" if value <= limit else "MISS")


def _times(samples: Samples, target: str, what: str, other: str, limit: float) -> Verdict:
    ratio = samples.ratio(what, OURS, other)
    if ratio is None:
        return Verdict(target, f"{other} was not measured", "SKIP")
    shown = f"{ratio:.2f} x {other}" if limit >= 0.1 else f"1/{1 / ratio:.0f} of {other}"  # noqa: PLR2004
    factor, unit = (_MS, "ms") if what == START_CPU else (_US, "us")
    mine, theirs = (f"{(samples.median(what, peer) or 0) * factor:.0f} {unit}" for peer in (OURS, other))
    return _judged(target, ratio, limit, f"{shown} ({mine} against {theirs})")


def _memory_idle(samples: Samples) -> Verdict:
    target = f"memory idle: at most {MEGABYTES_IDLE:.0f} MB"
    idle = samples.median(MEMORY_IDLE, OURS)
    if idle is None:
        return Verdict(target, "not measured", "SKIP")
    return _judged(target, idle, MEGABYTES_IDLE, f"{idle:.1f} MB")


def _unharmed(crowd: Crowd | None) -> Verdict:
    target = "100 parallel clients: no error, no lost update"
    if crowd is None:
        return Verdict(target, "not measured", "SKIP")
    return Verdict(target, str(crowd), "PASS" if crowd.unharmed else "MISS")


def _beside_primitive(samples: Samples, what: str) -> Verdict:
    target = f"{what}: CPU at most {TIMES_DESCRIBE_KEY} x DescribeKey plus the primitive"
    ratio = samples.quotient(Cell(what, OURS), Cell(DESCRIBE, OURS), without=Cell(what, PRIMITIVE))
    if ratio is None:
        return Verdict(target, "not measured", "SKIP")
    whole, part, describe = (
        (samples.median(*cell) or 0) * _US for cell in ((what, OURS), (what, PRIMITIVE), (DESCRIBE, OURS))
    )
    shown = f"{ratio:.2f} x ({whole:.0f} us, of which the primitive {part:.0f} us; DescribeKey {describe:.0f} us)"
    return _judged(target, ratio, TIMES_DESCRIBE_KEY, shown)


def _large_worlds(results: Results) -> list[Verdict]:
    """The first world has few keys, the last has many."""
    if not results.fillings:
        return []
    names = list(results.fillings)
    few, many = names[0], names[-1]
    found = []
    ratio = results.worlds.ratio(DESCRIBE, many, few)
    if ratio is not None:
        target = f"{DESCRIBE} with {many}: CPU at most {SAME} x that with {few}"
        found.append(_judged(target, ratio, SAME, f"{ratio:.2f} x"))
    for name, (first, *others) in PAGES.items():
        ratios = [results.worlds.quotient(Cell(other, many), Cell(first, many)) for other in others]
        if dearest := max((ratio for ratio in ratios if ratio is not None), default=None):
            target = f"{name} with {many}: CPU of a page anywhere at most {SAME} x that of the first"
            found.append(_judged(target, dearest, SAME, f"{dearest:.2f} x"))
    size = results.fillings[many].bytes
    target = f"memory: at most {BYTES_A_KEY / 1000} KB a symmetric key"
    return [*found, _judged(target, size, BYTES_A_KEY, f"{size:.0f} bytes, over {many}")]


def _waits(results: Results) -> list[Verdict]:
    waits = results.waits.get(OURS)
    if waits is None:
        return [Verdict(f"{DESCRIBE} while RSA-4096 keys are made", "not measured", "SKIP")]
    return [
        _judged(
            f"{DESCRIBE} {when}: waits at most 1/{1 / OF_A_KEY:.0f} of what a key takes longer",
            (seconds - waits.idle) / waits.key,
            OF_A_KEY,
            f"{seconds * _MS:.1f} ms, 99 of 100 (idle {waits.idle * _MS:.1f} ms; a key {waits.key * _MS:.0f} ms)",
        )
        for when, seconds in (
            ("while RSA-4096 keys are made", waits.beside_one),
            (f"while {waits.at_once} make RSA-4096 keys at once", waits.beside_many),
        )
    ]
