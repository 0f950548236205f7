"""The results of a matrix: a table for people, JSON and JUnit's XML for programs."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from mockaws.matrix.findings import shortened
from mockaws.matrix.results import Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mockaws.matrix.results import Matrix, Result

_HEADINGS = ("world", "result", "seconds", "error")
_GAP = "  "
_LEAST_WIDTH = 20
_MOST_OUTPUT = 20_000
_SUITE = "mockaws matrix"

_UNEXPECTED = {
    Outcome.SURVIVED: "SURVIVES",
    Outcome.FAILED: "FAILS",
    Outcome.TIMED_OUT: "TIMES OUT",
    Outcome.INTERRUPTED: "interrupted",
    Outcome.NOT_RUN: "not run",
}


def verdict(result: Result) -> str:
    """Return the result in a world in one or two words; unexpected results are in capitals."""
    if not result.as_expected:
        return _UNEXPECTED[result.outcome]
    return "fails, as it must" if result.trial.must_fail else "survives"


def table(matrix: Matrix, width: int) -> str:
    """Return the results in columns, no line longer than *width*, and their summary below."""
    rows = [_HEADINGS, *map(_row, matrix.results)]
    wide = [max(len(row[column]) for row in rows) for column in range(len(_HEADINGS) - 1)]
    before = sum(wide) + len(wide) * len(_GAP)
    room = max(width - before, _LEAST_WIDTH)
    lines = [_line(row, wide, room) for row in rows]
    return "\n".join([*lines, "", summary(matrix)])


def summary(matrix: Matrix) -> str:
    """Return the summary of the results in one sentence."""
    ended = [_counted(matrix.results, outcome) for outcome in Outcome]
    others = [result.world for result in matrix.results if not result.as_expected]
    judged = f"not as expected: {', '.join(others)}" if others else "all as expected"
    worlds = f"{len(matrix.results)} world{'' if len(matrix.results) == 1 else 's'}"
    return f"{worlds}: {', '.join(filter(None, ended))}; {judged}."


def as_json(matrix: Matrix) -> str:
    """Return the results as a JSON document."""
    document = {
        "command": list(matrix.command),
        "as_expected": matrix.as_expected,
        "seconds": round(matrix.seconds, 3),
        "worlds": [_document(result) for result in matrix.results],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def as_junit(matrix: Matrix) -> str:
    """Return the results as JUnit's XML: a test case a world, which passes if the result is as expected."""
    counts = {
        "tests": len(matrix.results),
        "failures": sum(_kind(result) == "failure" for result in matrix.results),
        "errors": sum(_kind(result) == "error" for result in matrix.results),
        "skipped": sum(_kind(result) == "skipped" for result in matrix.results),
    }
    totals = {name: str(count) for name, count in counts.items()} | {"time": f"{matrix.seconds:.3f}"}
    root = ET.Element("testsuites", {"name": _SUITE, **totals})
    suite = ET.SubElement(root, "testsuite", {"name": shlex.join(matrix.command), **totals})
    for result in matrix.results:
        _add_case(suite, result)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _row(result: Result) -> tuple[str, str, str, str]:
    seconds = "" if result.outcome is Outcome.NOT_RUN else f"{result.seconds:.1f}"
    error = _error(result) if result.outcome is Outcome.FAILED else shortened(result.finding)
    return result.world, verdict(result), seconds.rjust(len(_HEADINGS[2])), error


def _error(result: Result) -> str:
    """Return the command's error, or else how it ended."""
    return shortened(result.finding) or f"exit status {result.status}"


def _line(row: Sequence[str], wide: Sequence[int], room: int) -> str:
    *cells, last = row
    shown = last if len(last) <= room else f"{last[: room - 1]}…"
    return _GAP.join([*(cell.ljust(width) for cell, width in zip(cells, wide, strict=True)), shown]).rstrip()


def _counted(results: Sequence[Result], outcome: Outcome) -> str:
    count = sum(result.outcome is outcome for result in results)
    return f"{count} {outcome}" if count else ""


def _document(result: Result) -> dict[str, Any]:
    return {
        "world": result.world,
        "fixture": result.trial.fixture,
        "outcome": str(result.outcome),
        "must_fail": result.trial.must_fail,
        "as_expected": result.as_expected,
        "status": result.status,
        "seconds": round(result.seconds, 3),
        "error": result.finding.error or None,
        "code": result.finding.code or None,
        "log": result.log,
    }


def _add_case(suite: ET.Element, result: Result) -> None:
    named = {"classname": result.trial.fixture, "name": result.world, "time": f"{result.seconds:.3f}"}
    case = ET.SubElement(suite, "testcase", named)
    kind = _kind(result)
    if kind == "skipped":
        ET.SubElement(case, kind, {"message": verdict(result)})
    elif kind:
        about = {"message": f"{verdict(result)}: {_error(result)}", "type": result.finding.code or str(result.outcome)}
        ET.SubElement(case, kind, about)
    if result.output:
        ET.SubElement(case, "system-out").text = result.output[-_MOST_OUTPUT:]


def _kind(result: Result) -> str:
    """Return JUnit's element for a result; an empty text for a test that passes."""
    if result.as_expected:
        return ""
    if result.outcome is Outcome.NOT_RUN:
        return "skipped"
    return "error" if result.outcome in {Outcome.TIMED_OUT, Outcome.INTERRUPTED} else "failure"
