"""docs/architecture.md lists the packages as they are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.journeys.command import ROOT

PACKAGE = ROOT / "mockaws"
PAGE = ROOT / "docs/architecture.md"
# The deeper levels of the listing name packages only.
COMPLETE = {Path(), Path("services")}
_LINE = re.compile(r"^(?P<indent>(?:│   |    )*)[├└]── (?P<name>\S+)", re.MULTILINE)
_MENTION = re.compile(r"`((?:\w+/)+\w+\.py)`")


def listed() -> set[Path]:
    """Return the paths of the listing, below the package."""
    found: set[Path] = set()
    folders: list[str] = []
    for line in _LINE.finditer(PAGE.read_text()):
        depth = len(line["indent"]) // 4
        folders[depth:] = [line["name"].strip("/")]
        found.add(Path(*folders))
    return found


def test_the_listing() -> None:
    """It has each package, and each module beside them at the top and in services."""
    packages = {path.parent.relative_to(PACKAGE) for path in PACKAGE.rglob("__init__.py")} - {Path()}
    modules = {path.relative_to(PACKAGE) for folder in COMPLETE for path in (PACKAGE / folder).glob("[!_]*.py")}
    there = {path for path in packages if (path.parent in COMPLETE) or path.parts[0] in {"worlds", "services"}}
    assert listed() == there | modules | {Path("roots")}


@pytest.mark.parametrize("page", ["architecture.md", "design.md"])
def test_files_that_the_text_names(page: str) -> None:
    """Each file that a page names is there, in the package or from the root."""
    named = set(_MENTION.findall((ROOT / "docs" / page).read_text()))
    assert named
    assert {name for name in named if not (PACKAGE / name).exists() and not (ROOT / name).exists()} == set()
