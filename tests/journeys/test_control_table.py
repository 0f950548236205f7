"""Each line of the table in docs/control.md does the same over HTTP, on the command line and in Python."""

from __future__ import annotations

import json
import re
import shlex
from typing import TYPE_CHECKING, Any

import pytest

from mockaws.mock import Mock
from mockaws.settings import Settings
from tests.journeys.command import ROOT, run
from tests.wire import control

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = (ROOT / "docs/control.md").read_text()
LINES = re.findall(r"^\| ([^|]+) \| `([A-Z]+) (\S+?)(?: (.+?))?` \| `(.+?)` \| `(.+?)` \|$", PAGE, re.MULTILINE)
STOP = '{"freeze": true}'  # which the clock of the test's world does already


@pytest.fixture
def mock() -> Iterator[Mock]:
    """Return a server with a world pr-1, whose own world stands still and has two faults."""
    with Mock(Settings(port=0, quiet=True)) as served:
        restore(served)
        yield served


def test_all_lines_are_found() -> None:
    """No line of the table escapes the test."""
    assert len(LINES) == len(re.findall(r"^\| .* \|$", PAGE, re.MULTILINE)) - 2


@pytest.mark.parametrize("line", [pytest.param(line[1:], id=line[0]) for line in LINES])
def test_the_ways_are_one(line: tuple[str, ...], mock: Mock) -> None:
    """What changes a world changes it in the same way from everywhere; what looks changes nothing."""
    method, path, body, command, python = line
    before = state(mock)

    status, answer = control(mock.url, method, path, json.loads(body) if body else None)
    assert status in {200, 201}, answer
    after = state(mock)
    assert (after != before) == (method != "GET" and body != STOP)

    restore(mock)
    assert state(mock) == before
    done = run(*shlex.split(command), AWS_ENDPOINT_URL=mock.url)
    assert done.returncode == 0, done.stderr
    assert keys_of(done.stdout if isinstance(answer, str) else json.loads(done.stdout)) == keys_of(answer)
    assert state(mock) == after

    restore(mock)
    exec(python, {"mock": mock})  # noqa: S102 - it is our own page
    assert state(mock) == after


def restore(mock: Mock) -> None:
    """Make the state in which each way begins."""
    control(mock.url, "POST", "/_mockaws/reset")
    control(mock.url, "POST", "/_mockaws/clock", {"freeze": "2030-01-01T00:00:00Z"})
    for _ in range(2):
        control(mock.url, "POST", "/_mockaws/faults", {"operation": "sts:*", "status": 500})
    control(mock.url, "DELETE", "/_mockaws/worlds/pr-2")
    control(mock.url, "POST", "/_mockaws/worlds", {"name": "pr-1", "fixture": "empty"})


def state(mock: Mock) -> Any:
    """Return all that the table can change; a clock that runs shows another time each time."""
    clock, faults, worlds = (control(mock.url, "GET", f"/_mockaws/{name}")[1] for name in ("clock", "faults", "worlds"))
    return clock if clock["frozen"] else "running", faults, worlds


def keys_of(answer: dict[str, Any] | str) -> list[str]:
    """Return the members of an answer, or the lines of one that is no JSON."""
    return answer.splitlines() if isinstance(answer, str) else sorted(answer)
