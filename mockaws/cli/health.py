"""`mockaws health`: whether a server is up."""

from __future__ import annotations

import argparse
import re
import time
from typing import Any

from mockaws.cli.remote import RefusedError, Remote, RemoteError, add_endpoint
from mockaws.cli.saying import OK, show

_PAUSE = 0.1
_SECONDS = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?")


def add_commands(health: argparse.ArgumentParser) -> None:
    """Add the flags of the command to its parser."""
    health.add_argument(
        "--wait",
        type=_seconds,
        default=0.0,
        metavar="SECONDS",
        help="ask again until the server is up, for at most SECONDS",
    )
    add_endpoint(health)
    health.set_defaults(run=_health)


def _seconds(given: str) -> float:
    if not _SECONDS.fullmatch(given):
        raise argparse.ArgumentTypeError(
            f"invalid SECONDS '{given}': use a number from 0 to 999999999, such as 30 or 0.5"
        )
    return float(given)


def _health(parsed: argparse.Namespace) -> int:
    show(_asked(Remote(parsed.endpoint), time.monotonic() + parsed.wait))
    return OK


def _asked(remote: Remote, until: float) -> Any:
    """Return the server's answer, the first before *until*. Raises RemoteError where there is none by then."""
    while True:
        try:
            return remote.call("GET", "health")
        except RefusedError:
            raise
        except RemoteError:
            if time.monotonic() >= until:
                raise
        time.sleep(_PAUSE)
