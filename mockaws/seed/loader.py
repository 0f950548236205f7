"""Fixtures, found by path or by name, and read into the records of a world."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from mockaws.seed import (
    backups,
    clusters,
    faults,
    keys,
    library,
    network,
    safe_yaml,
    scenarios,
    schema,
    stores,
    terms,
)
from mockaws.seed.draft import Draft
from mockaws.seed.problems import FixtureError, Problem, guess, written

if TYPE_CHECKING:
    from mockaws.records.base import Record
    from mockaws.records.faults import Fault
    from mockaws.records.world import Terms
    from mockaws.seed.scenarios import Scenario

__all__ = ["FixtureError", "Problem", "Seed", "describe", "fault", "load", "parse", "scenario", "shipped"]

DEFAULT = "empty"


@dataclass(frozen=True, slots=True)
class Seed:
    """What a world begins with; *source* is the fixture as the user named it, *description* what it says of itself."""

    terms: Terms
    records: tuple[Record, ...]
    faults: tuple[Fault, ...]
    source: str
    description: str


def load(fixture: str | None, *, account: str | None = None, now: float) -> Seed:
    """Read a fixture: a path, or the name of a shipped one; None stands for the empty world.

    *account* is for a fixture that names none, *now* the moment at which the world begins. Raises FixtureError, with
    all problems at once.
    """
    source = fixture or DEFAULT
    path = library.fixture(source) if source in library.names() else Path(source)
    return _seed(_draft(_content(path, source), source, now, path.parent), account)


def parse(content: bytes, source: str, *, account: str | None = None, now: float) -> Seed:
    """Read a fixture that somebody sent, as *source*; see `load`. It can name no files of this machine."""
    return _seed(_draft(content, source, now, None), account)


def fault(document: object) -> Fault:
    """Return one fault, described as in a fixture. Raises FixtureError, with all problems at once."""
    content = json.dumps({"faults": [document]}, ensure_ascii=False).encode("utf-8", "replace")
    draft = _draft(content, "fault", 0.0, None)
    found = faults.read(draft.document())
    if draft.problems:
        raise FixtureError(
            replace(problem, line=0, path=problem.path.removeprefix("faults[0]").removeprefix("."))
            for problem in draft.problems
        )
    return found[0]


def shipped() -> tuple[str, ...]:
    """Return the names of the fixtures that ship with the package."""
    return library.names()


def describe(name: str) -> str:
    """Return what a shipped fixture says of itself."""
    root = safe_yaml.parse(library.fixture(name).read_bytes()).root
    return str(root.plain()["description"]) if root is not None else ""


def scenario(name: str) -> Scenario:
    """Return what can be seen in the world of a shipped fixture."""
    path = library.fixture(name)
    draft = _draft(path.read_bytes(), name, 0.0, path.parent)
    found = scenarios.read(draft.document(), draft.folder)
    if draft.problems:
        raise FixtureError(draft.problems)
    assert found is not None  # the tests see to that
    return found


def _content(path: Path, source: str) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(safe_yaml.MAX_BYTES + 1)
    except FileNotFoundError:
        names = library.names()
        expected = f"a file, or one of those that ship: {', '.join(names)}"
        message = f"there is no such fixture{guess(Path(source).stem, names)}"
        raise FixtureError([Problem(source, 0, "", message, expected)]) from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "that is no file name"
        raise FixtureError([Problem(source, 0, "", f"cannot be read: {reason}", "a YAML file")]) from None


def _seed(draft: Draft, account: str | None) -> Seed:
    records = _records(draft, account)
    document = draft.document()
    strikes = faults.read(document)
    if draft.problems:
        raise FixtureError(draft.problems)
    return Seed(draft.terms, records, strikes, draft.file, document.text("description") or "")


def _draft(content: bytes, source: str, now: float, folder: Path | None) -> Draft:
    """Return the fixture as YAML and the schema see it, with what they find wrong."""
    parsed = safe_yaml.parse(content)
    if parsed.root is None:
        raise FixtureError(
            Problem(source, line, written(fault.path), fault.message, fault.expected) for line, fault in parsed.faults
        )
    draft = Draft(source, parsed.root, now, folder)
    for line, fault in parsed.faults:
        draft.add(fault, line)
    if not library.is_vouched_for(content):
        for fault in [fault for fault in schema.faults(parsed.root) if not draft.spoiled(fault.path)]:
            draft.add(fault)
        scenarios.read(draft.document(), folder)
    return draft


def _records(draft: Draft, account: str | None) -> tuple[Record, ...]:
    """Return the records that the fixture stands for, and report what cannot be."""
    document = draft.document()
    draft.terms = terms.read(document, account)
    places = network.read(document, draft)
    described = clusters.read(document, places, draft)
    subnets = {place.id: place.record(draft) for place in places.places.values()}
    key_stores = stores.read(document, described, subnets, draft)
    kms_keys, hsm_keys = keys.read(document, key_stores, draft)
    made = backups.read(described.values(), hsm_keys, draft)
    standing = (cluster.record for cluster in described.values())
    records = (*subnets.values(), *places.zones(draft), *standing, *key_stores, *kms_keys, *made)
    draft.terms = replace(draft.terms, irregular_ids=frozenset(draft.irregular_ids))
    return records
