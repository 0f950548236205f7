"""The reports of the results."""

from __future__ import annotations

import json
from typing import Any
from xml.etree import ElementTree as ET

from mockaws.matrix import reports
from mockaws.matrix.findings import Finding
from mockaws.matrix.results import Matrix, Outcome, Result, Trial

REFUSED = Finding("creating it: api error LimitExceededException: <too> many & more", "LimitExceededException")


def result(world: str, outcome: Outcome, *, must_fail: bool = False, **more: Any) -> Result:
    """Return a result."""
    trial = Trial(world=world, fixture=f"worlds/{world}.yaml", environment={}, must_fail=must_fail)
    return Result(trial=trial, outcome=outcome, **more)


MATRIX = Matrix(
    ["terraform", "apply", "-var=a=b c"],
    [
        result("calm", Outcome.SURVIVED, status=0, seconds=12.34, output="done\n"),
        result("storm", Outcome.FAILED, status=1, seconds=3.0, must_fail=True, finding=REFUSED),
        result("fog", Outcome.FAILED, status=1, seconds=3.0, finding=REFUSED, output="said", log="logs/fog.log"),
        result("ice", Outcome.SURVIVED, status=0, seconds=100.0, must_fail=True),
        result("mud", Outcome.TIMED_OUT, status=130, seconds=60.0, must_fail=True),
        result("dust", Outcome.INTERRUPTED, status=130, seconds=1.0),
        result("rain", Outcome.NOT_RUN),
    ],
    123.4567,
)
GOOD = Matrix(["true"], MATRIX.results[:2], 15.0)


def test_the_table() -> None:
    """One line a world, in their order; unexpected results in capitals; the total at the end."""
    assert reports.table(MATRIX, 160) == (
        "world  result             seconds  error\n"
        "calm   survives              12.3\n"
        "storm  fails, as it must      3.0  LimitExceededException: <too> many & more\n"
        "fog    FAILS                  3.0  LimitExceededException: <too> many & more\n"
        "ice    SURVIVES             100.0\n"
        "mud    TIMES OUT             60.0\n"
        "dust   interrupted            1.0\n"
        "rain   not run\n"
        "\n"
        "7 worlds: 2 survived, 2 failed, 1 timed out, 1 interrupted, 1 not run; not as expected: fog, ice, mud, dust, "
        "rain."
    )
    assert reports.summary(GOOD) == "2 worlds: 1 survived, 1 failed; all as expected."


def test_a_failure_without_a_word() -> None:
    """If the command printed nothing, as one that was killed, the report has its exit status."""
    killed = Matrix(["true"], [result("night", Outcome.FAILED, status=137)], 1.0)
    assert reports.table(killed, 160).splitlines()[1] == "night  FAILS       0.0  exit status 137"


def test_lines_do_not_break() -> None:
    """An error is cut where a line of the terminal ends."""
    lines = reports.table(MATRIX, 60).splitlines()
    assert lines[2] == "storm  fails, as it must      3.0  LimitExceededException: …"
    assert max(map(len, lines[:-1])) == 60


def test_what_is_expected() -> None:
    """To time out is not to fail, and not to survive."""
    assert [each.world for each in MATRIX.results if each.as_expected] == ["calm", "storm"]
    assert (MATRIX.as_expected, GOOD.as_expected) == (False, True)


def test_json() -> None:
    """The document has what the table has, the whole error, and where the output is."""
    document = json.loads(reports.as_json(MATRIX))
    assert {name: document[name] for name in ("command", "as_expected", "seconds")} == {
        "command": ["terraform", "apply", "-var=a=b c"],
        "as_expected": False,
        "seconds": 123.457,
    }
    assert document["worlds"][2] == {
        "world": "fog",
        "fixture": "worlds/fog.yaml",
        "outcome": "failed",
        "must_fail": False,
        "as_expected": False,
        "status": 1,
        "seconds": 3.0,
        "error": "creating it: api error LimitExceededException: <too> many & more",
        "code": "LimitExceededException",
        "log": "logs/fog.log",
    }
    assert [world["outcome"] for world in document["worlds"]] == [
        "survived",
        "failed",
        "failed",
        "survived",
        "timed out",
        "interrupted",
        "not run",
    ]
    assert document["worlds"][6]["status"] is None


def test_junit() -> None:
    """A test passes where all is as expected; what it printed goes along."""
    root = ET.fromstring(reports.as_junit(MATRIX))  # noqa: S314 - our own
    suite = root.find("testsuite")
    assert suite is not None
    assert (root.tag, suite.get("name")) == ("testsuites", "terraform apply '-var=a=b c'")
    assert [suite.get(name) for name in ("tests", "failures", "errors", "skipped", "time")] == [
        "7",
        "2",
        "2",
        "1",
        "123.457",
    ]
    outcomes = {
        case.get("name"): [(child.tag, child.get("message")) for child in case if child.tag != "system-out"]
        for case in suite
    }
    assert outcomes == {
        "calm": [],
        "storm": [],
        "fog": [("failure", "FAILS: LimitExceededException: <too> many & more")],
        "ice": [("failure", "SURVIVES: exit status 0")],
        "mud": [("error", "TIMES OUT: exit status 130")],
        "dust": [("error", "interrupted: exit status 130")],
        "rain": [("skipped", "not run")],
    }
    assert suite.findtext("testcase[@name='fog']/system-out") == "said"
    failure = suite.find("testcase[@name='fog']/failure")
    assert failure is not None
    assert failure.get("type") == "LimitExceededException"
