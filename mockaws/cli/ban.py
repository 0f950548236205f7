"""The calls that `mockaws exec` is told to forbid."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from mockaws.cli.saying import OK, complain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mockaws.journal.entries import Entry
    from mockaws.journal.names import OperationPattern

FAILED = 1


class Ban:
    """Calls that must not happen; it hears of each call, and tells of those in the end."""

    def __init__(self, operations: Sequence[str]) -> None:
        """Forbid *operations*, which may have wildcards. Raises BanError for those that there are not."""
        from mockaws.journal import names  # noqa: PLC0415 - most commands need no models

        self._patterns: list[OperationPattern] = []
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
        from mockaws.cli.calls import line  # noqa: PLC0415
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
