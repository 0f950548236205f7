"""The documentation's links, diagrams and navigation are complete."""

from __future__ import annotations

import logging
import re
import subprocess
import sys
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from tests.journeys.command import ROOT

sys.path.insert(0, str(ROOT / "scripts"))

import diagrams
import site_links

if TYPE_CHECKING:
    from pathlib import Path

LINK = re.compile(r"\]\(([^)\s]+)\)")
_LISTED = subprocess.run(["git", "ls-files", "*.md"], cwd=ROOT, capture_output=True, text=True, check=False).stdout
PAGES = [ROOT / name for name in _LISTED.splitlines()] or sorted(ROOT.glob("docs/*.md"))
REPOSITORY = "https://git.example/mockaws"


def prose(page: Path) -> str:
    """Return a page without its code blocks and code."""
    text = re.sub(r"^ *(```+).*?^ *\1$", "", page.read_text(), flags=re.DOTALL | re.MULTILINE)
    return re.sub(r"(?<!\[)`[^`\n]*`(?!\])", "", text)


def anchors(page: Path) -> set[str]:
    """Return the ids that GitHub gives a page's headings."""
    text = re.sub(r"^ *(```+).*?^ *\1$", "", page.read_text(), flags=re.DOTALL | re.MULTILINE)
    found: list[str] = []
    for heading in re.findall(r"^#+ +(.+)$", text, re.MULTILINE):
        plain = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading).strip().lower()
        slug = re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")
        found.append(f"{slug}-{found.count(slug)}" if slug in found else slug)
    return set(found)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links(page: Path) -> None:
    """Each relative link leads to a file of the repository, and each fragment to a heading."""
    for link in LINK.findall(prose(page)):
        path, _, fragment = link.partition("#")
        if re.match(r"[a-z]+:", path):
            continue
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        if fragment and target.suffix == ".md":
            assert fragment in anchors(target), link


def test_links_out_of_docs(caplog: pytest.LogCaptureFixture) -> None:
    """In the site they lead to the repository's files and folders; a link to a missing file is a warning."""
    others = " [c](cli.md#exec) [d](https://example.com/../x)"
    page = "[a](../README.md#use-it) [b](../terraform)" + others
    expected = f"[a]({REPOSITORY}/blob/main/README.md#use-it) [b]({REPOSITORY}/tree/main/terraform)" + others
    with caplog.at_level(logging.WARNING):
        assert site_links.absolute(page, "docs", REPOSITORY) == expected
        assert caplog.messages == []
        site_links.absolute("[a](../missing.md)", "docs", REPOSITORY)
    assert caplog.messages == ["docs/ links to missing.md, which does not exist"]


def test_navigation() -> None:
    """The site's navigation has each page once."""
    named = re.findall(r"^ +- .+: ([\w-]+\.md)$", (ROOT / "mkdocs.yml").read_text(), re.MULTILINE)
    assert sorted(named) == sorted(page.name for page in ROOT.glob("docs/*.md"))


@pytest.mark.parametrize("name", diagrams.DIAGRAMS)
def test_diagrams(name: str) -> None:
    """A diagram is up to date, loads nothing, and has a title and a description; pages give it a text, too."""
    assert name not in diagrams.stale()
    text = (diagrams.FOLDER / name).read_text()
    root = ET.fromstring(text)  # noqa: S314 - the file is ours
    texts = [root.findtext(f"{{http://www.w3.org/2000/svg}}{part}") or "" for part in ("title", "desc")]
    assert all(texts), name
    assert "href" not in text
    assert re.search(rf"!\[[^]]{{40,}}\]\(diagrams/{name}\)", (ROOT / "docs" / "index.md").read_text())
