"""The shipped worlds' descriptions of themselves are true: calls fail as they say, and the commands repair it.

Each command is one of docs/scenarios.md, and runs through a shell against a server. AWS's CLI needs most of a second
to start; `preloaded` has it in memory, and the slow test runs some worlds with the commands as they are installed.
"""

from __future__ import annotations

import importlib
import json
import re
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from mockaws.clock import Clock
from mockaws.fixtures import loader
from mockaws.worlds.world import World
from tests.journeys.command import PATH, ROOT, clean_environment, run
from tests.journeys.preloaded import commands

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockaws.fixtures.scenarios import Step
    from tests.kinds import Serve

    Environment = dict[str, str]

_PATIENCE = 60


@pytest.fixture(scope="module")
def page() -> Any:
    """Return scripts/scenarios.py as a module: it stands outside of every package."""
    sys.path.insert(0, str(ROOT / "scripts"))
    try:
        return importlib.import_module("scenarios")
    finally:
        sys.path.pop(0)


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Environment]:
    """Return the environment of the commands, but for the address and the account."""
    with commands(tmp_path_factory.mktemp("commands")) as folder:
        yield clean_environment() | {
            "PATH": f"{folder}:{PATH}",
            "TMPDIR": str(folder),
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_REGION": "us-west-2",
            "AWS_DEFAULT_REGION": "us-west-2",
            "AWS_MAX_ATTEMPTS": "1",
        }


class Shell:
    """A shell whose commands speak to a server."""

    def __init__(self, environment: Environment) -> None:
        self.environment = environment

    def __call__(self, script: str) -> subprocess.CompletedProcess[str]:
        """Run *script* from the root of the repository, and stop where a command of it fails."""
        return subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
            check=False,
        )


@pytest.mark.parametrize("name", loader.shipped())
def test_each_world_breaks_and_is_mended_as_it_says(
    name: str, serve: Serve, environment: Environment, page: Any
) -> None:
    """A call fails as the fixture says, and works after the commands that mend it."""
    seed, scenario = loader.load(name, now=Clock().now()), loader.scenario(name)
    world = World.holding(seed.config, seed.records, seed.faults)
    shell = Shell(environment | {"AWS_ENDPOINT_URL": serve(world), "AWS_ACCESS_KEY_ID": seed.config.account})
    for step in scenario.fails:
        assert_as_told(step, shell(page.command(step)))
    done = shell(scenario.mend)
    assert done.returncode == 0, done.stderr
    for step in scenario.works or [replace(step, error=None) for step in scenario.fails if step.error is not None]:
        assert_as_told(step, shell(page.command(step)))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["connection-user-not-found", "hsm-in-creation", "pending-import"])
def test_the_commands_as_they_are_installed(name: str, page: Any) -> None:
    """A user under `mockaws exec` gets the same."""
    scenario = loader.scenario(name)
    failing = [f"{page.command(step)} || true" for step in scenario.fails]
    again = [page.command(step) for step in scenario.works or scenario.fails]
    script = "\n".join([*failing, scenario.mend, *again])
    done = run("mockaws", "exec", "--quiet", "--fixture", name, "--", "bash", "-euo", "pipefail", "-c", script)
    assert done.returncode == 0, done.stderr
    told = re.findall(r"An error occurred \((\w+)\)", done.stderr)
    assert told == [step.error for step in scenario.fails if step.error is not None]


def assert_as_told(step: Step, done: subprocess.CompletedProcess[str]) -> None:
    """A command ends with the error, or answers the members, that the fixture tells."""
    if step.error is not None:
        told = re.search(r"An error occurred \((\w+)\)", done.stderr)
        assert (done.returncode, told and told[1]) == (255, step.error), done.stderr
    else:
        assert done.returncode == 0, done.stderr
        assert step.answers.items() <= members(json.loads(done.stdout or "{}")), done.stdout


def members(document: Any) -> set[tuple[str, object]]:
    """Return the members of an answer that are text, wherever they stand in it, with their values."""
    inner = document.values() if isinstance(document, dict) else document if isinstance(document, list) else ()
    own = document.items() if isinstance(document, dict) else ()
    return {(name, value) for name, value in own if isinstance(value, str)}.union(*map(members, inner))
