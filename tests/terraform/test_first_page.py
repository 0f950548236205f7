"""The commands of the README work as printed, in an empty folder, with mockaws from its wheel."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.terraform.tool import ROOT, terraform

if TYPE_CHECKING:
    from pathlib import Path

    from tests.wheel import Installed

README = (ROOT / "README.md").read_text()
HOME = "https://github.com/mockaws/mockaws/blob/main/"
_ESCAPE = re.compile(r"\x1b\[[0-9;]*m")
# A block of commands, and the output that stands behind it.
SHOWN = re.findall(r"^```sh\n(.*?)^```\n\n^```text\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
_PATIENCE = 300


def pattern_of(output: str) -> str:
    """Return a regular expression for what a page shows; `…` stands for any text."""
    return "".join(".*" if part == "…" else re.escape(part) for part in re.split("(…)", output.rstrip()))


def test_every_block_shows_its_output() -> None:
    """Each block of commands is followed by what it prints."""
    assert len(SHOWN) == README.count("```sh\n") > 3


def test_the_first_screen() -> None:
    """One sentence, the install line, and one command with its output are in the first 20 lines."""
    head = "\n".join(README.splitlines()[:20])
    assert head.index("pip install") < head.index("```sh\nmockaws exec") < head.index("arn:aws:kms:")


def test_the_links() -> None:
    """They are absolute, so that they work where packages are published, and lead to files of this repository."""
    for target in re.findall(r"\]\(([^)]+)\)", README):
        assert target.startswith(HOME), target
        assert (ROOT / target.removeprefix(HOME).partition("#")[0]).is_file(), target


@pytest.mark.terraform
@pytest.mark.slow
def test_the_commands(installed: Installed, tmp_path: Path, tool: terraform.Terraform) -> None:
    """All blocks in turn, in one folder that was empty, print what the page shows."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = str(listener.getsockname()[1])
    commands = tmp_path / "commands"
    commands.mkdir()
    (commands / "terraform").symlink_to(tool.executable)
    variables = tool.undisturbed(installed.variables()) | {"MOCKAWS_PORT": port, "COLUMNS": "200"}
    del variables["TF_IN_AUTOMATION"]
    variables["PATH"] = f"{commands}:{variables['PATH']}"
    folder = tmp_path / "empty"
    folder.mkdir()
    for block, output in SHOWN:
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", block.replace("4566", port)],
            cwd=folder,
            env=variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=_PATIENCE,
        )
        assert done.returncode == 0, block + done.stdout + done.stderr
        said = _ESCAPE.sub("", done.stdout).replace(port, "4566")
        assert re.fullmatch(pattern_of(output), said.strip(), re.DOTALL), f"{block}\n{said}\n{done.stderr}"
    shutil.rmtree(folder)
