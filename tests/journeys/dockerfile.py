"""The Dockerfile, carried out as far as that goes without an engine.

Each stage is an overlay over this machine's own file system, in a mount namespace of its own: what a stage writes, no
other sees. In the place of the base image's Python stands the one that runs the tests.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.journeys.command import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable

DOCKERFILE = ROOT / "Dockerfile"
_PYTHON = Path(sys.base_prefix)
_PATH = f"{_PYTHON / 'bin'}:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_PASSED_ON = ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_CONFIG_FILE", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY")


@dataclass(frozen=True)
class Instruction:
    """One instruction, with its lines joined."""

    name: str
    text: str

    @property
    def words(self) -> list[str]:
        """Its text as a list of words; the exec form is a JSON array."""
        return json.loads(self.text) if self.text.startswith("[") else shlex.split(self.text)


def instructions(text: str) -> list[Instruction]:
    """Return the instructions of a Dockerfile, in order."""
    joined = re.sub(r"\\\n", " ", re.sub(r"^#.*\n", "", text, flags=re.MULTILINE))
    pairs = [line.split(maxsplit=1) for line in joined.splitlines() if line.strip()]
    return [Instruction(name, re.sub(r"\s+", " ", rest).strip()) for name, rest in pairs]


def stages(found: Iterable[Instruction]) -> dict[str, list[Instruction]]:
    """Return the instructions by stage; the last stage is called `image`."""
    by_stage: list[tuple[str, list[Instruction]]] = []
    for instruction in found:
        if instruction.name == "FROM":
            name = re.search(r" AS (\w+)$", instruction.text)
            by_stage.append((name[1] if name else "image", []))
        elif by_stage:
            by_stage[-1][1].append(instruction)
    return dict(by_stage)


@dataclass
class Image:
    """The image as far as it was made, in a directory."""

    directory: Path
    environment: dict[str, str]
    user: str = "0:0"
    workdir: str = "/"

    def command(self, *words: str, **environment: str) -> list[str]:
        """Return the command that runs *words* in a container of the image."""
        script = " ".join(
            [f"chroot --userspec={self.user} {self._root} env -i"]
            + [shlex.quote(f"{name}={value}") for name, value in (self.environment | environment).items()]
            + ["sh -c", shlex.quote(f'cd {self.workdir} && exec "$@"'), "sh", *map(shlex.quote, words)]
        )
        return ["unshare", "--mount", "sh", "-ec", f"{self._mounted()}\nexec {script}"]

    def build(self) -> None:
        """Carry out all stages. Raises CalledProcessError with what was said."""
        for name, found in stages(instructions(DOCKERFILE.read_text())).items():
            self.environment, self.workdir, self._name = {"PATH": _PATH}, "/", name
            for part in ("changes", "work", "root"):
                (self.directory / name / part).mkdir(parents=True)
            self._inside(f"chmod go+x {' '.join(str(parent) for parent in [_PYTHON, *_PYTHON.parents])}")
            for instruction in found:
                self._carry_out(instruction)

    def _carry_out(self, instruction: Instruction) -> None:
        match instruction.name:
            case "COPY":
                self._copy(instruction.words)
            case "ENV":
                for word in instruction.words:
                    name, _, value = word.partition("=")
                    self.environment[name] = value.replace("$PATH", self.environment["PATH"])
            case "RUN":
                settings = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
                _run(self.command("sh", "-c", instruction.text, **settings))
            case "USER":
                self.user = instruction.text
            case "WORKDIR":
                self.workdir = instruction.text
                self._inside(f"mkdir -p {instruction.text}")

    def _copy(self, words: list[str]) -> None:
        """Copy from the context, without what .dockerignore leaves out, or from another stage's changes."""
        stage = words.pop(0).removeprefix("--from=") if words[0].startswith("--from=") else None
        *sources, target = words
        place = f"{self._root}/{target if target.startswith('/') else f'{self.workdir}/{target}'}"
        if stage:
            found = [f"{self.directory}/{stage}/changes{source}." for source in sources]
        else:
            found = [f"{ROOT}/{source}{'.' if source.endswith('/') else ''}" for source in sources]
        copying = f"mkdir -p {place} && cp -a {' '.join(found)} {place}"
        without = "" if stage else f" && find {place} -name __pycache__ -prune -exec rm -rf {{}} +"
        self._inside(f"{copying}{without}", chroot=False)

    def _inside(self, script: str, *, chroot: bool = True) -> None:
        command = f"chroot {self._root} sh -c {shlex.quote(script)}" if chroot else script
        _run(["unshare", "--mount", "sh", "-ec", f"{self._mounted()}\n{command}"])

    @property
    def _root(self) -> str:
        return f"{self.directory}/{self._name}/root"

    def _mounted(self) -> str:
        place = f"{self.directory}/{self._name}"
        layers = f"lowerdir=/,upperdir={place}/changes,workdir={place}/work"
        return f"mount -t overlay overlay -o {layers} {self._root}\nmount --bind /dev {self._root}/dev"


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    if done.returncode:
        raise AssertionError(f"{command[-1]}\n{done.stdout}{done.stderr}")
