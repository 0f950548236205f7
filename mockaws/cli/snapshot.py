"""`mockaws snapshot`: a running server's world as a file that brings it back."""

from __future__ import annotations

import os
import shutil
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
        _write(Path(parsed.output), content)
    except (OSError, ValueError) as error:
        complain(f"{parsed.output} cannot be written: {getattr(error, 'strerror', None) or error}")
        return USAGE
    return OK


def _write(path: Path, content: bytes) -> None:
    """Write all of *content*, or leave the file as it is: a full disk must not cost an earlier snapshot."""
    from mockaws import files  # noqa: PLC0415

    if files.is_opened_by_shell(path) or (path.exists() and not path.is_file()):
        path.write_bytes(content)  # a terminal, a pipe
        return
    path = path.resolve()
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        part.write_bytes(content)
        if path.exists():
            shutil.copymode(path, part)
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise
