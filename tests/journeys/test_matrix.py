"""`mockaws matrix`: a command in many worlds, side by side."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from tests.journeys.command import clean_environment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PATIENCE = 60
CREATE = "aws kms create-custom-key-store --custom-key-store-name demo --cloud-hsm-cluster-id cluster-readytwozone \
--key-store-password kmsPswd123 --trust-anchor-certificate file://ca.crt"
FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
TWO = ("a=empty", "b=empty")

Run = subprocess.CompletedProcess[str]


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """Make a directory to run in."""
    made = tmp_path / "here"
    made.mkdir()
    (made / "ca.crt").write_bytes((FIXTURES / "customerCA.crt").read_bytes())
    return made


@pytest.fixture
def matrix(directory: Path) -> Callable[..., Run]:
    """Run `mockaws matrix` with a shell's script as the command."""

    def run(script: str | None, *flags: str, **environment: str) -> Run:
        command = [] if script is None else ["--", "bash", "-c", script]
        return subprocess.run(
            ["mockaws", "matrix", *flags, *command],
            cwd=directory,
            env=clean_environment() | environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
            stdin=subprocess.DEVNULL,
        )

    return run


def rows(table: str) -> list[list[str]]:
    """Return the rows of a table, without their seconds."""
    lines = table.split("\n\n", maxsplit=1)[0].splitlines()[1:]
    return [[cell for cell in re.split(r"  +", line) if not re.fullmatch(r"[\d.]+", cell)] for line in lines]


def test_which_worlds_a_command_survives(matrix: Callable[..., Run], directory: Path) -> None:
    """The table tells what AWS answered in each world, the reports have it all, and the status tells CI."""
    worlds = ("--fixtures", "ready-cluster", "one-[hz]*")
    done = matrix(CREATE, *worlds, "--json", "out.json", "--junit", "out.xml", "--logs", "logs")
    refused = (
        "CloudHsmClusterInvalidConfigurationException: CloudHSM cluster must contain active HSMs in at least two "
        "Availability Zones"
    )
    assert done.returncode == 1
    assert rows(done.stdout) == [
        ["ready-cluster", "survives"],
        ["one-hsm", "FAILS", refused],
        ["one-zone", "FAILS", refused],
    ]
    assert done.stdout.endswith("3 worlds: 1 survived, 2 failed; not as expected: one-hsm, one-zone.\n")
    assert sorted(re.findall(r"^\[\d/3\] ([\w-]+): (\w+)", done.stderr, re.MULTILINE)) == [
        ("one-hsm", "FAILS"),
        ("one-zone", "FAILS"),
        ("ready-cluster", "survives"),
    ]
    document = json.loads((directory / "out.json").read_text())
    assert [(world["world"], world["outcome"], world["code"]) for world in document["worlds"]] == [
        ("ready-cluster", "survived", None),
        ("one-hsm", "failed", "CloudHsmClusterInvalidConfigurationException"),
        ("one-zone", "failed", "CloudHsmClusterInvalidConfigurationException"),
    ]
    assert "CloudHSM cluster must contain" in (directory / document["worlds"][1]["log"]).read_text()
    assert ET.parse(directory / "out.xml").getroot().get("failures") == "2"  # noqa: S314 - our own


def test_failures_that_are_expected(matrix: Callable[..., Run]) -> None:
    """If a command must fail, its failure is good and its survival is not."""
    worlds = ("--fixtures", *TWO, "--expect-failure", "[b-z]")
    good = matrix("test $(basename $AWS_ENDPOINT_URL) = a", *worlds)
    assert good.returncode == 0, good.stderr
    assert rows(good.stdout) == [["a", "survives"], ["b", "fails, as it must", "exit status 1"]]
    assert good.stdout.endswith("2 worlds: 1 survived, 1 failed; all as expected.\n")
    bad = matrix("true", *worlds)
    assert bad.returncode == 1
    assert rows(bad.stdout) == [["a", "survives"], ["b", "SURVIVES"]]


