"""`mockaws snapshot`: a running server's world as a file that brings it back."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from mockaws.cli.remote import Remote, add_endpoint
from mockaws.cli.saying import OK, USAGE, complain

if TYPE_CHECKING:
    import argparse


def add_commands(snapshot: argparse.ArgumentParser) -> None:
    """Add the flags of the command to its parser."""
    snapshot.add_argument("--no-secrets", action="store_true", help="without key material and passwords")
    snapshot.add_argument("--output", metavar="FILE", help="where to write it (default standard output)")
    add_endpoint(snapshot)
    snapshot.set_defaults(run=_snapshot)


def _snapshot(parsed: argparse.Namespace) -> int:
    content = Remote(parsed.endpoint).get("state", secrets="false" if parsed.no_secrets else None)
    if parsed.output is None:
        sys.stdout.buffer.write(content)
        return OK
    try:
        Path(parsed.output).write_bytes(content)
    except (OSError, ValueError) as error:
        complain(f"{parsed.output} cannot be written: {getattr(error, 'strerror', None) or error}")
        return USAGE
    return OK
