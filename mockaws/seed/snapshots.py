"""A running world as a fixture: its terms as in every fixture, and beside them each of its records.

What a fixture describes for people has defaults, and no past. What a world has become has a history, secrets and other
accounts; so a snapshot says all of it, record by record, and nothing in any other way.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from mockaws import __version__
from mockaws.clock import RUNNING, Setting
from mockaws.records.backups import BackupContents
from mockaws.records.cloudhsm import HsmKey
from mockaws.seed import anew, instants, safe_yaml, shapes, snapshot_rules, terms
from mockaws.seed.kinds import KINDS
from mockaws.seed.problems import guess, kind_of, one_of, shown, written

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mockaws.records.base import Record
    from mockaws.records.world import Terms
    from mockaws.seed.draft import Draft, Item
    from mockaws.seed.problems import Path
    from mockaws.seed.safe_yaml import Node

VERSION = 1
MARK, RECORDS = "snapshot", "records"
BESIDE_RECORDS = (MARK, "description", "account", "region", "timing", "relaxations", "limits", "irregular_ids", "clock")

# Backups share what lies in them with each other and with the HSMs: written each time, it would be most of a snapshot.
_SHARED = (BackupContents, HsmKey)

_HEADING = """\
# A world of mockaws {version} as it was at {now}: mockaws serve --fixture FILE brings it back, mockaws load FILE
# puts it into a server that runs. {holds}{secrets}
"""
_WITHOUT_SECRETS = """
# Its secrets are left out: the keys get other material, so that no ciphertext of this world can be decrypted."""


class State(NamedTuple):
    """What there is to write of a world."""

    terms: Terms
    clock: Setting
    now: float
    records: Iterable[Record]


def write(state: State, *, secrets: bool = True) -> str:
    """Return a world as YAML; without its *secrets* it has other key material when it comes back."""
    records = sorted(state.records, key=_place)
    writing = shapes.Writing(_SHARED, None if secrets else {})
    kinds: dict[str, list[Any]] = {}
    for record in records:
        kind = type(record)
        kinds.setdefault(kind.__name__, []).append(shapes.codec(kind).write(record, writing))
    document = {MARK: VERSION, **terms.written(state.terms), "clock": _clock_written(state.clock)}
    heading = _HEADING.format(
        version=__version__,
        now=instants.written(state.now),
        holds=_summary(records),
        secrets="" if secrets else _WITHOUT_SECRETS,
    )
    return heading + safe_yaml.dump({name: value for name, value in document.items() if value}) + _records(kinds)


def version_fault(item: Item) -> tuple[str, str] | None:
    """Return what is wrong with the version of a snapshot, and what would be right; None where it can be read."""
    given = item.value(MARK)
    if type(given) is int and given == VERSION:
        return None
    said = f"{shown(given)} is {'no' if not isinstance(given, int) else 'another'} version of snapshots"
    return said, f"{VERSION}, which is all that mockaws {__version__} reads"


def read(node: Node, draft: Draft) -> tuple[Record, ...]:
    """Return the records of a snapshot, and report what is wrong with them."""
    reading = shapes.Reading()
    found = dict(_read(node, reading))
    for line, fault in reading.faults:
        draft.add(fault, line)
    if reading.faults:
        return ()
    for fault in snapshot_rules.faults(found):
        draft.add(fault, node.line_of(fault.path[1:]))
    return () if draft.problems else tuple(anew.complete(found.values()))


def clock(item: Item) -> Setting:
    """Return how the clock stands: it is frozen, or so many seconds ahead of the machine's."""
    if item.says("frozen_at") and item.says("seconds_ahead"):
        item.wrong("seconds_ahead", "stands beside frozen_at", "one of frozen_at and seconds_ahead")
    frozen_at, ahead = item.value("frozen_at"), item.value("seconds_ahead")
    try:
        return Setting(float(ahead or 0), None if frozen_at is None else instants.read(frozen_at))
    except ValueError:
        item.wrong("frozen_at", f"{shown(frozen_at)} is no moment", "a moment such as 2024-05-01T12:00:00.5Z")
        return RUNNING


def _clock_written(setting: Setting) -> dict[str, Any]:
    if setting.frozen_at is not None:
        return {"frozen_at": instants.written(setting.frozen_at)}
    return {"seconds_ahead": setting.seconds_ahead} if setting.seconds_ahead else {}


def _read(node: Node, reading: shapes.Reading) -> Iterator[tuple[Path, Record]]:
    """Yield the records, each with its path."""
    if not isinstance(node.value, dict):
        reading.wrong(node, (RECORDS,), f"is {kind_of(node.value)}", "lists of records by their kinds")
        return
    taken: dict[tuple[str, str, str, str], Path] = {}
    for name, listed in node.value.items():
        if name not in KINDS:
            message = f"there is no such kind of record{guess(name, KINDS)}"
            reading.wrong(listed, (RECORDS, name), message, one_of(KINDS))
        elif not isinstance(listed.value, list):
            reading.wrong(listed, (RECORDS, name), f"is {kind_of(listed.value)}", "a list of records")
        else:
            for index, each in enumerate(listed.value):
                path = (RECORDS, name, index)
                record = shapes.read(KINDS[name], each, path, reading)
                if record is None:
                    continue
                first = taken.setdefault((name, record.account, record.region, record.id), path)
                if first is not path:
                    reading.wrong(each, (*path, "id"), f"{record.id} is taken by {written(first)}", "another id")
                yield path, record


def _records(kinds: dict[str, list[Any]]) -> str:
    return safe_yaml.dump({RECORDS: {name: kinds[name] for name in KINDS if name in kinds}})


def _place(record: Record) -> tuple[str, str, str]:
    return record.account, record.region, record.id


def _summary(records: Iterable[Record]) -> str:
    """Return how much there is of everything, in one line."""
    counts = Counter(type(record).__name__ for record in records)
    return "Records: " + (", ".join(f"{counts[name]} {name}" for name in KINDS if name in counts) or "none") + "."
