"""Exit statuses of commands, and how commands print answers and mistakes."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

OK = 0
REFUSED = 1
USAGE = 2


class CommandError(Exception):
    """A mistake that keeps a command from running; *lines* are what stderr shows."""

    def __init__(self, *sentences: str, mistakes: Iterable[object] = ()) -> None:
        """Keep *sentences* as `complain` prints them, then *mistakes* of fixtures, which name their own file."""
        self.lines = [*(f"mockaws: {sentence}" for sentence in sentences), *map(str, mistakes)]
        super().__init__("\n".join(self.lines))


def complain(sentence: str) -> None:
    """Print a mistake on stderr."""
    print(f"mockaws: {sentence}", file=sys.stderr)  # noqa: T201


def show(answer: Any) -> None:
    """Print a server's answer as JSON, one member on a line."""
    print(json.dumps(answer, indent=2))  # noqa: T201


def event_line(event: dict[str, Any]) -> str:
    """Return a CloudTrail event as one line: time, operation, caller, keys, and the error that it ended with."""
    service = event["eventSource"].partition(".")[0]
    caller = event["userIdentity"].get("arn") or event["userIdentity"].get("userName") or "-"
    keys = [resource["ARN"].rpartition(":")[2].removeprefix("key/") for resource in event.get("resources", ())]
    parts = [event["eventTime"], f"{service}:{event['eventName']}", caller, ",".join(keys) or "-"]
    text = " ".join([*parts, event.get("errorCode", "")]).rstrip()
    # A caller's own text could break the line in two.
    return text if text.isprintable() else text.encode("unicode_escape").decode()
