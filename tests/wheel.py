"""mockaws as a user has it: installed from its wheel, which was built from its sdist, and not from this repository."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import tarfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_PATIENCE = 300


@dataclass(frozen=True)
class Installed:
    """The distributions, and a virtual environment that has the wheel in it."""

    sdist: Path
    source: Path
    wheel: Path
    environment: Path

    @property
    def bin(self) -> Path:
        """The folder of its commands."""
        return self.environment / "bin"

    def variables(self) -> dict[str, str]:
        """Return an environment in which its commands come first, and nothing leads to this repository."""
        foreign = ("AWS_", "MOCKAWS_", "PYTHONPATH", "TF_")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
        places = (self.bin, Path(sys.executable).parent, os.environ["PATH"])
        return kept | {"PATH": os.pathsep.join(map(str, places)), "VIRTUAL_ENV": str(self.environment)}


def install(folder: Path) -> Installed:
    """Build the sdist, a wheel from it, and install that one without its dependencies, which this Python has.

    The tests' own packages are found through a .pth file. No such file in that folder is read, so that the editable
    mockaws is not.
    """
    _python("-m", "hatchling", "build", "-t", "sdist", "-d", str(folder / "dist"), cwd=ROOT)
    (sdist,) = (folder / "dist").glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        archive.extractall(folder / "source", filter="data")
    (source,) = (folder / "source").iterdir()
    _python("-m", "hatchling", "build", "-t", "wheel", "-d", str(folder / "dist"), cwd=source)
    (wheel,) = (folder / "dist").glob("*.whl")
    environment = folder / "environment"
    _python("-m", "venv", "--without-pip", str(environment), cwd=folder)
    python = str(environment / "bin/python")
    _python("-m", "pip", "--python", python, "install", "--quiet", "--no-deps", "--no-index", str(wheel), cwd=folder)
    (packages,) = environment.glob("lib/*/site-packages")
    (packages / "tests.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return Installed(sdist, source, wheel, environment)


def _python(*arguments: str, cwd: Path) -> None:
    done = subprocess.run(
        [sys.executable, *arguments], cwd=cwd, capture_output=True, text=True, check=False, timeout=_PATIENCE
    )
    assert done.returncode == 0, done.stdout + done.stderr
