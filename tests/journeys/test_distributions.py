"""The wheel and the sdist hold what their users need."""

from __future__ import annotations

import hashlib
import subprocess
import tarfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mockaws.fixtures import library
from tests.journeys.command import ROOT

if TYPE_CHECKING:
    from tests.wheel import Installed

IN_SDIST = ("tests", "docs", "terraform", "bench", "scripts", "requirements", "fixtures", "mockaws")
FILES_IN_SDIST = ("Makefile", "Dockerfile", "README.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE", "pyproject.toml")


def run(installed: Installed, folder: Path, *command: str) -> str:
    """Run a command of the wheel in a folder, and return its output."""
    done = subprocess.run(
        command, cwd=folder, env=installed.variables(), capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_package_is_the_wheels(installed: Installed, tmp_path: Path) -> None:
    """Commands of the fresh environment import mockaws from there, and its fixtures as well."""
    code = "import mockaws; from mockaws.fixtures import library; print(mockaws.__file__); print(library.FOLDER)"
    for line in run(installed, tmp_path, "python", "-c", code).splitlines():
        assert Path(line).is_relative_to(installed.environment)


def test_the_wheel_has_each_fixture(installed: Installed) -> None:
    """All files of fixtures/ are in it, byte for byte."""
    with zipfile.ZipFile(installed.wheel) as wheel:
        names = {name for name in wheel.namelist() if name.startswith("mockaws/fixtures/shipped/")}
        for file in (ROOT / "fixtures").iterdir():
            assert wheel.read(f"mockaws/fixtures/shipped/{file.name}") == file.read_bytes()
    assert len(names) == len(list((ROOT / "fixtures").iterdir()))


def test_the_wheel_has_nothing_else(installed: Installed) -> None:
    """It brings one package and its metadata, so it puts no `tests` or `fixtures` into an environment."""
    with zipfile.ZipFile(installed.wheel) as wheel:
        assert {name.partition("/")[0] for name in wheel.namelist()} == {"mockaws", "mockaws-0.1.0.dist-info"}
        metadata = wheel.read("mockaws-0.1.0.dist-info/METADATA").decode()
    extras = {line.removeprefix("Provides-Extra: ") for line in metadata.splitlines() if "Provides-Extra" in line}
    assert extras == {"aws", "boto3"}
    for field in ("Author:", "Project-URL: Source", "Programming Language :: Python :: 3.14"):
        assert field in metadata


def test_every_fixture_works_there(installed: Installed, tmp_path: Path) -> None:
    """`mockaws validate` finds each by its name, in an empty folder."""
    validated = run(installed, tmp_path, "mockaws", "validate", *library.names())
    assert validated.splitlines() == [f"{name}: good" for name in library.names()]


def test_the_sdist(installed: Installed) -> None:
    """It has all that tests, documentation and images are made from, and no symbolic link."""
    with tarfile.open(installed.sdist) as archive:
        assert not [member.name for member in archive.getmembers() if member.issym() or member.islnk()]
    assert all((installed.source / name).is_dir() for name in IN_SDIST)
    assert all((installed.source / name).is_file() for name in FILES_IN_SDIST)
    for file in (ROOT / "tests").rglob("*.py"):
        assert (installed.source / file.relative_to(ROOT)).is_file()


def test_no_symbolic_link_is_tracked() -> None:
    """An archive that is unpacked without support for links would have text files in their place."""
    listed = subprocess.run(["git", "ls-files", "-s"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        left_out = {".venv", ".tools", ".bench"}
        found = [path for path in ROOT.rglob("*") if path.is_symlink() and not left_out & set(path.parts)]
    else:
        found = [Path(line) for line in listed.stdout.splitlines() if line.startswith("120000")]
    assert not found


@pytest.mark.parametrize("name", sorted(path.name for path in (ROOT / "fixtures").glob("*.yaml")))
def test_the_digests(name: str) -> None:
    """SHA256SUMS has the digest of each fixture."""
    digest = hashlib.sha256((ROOT / "fixtures" / name).read_bytes()).hexdigest()
    assert f"{digest}  {name}\n" in library.SUMS.read_text()
