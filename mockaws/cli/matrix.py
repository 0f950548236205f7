"""`mockaws matrix`: one command in many worlds, and a table of those that it survives."""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import signal
import sys
import tempfile
from contextlib import ExitStack, contextmanager, suppress
from fnmatch import fnmatchcase
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from mockaws import environment, settings
from mockaws.cli.saying import OK, REFUSED, USAGE, complain
from mockaws.cli.serving import COMMAND_NOT_FOUND, command_of, world_of_its_own
from mockaws.matrix import reports
from mockaws.matrix.results import Outcome, Trial
from mockaws.matrix.running import Plan, Runs
from mockaws.matrix.workplaces import Template, WorkplaceError
from mockaws.seed import patterns

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from mockaws.matrix.results import Matrix, Result

INTERRUPTED = 130
STDOUT = "-"
_EXAMPLE = "mockaws matrix --fixtures 'fixtures/*.yaml' -- terraform apply -auto-approve"
_LINES_SHOWN = 20


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
    matrix.add_argument("--jobs", type=_count, metavar="N", help="how many run at a time (default: one a processor)")
    matrix.add_argument("--timeout", type=_seconds, metavar="SECONDS", help="end the command after so long in a world")
    matrix.add_argument(
        "--in-place",
        action="store_true",
        help="run in this directory, one after the other unless --jobs says otherwise, and not in copies of it",
    )
    matrix.add_argument("--logs", type=Path, metavar="DIR", help="keep what the command prints, a file for each world")
    matrix.add_argument("--json", metavar="FILE", help="write the results as JSON; - is standard output")
    matrix.add_argument("--junit", metavar="FILE", help="write the results as JUnit's XML; - is standard output")
    matrix.add_argument("--account", help="account of fixtures that name none (default 000000000000)")
    matrix.add_argument("--seed", help="text that makes the ids given out repeatable")
    serving.add_command_argument(matrix)
    matrix.set_defaults(run=_matrix)


def _matrix(parsed: argparse.Namespace) -> int:
    command = serving.command_of(parsed)
    mistake = _mistake(parsed, command)
    if mistake:
        complain(mistake)
        return USAGE
    if shutil.which(command[0]) is None:
        complain(f"{command[0]}: no such command")
        return serving.COMMAND_NOT_FOUND
    given = {"account": parsed.account, "fixture": "empty", "quiet": True, "host": "127.0.0.1", "port": 0}
    mock = serving.make_mock(settings.read(os.environ, given))
    worlds = mock and serving.make_worlds(mock, parsed.fixtures, seed=parsed.seed)
    if not mock or not worlds:
        return USAGE
    idle = [pattern for pattern in parsed.expect_failure if not fnmatch.filter(worlds, pattern)]
    if idle:
        complain(f"--expect-failure {idle[0]}: no such world; there are {', '.join(worlds)}")
        return USAGE
    with mock:
        trials = [_trial(name, world, parsed) for name, world in worlds.items()]
        return _try(trials, command, parsed)


def _mistake(parsed: argparse.Namespace, command: list[str]) -> str:
    """Return what is wrong with the arguments, nothing if they are good."""
    if not parsed.fixtures:
        return f"matrix needs fixtures: {_EXAMPLE}"
    if not command:
        return f"matrix needs a command: {_EXAMPLE}"
    if parsed.json == parsed.junit == STDOUT:
        return "--json - --junit -: standard output takes one of them; name a file for the other"
    return ""
