"""What is wrong with a fixture: where, what, and what would be right."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

Path = tuple[str | int, ...]
"""The way to a value in a document: `("clusters", 0, "hsms", 1, "zone")`."""

MAX_PROBLEMS = 100
"""Reading ends when there are more: a file that is not a fixture has one on each line, and each costs time."""

_NAME = re.compile(r"[\w-]+")
_LONGEST_SHOWN = 80
_MOST_OFFERED = 20
_LONGEST_GUESSED = 200
_MOST_COMPARED = 1000
_LIKENESS = 0.75  # ids of a kind look alike by their prefixes alone


class Fault(NamedTuple):
    """What is wrong at a place of a document; *spoils* tells that nothing can be made of the value there."""

    path: Path
    message: str
    expected: str = ""
    spoils: bool = False


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake; *line* is 0 where no line can be named, *path* empty where it concerns the whole file."""

    file: str
    line: int
    path: str
    message: str
    expected: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        sentence = f"{self.path}: {self.message}" if self.path else self.message
        return f"{place}: {sentence}; expected {self.expected}" if self.expected else f"{place}: {sentence}"


class TooManyFaultsError(Exception):
    """There are more than MAX_PROBLEMS faults."""


class FixtureError(Exception):
    """A fixture cannot be used; `problems` holds its mistakes in the order of the lines, at most MAX_PROBLEMS.

    If there are more the last problem says so.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        found = list(islice(problems, MAX_PROBLEMS + 1))
        self.problems = tuple(sorted(found[:MAX_PROBLEMS], key=lambda problem: problem.line))
        if len(found) > MAX_PROBLEMS:
            self.problems += (Problem(found[0].file, 0, "", f"has more than these {MAX_PROBLEMS} mistakes"),)
        super().__init__("\n".join(map(str, self.problems)))


def written(path: Path) -> str:
    """Return *path* the way a reader finds it: `clusters[0].hsms[1].zone`."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif _NAME.fullmatch(step):
            text += f".{step}" if text else step
        else:
            text += f"[{shown(step)!r}]"
    return text


def shown(value: object) -> str:
    """Return *value* on one line and not too long, as a problem quotes it."""
    text = " ".join(str(value).split())
    text = "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 1]}…"


def kind_of(value: object) -> str:
    """Return what sort of value it is, as a problem says it."""
    if value is None:
        return "left empty"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, (int, float)):
        return "a number"
    return "text" if isinstance(value, str) else "a list" if isinstance(value, list) else "a mapping"


def one_of(values: Iterable[str]) -> str:
    """Return *values* as a problem offers them."""
    offered = list(dict.fromkeys(values))
    if len(offered) > _MOST_OFFERED:
        offered[_MOST_OFFERED:] = [f"{len(offered) - _MOST_OFFERED} more"]
    return f"one of {', '.join(offered)}" if len(offered) > 1 else "".join(offered)


def guess(given: str, values: Iterable[str]) -> str:
    """Return a question after the one of *values* that looks like *given*, in capitals or not; nothing if none does."""
    if len(given) > _LONGEST_GUESSED:
        return ""
    known = {value.lower(): value for value in islice(values, _MOST_COMPARED)}
    near = difflib.get_close_matches(given.lower(), known, 1, _LIKENESS)
    return f" (did you mean {known[near[0]]}?)" if near else ""
