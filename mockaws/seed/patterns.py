"""Many fixtures in few words, as command lines name them: patterns of files, or of shipped names."""

from __future__ import annotations

import re
from collections import Counter
from fnmatch import fnmatchcase
from glob import glob, has_magic
from pathlib import Path
from typing import TYPE_CHECKING

from mockaws.seed import library
from mockaws.seed.problems import FixtureError, Problem, guess, one_of

if TYPE_CHECKING:
    from collections.abc import Iterable

_GIVEN = re.compile(r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)=(?P<pattern>.+)", re.DOTALL)
_UNFIT = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST_NAME = 64


def named(patterns: Iterable[str]) -> dict[str, str]:
    """Return the fixtures that *patterns* stand for, by the names of the worlds to make of them.

    A pattern is what `loader.load` takes, or has wildcards; these are looked for among the shipped names, and if none
    fits among the files. A world is named after its file, after the file's whole path where two files are called
    alike, and as the user says in `NAME=FIXTURE`. Raises FixtureError, with all problems at once.
    """
    wanted: dict[tuple[str, str], None] = {}
    problems = []
    for pattern in patterns:
        name, fixtures = _read(pattern)
        if not fixtures:
            problems.append(_nothing(pattern))
        elif name and len(fixtures) > 1:
            problems.append(Problem(pattern, 0, "", f"{len(fixtures)} fixtures for one name", "a single fixture"))
        else:
            wanted |= {(name, fixture): None for fixture in fixtures}
    found: dict[str, str] = {}
    for (_, fixture), name in zip(wanted, _names(list(wanted)), strict=True):
        if name in found:
            message = f"the world of {found[name]} is called {name}, too"
            problems.append(Problem(fixture, 0, "", message, f"another name: NAME={fixture}"))
        found[name] = fixture
    if problems:
        raise FixtureError(problems)
    return found


def _read(pattern: str) -> tuple[str, list[str]]:
    """Return the name that the user gives, or an empty one, and the fixtures that are meant."""
    given = _GIVEN.fullmatch(pattern)
    name, wanted = (given["name"], given["pattern"]) if given else ("", pattern)
    shipped = [fixture for fixture in library.names() if fnmatchcase(fixture, wanted)]
    if shipped:
        return name, shipped
    if has_magic(wanted) and not Path(wanted).exists():
        return name, sorted(glob(wanted, recursive=True))  # noqa: PTH207 - pathlib's takes no absolute ones
    return name, [wanted] if Path(wanted).exists() else []


def _names(wanted: list[tuple[str, str]]) -> list[str]:
    """Return the names of the worlds: those that were given, else short ones where they tell the fixtures apart."""
    often = Counter(name or _fit(Path(fixture).stem) for name, fixture in wanted)
    return [name or _short_or_long(fixture, often) for name, fixture in wanted]


def _short_or_long(fixture: str, often: Counter[str]) -> str:
    short = _fit(Path(fixture).stem)
    return short if often[short] == 1 else _fit("-".join(Path(fixture).with_suffix("").parts))


def _fit(text: str) -> str:
    """Return *text* made fit for the name of a world."""
    return _UNFIT.sub("-", text).strip("-._")[:_LONGEST_NAME] or "world"


def _nothing(pattern: str) -> Problem:
    """Return what is wrong with a pattern that no fixture fits."""
    name, given, fixture = pattern.rpartition("=")
    if given and _read(fixture)[1]:
        expected = "letters, digits, '.', '_' and '-', not a sign first"
        return Problem(pattern, 0, "", f"'{name}' cannot be the name of a world", expected)
    message = f"there is no such fixture{guess(Path(fixture).stem, library.names())}"
    return Problem(pattern, 0, "", message, f"files, or {one_of(library.names())}")
