"""`mockaws matrix`: one command in many worlds, its progress, and a table of the worlds that it survives."""

from __future__ import annotations

import argparse
import asyncio
import fnmatch
import os
import re
import shutil
import signal
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from mockaws import environment, settings
from mockaws.cli import execute, serving
from mockaws.cli.local_server import create_worlds, find_fixtures, open_server
from mockaws.cli.output import OK, REFUSED, USAGE, CommandError, complain
from mockaws.environment import aws_cli
from mockaws.matrix import reports
from mockaws.matrix.results import Trial
from mockaws.matrix.running import Plan, Runs
from mockaws.matrix.workplaces import Template, WorkplaceError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from mockaws.cli.local_server import WorldAddress
    from mockaws.matrix.results import Matrix, Result

STDOUT = "-"
_SIGNAL_BASE = 128
_SECONDS = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?")
_WIDTH = 160  # of a table that goes to no terminal
_LINES_SHOWN = 20
_CLEAR = "\r\x1b[K"
_EXAMPLE = "mockaws matrix --fixtures 'fixtures/*.yaml' -- terraform apply -auto-approve"


def add_commands(matrix: argparse.ArgumentParser) -> None:
    """Add the arguments of this command to its parser."""
    matrix.add_argument(
        "--fixtures",
        nargs="+",
        action="extend",
        default=[],
        metavar="[NAME=]FIXTURE",
        help="fixture files, or names of shipped ones; wildcards allowed",
    )
    matrix.add_argument(
        "--expect-failure",
        action="append",
        default=[],
        metavar="WORLD",
        help="a world in which the command must fail; wildcards allowed, can be repeated",
    )
    matrix.add_argument(
        "--jobs", type=_jobs, metavar="N", help="number of commands at a time (default one for each processor)"
    )
    matrix.add_argument(
        "--timeout", type=_timeout, metavar="SECONDS", help="end the command after this time in a world"
    )
    matrix.add_argument(
        "--in-place",
        action="store_true",
        help="run in this directory and not in copies of it, one command at a time unless --jobs is given",
    )
    matrix.add_argument(
        "--logs", type=Path, metavar="DIR", help="keep the output of the command, in a file for each world"
    )
    matrix.add_argument("--json", metavar="FILE", help="write the results as JSON; - is standard output")
    matrix.add_argument("--junit", metavar="FILE", help="write the results as JUnit XML; - is standard output")
    matrix.add_argument("--account", help="account of fixtures that name none (default 000000000000)")
    matrix.add_argument("--seed", help="text that makes generated ids repeatable")
    serving.add_others_option(matrix)
    serving.add_command_argument(matrix)
    matrix.set_defaults(run=_matrix)


def _jobs(given: str) -> int:
    if not given.isascii() or not given.isdigit() or int(given) < 1:
        raise argparse.ArgumentTypeError(f"invalid number of jobs '{given}': use 1 or more")
    return int(given)


def _timeout(given: str) -> float:
    if not _SECONDS.fullmatch(given) or not float(given):
        raise argparse.ArgumentTypeError(f"invalid SECONDS '{given}': use a number above 0, such as 600 or 0.5")
    return float(given)


def _matrix(parsed: argparse.Namespace) -> int:
    command = serving.command_of(parsed)
    _require_arguments(parsed, command)
    if shutil.which(command[0]) is None:
        complain(f"{command[0]}: no such command, or none that may be executed")
        return serving.COMMAND_NOT_FOUND
    fixtures = find_fixtures(parsed.fixtures)
    _require_worlds(parsed.expect_failure, fixtures)
    given = {"fixture": "empty", "account": parsed.account, "seed": parsed.seed, "others": parsed.others}
    fixed = {"quiet": True, "host": "127.0.0.1", "port": 0}
    server = open_server(settings.read(os.environ, given | fixed))
    worlds = create_worlds(server, fixtures)
    with server, aws_cli.wrapped(os.environ, command) as wrapped:
        execute.warn(command, not_wrapped=wrapped.problem)
        trials = [
            _trial(wrapped.environment, name, fixture, worlds[name], parsed.expect_failure)
            for name, fixture in fixtures.items()
        ]
        try:
            return _report(parsed, *_try(parsed, wrapped.command, trials))
        except WorkplaceError as error:
            complain(f"{error}; --in-place runs the command where it is")
        except BrokenPipeError:
            raise
        except OSError as error:
            complain(f"{error.filename}: {error.strerror}")
    return USAGE


def _require_arguments(parsed: argparse.Namespace, command: Sequence[str]) -> None:
    """Raise CommandError if fixtures or the command are missing, or both reports go to standard output."""
    if not parsed.fixtures:
        raise CommandError(f"matrix needs fixtures, such as: {_EXAMPLE}")
    if not command:
        raise CommandError(f"matrix needs a command, such as: {_EXAMPLE}")
    if parsed.json == parsed.junit == STDOUT:
        raise CommandError("--json - --junit -: standard output takes one of them; name a file for the other")


