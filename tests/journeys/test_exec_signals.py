"""Signals that reach `mockaws exec`: the command ends with it, and so does what the command has started."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from tests.journeys.command import clean_environment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

PATIENCE = 60
PASSED_ON = (signal.SIGHUP, signal.SIGTERM)
# Says that it runs, and then what ends it, in a file: standard output may be gone by then.
WAITING = """
import os, signal, sys, time
def end(number, frame):
    print(number, file=open(sys.argv[1], "a"), flush=True)
    os._exit({status})
for number in (signal.SIGHUP, signal.SIGTERM):
    signal.signal(number, end)
print("ready", flush=True)
time.sleep(60)
"""

Start = subprocess.Popen[str]


@pytest.fixture
def start() -> Iterator[Callable[..., Start]]:
    """Start a command under `mockaws exec`, and wait until it says that it is ready."""
    started = []

    def make(*command: str, prefix: tuple[str, ...] = ()) -> Start:
        running = subprocess.Popen(
            [*prefix, "mockaws", "exec", "--quiet", "--", *command],
            env=clean_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
            # So that a signal to the group, if this test fails, is none to the tests.
            start_new_session=True,
        )
        started.append(running)
        assert running.stdout
        assert running.stdout.readline() == "ready\n"
        return running

    yield make
    for running in started:
        assert running.stdout
        running.stdout.close()
        with suppress(ProcessLookupError):
            os.killpg(running.pid, signal.SIGKILL)
        running.wait()


def python(text: str, *arguments: str) -> tuple[str, ...]:
    """Return the command that runs *text*."""
    return (sys.executable, "-c", text, *arguments)


@pytest.mark.parametrize("number", PASSED_ON)
def test_the_command_is_told(start: Callable[..., Start], tmp_path: Path, number: signal.Signals) -> None:
    """The command gets the signal once, decides how it ends, and its status is that of exec."""
    running = start(*python(WAITING.format(status=5), str(tmp_path / "told")))
    running.send_signal(number)
    assert running.wait(PATIENCE) == 5
    assert (tmp_path / "told").read_text() == f"{int(number)}\n"


@pytest.mark.parametrize("number", PASSED_ON)
def test_a_command_that_does_not_care_ends(start: Callable[..., Start], number: signal.Signals) -> None:
    """The signal ends it, and the status is that of shells."""
    running = start("sh", "-c", "echo ready; exec sleep 60")
    running.send_signal(number)
    assert running.wait(PATIENCE) == 128 + number


@pytest.mark.parametrize("number", PASSED_ON)
def test_what_the_command_has_started_ends(start: Callable[..., Start], tmp_path: Path, number: signal.Signals) -> None:
    """A shell dies of the signal at once. Exec passes it on to the program that it waited for, and waits, too."""
    program = tmp_path / "program.py"
    program.write_text(WAITING.format(status=0))
    running = start("sh", "-c", f"{sys.executable} {program} {tmp_path / 'told'}; echo never")
    running.send_signal(number)
    assert running.wait(PATIENCE) == 128 + number
    assert (tmp_path / "told").read_text() == f"{int(number)}\n"


def test_a_second_signal_reaches_the_command(start: Callable[..., Start], tmp_path: Path) -> None:
    """Terraform ends gracefully after one signal, and at once after two."""
    text = """
import signal, sys, time
told = []
signal.signal(signal.SIGTERM, lambda *_: (told.append(1), print("told", flush=True)))
print("ready", flush=True)
while len(told) < 2:
    time.sleep(0.01)
sys.exit(3)
"""
    running = start(*python(text))
    running.send_signal(signal.SIGTERM)
    assert running.stdout
    assert running.stdout.readline() == "told\n"
    running.send_signal(signal.SIGTERM)
    assert running.wait(PATIENCE) == 3


def test_signals_of_the_terminal_are_the_commands(start: Callable[..., Start]) -> None:
    """SIGINT and SIGQUIT reach the command from the terminal; exec outlives them and has its status."""
    text = """
import signal, sys, time
told = set()
for number in (signal.SIGINT, signal.SIGQUIT):
    signal.signal(number, lambda number, _: told.add(number))
print("ready", flush=True)
while len(told) < 2:
    time.sleep(0.01)
sys.exit(4)
"""
    running = start(*python(text))
    os.killpg(running.pid, signal.SIGQUIT)
    os.killpg(running.pid, signal.SIGINT)
    assert running.wait(PATIENCE) == 4


def test_nohup(start: Callable[..., Start]) -> None:
    """SIGHUP stays ignored under nohup, for exec and for the command."""
    text = """
import signal
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
print("ready", flush=True)
signal.sigwait({signal.SIGTERM})
print("end")
"""
    running = start(*python(text), prefix=("nohup",))
    running.send_signal(signal.SIGHUP)
    running.send_signal(signal.SIGTERM)
    assert running.wait(PATIENCE) == 0
    assert running.stdout
    assert running.stdout.read() == "end\n"


def test_the_terminal_closes(tmp_path: Path) -> None:
    """When the terminal of exec closes, the command gets SIGHUP and leaves nothing behind."""
    pid, terminal = pty.fork()
    if pid == 0:
        command = ("mockaws", "exec", "--quiet", "--", *python(WAITING.format(status=0), str(tmp_path / "told")))
        os.execvpe("mockaws", command, clean_environment())  # noqa: S606
    said = b""
    while not said.endswith(b"\n"):
        said += os.read(terminal, 1024)
    os.close(terminal)
    _, status = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    assert str(int(signal.SIGHUP)) in (tmp_path / "told").read_text()
