"""Terraform or OpenTofu, whichever a run would use."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mockaws.doctor.findings import Finding, ok, problem, warning

if TYPE_CHECKING:
    from mockaws.doctor.surroundings import Surroundings

CHECK = "Terraform"
_PATIENCE = 30
_INSTALL = "https://developer.hashicorp.com/terraform/install"
# `terraform test` came with 1.6 and its overrides with 1.7; OpenTofu has both since 1.8.
_OLDEST = {"Terraform": (1, 7), "OpenTofu": (1, 8)}
_EPHEMERAL = {"Terraform": (1, 10), "OpenTofu": (1, 11)}
_COMMANDS = (("Terraform", "terraform"), ("OpenTofu", "tofu"))
REGISTRIES = {"Terraform": "registry.terraform.io", "OpenTofu": "registry.opentofu.org"}


@dataclass(frozen=True, slots=True)
class Tool:
    """An executable that answered."""

    product: str
    path: str
    version: str

    @property
    def numbers(self) -> tuple[int, ...]:
        """The numbers of its version, for comparisons."""
        return numbers(self.version)


def numbers(version: str) -> tuple[int, ...]:
    """Return the numbers of a version, for comparisons."""
    return tuple(int(part) for part in re.findall(r"\d+", version.partition("-")[0]))


def find(surroundings: Surroundings) -> Tool | None:
    """Return Terraform, else OpenTofu, else None; a tool that does not report its version does not count."""
    for product, name in _COMMANDS:
        path = shutil.which(name, path=surroundings.environ.get("PATH", os.defpath))
        if path is not None and (version := _version(path, surroundings)):
            return Tool(product, path, version)
    return None


def check(tool: Tool | None, surroundings: Surroundings) -> Finding:
    """Check the version of *tool*."""
    if tool is None:
        return problem(CHECK, _nothing(surroundings), f"install Terraform 1.10 or newer: {_INSTALL}")
    found = f"{tool.product} {tool.version}, {tool.path}"
    if tool.numbers < _OLDEST[tool.product]:
        return warning(CHECK, f"{found}: older than any that mockaws is tested with", f"a newer one: {_INSTALL}")
    if tool.numbers < _EPHEMERAL[tool.product]:
        needed = ".".join(map(str, _EPHEMERAL[tool.product]))
        return warning(
            CHECK, found, f'the ephemeral resource "aws_kms_secrets" needs {needed} or newer; all else works'
        )
    return ok(CHECK, found)


def _nothing(surroundings: Surroundings) -> str:
    there = [shutil.which(name, path=surroundings.environ.get("PATH", os.defpath)) for _, name in _COMMANDS]
    silent = [path for path in there if path]
    if silent:
        return f"{' and '.join(silent)} did not answer `version -json`"
    return "neither terraform nor tofu is on PATH"


def _version(path: str, surroundings: Surroundings) -> str:
    # Without the check for updates, which needs the network, and without the user's arguments.
    quiet = {name: value for name, value in surroundings.environ.items() if not name.startswith("TF_CLI_ARGS")}
    try:
        ran = subprocess.run(  # noqa: S603 - Terraform is what the user asks about
            [path, "version", "-json"],
            env=quiet | {"CHECKPOINT_DISABLE": "1"},
            cwd=surroundings.directory,
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
            check=False,
        )
        return str(json.loads(ran.stdout)["terraform_version"])
    except (OSError, subprocess.TimeoutExpired, ValueError, KeyError, TypeError):
        return ""
