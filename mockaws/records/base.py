"""What every record has: an identity, and the fields by which it can be found."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar, TypeVar


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Something that exists in a world; its kind, account, Region and id identify it.

    Subclasses name in `INDEXED` the fields by which a transaction can find them.
    """

    INDEXED: ClassVar[tuple[str, ...]] = ()

    account: str
    region: str
    id: str


R = TypeVar("R", bound=Record)


def evolve(record: R, **changes: Any) -> R:
    """Return a new record: *record* with *changes*."""
    return replace(record, **changes)
