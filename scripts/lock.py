"""Write requirements/*.txt, the versions and hashes of all that is installed, or check them without a network.

python scripts/lock.py [--upgrade | --check]
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import NamedTuple

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "requirements"
DEV = "dev"
_PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)\s*(?:;\s*(.*?)\s*)?\\$")
_HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}(?: \\)?$")
_ASKED = "#   "


class Pin(NamedTuple):
    """One version in a lock file, for the environments that its marker names."""

    name: str
    version: str
    marker: str | None
    hashes: int


def asked() -> dict[str, list[str]]:
    """Return the requirements in pyproject.toml that each lock file is made from, in their order."""
    document = tomllib.loads((ROOT / "pyproject.toml").read_text())
    build, project, groups = document["build-system"]["requires"], document["project"], document["dependency-groups"]
    runtime, extras = project["dependencies"], project["optional-dependencies"]
    return {
        DEV: [*build, *groups["build"], *runtime, *extras["aws"], *extras["boto3"], *groups["dev"]],
        "build": [*build, *groups["build"]],
        "demo": [*build, *runtime],
        "docs": groups["docs"],
        "image": [*runtime, *groups["image"]],
        "image-aws": [*runtime, *extras["aws"], *groups["image"]],
        "sbom": groups["sbom"],
    }


def head(name: str, requirements: list[str]) -> str:
    """Return the comment at the top of a lock file, which lists the requirements that it was made from."""
    lines = [f"# {name}: written by `make lock` from pyproject.toml, from these requirements:"]
    return "\n".join([*lines, *(_ASKED + text for text in requirements), ""])


def write(*, upgrade: bool) -> None:
    """Resolve and write all lock files.

    Versions in dev.txt that still satisfy the requirements stay, unless *upgrade* is given.
    """
    FOLDER.mkdir(exist_ok=True)
    for name, requirements in asked().items():
        file = FOLDER / f"{name}.txt"
        pinned = _compiled(requirements, file, upgrade=upgrade)
        file.write_text(head(name, requirements) + pinned)
        print(f"{file.relative_to(ROOT)}: {len(pins(pinned))} versions")


def _compiled(requirements: list[str], file: Path, *, upgrade: bool) -> str:
    """Return pins for Python 3.11 and newer on every platform. Raises CalledProcessError."""
    quiet = ["--no-header", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links", "--quiet"]
    command = ["uv", "pip", "compile", "--universal", "--python-version", "3.11", "--generate-hashes", *quiet, "-"]
    keeps = file.stem == DEV and not upgrade and file.exists()
    if keeps:
        command += ["--output-file", str(file)]  # uv prefers the versions that stand there
    elif file.stem != DEV:
        command += ["--constraint", str(FOLDER / f"{DEV}.txt")]
    text = "\n".join(requirements)
    done = subprocess.run(command, cwd=ROOT, input=text, text=True, stdout=subprocess.PIPE, check=True)
    return file.read_text() if keeps else done.stdout


def pins(text: str) -> list[Pin]:
    """Return the pins of a lock file."""
    found: list[Pin] = []
    for line in text.splitlines():
        if pin := _PIN.match(line):
            found.append(Pin(canonicalize_name(pin[1]), pin[2], pin[3], 0))
        elif _HASH.match(line):
            found[-1] = found[-1]._replace(hashes=found[-1].hashes + 1)
    return found


def mistakes() -> list[str]:
    """Return a line for each difference between a lock file and pyproject.toml.

    A line that pins nothing is a mistake, too.
    """
    found: list[str] = []
    texts = {name: (FOLDER / f"{name}.txt", requirements) for name, requirements in asked().items()}
    dev = {(pin.name, pin.marker): pin.version for pin in pins((FOLDER / f"{DEV}.txt").read_text())}
    for name, (file, requirements) in texts.items():
        text = file.read_text()
        if not text.startswith(head(name, requirements)):
            found.append(f"{file.name}: was made from other requirements than pyproject.toml has now")
        locked = pins(text)
        found += [f"{file.name}: {pin.name} has no hash" for pin in locked if not pin.hashes]
        found += [
            f"{file.name}: not a version or its hash: {line}" for line in text.splitlines() if not _is_known(line)
        ]
        found += [f"{file.name}: {text} is not met" for text in requirements if not _is_met(Requirement(text), locked)]
        found += [
            f"{file.name}: {pin.name} {pin.version} is {version} in {DEV}.txt"
            for pin in locked
            if (version := dev.get((pin.name, pin.marker), pin.version)) != pin.version
        ]
    return found


def _is_known(line: str) -> bool:
    return line.startswith("#") or bool(_PIN.match(line) or _HASH.match(line))


def _is_met(requirement: Requirement, locked: list[Pin]) -> bool:
    """Return True if the locked versions satisfy *requirement*; one with a marker is for a part of them."""
    versions = [pin.version for pin in locked if pin.name == canonicalize_name(requirement.name)]
    satisfying = [version for version in versions if requirement.specifier.contains(version)]
    return bool(satisfying) and (requirement.marker is not None or satisfying == versions)


def main() -> int:
    """Write or check; return 1 if a lock file is wrong."""
    parser = argparse.ArgumentParser(prog="python scripts/lock.py", description=__doc__.partition("\n")[0])
    modes = parser.add_mutually_exclusive_group()
    modes.add_argument("--check", action="store_true", help="compare with pyproject.toml; needs no network")
    modes.add_argument("--upgrade", action="store_true", help="take the newest versions that pyproject.toml allows")
    options = parser.parse_args()
    if not options.check:
        write(upgrade=options.upgrade)
    found = mistakes()
    for mistake in found:
        print(f"requirements/{mistake}", file=sys.stderr)
    if found:
        print("requirements/: run `make lock`, which needs a package index", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
