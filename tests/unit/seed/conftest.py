"""Fixtures out of a text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mockaws.seed import loader
from tests.unit.seed.kinds import NOW

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.seed.kinds import Load, Mistakes


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Return a function that reads a fixture out of its text."""

    def read(text: str, *, account: str | None = None) -> loader.Seed:
        path = tmp_path / "world.yaml"
        path.write_text(text, encoding="utf-8")
        return loader.load(str(path), account=account, now=NOW)

    return read


@pytest.fixture
def mistakes(load: Load) -> Mistakes:
    """Return a function that tells the problems of a fixture, without the name of the file: `line: path: …`."""

    def read(text: str, *, account: str | None = None) -> list[str]:
        try:
            load(text, account=account)
        except loader.FixtureError as error:
            return [str(problem).removeprefix(f"{problem.file}:").lstrip() for problem in error.problems]
        return []

    return read
