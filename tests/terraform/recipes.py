"""The recipes of docs/ci.md: jobs, as their own systems would read them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import yaml

from tests.terraform.tool import ROOT

PAGE = ROOT / "docs" / "ci.md"
# Commands that fetch what the tests have already.
_FETCHING = ("pip install", "curl", "sha256sum", "zipfile")


@dataclass(frozen=True)
class Job:
    """One job: its commands, one a step, and the variables that it sets."""

    name: str
    commands: tuple[str, ...]
    variables: dict[str, str]
    needs_engine: bool
    needs_action: bool = False

    @property
    def script(self) -> str:
        """The commands that run where everything is installed."""
        return "\n".join(command for command in self.commands if not any(word in command for word in _FETCHING))


def documents() -> list[dict[str, Any]]:
    """Return the YAML blocks of the page."""
    blocks = re.findall(r"^```yaml\n(.*?)^```", PAGE.read_text(), re.DOTALL | re.MULTILINE)
    # GitHub's `on` is a truth value to YAML 1.1.
    return [{str(name): value for name, value in yaml.safe_load(block).items()} for block in blocks]


def jobs() -> list[Job]:
    """Return all jobs."""
    return [job for document in documents() for job in (_github if "jobs" in document else _gitlab)(document)]


def _github(document: dict[str, Any]) -> list[Job]:
    found = []
    for name, job in document["jobs"].items():
        commands = tuple(step["run"] for step in job["steps"] if "run" in step)
        variables = {**document.get("env", {}), **job.get("env", {})}
        uses_action = any(step.get("uses", "").startswith("mockaws/") for step in job["steps"])
        found.append(Job(f"github-{name}", commands, variables, "services" in job, uses_action))
    return found


def _gitlab(document: dict[str, Any]) -> list[Job]:
    found = []
    for name, job in document.items():
        if "script" in job:
            whole = {**document.get(job.get("extends", ""), {}), **job}
            commands = (*whole.get("before_script", ()), *whole["script"])
            variables = {**document.get("variables", {}), **whole.get("variables", {})}
            found.append(Job(f"gitlab-{name}", commands, variables, "services" in job))
    return found
