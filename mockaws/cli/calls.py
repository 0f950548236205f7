"""`mockaws calls`: what was called in a world of a running server."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from mockaws.cli.remote import Remote, add_endpoint
from mockaws.cli.saying import OK, USAGE, complain, show

if TYPE_CHECKING:
    import argparse

_FILTERS = {
    "service": "kms, cloudhsm or sts",
    "operation": "such as kms:ScheduleKeyDeletion or kms:Delete*",
    "error": "that it ended with, such as NotFoundException, or * for any",
    "key": "that it was about: key id, ARN or alias",
    "account": "of the caller",
    "region": "that it was made in",
    "since": "the first moment, such as 2026-01-31T12:00:00Z",
    "until": "the moment after the last one",
    "limit": "how many at most, the last ones",
}


def add_commands(calls: argparse.ArgumentParser) -> None:
    """Add the flags of the command to its parser."""
    for name, meaning in _FILTERS.items():
        calls.add_argument(f"--{name}", help=meaning)
    calls.add_argument("--json", action="store_true", help="CloudTrail's events, one a line")
    calls.add_argument("--clear", action="store_true", help="forget them all")
    add_endpoint(calls)
    calls.set_defaults(run=_calls)


def line(event: dict[str, Any]) -> str:
    """Return an event for people: when, what, who, about which keys, and the error that it ended with."""
    service = event["eventSource"].partition(".")[0]
    who = event["userIdentity"].get("arn") or event["userIdentity"].get("userName") or "-"
    about = [resource["ARN"].rpartition(":")[2].removeprefix("key/") for resource in event.get("resources", ())]
    parts = [event["eventTime"], f"{service}:{event['eventName']}", who, ",".join(about) or "-"]
    return _printable(" ".join([*parts, event.get("errorCode", "")]).rstrip())


def _calls(parsed: argparse.Namespace) -> int:
    wanted = {name: value for name in _FILTERS if (value := getattr(parsed, name)) is not None}
    if parsed.clear:
        return _clear(parsed.endpoint, wanted)
    for event in Remote(parsed.endpoint).call("GET", "calls", **wanted)["Records"]:
        print(json.dumps(event) if parsed.json else line(event))  # noqa: T201
    return OK


def _clear(endpoint: str | None, wanted: dict[str, str]) -> int:
    if wanted:
        complain(f"calls --clear forgets all calls, and takes no --{' and no --'.join(wanted)}")
        return USAGE
    show(Remote(endpoint).call("DELETE", "calls"))
    return OK


def _printable(text: str) -> str:
    """Keep what a caller sent from breaking a line in two."""
    return text if text.isprintable() else text.encode("unicode_escape").decode()
