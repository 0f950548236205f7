"""`mockaws schema`: the JSON Schema of fixtures, for an editor or a validator."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from mockaws.cli.output import OK

if TYPE_CHECKING:
    import argparse


def add_commands(schema: argparse.ArgumentParser) -> None:
    """Add the command to its parser."""
    schema.set_defaults(run=_schema)


def _schema(_parsed: argparse.Namespace) -> int:
    from mockaws.fixtures import library  # noqa: PLC0415

    sys.stdout.write(library.SCHEMA.read_text(encoding="utf-8"))
    return OK
