"""`mockaws exec`: a command against a fresh server, warnings about ways past it, and calls that are forbidden."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from mockaws import environment
from mockaws.cli.local_server import create_worlds, find_fixtures, open_server
from mockaws.cli.output import OK, REFUSED, CommandError, complain, event_line
from mockaws.cli.serving import (
    COMMAND_NOT_EXECUTABLE,
    COMMAND_NOT_FOUND,
    add_command_argument,
    add_world_options,
    command_of,
    read_settings,
)
from mockaws.environment import aws_cli

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from mockaws.journal.entries import Entry
    from mockaws.journal.names import OperationPattern

# These commands read no Terraform configuration.
_OTHER_COMMANDS = frozenset({*aws_cli.COMMANDS, "mockaws"})
_ENDINGS = (".hcl", ".tf", ".tf.json", ".tofu", ".tofu.json")
# An argument of Terraform, or a part of a shell script.
_DIRECTORY = re.compile(r"(?:^|\s)--?chdir=(?:\"([^\"]+)\"|'([^']+)'|([^\s;&|]+))")


def add_commands(run: argparse.ArgumentParser) -> None:
    """Add the arguments of the command to its parser."""
    add_world_options(run)
    run.add_argument(
        "--assert-no-calls",
        action="append",
        default=[],
        metavar="OPERATION",
        help="fail if the command calls it, such as kms:ScheduleKeyDeletion or kms:Delete*; can be repeated",
    )
    run.add_argument(
        "--worlds",
        nargs="+",
        action="extend",
        default=[],
        metavar="[NAME=]FIXTURE",
        help="further worlds with their own fixtures; wildcards allowed. Terraform gets their endpoints in "
        "var.mockaws_worlds",
    )
    add_command_argument(run)
    run.set_defaults(run=_exec)


def _exec(parsed: argparse.Namespace) -> int:
    command = command_of(parsed)
    if not command:
        example = "mockaws exec --fixture ready-cluster -- terraform apply -auto-approve"
        raise CommandError(f"exec needs a command, such as: {example}")
    chosen = read_settings(parsed, host="127.0.0.1", port=0)
    ban = Ban(parsed.assert_no_calls)
    fixtures = find_fixtures(parsed.worlds)
    server = open_server(chosen, *([ban.hear] if parsed.assert_no_calls else []))
    worlds = create_worlds(server, fixtures)
    with server, aws_cli.wrapped(os.environ, command) as wrapped:
        # With --worlds alone the default world is empty, and the user has not chosen its Region.
        default = server.world
        first = default if chosen.fixture or not worlds else next(iter(worlds.values()))
        variables = environment.for_command(wrapped.environment, server.url, default.account, first.region)
        if worlds:
            variables |= environment.of_worlds({name: world.url for name, world in worlds.items()})
        warn(command, quiet=chosen.quiet, not_wrapped=wrapped.problem)
        status = _run(wrapped.command, variables)
    verdict = ban.verdict()
    return status or verdict


def _run(command: Sequence[str], variables: dict[str, str]) -> int:
    """Run *command* to its end and return its status as a shell would report it."""
    from mockaws.cli import child  # noqa: PLC0415

    try:
        return child.run(command, variables)
    except FileNotFoundError:
        complain(f"{command[0]}: no such command on PATH")
        return COMMAND_NOT_FOUND
    except OSError as error:
        complain(f"{command[0]}: {error.strerror}")
        return COMMAND_NOT_EXECUTABLE


def warn(command: Sequence[str], *, not_wrapped: str, quiet: bool = False) -> None:
    """List on stderr the variables withheld from *command*, unless *quiet*, and each remaining way past mockaws.

    *not_wrapped* is the reason why the AWS CLI is not wrapped, "" if it is.
    """
    names = environment.withheld(os.environ)
    if names and not quiet:
        complain(f"not passed on to {command[0]}: {', '.join(names)}")
    if not_wrapped:
        complain(f"warning: no wrapper for the AWS CLI, which may follow aliases and call AWS: {not_wrapped}")
    for sentence in _ways_out(command):
        complain(f"warning: {sentence}")


def _ways_out(command: Sequence[str]) -> list[str]:
    name = PurePath(command[0]).name
    found = [] if name in _OTHER_COMMANDS else _in_configurations(command)
    if name not in aws_cli.COMMANDS or os.name != "posix":
        found += _own_files()
    return found


def _in_configurations(command: Sequence[str]) -> list[str]:
    """Return a warning for each way past mockaws in the configuration here and in directories that *command* names."""
    here = Path.cwd()
    named = ["".join(found) for word in command for found in _DIRECTORY.findall(word)]
    directories = [one for one in dict.fromkeys([".", *named]) if _has_configuration(here / one)]
    if not directories:
        return []
    from mockaws.doctor import configuration  # noqa: PLC0415 - most commands need none
    from mockaws.doctor.surroundings import Surroundings  # noqa: PLC0415

    found: list[str] = []
    for directory in directories:
        surroundings = Surroundings(environ=os.environ, directory=here / directory)
        prefix = "" if directory == "." else f"{directory.rstrip('/')}/"
        found += [f"{prefix}{sentence}" for sentence in configuration.ways_out(surroundings, command)]
    return list(dict.fromkeys(found))


def _has_configuration(directory: Path) -> bool:
    try:
        return any(name.endswith(_ENDINGS) for name in os.listdir(directory))  # noqa: PTH208 - names are enough
    except OSError:
        return False


def _own_files() -> list[str]:
    """Return a warning for each file in HOME that AWS clients read regardless of variables."""
    home = os.environ.get("HOME")
    said = {
        "alias": "an AWS CLI called by its path follows these aliases; `aws` on PATH does not",
        "models": "boto3 reads it regardless of the environment; `aws` on PATH does not",
    }
    return [f"{path}: {said[path.name]}" for path in aws_cli.own_files(Path(home))] if home else []


class Ban:
    """The calls that a command must not make, and those of them that it made."""

    def __init__(self, operations: Sequence[str]) -> None:
        """Forbid *operations*, which may have wildcards. Raises CommandError if an operation does not exist."""
        from mockaws.journal import names  # noqa: PLC0415 - most commands need no models

        self._patterns: list[OperationPattern] = []
        self._heard: list[Entry] = []
        mistakes = []
        for operation in operations:
            try:
                self._patterns.append(names.operation_pattern(operation))
            except names.UnknownNameError as error:
                mistakes.append(f"--assert-no-calls {error}")
        if mistakes:
            raise CommandError(*mistakes)

    def hear(self, entry: Entry) -> None:
        """Record a call if it is forbidden, whether it succeeded or not."""
        if any(pattern.matches(entry) for pattern in self._patterns):
            self._heard.append(entry)

    def verdict(self) -> int:
        """List the forbidden calls on stderr, and return the exit status that follows."""
        from mockaws.journal.events import event  # noqa: PLC0415

        if not self._heard:
            return OK
        verb = "is" if len(self._heard) == 1 else "are"
        complain(f"{len(self._heard)} of the calls {verb} forbidden by --assert-no-calls:")
        for entry in self._heard:
            print(f"  {event_line(event(entry))}", file=sys.stderr)  # noqa: T201
        return REFUSED