def test_worlds_and_directories_are_apart(matrix: Callable[..., Run], directory: Path) -> None:
    """Changes of a command in its world and its directory are its own; files beside the directory are shared."""
    (directory.parent / "beside").write_text("beside")
    script = """
        set -e
        test ! -e mine && echo $AWS_ENDPOINT_URL > mine && test "$PWD" = "$(pwd -P)"
        test "$(aws kms list-keys --query 'length(Keys)')" = 0 && aws kms create-key > /dev/null
        cat ../beside
    """
    done = matrix(script, "--fixtures", *TWO, "c=empty", "--jobs", "1")
    assert done.returncode == 0, done.stderr
    assert not (directory / "mine").exists()


def test_in_place(matrix: Callable[..., Run], directory: Path) -> None:
    """In place, one command comes after the other, and what they write stays."""
    done = matrix(
        "echo >> seen; test -e lock && exit 1; touch lock; sleep .2; rm lock", "--fixtures", *TWO, "--in-place"
    )
    assert done.returncode == 0, done.stderr
    assert (directory / "seen").read_text() == "\n\n"


def test_accounts_and_fixtures_of_ones_own(matrix: Callable[..., Run], directory: Path) -> None:
    """Each command has the account of its world, and a file's world the file's name."""
    (directory / "mine.yaml").write_text("account: '444455556666'\n")
    script = "aws sts get-caller-identity --query Account --output text"
    done = matrix(script, "--fixtures", "*.yaml", "developer-guide", "empty", "--logs", "logs")
    assert done.returncode == 0, done.stderr
    told = {log.stem: log.read_text().strip() for log in (directory / "logs").iterdir()}
    assert told == {"mine": "444455556666", "developer-guide": "111122223333", "empty": "000000000000"}


def test_a_command_that_does_not_end(matrix: Callable[..., Run]) -> None:
    """After --timeout the command and its children are asked to stop, and that is never an expected failure."""
    done = matrix("sleep 1000 & sleep 1000", "--fixtures", "empty", "--timeout", "0.5", "--expect-failure", "*")
    assert done.returncode == 1
    assert rows(done.stdout) == [["empty", "TIMES OUT"]]


def test_output_of_what_nobody_expected(matrix: Callable[..., Run]) -> None:
    """Its last lines are shown at once, without colours."""
    done = matrix("seq 30; printf '\\033[31mErro''r: red\\033[0m\\n'; exit 3", "--fixtures", "empty")
    assert re.search(r"^\[1/1\] empty: FAILS \(.* s\)\n    12\n    13\n(    \d+\n){17}    Error: red\n", done.stderr)
    assert rows(done.stdout) == [["empty", "FAILS", "red"]]


@pytest.mark.parametrize(("flag", "begins"), [("--json", "{"), ("--junit", "<?xml")])
def test_a_report_on_standard_output(matrix: Callable[..., Run], flag: str, begins: str) -> None:
    """It is all that is there; the table goes to standard error."""
    done = matrix("true", "--fixtures", "empty", flag, "-")
    assert done.returncode == 0
    assert done.stdout.startswith(begins)
    assert "1 world: 1 survived; all as expected." not in done.stdout
    assert "1 world: 1 survived; all as expected." in done.stderr


