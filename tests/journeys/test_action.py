"""action.yml, compose.yaml and docs/testcontainers.md: carried out as far as that goes without GitHub and an engine."""

from __future__ import annotations

import ast
import re
import shutil
import signal
import socket
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.journeys.command import ROOT, clean_environment

if TYPE_CHECKING:
    from pathlib import Path

ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text())
STEPS = {step["name"]: step for step in ACTION["runs"]["steps"]}
CONTAINER_PAGES = (ROOT / "docs/testcontainers.md").read_text()


def test_it_is_a_composite_action() -> None:
    """It has what GitHub requires: a name, a description, and a shell for each step that runs a script."""
    assert ACTION["runs"]["using"] == "composite"
    assert ACTION["name"]
    assert all(step["shell"] == "bash" for step in STEPS.values() if "run" in step)
    assert all(set(each) == {"description", "default"} for each in ACTION["inputs"].values())


def test_no_input_is_a_command() -> None:
    """An expression in a script would be run by the shell: inputs come as variables only."""
    assert not [name for name, step in STEPS.items() if "${{" in step.get("run", "")]


def test_the_documentation_names_each_input() -> None:
    """docs/ci.md has a row for each, with its default."""
    page = (ROOT / "docs/ci.md").read_text()
    for name, described in ACTION["inputs"].items():
        default = f"`{described['default']}`" if described["default"] else ""
        assert re.search(rf"^\| `{name}` \| {re.escape(default)} ?\|", page, re.MULTILINE), name


@pytest.mark.parametrize("fixture", ["developer-guide", "no-such-fixture"])
def test_it_starts_a_server(fixture: str, tmp_path: Path) -> None:
    """Later steps get the variables that lead to it; a server that cannot start fails the step with its log."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = str(listener.getsockname()[1])
    given = {"FIXTURE": fixture, "PORT": port, "ARGUMENTS": "--seed 'two words'", "RUNNER_TEMP": str(tmp_path)}
    files = {name: str(tmp_path / name) for name in ("GITHUB_ENV", "GITHUB_OUTPUT")}
    script = STEPS["Start the server"]["run"].replace("--wait 30", "--wait 5" if fixture[:2] == "no" else "--wait 30")
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", f"{script}\necho $!"]
    done = subprocess.run(
        command, env=clean_environment() | given | files, capture_output=True, text=True, check=False, timeout=60
    )
    if fixture == "no-such-fixture":
        assert done.returncode == 1
        assert "no-such-fixture" in done.stdout
        return
    assert done.returncode == 0, done.stdout + done.stderr
    server = int(done.stdout.split()[-1])
    try:
        exported = dict(line.split("=", 1) for line in (tmp_path / "GITHUB_ENV").read_text().splitlines())
        assert (tmp_path / "GITHUB_OUTPUT").read_text() == f"endpoint=http://127.0.0.1:{port}\n"
        asked = subprocess.run(
            ["aws", "kms", "describe-custom-key-stores"],
            env=clean_environment() | exported,
            capture_output=True,
            text=True,
            check=False,
        )
        assert "ExampleKeyStore" in asked.stdout, asked.stderr
        assert "DescribeCustomKeyStores" in (tmp_path / "mockaws-calls.jsonl").read_text()
    finally:
        subprocess.run(["kill", f"-{int(signal.SIGINT)}", str(server)], check=False)


def test_compose() -> None:
    """The port is published to this machine alone, and the container has no rights and no disk to write to."""
    service = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]["mockaws"]
    assert service["ports"] == ["127.0.0.1:4566:4566"]
    assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])


def test_testcontainers_in_python() -> None:
    """The example is Python."""
    (block,) = re.findall(r"^```py\n(.*?)^```", CONTAINER_PAGES, re.DOTALL | re.MULTILINE)
    ast.parse(block)
    assert len([line for line in block.splitlines() if line and "import" not in line]) <= 10


def test_testcontainers_in_node(tmp_path: Path) -> None:
    """The example is JavaScript."""
    (block,) = re.findall(r"^```js\n(.*?)^```", CONTAINER_PAGES, re.DOTALL | re.MULTILINE)
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    file = tmp_path / "example.mjs"
    file.write_text(block)
    checked = subprocess.run([node, "--check", file], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr


def test_a_missing_cryptography_is_explained() -> None:
    """Windows on ARM has no wheel of it: a command that starts a server ends with a sentence and no traceback."""
    code = "import sys; sys.modules['cryptography'] = None; from mockaws.cli import main; "
    code += "sys.exit(main(['exec', '--', 'true']))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "Windows on ARM" in done.stderr
    assert "Traceback" not in done.stderr
