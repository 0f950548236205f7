"""`mockaws fixtures`: the worlds that ship, as a list, as text and as files of one's own."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from mockaws.cli.output import OK, USAGE, complain

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

_FOLDER = "fixtures"
_CERTIFICATE = re.compile(r"[\w.-]+\.(?:crt|key)\b")
# The trust anchor of every cluster whose fixture names no other.
_AUTHORITY = "customerCA.crt"


def add_commands(fixtures: argparse.ArgumentParser) -> None:
    """Add the commands of this module to the parser."""
    fixtures.set_defaults(run=_list)
    verbs = fixtures.add_subparsers(title="what to do", metavar="[list | show | copy]")
    listing = verbs.add_parser("list", help="list the fixtures that ship with mockaws (the default)")
    listing.set_defaults(run=_list)
    show = verbs.add_parser("show", help="print a fixture")
    show.add_argument("name", metavar="NAME", help="a name that `mockaws fixtures` lists")
    show.set_defaults(run=_show)
    copy = verbs.add_parser("copy", help="copy fixtures, with their certificates and the schema, into a folder")
    copy.add_argument(
        "names", nargs="+", metavar="NAME … [DIR]", help="names of fixtures, then the folder (default: fixtures)"
    )
    copy.add_argument("--force", action="store_true", help="overwrite files that exist with other content")
    copy.set_defaults(run=_copy)


def _list(_parsed: argparse.Namespace) -> int:
    from mockaws.fixtures import library  # noqa: PLC0415

    names = library.names()
    width = max(map(len, names))
    for name in names:
        print(f"{name:{width}}  {_summary(name)}")  # noqa: T201
    return OK


def _summary(name: str) -> str:
    """Return one line about a fixture."""
    from mockaws.fixtures import library, safe_yaml  # noqa: PLC0415

    root = safe_yaml.parse(library.fixture(name).read_bytes()).root
    assert root is not None  # each fixture that ships describes itself
    return str(root.plain()["scenario"]["shows"])


def _show(parsed: argparse.Namespace) -> int:
    from mockaws.fixtures import library  # noqa: PLC0415

    if not _are_known([parsed.name]):
        return USAGE
    sys.stdout.write(library.fixture(parsed.name).read_text(encoding="utf-8"))
    return OK


def _copy(parsed: argparse.Namespace) -> int:
    from mockaws.cli.writing import NotWrittenError, write  # noqa: PLC0415
    from mockaws.fixtures import library  # noqa: PLC0415

    names, folder = _names_and_folder(parsed.names)
    if not _are_known(names):
        return USAGE
    contents: dict[str, bytes] = {}
    for name in names:
        contents |= files_of(name)
    try:
        written = write(folder, contents, force=parsed.force)
    except NotWrittenError as error:
        complain(f"{error}; --force overwrites" if "exists" in str(error) else str(error))
        return USAGE
    for file in sorted(written):
        print(file)  # noqa: T201
    first = folder / library.fixture(names[0]).name
    print(f"Next: change {first}, then `mockaws validate {first}`.")  # noqa: T201
    return OK


def files_of(name: str) -> dict[str, bytes]:
    """Return a fixture, the certificates that it names, the authority of its clusters, and the schema, by file name."""
    from mockaws.fixtures import library  # noqa: PLC0415

    fixture = library.fixture(name)
    content = fixture.read_bytes()
    named = [file for file in _CERTIFICATE.findall(content.decode()) if (library.FOLDER / file).is_file()]
    others = [library.SCHEMA, *(library.FOLDER / file for file in [_AUTHORITY, *named])]
    return {fixture.name: content, **{file.name: file.read_bytes() for file in others}}


def _names_and_folder(given: Sequence[str]) -> tuple[Sequence[str], Path]:
    """Return the names of fixtures, and the folder behind them: what is last and looks like no fixture."""
    from mockaws.fixtures import library  # noqa: PLC0415
    from mockaws.fixtures.mistakes import guess  # noqa: PLC0415

    last = given[-1]
    is_folder = len(given) > 1 and last not in library.names()
    if is_folder and (Path(last).is_dir() or not guess(last, library.names())):
        return given[:-1], Path(last)
    return given, Path(_FOLDER)


def _are_known(names: Sequence[str]) -> bool:
    """Return True if fixtures of all these names ship, after a complaint about each that does not."""
    from mockaws.fixtures import library  # noqa: PLC0415
    from mockaws.fixtures.mistakes import guess  # noqa: PLC0415

    known = library.names()
    unknown = [name for name in names if name not in known]
    for name in unknown:
        complain(f"{name}: no such fixture{guess(name, known)}: `mockaws fixtures` lists those that ship")
    return not unknown
