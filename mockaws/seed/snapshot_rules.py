"""What must be true of the records of a snapshot, beside the types of their fields."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mockaws.records.base import Record
    from mockaws.seed.problems import Fault, Path


def faults(records: Mapping[Path, Record]) -> Iterator[Fault]:
    """Yield what cannot be."""
    yield from ()
