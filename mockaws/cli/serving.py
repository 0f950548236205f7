"""The commands `serve` and `validate`, and how all commands that need a server make one."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from mockaws import settings
from mockaws.cli.output import OK, USAGE, CommandError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mockaws.journal.entries import Listener
    from mockaws.settings import Settings
    from mockaws.testing.mock import Mock
    from mockaws.testing.world import MockWorld

# Seconds after which a thread that reads a large document lets others run. With Python's 5 ms a request that needs a
# few turns would wait four times as long.
_SWITCH_SECONDS = 0.001
_NO_CRYPTOGRAPHY = (
    "the package cryptography is missing, which has no wheel for Windows on ARM: use Python for x86-64 or WSL, "
    "or build it with `pip install 'cryptography>=49'`"
)
COMMAND_NOT_EXECUTABLE = 126
COMMAND_NOT_FOUND = 127


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands of this module to the parser."""
    serve = commands.add_parser("serve", help="serve on a port until interrupted")
    serve.add_argument("--host", help="address to listen on (default 127.0.0.1)")
    serve.add_argument("--port", help="port to listen on, 0 for a free one (default 4566)")
    serve.add_argument(
        "--allow-remote-control",
        action="store_const",
        const=True,
        help="let other machines use the control routes; to a container, every client is another machine",
    )
    serve.add_argument(
        "--allowed-hosts",
        metavar="NAME,…",
        help="further names by which clients of the control routes call the server; .example.test includes all names "
        "below it",
    )
    serve.add_argument(
        "--init-dir",
        metavar="DIR",
        help="run the *.sh and *.py files in DIR once the server answers; several folders as PATH has them",
    )
    add_world_options(serve)
    serve.set_defaults(run=_serve)

    validate = commands.add_parser("validate", help="list all mistakes in fixtures")
    validate.add_argument("files", nargs="+", metavar="FILE", help="fixture files, or names of shipped fixtures")
    validate.set_defaults(run=_validate)


def add_command_argument(parser: argparse.ArgumentParser) -> None:
    """Add the argument for a command to run: everything after `--`."""
    parser.add_argument(
        "command", nargs=argparse.REMAINDER, metavar="-- COMMAND …", help="the command and its arguments"
    )


def command_of(parsed: argparse.Namespace) -> list[str]:
    """Return the command to run."""
    return list(parsed.command[1:] if parsed.command[:1] == ["--"] else parsed.command)


def add_others_option(parser: argparse.ArgumentParser) -> None:
    """Add the option for the endpoint of other services."""
    parser.add_argument(
        "--others",
        metavar="moto|URL",
        help="answer other services by moto in this process (pip install 'mockaws[aws]'), or by another endpoint",
    )


def add_world_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of commands that make a server."""
    parser.add_argument("--fixture", help="fixture file, or the name of a shipped one (default empty)")
    parser.add_argument("--account", help="account of a fixture that names none (default 000000000000)")
    parser.add_argument("--calls", metavar="FILE", help="write each call to FILE as a CloudTrail event on one line")
    add_others_option(parser)
    parser.add_argument("--seed", help="text that makes generated ids repeatable")
    parser.add_argument("--quiet", action="store_const", const=True, help="print no log line for each request")
    parser.add_argument("--log-format", choices=settings.LOG_FORMATS, help="form of the log on stderr (default text)")


def read_settings(parsed: argparse.Namespace, **fixed: Any) -> Settings:
    """Return the settings of a command, from its flags and the environment. Raises SettingsError."""
    return settings.read(os.environ, vars(parsed) | fixed)


def _serve(parsed: argparse.Namespace) -> int:
    mock = make_mock(read_settings(parsed))
    if mock.settings.init_dir:
        _run_with_init_scripts(mock)
    else:
        mock.run(ready=lambda: _announce(mock))
    _ignore_signals()
    # Without this, the interpreter's last collections would scan all of moto, for most of a second.
    gc.freeze()
    return OK


def _announce(mock: Mock) -> None:
    print(f"mockaws answers on {mock.url}", flush=True)  # noqa: T201 - the interface


def _run_with_init_scripts(mock: Mock) -> None:
    """Serve, and announce the server when the scripts have ended, with LocalStack's line as well."""
    from mockaws.cli import init_scripts  # noqa: PLC0415

    def announce() -> None:
        _announce(mock)
        print("Ready.", flush=True)  # noqa: T201 - Testcontainers waits for it

    found = init_scripts.find(mock.settings.init_dir)
    # Clients cannot call the address that stands for all addresses.
    url = mock.url.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:")
    variables = init_scripts.variables(os.environ, url, mock.account, mock.region)
    scripts = init_scripts.InitScripts(found, variables, announce)
    mock.run(ready=scripts.start)
    scripts.stop()


