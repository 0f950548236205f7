"""A fixture on its way to a world: what it says so far, what is wrong with it, and where defaults come from."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from mockaws import moments
from mockaws.ids import Ids
from mockaws.records.world import Terms
from mockaws.seed.problems import MAX_PROBLEMS, Fault, Problem, TooManyFaultsError, guess, one_of, shown, written

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path as FilePath

    from mockaws.seed.problems import Path
    from mockaws.seed.safe_yaml import Node

_FOR_READERS = frozenset({"description", "scenario"})

CREATED = datetime(2020, 1, 1, tzinfo=UTC).timestamp()
"""When everything was created that does not say so; a fixed moment, so that the same file makes the same world."""


# What the models of AWS say of ids; fixtures may also define others, as AWS's own guides do.
_REGULAR_IDS = {
    "VPC": re.compile(r"vpc-[0-9a-fA-F]+"),
    "subnet": re.compile(r"subnet-[0-9a-fA-F]{8,17}"),
    "security group": re.compile(r"sg-[0-9a-fA-F]{8,17}"),
    "cluster": re.compile(r"cluster-[2-7a-zA-Z]{11,16}"),
    "HSM": re.compile(r"hsm-[2-7a-zA-Z]{11,16}"),
    "network interface": re.compile(r"eni-[0-9a-fA-F]{8,17}"),
}


@dataclass(slots=True)
class Draft:
    """A fixture while it is read.

    *root* is what the file holds, and *records* what a snapshot has beside it; *faulty* are the places that the schema
    refused: what stands there is taken as left out, and no problem is reported that could come from that. *begins_at*
    is the moment at which the world begins, *folder* is where relative file names start, None where no files may be
    named; *taken* tells which names are given to what, *doubtful* the kinds of which not every name is known.
    *timeless* tells that a world of the same file that begins later is the same world.
    """

    file: str
    root: Node
    begins_at: float
    folder: FilePath | None
    records: Node | None = None
    timeless: bool = True
    faulty: set[Path] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)
    terms: Terms = field(default_factory=Terms)
    irregular_ids: set[str] = field(default_factory=set)
    taken: dict[tuple[str, str, Path], Path] = field(default_factory=dict)
    doubtful: set[str] = field(default_factory=set)
    content: Any = field(init=False)
    _digest: str = field(init=False)
    _leading: set[Path] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Take the digest that defaults come from: of the content, so that comments do not matter."""
        self.content = self.root.plain()
        described = self.content if isinstance(self.content, dict) else {}
        content = {name: value for name, value in described.items() if name not in _FOR_READERS}
        self._digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()

    @property
    def now(self) -> float:
        """The moment at which the world begins, for what is under way then: of a world that begins later it differs."""
        self.timeless = False
        return self.begins_at

    def add(self, fault: Fault, line: int | None = None) -> None:
        """Report *fault*, which stands in *line* or where its path leads. Raises TooManyFaultsError."""
        if line is None:
            line = self.root.line_of(fault.path)
        if fault.spoils:
            self.faulty.add(fault.path)
            self._leading.update(fault.path[:length] for length in range(len(fault.path)))
        if len(self.problems) > MAX_PROBLEMS:
            raise TooManyFaultsError
        self.problems.append(Problem(self.file, line, written(fault.path), fault.message, fault.expected))

    def spoiled(self, path: Path) -> bool:
        """Tell whether *path*, or something that it lies in, was refused already."""
        return any(path[:length] in self.faulty for length in range(len(path) + 1))

    def sound(self, path: Path) -> bool:
        """Tell whether nothing was refused at *path*, in it, or around it."""
        return path not in self._leading and not self.spoiled(path)

    def document(self) -> Item:
        """Return the whole document."""
        return Item(self, (), self.content)

    def ids(self, path: Path) -> Ids:
        """Return the source of what is left out at *path*."""
        return Ids(f"{self._digest}:{written(path)}")


