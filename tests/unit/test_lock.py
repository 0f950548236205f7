"""The lock files in requirements/ agree with pyproject.toml, which needs no network to see."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.journeys.command import ROOT

if TYPE_CHECKING:
    from pathlib import Path

FILES = sorted((ROOT / "requirements").glob("*.txt"))


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a folder with what the check reads."""
    (tmp_path / "scripts").mkdir()
    shutil.copy(ROOT / "scripts/lock.py", tmp_path / "scripts")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    return tmp_path


def check(folder: Path) -> subprocess.CompletedProcess[str]:
    """Check the lock files of a folder."""
    command = [sys.executable, str(folder / "scripts/lock.py"), "--check"]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_they_agree(copy: Path) -> None:
    """As they are committed, nothing is wrong with them."""
    done = check(copy)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("file", "change", "told"),
    [
        ("pyproject.toml", ('"flask>=3.1"', '"flask>=99"'), "image.txt: was made from other requirements"),
        ("pyproject.toml", ('"flask>=3.1"', '"flask>=99"'), "image.txt: flask>=99 is not met"),
        ("pyproject.toml", ('    "flask>=3.1",\n', ""), "dev.txt: was made from other requirements"),
        ("pyproject.toml", ("hatchling>=1.27", "hatchling>=1.28"), "build.txt: was made from other requirements"),
        ("requirements/image.txt", (r"(?s)\nflask==.*?(?=\n\w)", ""), "image.txt: flask>=3.1"),
        ("requirements/image.txt", (r"(?s)(flask==\S+) .*?(?=\n\w)", r"\1 \\"), "image.txt: flask has no hash"),
        ("requirements/image.txt", (r"urllib3==\S+", "urllib3==2.5.1"), "image.txt: urllib3 2.5.1 is"),
        ("requirements/sbom.txt", (r"\A", "--index-url https://example.com/simple\n"), "not a version or its hash"),
        ("requirements/dev.txt", (r"--hash=sha256:\w", "--hash=md5:"), "not a version or its hash"),
    ],
)
def test_a_difference_is_found(copy: Path, file: str, change: tuple[str, str], told: str) -> None:
    """Another requirement, version or source is told, with the command that mends it."""
    text = (copy / file).read_text()
    pattern = change[0] if file.startswith("requirements") else re.escape(change[0])
    changed = re.sub(pattern, change[1], text, count=1)
    assert changed != text
    (copy / file).write_text(changed)
    done = check(copy)
    assert done.returncode == 1
    assert told in done.stderr
    assert "make lock" in done.stderr


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_no_index_is_named(file: Path) -> None:
    """Each machine has its own package index, so no lock file names one."""
    assert not re.search(r"https?://|--(extra-)?index-url|--find-links|@ file", file.read_text())


def test_everything_is_installed_with_hashes() -> None:
    """The Makefile installs nothing that is not in a lock file, but for mockaws itself."""
    installs = re.findall(r"^\t\$\(INSTALL\) (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert len(installs) == 4
    assert all("--require-hashes" in line or line.startswith("--no-deps --no-index") for line in installs)
