"""`mockaws load`: a file in the place of a running server's world."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mockaws.cli.remote import Remote, add_endpoint
from mockaws.cli.saying import OK, USAGE, complain, show

if TYPE_CHECKING:
    import argparse

_YAML = "application/yaml"


def add_commands(load: argparse.ArgumentParser) -> None:
    """Add the flags of the command to its parser."""
    load.add_argument("fixture", metavar="FILE", help="a snapshot, a fixture, or the name of a shipped one")
    add_endpoint(load)
    load.set_defaults(run=_load)


def _load(parsed: argparse.Namespace) -> int:
    from mockaws.seed import library  # noqa: PLC0415

    # The server reads no files for others, so it is sent to it.
    path = library.fixture(parsed.fixture) if parsed.fixture in library.names() else Path(parsed.fixture)
    try:
        content = path.read_bytes()
    except (OSError, ValueError) as error:
        complain(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}")
        return USAGE
    show(Remote(parsed.endpoint).put("state", content, _YAML, name=parsed.fixture))
    return OK
