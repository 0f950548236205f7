"""`mockaws reset`: a world of a running server as its fixture describes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockaws.cli.remote import Remote, add_endpoint
from mockaws.cli.saying import OK, show

if TYPE_CHECKING:
    import argparse


def add_commands(reset: argparse.ArgumentParser) -> None:
    """Add the flags of the command to its parser."""
    add_endpoint(reset)
    reset.set_defaults(run=_reset)


def _reset(parsed: argparse.Namespace) -> int:
    show(Remote(parsed.endpoint).call("POST", "reset"))
    return OK
