"""The command `mockaws`, a module a topic. Nothing heavy is imported before a command runs."""

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
from mockaws.cli.remote import RemoteError
from mockaws.cli.saying import USAGE, complain

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


_INTERRUPTED = 128 + signal.SIGINT

# The commands that are read when somebody wants them: the module that has each, and what it is about.
_ON_DEMAND = {
    "doctor": ("doctor", "what this environment has for a run of Terraform, and whether it could reach real AWS"),
    "matrix": ("matrix", "run a command in many worlds, and show which of them it survives"),
    "clock": ("clock", "what time it is in a running server's world, and changing that"),
    "fault": ("faults", "what goes wrong in a running server's world"),
    "hsm": ("hsm", "what lies in the HSMs of a running server, and what happens to them"),
    "snapshot": ("snapshot", "write a running server's world as a fixture that brings it back"),
    "load": ("load", "put a snapshot or a fixture in the place of a running server's world"),
    "calls": ("calls", "show what was called in a running server's world"),
    "world": ("worlds", "named worlds of a running server, each at /worlds/NAME"),
    "health": ("health", "whether a server is up, and what it has"),
    "reset": ("reset", "bring a running server's world back to what its fixture says"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status: 2 for a mistake of the caller, with what would be right on stderr."""
    # A file's name may hold bytes that are no text: they are printed as they came.
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="surrogateescape")
    parsed = _parser().parse_args(arguments)
    try:
        return int(parsed.run(parsed))
    except settings.SettingsError as error:
        for mistake in error.mistakes:
            complain(mistake)
    except RemoteError as error:
        complain(str(error))
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:
        # Whoever read the output has gone; nothing is left to say, not even at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return USAGE


class _Parser(argparse.ArgumentParser):
    """A parser that gets its arguments when it first parses any, so that no command pays for another's."""

    fill: Callable[[argparse.ArgumentParser], None] | None = None

    def parse_known_args(self, *given: Any, **named: Any) -> Any:
        """Parse arguments."""
        if self.fill is not None:
            fill, self.fill = self.fill, None
            fill(self)
        return super().parse_known_args(*given, **named)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="mockaws", description="AWS KMS, CloudHSM v2 and STS on one local endpoint, seeded from a YAML fixture."
    )
    parser.add_argument("--version", action="version", version=f"mockaws {__version__}")
    commands: argparse._SubParsersAction[Any] = parser.add_subparsers(
        title="commands", metavar="COMMAND", required=True
    )
    serving.add_commands(commands)
    for name, (module, about) in _ON_DEMAND.items():
        commands.add_parser(name, help=about, description=f"{about[:1].upper()}{about[1:]}.").fill = _filler(module)
    return parser


def _filler(module: str) -> Callable[[argparse.ArgumentParser], None]:
    def fill(parser: argparse.ArgumentParser) -> None:
        import_module(f"mockaws.cli.{module}").add_commands(parser)

    return fill