def _require_worlds(patterns: Sequence[str], worlds: Iterable[str]) -> None:
    """Raise CommandError if one of *patterns* matches no world."""
    unmatched = [pattern for pattern in patterns if not fnmatch.filter(worlds, pattern)]
    if unmatched:
        there = ", ".join(worlds)
        raise CommandError(*(f"--expect-failure {each}: no such world; there are {there}" for each in unmatched))


def _try(parsed: argparse.Namespace, command: Sequence[str], trials: Sequence[Trial]) -> tuple[Matrix, int]:
    """Run the command in all worlds; return the results, and the number of the signal that ended it early, else 0."""
    for file in filter(None, (parsed.json, parsed.junit)):
        if file != STDOUT:
            Path(file).touch()  # so that an unwritable file is found before the commands run
    with tempfile.TemporaryDirectory(prefix="mockaws-matrix-", ignore_cleanup_errors=True) as scratch:
        logs = parsed.logs or Path(scratch, ".logs")
        logs.mkdir(parents=True, exist_ok=True)
        plan = Plan(
            command=command,
            jobs=parsed.jobs or (1 if parsed.in_place else os.cpu_count() or 1),
            logs=logs,
            keep_logs=parsed.logs is not None,
            scratch=Path(scratch),
            template=None if parsed.in_place else Template(Path.cwd()),
            timeout=parsed.timeout,
        )
        return asyncio.run(_run(plan, trials))


def _trial(
    surroundings: Mapping[str, str], name: str, fixture: str, world: WorldAddress, must_fail: Sequence[str]
) -> Trial:
    return Trial(
        world=name,
        fixture=fixture,
        environment=environment.for_command(surroundings, world.url, world.account, world.region),
        must_fail=any(fnmatch.fnmatchcase(name, pattern) for pattern in must_fail),
    )


async def _run(plan: Plan, trials: Sequence[Trial]) -> tuple[Matrix, int]:
    progress = Progress(len(trials))
    runs = Runs(plan, began=progress.began, ended=progress.ended)
    signals: list[int] = []

    def stop(number: int) -> None:
        if not signals:
            progress.say("stopping; once more to kill what is left")
        signals.append(number)
        runs.stop()

    loop = asyncio.get_running_loop()
    if sys.platform != "win32":  # its event loop hears of no signals
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, stop, number)
    with progress.live():
        matrix = await runs.all(trials)
    return matrix, signals[0] if signals else 0


def _report(parsed: argparse.Namespace, matrix: Matrix, stopped_by: int) -> int:
    """Write the reports and the table, and return the exit status."""
    for file, written in ((parsed.json, reports.as_json), (parsed.junit, reports.as_junit)):
        if file == STDOUT:
            sys.stdout.write(written(matrix))
        elif file:
            Path(file).write_text(written(matrix), encoding="utf-8")
    stream = sys.stderr if STDOUT in {parsed.json, parsed.junit} else sys.stdout
    width = shutil.get_terminal_size().columns if stream.isatty() else _WIDTH
    stream.write(reports.table(matrix, width) + "\n")
    if stopped_by:
        return _SIGNAL_BASE + stopped_by
    return OK if matrix.as_expected else REFUSED


class Progress:
    """A line on stderr for each world in which the command ended; on a terminal, one for running commands."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._ended = 0
        self._running: dict[str, float] = {}
        self._terminal = sys.stderr.isatty()

    def began(self, trial: Trial) -> None:
        """Record that the command began in a world."""
        self._running[trial.world] = perf_counter()
        self._draw()

    def ended(self, result: Result) -> None:
        """Print that the command ended in a world, with the end of its output if the result is unexpected."""
        self._ended += 1
        del self._running[result.world]
        self.say(
            f"[{self._ended}/{self._count}] {result.world}: {reports.verdict(result)} ({result.seconds:.1f} s)",
            *([] if result.as_expected else _last_lines(result)),
        )

    def say(self, *lines: str) -> None:
        """Print lines between those of worlds."""
        text = "".join(f"{line}\n" for line in lines)
        sys.stderr.write(f"{_CLEAR if self._terminal else ''}{text}")
        self._draw()

    @contextmanager
    def live(self) -> Iterator[None]:
        """Keep the line of running commands up to date while the block runs."""
        ticking = asyncio.create_task(self._tick())
        try:
            yield
        finally:
            ticking.cancel()
            self._running.clear()
            self._draw()

    async def _tick(self) -> None:
        while True:
            self._draw()
            await asyncio.sleep(1)

    def _draw(self) -> None:
        if self._terminal:
            now = perf_counter()
            under_way = ", ".join(f"{world} {now - since:.0f} s" for world, since in self._running.items())
            line = f"[{self._ended}/{self._count}] {under_way}" if under_way else ""
            sys.stderr.write(_CLEAR + line[: shutil.get_terminal_size().columns - 1])
        sys.stderr.flush()


def _last_lines(result: Result) -> list[str]:
    lines = [line for line in result.output.splitlines() if line.strip()]
    shown = lines[-_LINES_SHOWN:] or ([result.finding.error] if result.finding.error else [])
    return [f"    {line}" for line in shown]
