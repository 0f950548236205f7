"""All kinds of records that there are, and the names that their types are written with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mockaws.records import backups, cloudhsm, kms, outages, sts
from mockaws.records.base import Record

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

# In the order in which a snapshot has them; backups come behind the keys that lie in them.
_MODULES = (cloudhsm, backups, kms, sts)


def _of(module: ModuleType) -> Iterator[tuple[str, type[Record]]]:
    for name, kind in vars(module).items():
        if isinstance(kind, type) and issubclass(kind, Record) and kind.__module__ == module.__name__:
            yield name, kind


KINDS: Mapping[str, type[Record]] = dict(pair for module in _MODULES for pair in _of(module))

# Records name their types for the type checker alone, so that somebody has to say what the names stand for.
NAMES: Mapping[str, Any] = {
    "Mapping": Mapping,
    **{name: value for module in (*_MODULES, outages) for name, value in vars(module).items()},
}
