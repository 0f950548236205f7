"""`mockaws health`: whether a server is up."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from mockaws.cli.remote import RefusedError, Remote, RemoteError, add_endpoint
from mockaws.cli.saying import OK, show

if TYPE_CHECKING:
    import argparse

_PAUSE = 0.1


def add_commands(health: argparse.ArgumentParser) -> None:
    """Add the flags of the command to its parser."""
    health.add_argument(
        "--wait", type=float, default=0.0, metavar="SECONDS", help="ask again for so long, until the server is up"
    )
    add_endpoint(health)
    health.set_defaults(run=_health)


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
