"""Files that are no files: refused at once, wherever a user can name one."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mockaws import files
from mockaws.cli import main
from mockaws.seed import loader
from mockaws.seed.library import certificate
from tests.unit.seed.kinds import NOW

if TYPE_CHECKING:
    from collections.abc import Iterator

ODD = ("pipe", "socket", "directory", "link", "device")
SAID = {
    "pipe": "it is a pipe",
    "socket": "it is a socket",
    "directory": "Is a directory",
    "link": "it is a pipe",
    "device": "it is a device",
}


@pytest.fixture
def odd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Have the working directory hold one of each."""
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe")
    Path("directory").mkdir()
    Path("link").symlink_to("pipe")
    Path("device").symlink_to("/dev/zero")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket")
        yield tmp_path


@pytest.mark.parametrize("name", ODD)
@pytest.mark.usefixtures("odd")
def test_as_a_fixture(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Each command that reads a fixture says what is wrong with it."""
    sentence = f"{name}: cannot be read: {SAID[name]}; expected a YAML file"
    for command in (
        ("validate", name),
        ("serve", "--port", "0", "--fixture", name),
        ("exec", "--fixture", name, "--", "true"),
        ("exec", "--worlds", f"w={name}", "--", "true"),
        ("load", "--endpoint", "http://127.0.0.1:1", name),
        ("world", "create", "x", "--endpoint", "http://127.0.0.1:1", "--fixture", name),
    ):
        assert main(command) == 2
        assert sentence in capsys.readouterr().err, command


@pytest.mark.parametrize("name", ODD)
@pytest.mark.usefixtures("odd")
def test_as_a_file_that_a_fixture_names(name: str) -> None:
    """A certificate, and a parameter of a scenario's call."""
    given = f"{{Plaintext: {{file: {name}}}}}"
    for text, path in (
        (f"clusters: [{{trust_anchor_certificate: {{file: {name}}}}}]\n", "clusters[0].trust_anchor_certificate.file"),
        (
            f"scenario: {{shows: x, mend: y, fails: [{{call: 'kms:Encrypt', with: {given}}}]}}\n",
            "scenario.fails[0].with.Plaintext",
        ),
    ):
        with pytest.raises(loader.FixtureError) as refused:
            loader.load(text, now=NOW)
        (problem,) = (problem for problem in refused.value.problems if problem.path == path)
        assert problem.message == f"{name} cannot be read: {SAID[name]}"


def test_a_large_file_that_a_fixture_names(tmp_path: Path) -> None:
    """No certificate is as large."""
    path = tmp_path / "large.crt"
    path.write_bytes(b"x" * (files.MAX_NAMED + 1))
    with pytest.raises(loader.FixtureError, match=f"it has more than {files.MAX_NAMED} bytes"):
        loader.load({"clusters": [{"trust_anchor_certificate": {"file": str(path)}}]}, now=NOW)
    path.write_text(certificate())
    assert loader.load({"clusters": [{"trust_anchor_certificate": {"file": str(path)}}]}, now=NOW).records


def test_a_pipe_of_the_shell() -> None:
    """A file that a shell opens for a command is read to its end."""
    for script in (
        f"{sys.executable} -m mockaws validate <(sleep 0.1; echo 'region: eu-central-1')",
        f"(sleep 0.1; echo 'region: eu-central-1') | {sys.executable} -m mockaws validate /dev/stdin",
        f"{sys.executable} -m mockaws validate /dev/stdin <<< 'region: eu-central-1'",
    ):
        done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=60, check=False)
        assert done.stdout.endswith(": good\n"), done
