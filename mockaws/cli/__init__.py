"""The command `mockaws`. A command's module is imported when the command runs, so that each starts fast."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from importlib import import_module
from io import TextIOWrapper
from typing import TYPE_CHECKING, Any

from mockaws import __version__, settings
from mockaws.cli import serving
from mockaws.cli.output import USAGE, CommandError, complain
from mockaws.cli.remote import RemoteError
from mockaws.worlds.control.topics import TOPICS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


_INTERRUPTED = 128 + signal.SIGINT

# Commands whose modules are imported when they run, with their summaries.
_ON_DEMAND = {
    "exec": "run a command against a fresh server, without access to real AWS",
    "matrix": "run a command in many worlds, and report which of them it survives",
    "doctor": "check this environment for Terraform, and whether it could reach real AWS",
    "fixtures": "list the worlds that ship, print one, or copy some into a folder",
    "schema": "print the JSON Schema of fixtures",
    "init": "set up a repository with a fixture, a test and a workflow",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status: 2 for a mistake of the caller, which stderr describes."""
    # A file's name may hold bytes that are not UTF-8: they are printed unchanged.
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="surrogateescape")
    parsed = _parser().parse_args(arguments)
    try:
        return int(parsed.run(parsed))
    except settings.SettingsError as error:
        for mistake in error.mistakes:
            complain(mistake)
    except CommandError as error:
        print(error, file=sys.stderr)  # noqa: T201
    except RemoteError as error:
        complain(str(error))
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:
        # The reader of the output has gone: print nothing more, not even at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return USAGE


class _Parser(argparse.ArgumentParser):
    """A parser that gets its arguments when it first parses, so that no command pays for another's."""

    fill: Callable[[argparse.ArgumentParser], None] | None = None

    def parse_known_args(self, *given: Any, **named: Any) -> Any:
        """Parse arguments."""
        if self.fill is not None:
            fill, self.fill = self.fill, None
            fill(self)
        return super().parse_known_args(*given, **named)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="mockaws", description="Serve AWS KMS, CloudHSM v2 and STS on one local endpoint, from YAML fixtures."
    )
    parser.add_argument("--version", action="version", version=f"mockaws {__version__}")
    commands: argparse._SubParsersAction[Any] = parser.add_subparsers(
        title="commands", metavar="COMMAND", required=True
    )
    serving.add_commands(commands)
    for name, about in {**_ON_DEMAND, **TOPICS}.items():
        commands.add_parser(name, help=about, description=f"{about[:1].upper()}{about[1:]}.").fill = _filler(name)
    return parser


def _filler(name: str) -> Callable[[argparse.ArgumentParser], None]:
    """Return a function that imports the module of a command, and adds its arguments to a parser."""

    def fill(parser: argparse.ArgumentParser) -> None:
        if name in TOPICS:
            import_module("mockaws.cli.control").add_commands(parser, name)
        else:
            module = "execute" if name == "exec" else name
            import_module(f"mockaws.cli.{module}").add_commands(parser)

    return fill
