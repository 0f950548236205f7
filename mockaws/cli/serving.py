"""The commands `serve` and `validate`, and the flags and settings of all commands that need a server."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from typing import TYPE_CHECKING, Any

from mockaws import settings
from mockaws.cli.local_server import open_server
from mockaws.cli.output import OK, USAGE

if TYPE_CHECKING:
    from mockaws.cli.local_server import LocalServer
    from mockaws.settings import Settings

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
    server = open_server(read_settings(parsed))
    if server.settings.init_dir:
        _run_with_init_scripts(server)
    else:
        server.run(ready=lambda: _announce(server))
    _ignore_signals()
    # Without this, the interpreter's last collections would scan all of moto, for most of a second.
    gc.freeze()
    return OK


def _announce(server: LocalServer) -> None:
    print(f"mockaws answers on {server.url}", flush=True)  # noqa: T201 - the interface


def _run_with_init_scripts(server: LocalServer) -> None:
    """Serve, and announce the server when the scripts have ended, with LocalStack's line as well."""
    from mockaws.cli import init_scripts  # noqa: PLC0415

    def announce() -> None:
        _announce(server)
        print("Ready.", flush=True)  # noqa: T201 - Testcontainers waits for it

    found = init_scripts.find(server.settings.init_dir)
    # Clients cannot call the address that stands for all addresses.
    url = server.url.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:")
    world = server.world
    variables = init_scripts.variables(os.environ, url, world.account, world.region)
    scripts = init_scripts.InitScripts(found, variables, announce)
    server.run(ready=scripts.start)
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
            print(*error.mistakes, sep="\n", file=sys.stderr)  # noqa: T201
            status = USAGE
        else:
            print(f"{fixture.source}: good")  # noqa: T201
    return status
