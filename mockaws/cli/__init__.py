"""The command `mockaws`, a module a topic. Nothing heavy is imported before a command runs."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING

from mockaws import __version__, settings
from mockaws.cli import clock, faults, health, serving, worlds
from mockaws.cli.remote import RemoteError
from mockaws.cli.saying import USAGE, complain

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status: 2 for a mistake of the caller, with what would be right on stderr."""
    parsed = _parser().parse_args(arguments)
    try:
        return int(parsed.run(parsed))
    except settings.SettingsError as error:
        for mistake in error.mistakes:
            complain(mistake)
    except RemoteError as error:
        complain(str(error))
    except BrokenPipeError:
        # Whoever read the output has gone; nothing is left to say, not even at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return USAGE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="mockaws", description="AWS KMS, CloudHSM v2 and STS on one local endpoint, seeded from a YAML fixture."
    )
    parser.add_argument("--version", action="version", version=f"mockaws {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for topic in (serving, clock, faults, worlds, health):
        topic.add_commands(commands)
    return parser