@pytest.mark.parametrize(
    ("script", "flags", "status", "said"),
    [
        (
            None,
            ["--fixtures", "empty"],
            2,
            "matrix needs a command, such as: mockaws matrix --fixtures 'fixtures/*.yaml' -- ",
        ),
        ("true", [], 2, "matrix needs fixtures, such as: mockaws matrix"),
        ("true", ["--fixtures", "emtpy", "no/*"], 2, "emtpy: no such fixture (did you mean empty?)"),
        ("true", ["--fixtures", "ca.crt"], 2, "ca.crt"),
        ("true", ["--fixtures", "empty", "--expect-failure", "fulll"], 2, "fulll: no such world; there are empty"),
        ("true", ["--fixtures", "empty", "--jobs", "0"], 2, "invalid number of jobs '0': use 1 or more"),
        ("true", ["--fixtures", "empty", "--timeout", "soon"], 2, "invalid SECONDS 'soon': use a number above 0"),
        ("true", ["--fixtures", "empty", "--timeout", "1_0"], 2, "invalid SECONDS '1_0': use a number above 0"),
        ("true", ["--fixtures", "empty", "--account", "1"], 2, "--account=1: an AWS account is 12 digits"),
        ("true", ["--fixtures", "empty", "--json", "no/file"], 2, "no/file: No such file or directory"),
        ("true", ["--fixtures", "empty", "--json", "-", "--junit", "-"], 2, "standard output takes one of them"),
    ],
)
def test_mistakes(matrix: Callable[..., Run], script: str | None, flags: list[str], status: int, said: str) -> None:
    """A mistake runs nothing and is told, with what would be right."""
    done = matrix(script, *flags)
    assert (done.returncode, done.stdout) == (status, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_no_such_command(matrix: Callable[..., Run], directory: Path) -> None:
    """127, as for `mockaws exec`; what cannot be run fails in each world."""
    assert matrix(None, "--fixtures", "empty", "--", "no-such-command").returncode == 127
    (directory / "broken").write_bytes(b"\x7fELF")
    (directory / "broken").chmod(0o755)
    done = matrix(None, "--fixtures", "empty", "--", "./broken")
    assert done.returncode == 1
    assert rows(done.stdout) == [["empty", "FAILS", "./broken: Exec format error"]]


@pytest.fixture
def running(directory: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start `mockaws matrix` with two worlds, one at a time, and wait until the command runs in the first."""
    started: list[subprocess.Popen[str]] = []

    def start(script: str) -> subprocess.Popen[str]:
        begun = directory.parent / "begun"
        command = ["mockaws", "matrix", "--jobs", "1", "--fixtures", *TWO, "--", "bash", "-c", f"{script}"]
        process = subprocess.Popen(
            command,
            cwd=directory,
            env=clean_environment() | {"BEGUN": str(begun)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        deadline = time.monotonic() + PATIENCE
        while not begun.exists():
            assert time.monotonic() < deadline
            time.sleep(0.02)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


def gone(pid: int) -> bool:
    """Return True if a process ends within a short time."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return True
        if state == "Z":
            return True
        time.sleep(0.02)
    return False


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_interrupted(running: Callable[..., subprocess.Popen[str]], directory: Path, number: signal.Signals) -> None:
    """Ctrl-C asks the commands to stop, begins no others, and shows what there is; the status is that of the signal."""
    process = running("trap 'echo bye; exit 4' INT; sleep 1000 & echo $! > $BEGUN.part; mv $BEGUN.part $BEGUN; wait")
    process.send_signal(number)
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 128 + number, err
    assert rows(out) == [["a", "interrupted", "bye"], ["b", "not run"]]
    assert "stopping; once more to kill what is left" in err
    assert gone(int((directory.parent / "begun").read_text()))


def test_interrupted_twice(running: Callable[..., subprocess.Popen[str]]) -> None:
    """A command that does not stop is killed at the second signal."""
    process = running("trap '' INT; touch $BEGUN; while true; do sleep 0.1; done")
    assert process.stderr is not None
    process.send_signal(signal.SIGINT)
    assert "once more" in process.stderr.readline()
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert [row[1] for row in rows(out)] == ["interrupted", "not run"]


def test_on_a_terminal(directory: Path) -> None:
    """There, one line tells what is under way and for how long."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        ["mockaws", "matrix", "--fixtures", *TWO, "--", "sleep", "0.2"],
        cwd=directory,
        env=clean_environment() | {"COLUMNS": "100"},
        stdout=subprocess.DEVNULL,
        stderr=theirs,
    ) as process:
        os.close(theirs)
        shown = b""
        while True:
            try:
                part = os.read(ours, 1000)
            except OSError:
                break
            shown += part
    os.close(ours)
    assert process.returncode == 0
    assert b"\r\x1b[K[0/2] a 0 s" in shown
    assert shown.count(b": survives") == 2
    assert shown.endswith(b"\r\x1b[K")


def test_the_aws_cli_follows_no_alias(matrix: Callable[..., Run], tmp_path: Path) -> None:
    """A matrix withholds the same variables as `mockaws exec`."""
    home = tmp_path / "home"
    (home / ".aws" / "cli").mkdir(parents=True)
    (home / ".aws" / "cli" / "alias").write_text(f"[toplevel]\nwho = !touch {home}/ran\n")
    script = 'aws who; test "$AWS_ENDPOINT_URL_STS" = "$AWS_ENDPOINT_URL" && test -z "$AWS_STS_ENDPOINT"'
    ran = matrix(script, "--fixtures", *TWO, HOME=str(home), AWS_STS_ENDPOINT="https://sts.us-west-2.amazonaws.com")
    assert ran.returncode == 0, ran.stdout
    assert not (home / "ran").exists()
