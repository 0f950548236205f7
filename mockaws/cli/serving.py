"""The commands that make a server, or read what would make one: serve · exec · validate."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from typing import TYPE_CHECKING, Any

from mockaws import settings
from mockaws.cli.ban import Ban, BanError
from mockaws.cli.saying import OK, USAGE, complain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mockaws.journal.entries import Listener
    from mockaws.mock import Mock
    from mockaws.mock_world import MockWorld
    from mockaws.settings import Settings

# A thread that reads a large document gives way to the others after so long. Python's 5 ms would make a request that
# needs a few turns wait four times as long.
_SWITCH_SECONDS = 0.001
COMMAND_NOT_EXECUTABLE = 126
COMMAND_NOT_FOUND = 127


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands of this module to the parser."""
    serve = commands.add_parser("serve", help="answer on a port until interrupted")
    serve.add_argument("--host", help="address to listen on (default 127.0.0.1)")
    serve.add_argument("--port", help="port to listen on, 0 for a free one (default 4566)")
    serve.add_argument(
        "--allow-remote-control",
        action="store_const",
        const=True,
        help="let other machines use the control routes, too: in a container, everybody is one",
    )
    serve.add_argument(
        "--allowed-hosts",
        metavar="NAME,…",
        help="further names of the server for clients of the control routes; .example.test stands for all names below "
        "it, too",
    )
    _add_world_options(serve)
    serve.set_defaults(run=_serve)

    run = commands.add_parser("exec", help="run a command against a fresh server, shut off from real AWS")
    _add_world_options(run)
    run.add_argument(
        "--assert-no-calls",
        action="append",
        default=[],
        metavar="OPERATION",
        help="fail when the command called it, such as kms:ScheduleKeyDeletion or kms:Delete*; can be repeated",
    )
    run.add_argument(
        "--worlds",
        nargs="+",
        action="extend",
        default=[],
        metavar="[NAME=]FIXTURE",
        help="worlds with fixtures of their own beside the first; wildcards allowed. Terraform has their addresses as "
        "var.mockaws_worlds",
    )
    add_command_argument(run)
    run.set_defaults(run=_exec)

    validate = commands.add_parser("validate", help="name every mistake of fixtures")
    validate.add_argument("files", nargs="+", metavar="FILE", help="fixture files, or names of shipped fixtures")
    validate.set_defaults(run=_validate)


def add_command_argument(parser: argparse.ArgumentParser) -> None:
    """Add the command that another one runs: everything behind `--`."""
    parser.add_argument(
        "command", nargs=argparse.REMAINDER, metavar="-- COMMAND …", help="the command and its arguments"
    )


def command_of(parsed: argparse.Namespace) -> list[str]:
    """Return the command that another one runs."""
    return list(parsed.command[1:] if parsed.command[:1] == ["--"] else parsed.command)


def add_others_option(parser: argparse.ArgumentParser) -> None:
    """Add the option that says who answers for the services that are not ours."""
    parser.add_argument(
        "--others",
        metavar="moto|URL",
        help="who answers for other services: moto, in this process (pip install 'mockaws[aws]'), or another endpoint",
    )


def _add_world_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--fixture", help="fixture file, or the name of a shipped one (default empty)")
    parser.add_argument("--account", help="account of a fixture that names none (default 000000000000)")
    parser.add_argument("--calls", metavar="FILE", help="write each call to FILE, as CloudTrail's event on a line")
    add_others_option(parser)
    parser.add_argument("--seed", help="text that makes the ids given out repeatable")
    parser.add_argument("--quiet", action="store_const", const=True, help="no log line a request")
    parser.add_argument("--log-format", choices=settings.LOG_FORMATS, help="form of the log on stderr (default text)")


def _settings(parsed: argparse.Namespace, **fixed: Any) -> Settings:
    return settings.read(os.environ, vars(parsed) | fixed)


def _serve(parsed: argparse.Namespace) -> int:
    mock = make_mock(_settings(parsed))
    if mock is None:
        return USAGE
    mock.run(ready=lambda: print(f"mockaws answers on {mock.url}", flush=True))  # noqa: T201 - the interface
    _ignore_signals()
    # The interpreter's last collections would look at all of moto, for most of a second.
    gc.freeze()
    return OK


def _ignore_signals() -> None:
    """Let no further Ctrl-C turn the end, which has begun, into a traceback and another exit status."""
    import signal  # noqa: PLC0415

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)


