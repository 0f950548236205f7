"""The command `mockaws`. Nothing heavy is imported before a command runs."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING, Any

from mockaws import __version__, settings
from mockaws.cli import calls, serving
from mockaws.cli.saying import USAGE, complain

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status: 2 for a mistake of the caller, with what would be right on stderr."""
    parsed = _parser().parse_args(arguments)
    try:
        return int(parsed.run(parsed))
    except settings.SettingsError as error:
        for mistake in error.mistakes:
            complain(mistake)
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
    commands.add_parser(
        "hsm", help="what lies in the HSMs of a running server, and what happens to them"
    ).fill = _fill_hsm
    calls.add_commands(commands)
    commands.add_parser(
        "matrix", help="run a command in many worlds, and show which of them it survives"
    ).fill = _fill_matrix
    return parser


def _fill_hsm(parser: argparse.ArgumentParser) -> None:
    from mockaws.cli import hsm  # noqa: PLC0415

    hsm.add_commands(parser)


def _fill_matrix(parser: argparse.ArgumentParser) -> None:
    from mockaws.cli import matrix  # noqa: PLC0415

    matrix.add_commands(parser)
