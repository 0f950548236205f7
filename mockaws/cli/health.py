"""`mockaws health`: whether a server is up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockaws.cli.remote import Remote, add_endpoint
from mockaws.cli.saying import OK, show

if TYPE_CHECKING:
    import argparse


def add_commands(health: argparse.ArgumentParser) -> None:
    """Add the flags of the command to its parser."""
    add_endpoint(health)
    health.set_defaults(run=_health)


def _health(parsed: argparse.Namespace) -> int:
    show(Remote(parsed.endpoint).call("GET", "health"))
    return OK
