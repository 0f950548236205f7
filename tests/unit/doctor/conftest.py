"""Made-up surroundings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mockaws.doctor.surroundings import Surroundings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Examined = Callable[..., Surroundings]


@pytest.fixture
def surroundings(tmp_path: Path) -> Examined:
    """Return a function that makes surroundings of variables, with a home and a directory that are empty."""
    for name in ("home", "here"):
        (tmp_path / name).mkdir()

    def make(**environ: str) -> Surroundings:
        base = {"HOME": str(tmp_path / "home"), "PATH": str(tmp_path / "bin"), "XDG_DATA_DIRS": str(tmp_path / "data")}
        return Surroundings(environ=base | environ, directory=tmp_path / "here")

    return make