def _exec(parsed: argparse.Namespace) -> int:
    from mockaws import environment  # noqa: PLC0415
    from mockaws.cli import caution  # noqa: PLC0415
    from mockaws.environment import aws_cli  # noqa: PLC0415

    command = command_of(parsed)
    if not command:
        complain("exec needs a command: mockaws exec --fixture ready-cluster -- terraform apply -auto-approve")
        return USAGE
    chosen = _settings(parsed, host="127.0.0.1", port=0)
    try:
        ban = Ban(parsed.assert_no_calls)
    except BanError as error:
        for mistake in error.mistakes:
            complain(mistake)
        return USAGE
    fixtures = find_fixtures(parsed.worlds)
    if fixtures is None:
        return USAGE
    mock = make_mock(chosen, *([ban.hear] if parsed.assert_no_calls else []))
    worlds = make_worlds(mock, fixtures) if mock else None
    if mock is None or worlds is None:
        return USAGE
    with mock, aws_cli.wrapped(os.environ, command) as wrapped:
        # With worlds alone, nothing is in the default one, and its Region is none that anybody has chosen.
        first = mock if chosen.fixture or not worlds else next(iter(worlds.values()))
        variables = environment.for_command(wrapped.environment, mock.url, mock.account, first.region)
        if worlds:
            variables |= environment.of_worlds({name: world.url for name, world in worlds.items()})
        caution.warn(command, quiet=chosen.quiet, not_wrapped=wrapped.problem)
        status = _run(wrapped.command, variables)
    verdict = ban.verdict()
    return status or verdict


def _run(command: Sequence[str], variables: dict[str, str]) -> int:
    """Run *command* to its end and return its status as a shell would tell it."""
    from mockaws.cli import child  # noqa: PLC0415

    try:
        return child.run(command, variables)
    except FileNotFoundError:
        complain(f"{command[0]}: no such command")
        return COMMAND_NOT_FOUND
    except OSError as error:
        complain(f"{command[0]}: {error.strerror}")
        return COMMAND_NOT_EXECUTABLE


def _validate(parsed: argparse.Namespace) -> int:
    from mockaws.clock import Clock  # noqa: PLC0415
    from mockaws.seed import loader  # noqa: PLC0415

    status = OK
    for file in parsed.files:
        try:
            seed = loader.load(file, now=Clock().now())
        except loader.FixtureError as error:
            _complain_of(error)
            status = USAGE
        else:
            print(f"{seed.source}: good")  # noqa: T201
    return status


def make_mock(chosen: Settings, *listeners: Listener) -> Mock | None:
    """Return the server, or None after saying why there cannot be one; *listeners* hear of each call."""
    from mockaws.journal.files import FileError  # noqa: PLC0415
    from mockaws.mock import Mock  # noqa: PLC0415
    from mockaws.seed.loader import FixtureError  # noqa: PLC0415
    from mockaws.server import PortTakenError  # noqa: PLC0415

    try:
        mock = Mock(chosen, listeners=listeners)
    except FileError as error:
        complain(str(error))
    except FixtureError as error:
        _complain_of(error)
    except PortTakenError as error:
        complain(f"{error}; --host and --port say where, and --port 0 takes a free port")
    else:
        # What the start has made stays to the end, so the collector need not look at it with each of its rounds.
        gc.freeze()
        sys.setswitchinterval(_SWITCH_SECONDS)
        return mock
    return None


def find_fixtures(wanted: Sequence[str]) -> dict[str, str] | None:
    """Return the fixtures that *wanted* stand for, by the names of their worlds, or None after saying what is wrong."""
    from mockaws.seed import patterns  # noqa: PLC0415
    from mockaws.seed.problems import FixtureError  # noqa: PLC0415

    try:
        return patterns.named(wanted)
    except FixtureError as error:
        _complain_of(error)
    return None


def make_worlds(mock: Mock, fixtures: Mapping[str, str]) -> dict[str, MockWorld] | None:
    """Return a world for each of *fixtures*, or None after saying why there cannot be all."""
    from mockaws.seed.problems import FixtureError  # noqa: PLC0415
    from mockaws.world import NoSuchWorldError  # noqa: PLC0415

    worlds: dict[str, MockWorld] = {}
    for name, fixture in fixtures.items():
        try:
            worlds[name] = mock.world(name, fixture=fixture, seed=mock.settings.seed)
        except FixtureError as error:
            _complain_of(error)
        except NoSuchWorldError as error:
            complain(str(error))
    return worlds if len(worlds) == len(fixtures) else None


def _complain_of(error: Any) -> None:
    for problem in error.problems:
        print(problem, file=sys.stderr)  # noqa: T201
