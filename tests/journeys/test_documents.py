"""The commands that the documents show are run as they stand there."""

from __future__ import annotations

import re
from dataclasses import fields

import pytest

from mockaws.settings import Settings
from tests.journeys.command import ROOT, run

PAGES = [ROOT / "README.md", *sorted(ROOT.glob("docs/*.md"))]
BLOCKS = [
    pytest.param(block, id=f"{page.name}-{number}")
    for page in PAGES
    for number, block in enumerate(re.findall(r"^```sh\n(.*?)^```", page.read_text(), re.DOTALL | re.MULTILINE))
]


@pytest.mark.parametrize("block", BLOCKS)
def test_block(block: str) -> None:
    """A block marked sh does what it says, from the root of a clone."""
    done = run("bash", "-euo", "pipefail", "-c", block)
    assert done.returncode == 0, done.stderr


def test_every_setting_is_documented() -> None:
    """docs/cli.md lists each flag and each variable."""
    page = (ROOT / "docs/cli.md").read_text()
    for field in fields(Settings):
        assert f"`--{field.name.replace('_', '-')}`" in page
        assert f"`MOCKAWS_{field.name.upper()}`" in page
