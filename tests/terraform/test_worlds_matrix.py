"""The suite that tries one module in many worlds does what its README says."""

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
    """Return what runs commands as somebody types them in the suite's directory, which is initialised."""
    tf = checkout(world("empty"), "worlds-matrix")

    def typed(commands: str) -> subprocess.CompletedProcess[str]:
        # Terraform is not on the PATH of everybody who runs this.
        script = re.sub(r"\bterraform (?=apply|init|test)", f"'{tf.executable}' ", commands)
        return subprocess.run(
            ["bash", "-euc", script], cwd=tf.directory, env=tf.environment, capture_output=True, text=True, check=False
        )

    return typed


def told(table: str) -> list[tuple[str, str, str]]:
    """Return of each row the world, what became of it, and how the error begins."""
    rows = [re.split(r"  +", line) for line in table.partition("\n\n")[0].splitlines()[1:]]
    return [(row[0], row[1], row[3].partition(": ")[0] if row[3:] else "") for row in rows]


def test_the_matrix(run: Callable[[str], subprocess.CompletedProcess[str]]) -> None:
    """Real applies side by side survive and fail as the table shows, and leave nothing in the directory."""
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
    """Providers of a test file take their endpoints from var.mockaws_worlds, so that each run meets another world."""
    if tool.product != "Terraform" or tuple(map(int, tool.version.split(".")[:2])) < (1, 11):
        pytest.skip("state_key came with Terraform 1.11")
    done = run(TEST)
    assert "4 passed, 0 failed." in done.stdout, done.stdout + done.stderr
