"""The commands that the documents show are run as they stand there."""

from __future__ import annotations

import os
import re
import sys
from typing import TYPE_CHECKING

import pytest

from mockaws.settings import NAMES
from tests.journeys.command import ROOT, run

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from _pytest.mark import ParameterSet

PAGES = [ROOT / "README.md", *sorted(ROOT.glob("docs/*.md"))]


def blocks(language: str, pages: Iterable[Path] = PAGES) -> list[ParameterSet]:
    """Return what the pages show in a language."""
    pattern = re.compile(rf"^```{language}\n(.*?)^```", re.DOTALL | re.MULTILINE)
    return [
        pytest.param(block, id=f"{page.name}-{number}")
        for page in pages
        for number, block in enumerate(pattern.findall(page.read_text()))
    ]


@pytest.mark.parametrize("block", blocks("python"))
def test_python(block: str, tmp_path: Path) -> None:
    """A block marked python is a program, or a module of tests that pass, and needs nothing but what is in it."""
    file = tmp_path / "test_block.py"
    file.write_text(block)
    tests = (
        ("-m", "pytest", "-q", "-p", "mockaws.testing.pytest_plugin", "-c", os.devnull) if "def test_" in block else ()
    )
    done = run(sys.executable, *tests, str(file), PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")
    assert done.returncode == 0, done.stdout + done.stderr


# The README's commands are for an installed wheel: tests/terraform/test_first_page.py runs them.
@pytest.mark.parametrize("block", blocks("sh", PAGES[1:]))
def test_block(block: str) -> None:
    """A block marked sh does what it says, from the root of a clone."""
    done = run("bash", "-euo", "pipefail", "-c", block)
    assert done.returncode == 0, done.stderr


def test_every_setting_is_documented() -> None:
    """docs/cli.md lists each flag and each variable."""
    page = (ROOT / "docs/cli.md").read_text()
    for name in NAMES.values():
        assert f"`--{name.replace('_', '-')}`" in page
        assert f"`MOCKAWS_{name.upper()}`" in page
