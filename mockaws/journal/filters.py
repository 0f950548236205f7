"""Filters: the calls that a client wants to see."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, TypeVar

from mockaws.journal import names
from mockaws.journal.events import error_code, region
from mockaws.journal.resources import key_arns
from mockaws.store.call_log import CAPACITY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from mockaws.journal.entries import Entry

T = TypeVar("T")

NAMES = ("service", "operation", "error", "key", "account", "region", "since", "until", "limit")
_DIGITS = re.compile("[0-9]{1,9}")
_KEY_MEMBERS = ("key_id", "target_key_id", "source_key_id", "destination_key_id", "alias_name")


class FilterError(ValueError):
    """An unknown filter, or an invalid value; the message says what would be right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """The properties of the calls to show; None means any. At most *limit* calls are shown, the last ones."""

    service: str | None = None
    operation: names.OperationPattern | None = None
    error: str | None = None
    key: str | None = None
    account: str | None = None
    region: str | None = None
    since: float | None = None
    until: float | None = None
    limit: int = CAPACITY

    def select(self, entries: Iterable[Entry]) -> list[Entry]:
        """Return the selected ones of *entries*, in their order."""
        return [entry for entry in entries if self._matches(entry)][-self.limit :]

    def _matches(self, entry: Entry) -> bool:
        caller = entry.caller
        return (
            (self.service is None or entry.service == self.service)
            and (self.operation is None or self.operation.matches(entry))
            and (self.account is None or (caller is not None and caller.account == self.account))
            and (self.region is None or region(entry) == self.region)
            and (self.since is None or entry.at >= self.since)
            and (self.until is None or entry.at < self.until)
            and (self.error is None or _failed_with(entry, self.error))
            and (self.key is None or self.key in _keys(entry))
        )


def read(given: Mapping[str, str], entries: Iterable[Entry] = ()) -> Filter:
    """Return the filter that *given* describes. Error codes and Regions of *entries* are known.

    Raises FilterError for an unknown filter, and for an invalid value.
    """
    unknown = [name for name in given if name not in NAMES]
    if unknown:
        raise FilterError(f"{', '.join(unknown)}: no such filter; there are {', '.join(NAMES)}")
    try:
        return Filter(
            service=_read(given, "service", names.service),
            operation=_read(given, "operation", names.operation_pattern),
            error=_read(given, "error", lambda text: names.error_pattern(text, map(error_code, entries))),
            key=given.get("key"),
            account=_read(given, "account", names.account),
            region=_read(given, "region", lambda text: names.region(text, map(region, entries))),
            since=_read(given, "since", _moment),
            until=_read(given, "until", _moment),
            limit=_read(given, "limit", _limit) or CAPACITY,
        )
    except names.UnknownNameError as error:
        raise FilterError(str(error)) from None


def _read(given: Mapping[str, str], name: str, read_value: Callable[[str], T]) -> T | None:
    return read_value(given[name]) if name in given else None


def _moment(text: str) -> float:
    """Return the moment that an ISO 8601 date names, in UTC if it names no zone. Raises FilterError."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise FilterError(f"{text}: no such date; one is such as 2026-01-31T12:00:00Z") from None
    return (moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)).timestamp()


def _limit(text: str) -> int:
    if not _DIGITS.fullmatch(text) or not 1 <= int(text) <= CAPACITY:
        raise FilterError(f"{text}: a limit is a number from 1 to {CAPACITY}, which is how many calls are kept")
    return int(text)


def _failed_with(entry: Entry, pattern: str) -> bool:
    """Return True if a call ended with an error that matches, in CloudTrail's or in the caller's words."""
    if entry.error is None:
        return False
    return fnmatchcase(error_code(entry), pattern) or fnmatchcase(entry.error[0], pattern)


def _keys(entry: Entry) -> set[str]:
    """Return all names of the keys that a call was about: ARNs, ids, and the names that the caller used."""
    arns = key_arns(entry)
    named = ((entry.arguments or {}).get(member) for member in _KEY_MEMBERS)
    return {*arns, *(arn.rpartition("/")[2] for arn in arns), *(name for name in named if name is not None)}
