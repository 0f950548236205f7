"""The subject of the checks: an environment, and the directory in which Terraform would run."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_TRUE = {"1", "true", "yes", "on"}
_ARCHITECTURES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """An environment and a directory."""

    environ: Mapping[str, str]
    directory: Path

    @property
    def home(self) -> Path:
        """The user's own directory."""
        return Path(self.environ.get("HOME") or Path.home())

    def path(self, text: str) -> Path:
        """Return the path that *text* names, relative to the directory."""
        if text == "~" or text.startswith("~/"):
            return self.home / text[2:]
        return self.directory / text

    def says(self, variable: str) -> bool:
        """Return True if a variable is switched on."""
        return self.environ.get(variable, "").lower() in _TRUE


def platform_name() -> str:
    """Return this machine's platform as HashiCorp writes it, such as linux_amd64."""
    machine = platform.machine().lower()
    return f"{platform.system().lower()}_{_ARCHITECTURES.get(machine, machine)}"


def text_of(file: Path) -> str:
    """Return the content of a file, or an empty text if it cannot be read."""
    try:
        return file.read_text(errors="replace")
    except OSError:
        return ""
