"""`mockaws load`: a file in the place of a running server's world."""

from __future__ import annotations

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
    from mockaws.seed import sources  # noqa: PLC0415
    from mockaws.seed.problems import FixtureError  # noqa: PLC0415

    try:
        source = sources.find(parsed.fixture)
    except FixtureError as error:
        complain(str(error))
        return USAGE
    # The server reads no files for others, so the content is sent to it.
    show(Remote(parsed.endpoint).put("state", source.content, _YAML, name=source.name))
    return OK
