"""What was called: `mockaws calls`, and the calls that `mockaws exec` is told to forbid."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from mockaws.cli.saying import OK, USAGE, complain

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from mockaws.journal.entries import Entry

FAILED = 1
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


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command of this module to the parser."""
    calls = commands.add_parser("calls", help="show what was called in a running server")
    calls.add_argument("--endpoint", help="the server, or one of its worlds (default AWS_ENDPOINT_URL)")
    for name, meaning in _FILTERS.items():
        calls.add_argument(f"--{name}", help=meaning)
    calls.add_argument("--json", action="store_true", help="CloudTrail's events, one a line")
    calls.add_argument("--clear", action="store_true", help="forget them all, and show nothing")
    calls.set_defaults(run=_calls)


def line(event: dict[str, Any]) -> str:
    """Return an event for people: when, what, who, about which keys, and the error that it ended with."""
    service = event["eventSource"].partition(".")[0]
    who = event["userIdentity"].get("arn") or event["userIdentity"].get("userName") or "-"
    about = [resource["ARN"].rpartition(":")[2].removeprefix("key/") for resource in event.get("resources", ())]
    parts = [event["eventTime"], f"{service}:{event['eventName']}", who, ",".join(about) or "-"]
    return _printable(" ".join([*parts, event.get("errorCode", "")]).rstrip())


class Ban:
    """Calls that must not happen; it hears of each call, and tells of those in the end."""

    def __init__(self, operations: Sequence[str]) -> None:
        """Forbid *operations*, which may have wildcards. Raises BanError for those that there are not."""
        from mockaws.journal import names  # noqa: PLC0415 - most commands need no models

        self._patterns: list[names.OperationPattern] = []
        self._heard: list[Entry] = []
        mistakes = []
        for operation in operations:
            try:
                self._patterns.append(names.operation_pattern(operation))
            except names.UnknownNameError as error:
                mistakes.append(f"--assert-no-calls {error}")
        if mistakes:
            raise BanError(mistakes)

    def hear(self, entry: Entry) -> None:
        """Remember a call that is forbidden, whether it succeeded or not."""
        if any(pattern.matches(entry) for pattern in self._patterns):
            self._heard.append(entry)

    def verdict(self) -> int:
        """Say on stderr which forbidden calls there were, and return the status that follows."""
        from mockaws.journal.events import event  # noqa: PLC0415

        if not self._heard:
            return OK
        verb = "is" if len(self._heard) == 1 else "are"
        complain(f"{len(self._heard)} of the calls {verb} forbidden by --assert-no-calls:")
        for entry in self._heard:
            print(f"  {line(event(entry))}", file=sys.stderr)  # noqa: T201
        return FAILED


class BanError(Exception):
    """Operations that are none cannot be forbidden; `mistakes` says which, and what may have been meant."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


def _calls(parsed: argparse.Namespace) -> int:
    from mockaws.cli.remote import Remote, RemoteError  # noqa: PLC0415

    try:
        remote = Remote(parsed.endpoint)
        if parsed.clear:
            remote.call("DELETE", "calls")
            return OK
        answer = remote.call("GET", "calls", **{name: getattr(parsed, name) for name in _FILTERS})
    except RemoteError as error:
        complain(str(error))
        return USAGE
    for event in answer["Records"]:
        print(json.dumps(event) if parsed.json else line(event))  # noqa: T201
    return OK


def _printable(text: str) -> str:
    """Keep what a caller sent from breaking a line in two."""
    return text if text.isprintable() else text.encode("unicode_escape").decode()
