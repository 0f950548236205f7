"""The suite that runs one module in many worlds works as its README describes."""

from __future__ import annotations

import json
import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.terraform.tool import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.terraform.conftest import Terraform, World
    from tests.terraform.tool import terraform

README = (ROOT / "terraform" / "worlds-matrix" / "README.md").read_text()
MATRIX, TABLE, TEST = re.findall(r"^```\w*\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)


@pytest.fixture
def run(
    world: Callable[[str], World], checkout: Callable[..., Terraform]
) -> Callable[[str], subprocess.CompletedProcess[str]]:
    """Return a function that runs commands as a user types them in the suite's initialised directory."""
    tf = checkout(world("empty"), "worlds-matrix")

    def typed(commands: str) -> subprocess.CompletedProcess[str]:
        # Terraform need not be on PATH.
        script = re.sub(r"\bterraform (?=apply|init|test)", f"'{tf.executable}' ", commands)
        return subprocess.run(
            ["bash", "-euc", script], cwd=tf.directory, env=tf.environment, capture_output=True, text=True, check=False
        )

    return typed


def told(table: str) -> list[tuple[str, str, str]]:
    """Return world, result and the error's first words for each row."""
    rows = [re.split(r"  +", line) for line in table.partition("\n\n")[0].splitlines()[1:]]
    return [(row[0], row[1], row[3].partition(": ")[0] if row[3:] else "") for row in rows]


def test_the_matrix(run: Callable[[str], subprocess.CompletedProcess[str]]) -> None:
    """Parallel applies survive and fail as in the table, and leave nothing in the directory."""
    done = run(MATRIX.replace(" matrix ", " matrix --json out.json "))
    assert done.returncode == 0, done.stdout + done.stderr
    assert told(done.stdout[done.stdout.index("world  ") :]) == told(TABLE)
    assert done.stdout.endswith(TABLE.splitlines()[-1] + "\n")
    document = json.loads(run("cat out.json").stdout)
    codes = {world["world"]: world["code"] for world in document["worlds"] if world["code"]}
    assert codes == dict.fromkeys(["one-hsm-left", "one-zone"], "CloudHsmClusterInvalidConfigurationException")
    assert "tfstate" not in run("ls -a").stdout


def test_a_world_for_each_run(
    run: Callable[[str], subprocess.CompletedProcess[str]], tool: terraform.Terraform
) -> None:
    """Providers of a test file take their endpoints from var.mockaws_worlds, so each run uses another world."""
    if tool.product != "Terraform" or tuple(map(int, tool.version.split(".")[:2])) < (1, 11):
        pytest.skip("state_key came with Terraform 1.11")
    done = run(TEST)
    assert "4 passed, 0 failed." in done.stdout, done.stdout + done.stderr