def _ignore_signals() -> None:
    """Ignore further signals, so that none replaces the exit status by a traceback."""
    import signal  # noqa: PLC0415

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)


def _validate(parsed: argparse.Namespace) -> int:
    from mockaws.clock import Clock  # noqa: PLC0415
    from mockaws.fixtures import loader  # noqa: PLC0415

    status = OK
    for file in parsed.files:
        try:
            fixture = loader.load(file, now=Clock().now())
        except loader.FixtureError as error:
            print(*error.problems, sep="\n", file=sys.stderr)  # noqa: T201
            status = USAGE
        else:
            print(f"{fixture.source}: good")  # noqa: T201
    return status


def make_mock(chosen: Settings, *listeners: Listener) -> Mock:
    """Return a server that calls *listeners* with each call. Raises CommandError if it cannot start."""
    from mockaws.fixtures.loader import FixtureError  # noqa: PLC0415
    from mockaws.journal.files import FileError  # noqa: PLC0415
    from mockaws.server import PortTakenError  # noqa: PLC0415
    from mockaws.testing.mock import Mock  # noqa: PLC0415

    if find_spec("cryptography") is None:  # else the first request that needs it would fail
        raise CommandError(_NO_CRYPTOGRAPHY)
    try:
        mock = Mock(chosen, listeners=listeners)
    except FileError as error:
        raise CommandError(str(error)) from None
    except FixtureError as error:
        raise CommandError(problems=error.problems) from None
    except PortTakenError as error:
        advice = "choose another with --host and --port, or a free port with --port 0"
        raise CommandError(f"{error}; {advice}") from None
    # Objects made during the start live to the end, so the collector need not scan them.
    gc.freeze()
    sys.setswitchinterval(_SWITCH_SECONDS)
    return mock


def find_fixtures(wanted: Sequence[str]) -> dict[str, str]:
    """Return the fixtures that *wanted* names, by the names of their worlds.

    Raises CommandError if a pattern matches no fixture, or a name is invalid or used twice.
    """
    from mockaws.fixtures import patterns  # noqa: PLC0415
    from mockaws.fixtures.problems import FixtureError  # noqa: PLC0415

    try:
        return patterns.named(wanted)
    except FixtureError as error:
        raise CommandError(problems=error.problems) from None


def make_worlds(mock: Mock, fixtures: Mapping[str, str]) -> dict[str, MockWorld]:
    """Return a world for each of *fixtures*. Raises CommandError with all reasons why some cannot be made."""
    from mockaws.fixtures.problems import FixtureError  # noqa: PLC0415
    from mockaws.worlds.named import NoSuchWorldError  # noqa: PLC0415

    worlds: dict[str, MockWorld] = {}
    sentences: list[str] = []
    problems: list[object] = []
    for name, fixture in fixtures.items():
        try:
            worlds[name] = mock.world(name, fixture=fixture, seed=mock.settings.id_seed)
        except FixtureError as error:
            problems += error.problems
        except NoSuchWorldError as error:
            sentences.append(str(error))
    if sentences or problems:
        raise CommandError(*sentences, problems=problems)
    return worlds
