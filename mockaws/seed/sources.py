"""Where a fixture comes from: a file, a name, YAML in the program, or the values that YAML would give."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from mockaws import files
from mockaws.moments import duration_written
from mockaws.seed import library, safe_yaml
from mockaws.seed.problems import FixtureError, Problem, guess

if TYPE_CHECKING:
    from collections.abc import Iterable

Fixture = str | Path | Mapping[str, Any]
"""The name of a shipped fixture, a path, YAML itself (which has a line break, as no name has), or what it would say."""

DEFAULT = "empty"
_INLINE = "document"
_NOT_PLAIN = re.compile(r"[^ -~]")


class Source(NamedTuple):
    """The text of a fixture, what its user calls it, and the folder that file names in it are relative to.

    Without a folder it may name no files. *written* tells whether the user wrote the text, and so knows its lines.
    """

    name: str
    content: bytes
    folder: Path | None
    written: bool = True

    def text(self) -> str:
        """Return the content as text. Raises FixtureError where it is not UTF-8."""
        try:
            return self.content.decode()
        except UnicodeDecodeError:
            raise self.error([Problem(self.name, 0, "", "is not UTF-8", "text in UTF-8")]) from None

    def error(self, problems: Iterable[Problem]) -> FixtureError:
        """Return the error for what is wrong with the fixture."""
        return FixtureError(problems if self.written else (replace(problem, line=0) for problem in problems))


def find(fixture: Fixture | None) -> Source:
    """Return the text of a fixture; None stands for the empty world. Raises FixtureError."""
    if isinstance(fixture, Mapping):
        return Source(_INLINE, as_yaml(fixture), Path(), written=False)
    if isinstance(fixture, str) and "\n" in fixture:
        return Source(_INLINE, fixture.encode(errors="surrogatepass"), Path())
    name = str(fixture or DEFAULT)
    path = library.fixture(name) if name in library.names() else Path(name)
    return Source(name, _content(path, name), path.parent)


def _content(path: Path, name: str) -> bytes:
    try:
        content = files.read(path, safe_yaml.MAX_BYTES, inherited=True)
    except FileNotFoundError:
        names = library.names()
        expected = f"a file, or one of those that ship: {', '.join(names)}"
        message = f"there is no such fixture{guess(Path(name).stem, names)}"
        raise FixtureError([Problem(name, 0, "", message, expected)]) from None
    except (OSError, ValueError) as error:
        reason = files.reason(error, "that is no file name")
        raise FixtureError([Problem(name, 0, "", f"cannot be read: {reason}", "a YAML file")]) from None
    if len(content) > safe_yaml.MAX_BYTES:
        raise FixtureError([Problem(name, 0, "", *safe_yaml.TOO_LARGE)])
    return content


def as_yaml(values: Mapping[str, Any], name: str = _INLINE) -> bytes:
    """Return *values*, which are of *name*, as JSON: that is YAML as well but for characters that JSON writes as two.

    Raises FixtureError where YAML has nothing for one of them.
    """
    try:
        text = json.dumps(values, default=_plain, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise FixtureError([Problem(name, 0, "", f"cannot be written as YAML: {error}", "plain values")]) from None
    return _NOT_PLAIN.sub(lambda found: f"\\U{ord(found[0]):08x}", text).encode("ascii")


def _plain(value: object) -> Any:
    match value:
        case Mapping():
            return dict(value)
        case date():
            return value.isoformat()
        case timedelta():
            return duration_written(value.total_seconds())
        case Path():
            return str(value)
        case Enum():
            return value.value
    raise TypeError(f"{type(value).__name__} is nothing that YAML has")
