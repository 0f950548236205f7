"""`mockaws health` and `mockaws reset`: whether a server is up, and bringing its world back to how it began."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockaws.cli.remote import Remote, add_endpoint
from mockaws.cli.saying import OK, show

if TYPE_CHECKING:
    import argparse


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands of this module to the parser."""
    for name, run, meaning in (
        ("health", _health, "whether a server is up, and what it has"),
        ("reset", _reset, "bring a running server's world back to what its fixture says"),
    ):
        command = commands.add_parser(name, help=meaning, description=meaning)
        add_endpoint(command)
        command.set_defaults(run=run)


def _health(parsed: argparse.Namespace) -> int:
    show(Remote(parsed.endpoint).call("GET", "health"))
    return OK


def _reset(parsed: argparse.Namespace) -> int:
    show(Remote(parsed.endpoint).call("POST", "reset"))
    return OK
