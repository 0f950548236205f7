"""A running world as a fixture: its terms as in every fixture, and beside them each of its records.

What a fixture describes for people has defaults, and no past. What a world has become has a history, secrets and other
accounts; so a snapshot says all of it, record by record, and nothing in any other way.
"""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from mockaws import moments
from mockaws.clock import LATEST, RUNNING, Setting, possible
from mockaws.records import rotating
from mockaws.records.backups import BackupContents
from mockaws.records.cloudhsm import HsmKey
from mockaws.records.kms import Key
from mockaws.seed import anew, faults, safe_yaml, shapes, soundness, terms
from mockaws.seed.kinds import KINDS
from mockaws.seed.problems import Fault, TooManyFaultsError, kind_of, shown, written

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mockaws.records import faults as striking
    from mockaws.records.base import Record
    from mockaws.records.world import Terms
    from mockaws.seed.draft import Draft, Item
    from mockaws.seed.problems import Path
    from mockaws.seed.safe_yaml import Node

VERSION = 1
MARK, RECORDS = "snapshot", "records"

_ONLY_HERE = ("clock", "irregular_ids")
_NOT_HERE = ("network", "clusters", "custom_key_stores", "keys")

# Backups share what lies in them with each other and with the HSMs: written each time, it would be most of a snapshot.
_SHARED = (BackupContents, HsmKey)

_HEADING = """\
# A world of mockaws as it was at {now}.
# mockaws serve --fixture FILE brings it back; mockaws load FILE puts it into a server that runs.
# {holds}
"""
_WITHOUT_SECRETS = """\
# Secrets are left out: keys get other material, so that what they have encrypted is lost.
"""


class State(NamedTuple):
    """What there is to write of a world."""

    terms: Terms
    clock: Setting
    now: float
    faults: Iterable[striking.Fault]
    records: Iterable[Record]


def write(state: State, *, secrets: bool = True) -> str:
    """Return a world as YAML; without its *secrets* it has other key material when it comes back."""
    # A generation of key material follows from the one before it, and from another secret another one would.
    told = state.records if secrets else [_with_all_generations(record, state.now) for record in state.records]
    records = sorted(told, key=_place)
    writing = shapes.Writing(_SHARED, None if secrets else {})
    kinds: dict[str, list[Any]] = {}
    for record in records:
        kinds.setdefault(type(record).__name__, []).append(shapes.write(record, writing))
    document = {
        MARK: VERSION,
        **terms.written(state.terms),
        "irregular_ids": sorted(state.terms.irregular_ids),
        "clock": _clock_written(state.clock),
        "faults": [faults.written(fault) for fault in state.faults],
    }
    heading = _HEADING.format(now=moments.exactly(state.now), holds=_summary(records))
    if not secrets:
        heading += _WITHOUT_SECRETS
    return heading + safe_yaml.dump({name: value for name, value in document.items() if value}) + _records(kinds)


def _with_all_generations(record: Record, now: float) -> Record:
    return rotating.settled(record, now) if isinstance(record, Key) else record


def version_fault(document: Item) -> Fault | None:
    """Return what is wrong with the version of a snapshot, None where it is none or can be read."""
    given = document.value(MARK)
    if not document.says(MARK) or (given == VERSION and type(given) is int):
        return None
    if given == str(VERSION):
        message = f"'{given}' in quotes is text"
    else:
        message = f"{shown(given)} is no version that can be read"
    return Fault((MARK,), message, f"{VERSION}, the version of this mockaws")


def check(document: Item, draft: Draft) -> None:
    """A snapshot says everything in its records, and only a snapshot has some."""
    if document.says(MARK):
        for name in _NOT_HERE:
            if document.says(name):
                document.wrong(name, "stands in a snapshot, whose records say all of this", f"no {name}")
        return
    for name in _ONLY_HERE:
        if document.says(name):
            document.wrong(name, "is of a snapshot", f"{MARK}: {VERSION} beside it, or no {name}")
    if draft.records is not None:
        fault = Fault((RECORDS,), "are of a snapshot", f"{MARK}: {VERSION} beside them, or no {RECORDS}")
        draft.add(fault, draft.records.line)


def read(draft: Draft, account: str | None) -> tuple[Record, ...]:
    """Return the records of a snapshot, none of them where something is wrong, which is reported; set its terms."""
    document = draft.document()
    irregular_ids = frozenset(text for _, text in document.texts("irregular_ids"))
    draft.terms = replace(terms.read(document, account), irregular_ids=irregular_ids)
    if draft.records is None:
        return ()
    reading = shapes.Reading()
    found: dict[Path, Record] = {}
    with suppress(TooManyFaultsError):  # the faults until then are reported
        found.update(_read(draft.records, reading))
    for line, fault in reading.faults:
        draft.add(fault, line)
    if reading.faults:
        return ()
    problems = False
    for fault in soundness.faults(found):
        problems = True
        draft.add(fault, draft.records.line_of(fault.path[1:]))
    return () if problems else tuple(anew.complete(found.values()))


def clock(item: Item, now: float) -> Setting:
    """Return how the clock stands, which at *now* is that of the machine."""
    given = {name: value for name in ("frozen_at", "seconds_ahead") if (value := item.value(name)) is not None}
    if len(given) > 1:
        item.wrong("seconds_ahead", "stands beside frozen_at", "one of frozen_at and seconds_ahead")
    for name, value in given.items():
        try:
            # A clock that runs may have come to its end since the snapshot was taken, and stands there.
            moment = moments.moment(value) if name == "frozen_at" else min(now + _ahead(value), LATEST)
            possible(moment)
        except (ValueError, OverflowError):
            item.wrong(name, f"{shown(value)} is nothing that a clock can show", "a moment from 1970 to 3000")
        else:
            return Setting(frozen_at=moment) if name == "frozen_at" else Setting(float(value))
    return RUNNING


def _ahead(value: float) -> float:
    """Return by how many seconds a clock is ahead. Raises ClockError if no clock is."""
    return float(value) if value < 0 else possible(float(value))


def _clock_written(setting: Setting) -> dict[str, Any]:
    if setting.frozen_at is not None:
        return {"frozen_at": moments.exactly(setting.frozen_at)}
    return {"seconds_ahead": setting.seconds_ahead} if setting.seconds_ahead else {}


def _read(node: Node, reading: shapes.Reading) -> Iterator[tuple[Path, Record]]:
    """Yield the records, each with its path."""
    if not isinstance(node.value, dict):
        reading.wrong(node, (RECORDS,), f"is {kind_of(node.value)}", "lists of records by their kinds")
        return
    taken: dict[tuple[str, str, str, str], Path] = {}
    for name, listed in node.value.items():
        if name not in KINDS:
            reading.unknown(node, (RECORDS, name), "kind of record", KINDS)
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
