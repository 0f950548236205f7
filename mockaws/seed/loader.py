"""Fixtures, found by path or by name or written in the program, and read into the records of a world."""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from mockaws.clock import RUNNING, Setting
from mockaws.seed import (
    backups,
    clusters,
    faults,
    keys,
    library,
    network,
    problems,
    safe_yaml,
    scenarios,
    schema,
    snapshots,
    sources,
    stores,
    terms,
)
from mockaws.seed.draft import Draft
from mockaws.seed.problems import MAX_PROBLEMS, FixtureError, Problem, TooManyFaultsError, written
from mockaws.seed.sources import Source

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mockaws.records.base import Record
    from mockaws.records.faults import Fault
    from mockaws.records.world import Terms
    from mockaws.seed.scenarios import Scenario
    from mockaws.seed.sources import Fixture

__all__ = ["FixtureError", "Problem", "Seed", "describe", "fault", "load", "parse", "scenario", "shipped"]

# Of tests that each have a world of their own, many have the same fixture.
_MOST_KNOWN = 32
# What is large is not kept: neither what was made of it, nor, much larger than that, what the parser saw.
_MOST_BYTES = 4 * 1024 * 1024
_MOST_BYTES_PARSED = 64 * 1024
# Clients of a server choose what they send, such as one snapshot after another.
_MOST_BYTES_SENT = 64 * 1024

MOST_SENT = 100_000
"""The most keys and values of a fixture that is sent to a server, without the records of a snapshot."""

_known: dict[tuple[Source, str | None, str | None], Seed] = {}


@dataclass(frozen=True, slots=True, eq=False)
class Seed:
    """What a world begins with; *source* is the fixture as the user named it, *description* what it says of itself.

    *clock* and *mark* are of a snapshot: how the clock stood, and what tells it from all other snapshots.
    """

    terms: Terms
    records: tuple[Record, ...]
    faults: tuple[Fault, ...]
    source: str
    description: str
    clock: Setting = RUNNING
    mark: str = ""


def load(fixture: Fixture | None, *, account: str | None = None, otherwise: str | None = None, now: float) -> Seed:
    """Read a fixture: a path, the name of a shipped one, YAML itself, or what YAML would say; None is the empty world.

    *account* is for a fixture that names none, and contradicts one that names another, which *otherwise* does not;
    *now* is the moment at which the world begins. What has the same content as before is the same Seed as before,
    unless something in it is under way. Raises FixtureError, with all problems at once.
    """
    return _load(sources.find(fixture), account, now, otherwise)


def parse(content: bytes, source: str, *, account: str | None = None, otherwise: str | None = None, now: float) -> Seed:
    """Read a fixture that somebody sent, as *source*; see `load`. It can name no files of this machine."""
    return _load(Source(source, content, None), account, now, otherwise, most_bytes=_MOST_BYTES_SENT)


def fault(document: object) -> Fault:
    """Return one fault, described as in a fixture. Raises FixtureError, with all problems at once."""
    draft = _draft(Source("fault", sources.as_yaml({"faults": [document]}, "fault"), None, written=False), 0.0)
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
    source = sources.find(name)
    draft = _draft(source, 0.0)
    found = scenarios.read(draft.document(), draft.folder)
    if draft.problems:
        raise source.error(draft.problems)
    assert found is not None  # the tests see to that
    return found


def _load(
    source: Source, account: str | None, now: float, otherwise: str | None = None, *, most_bytes: int = _MOST_BYTES
) -> Seed:
    identity = (source, account, otherwise)
    known = _known.get(identity)
    if known is not None:
        return known
    draft = _draft(source, now)
    with _stopping_at_too_many(draft, source):
        seed = _seed(source, draft, account, now, otherwise)
    if draft.problems:
        raise source.error(draft.problems)
    if draft.timeless and len(source.content) <= most_bytes:
        if len(_known) >= _MOST_KNOWN:
            _known.clear()
        _known[identity] = seed
    return seed


@contextmanager
def _stopping_at_too_many(draft: Draft, source: Source) -> Iterator[None]:
    """Raise FixtureError with the problems found so far as soon as there are too many."""
    try:
        yield
    except TooManyFaultsError:
        raise source.error(draft.problems) from None


def _seed(source: Source, draft: Draft, account: str | None, now: float, otherwise: str | None) -> Seed:
    document = draft.document()
    account = account if account is not None or document.says("account") else otherwise
    snapshots.check(document, draft)
    is_snapshot = document.says(snapshots.MARK)
    return Seed(
        records=snapshots.read(draft, account) if is_snapshot else _records(draft, account),
        terms=draft.terms,
        faults=faults.read(document),
        source=source.name,
        description=document.text("description") or "",
        clock=snapshots.clock(document.item("clock"), now),
        mark=hashlib.sha256(source.content).hexdigest() if is_snapshot else "",
    )


def _draft(source: Source, now: float) -> Draft:
    """Return the fixture as YAML and the schema see it, with what they find wrong."""
    small = len(source.content) <= _MOST_BYTES_PARSED
    parse = _parsed_before if small else _parsed
    root, records, of_yaml, of_schema = parse(source.content, safe_yaml.MAX_NODES if source.folder else MOST_SENT)
    if root is None:
        raise source.error(
            Problem(source.name, line, written(fault.path), fault.message, fault.expected) for line, fault in of_yaml
        )
    draft = Draft(source.name, root, now, source.folder, records)
    of_version = snapshots.version_fault(draft.document())
    if of_version is not None:
        draft.add(of_version)
        raise source.error(draft.problems)
    with _stopping_at_too_many(draft, source):
        for line, fault in of_yaml:
            draft.add(fault, line)
        for fault in [fault for fault in of_schema if not draft.spoiled(fault.path)]:
            draft.add(fault)
        document = draft.document()
        if document.says("scenario") and not library.is_vouched_for(source.content):
            scenarios.read(document, draft.folder)
    return draft


class _Parsed(NamedTuple):
    """What a fixture says, its records apart, with the faults that YAML and the schema find with it."""

    root: safe_yaml.Node | None
    records: safe_yaml.Node | None = None
    of_yaml: Sequence[tuple[int, problems.Fault]] = ()
    of_schema: Sequence[problems.Fault] = ()


def _parsed(content: bytes, max_nodes: int) -> _Parsed:
    parsed = safe_yaml.parse(content, repeating=snapshots.RECORDS, max_nodes=max_nodes)
    if parsed.root is None:
        return _Parsed(None, of_yaml=parsed.faults)
    root, records = parsed.root.parted(snapshots.RECORDS)
    of_schema = () if library.is_vouched_for(content) else tuple(islice(schema.faults(root), MAX_PROBLEMS + 1))
    return _Parsed(root, records, parsed.faults, of_schema)


_parsed_before = lru_cache(_MOST_KNOWN)(_parsed)


def _records(draft: Draft, account: str | None) -> tuple[Record, ...]:
    """Return the records that the fixture stands for, and report what cannot be."""
    document = draft.document()
    draft.terms = terms.read(document, account)
    places = network.read(document, draft)
    described = clusters.read(document, places, draft)
    subnets = places.records()
    key_stores = stores.read(document, described, subnets, draft)
    kms_keys, hsm_keys = keys.read(document, key_stores, draft)
    made = backups.read(described.values(), hsm_keys, draft)
    standing = (cluster.record for cluster in described.values())
    records = (*subnets.values(), *places.zones(draft), *standing, *key_stores, *kms_keys, *made)
    draft.terms = replace(draft.terms, irregular_ids=frozenset(draft.irregular_ids))
    return records