class Item:
    """One mapping of a fixture: what it says, as far as the schema permits; everything else is left out."""

    __slots__ = ("_draft", "_values", "path")

    def __init__(self, draft: Draft, path: Path, values: Any) -> None:
        self._draft = draft
        self._values: dict[str, Any] = values if isinstance(values, dict) else {}
        self.path = path

    def at(self, *steps: str | int) -> Path:
        """Return the path of something in this mapping."""
        return (*self.path, *steps)

    def says(self, name: str) -> bool:
        """Tell whether the property is there, right or wrong."""
        return name in self._values

    def sound(self, *names: str) -> bool:
        """Tell whether the schema found no fault with the properties and what is in them."""
        return all(self._draft.sound(self.at(name)) for name in names)

    def wrong(self, place: str | Path, message: str, expected: str = "", *, relies_on: Iterable[str] = ()) -> None:
        """Report a problem at *place*, unless the schema refused that, or a property that the problem *relies on*."""
        path = self.at(place) if isinstance(place, str) else self.at(*place)
        if self.sound(*relies_on) and not self._draft.spoiled(path):
            self._draft.add(Fault(path, message, expected))

    def text(self, name: str) -> str | None:
        """Return a text, None where it is left out."""
        value = self._get(name)
        return value if isinstance(value, str) else None

    def whole(self, name: str) -> int | None:
        """Return a whole number, None where it is left out."""
        value = self._get(name)
        return None if value is None else int(value)

    def number(self, name: str, default: float) -> float:
        """Return a number."""
        value = self._get(name)
        return default if value is None else float(value)

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Return true or false."""
        value = self._get(name)
        return default if value is None else bool(value)

    def moment(self, name: str, default: float = CREATED, *, to_come: bool = False) -> float:
        """Return epoch seconds; a moment that is none is reported, and one still *to_come* unless it may be that."""
        value = self._get(name)
        if value is None:
            return default
        try:
            seconds = moments.moment(value)
        except ValueError:
            self.wrong(name, f"{shown(value)} is not a date of the calendar", "a date such as 2024-05-01T12:00:00Z")
            return default
        if seconds > self._draft.begins_at and not to_come:
            self.wrong(name, f"{shown(value)} is still to come", "a moment in the past")
            return default
        return seconds

    def texts(self, name: str) -> Iterator[tuple[int, str]]:
        """Yield the texts of a list, each with its index."""
        for index, value in enumerate(self._get(name) or ()):
            if self.at(name, index) not in self._draft.faulty:
                yield index, str(value)

    def mapping(self, name: str) -> dict[str, str]:
        """Return a mapping of texts."""
        values = self._get(name)
        return {key: text for key, text in (values or {}).items() if self.at(name, key) not in self._draft.faulty}

    def value(self, name: str) -> Any:
        """Return whatever the property is, None where it is left out."""
        return self._get(name)

    def item(self, name: str) -> Item:
        """Return an inner mapping, an empty one where it is left out."""
        return Item(self._draft, self.at(name), self._get(name))

    def items(self, name: str, kind: str = "") -> list[Item]:
        """Return the mappings of a list, each of which describes something of a *kind*."""
        if self._draft.spoiled(self.at(name)):
            self._draft.doubtful.add(kind)
        return [Item(self._draft, self.at(name, index), value) for index, value in enumerate(self._get(name) or ())]

    def identity(self, kind: str, default: str, name: str = "id", *, shared: bool = False) -> str:
        """Return the id, *default* where it is left out; two of a *kind* may only have the same if it is *shared*."""
        if not self.sound(name):
            self._draft.doubtful.add(kind)
        given = self.text(name)
        if given is None:
            return default
        regular = _REGULAR_IDS.get(kind)
        if regular is not None and not regular.fullmatch(given):
            self._draft.irregular_ids.add(given)
        if not shared:
            self.unique(kind, given, name)
        return given

    def unique(self, kind: str, value: str, *steps: str | int, scope: Path = ()) -> None:
        """Report *value*, which stands at *steps*, if another *kind* in *scope* has it already."""
        path = self.at(*steps)
        first = self._draft.taken.setdefault((kind, value, scope), path)
        if first != path:
            self._draft.add(Fault(path, f"{shown(value)} is taken by {written(first)}", f"another {kind}"))

    def refers(self, kind: str, given: str, known: Iterable[str], *steps: str | int) -> None:
        """Report that *given*, which stands at *steps*, refers to no *kind* that is there."""
        if kind not in self._draft.doubtful:
            offered = list(known)
            message = f"there is no {kind} {shown(given)}{guess(given, offered)}"
            self._draft.add(Fault(self.at(*steps), message, one_of(offered) or f"a {kind} of this fixture"))

    def ids(self, name: str) -> Ids:
        """Return the source of the property *name* where it is left out."""
        return self._draft.ids(self.at(name))

    def _get(self, name: str) -> Any:
        return None if self.at(name) in self._draft.faulty else self._values.get(name)
