"""Fixtures, found by path or by name, and read into the records of a world."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from mockaws.seed import backups, clusters, keys, library, network, safe_yaml, scenarios, schema, stores, terms
from mockaws.seed.draft import Draft
from mockaws.seed.problems import FixtureError, Problem, guess, written

if TYPE_CHECKING:
    from mockaws.records.base import Record
    from mockaws.records.world import Terms
    from mockaws.seed.scenarios import Scenario

__all__ = ["FixtureError", "Problem", "Seed", "describe", "load", "scenario", "shipped"]

DEFAULT = "empty"


@dataclass(frozen=True, slots=True)
class Seed:
    """What a world begins with; *source* is the fixture as the user named it, *description* what it says of itself."""

    terms: Terms
    records: tuple[Record, ...]
    source: str
    description: str


def load(fixture: str | None, *, account: str | None = None, now: float) -> Seed:
    """Read a fixture: a path, or the name of a shipped one; None stands for the empty world.

    *account* is for a fixture that names none, *now* the moment at which the world begins. Raises FixtureError, with
    all problems at once.
    """
    source = fixture or DEFAULT
    path = library.fixture(source) if source in library.names() else Path(source)
    content = _content(path, source)
    draft = _draft(content, path, source, now)
    records = _records(draft, account)
    if not library.is_vouched_for(content):
        scenarios.read(draft.document(), draft.folder)
    if draft.problems:
        raise FixtureError(draft.problems)
    return Seed(draft.terms, records, source, draft.document().text("description") or "")


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
    draft = _draft(path.read_bytes(), path, name, now=0.0)
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


def _draft(content: bytes, path: Path, source: str, now: float) -> Draft:
    """Return the fixture as YAML and the schema see it, with what they find wrong."""
    parsed = safe_yaml.parse(content)
    if parsed.root is None:
        raise FixtureError(
            Problem(source, line, written(fault.path), fault.message, fault.expected) for line, fault in parsed.faults
        )
    draft = Draft(source, parsed.root, now, path.parent)
    for line, fault in parsed.faults:
        draft.add(fault, line)
    if not library.is_vouched_for(content):
        for fault in [fault for fault in schema.faults(parsed.root) if not draft.spoiled(fault.path)]:
            draft.add(fault)
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
