"""Pages of a list: Limit and Marker in the request, Truncated and, if that is true, NextMarker in the answer.

A marker has the last id of the page before, so every page costs the same.
https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeys.html
"""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from mockaws.records.base import Record
from mockaws.services.kms import errors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from mockaws.services.operation import Call

R = TypeVar("R", bound=Record)
_PREFIX = b"mockaws:"


class Pages(NamedTuple):
    """The number of entries on a page of a list: by default, and at most."""

    default: int
    most: int


KEYS = Pages(100, 1000)
KEY_POLICIES = Pages(100, 1000)
KEY_ROTATIONS = Pages(100, 1000)
ALIASES = Pages(50, 100)
GRANTS = Pages(50, 100)
RESOURCE_TAGS = Pages(50, 50)
CUSTOM_KEY_STORES = Pages(100, 1000)


def after(marker: str | None) -> str:
    """Return the id after which a page starts; raises InvalidMarkerException for a marker that no page had."""
    if marker is None:
        return ""
    try:
        decoded = base64.urlsafe_b64decode(marker.encode())
        if not decoded.startswith(_PREFIX):
            raise errors.InvalidMarker()
        return decoded.removeprefix(_PREFIX).decode()
    except (binascii.Error, ValueError):
        raise errors.InvalidMarker() from None


def size(pages: Pages, limit: int | None) -> int:
    """Return the number of entries on a page."""
    return pages.default if limit is None else min(limit, pages.most)


def answer(member: str, entries: Sequence[tuple[str, Any]], page_size: int) -> dict[str, Any]:
    """Return a list answer from *entries*, pairs of an id and AWS's shape of it; there may be one too many."""
    shown = {member: [entry for _, entry in entries[:page_size]]}
    if len(entries) <= page_size:
        return shown | {"Truncated": False}
    marker = base64.urlsafe_b64encode(_PREFIX + entries[page_size - 1][0].encode()).decode()
    return shown | {"NextMarker": marker, "Truncated": True}


def visible(call: Call, kind: type[R], start: str, count: int, keep: Callable[[R], bool], **field: str) -> list[R]:
    """Return the first *count* records after id *start* for which *keep* is true."""
    found: list[R] = []
    while True:
        batch = call.find(kind, after=start, limit=count, **field)
        found += filter(keep, batch)
        if len(found) >= count or len(batch) < count:
            return found[:count]
        start = batch[-1].id


def of_values(
    member: str, values: Iterable[tuple[str, Any]], pages: Pages, limit: int | None, marker: str | None
) -> dict[str, Any]:
    """Return one page of a short list of pairs of an id and AWS's shape of it."""
    start = after(marker)
    page_size = size(pages, limit)
    return answer(member, [pair for pair in sorted(values) if pair[0] > start][: page_size + 1], page_size)
