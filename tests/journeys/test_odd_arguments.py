"""Odd arguments of commands: bytes that are not UTF-8, and numbers such as nan."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from mockaws import Mock
from mockaws.cli import main
from mockaws.fixtures import loader

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ODD = "\udcff"  # the byte 0xff, as an argument
CLUSTER = "--cluster-id", "cluster-readytwozone"
COMMANDS = (
    ("serve", "--port", "0", "--host", ODD),
    ("serve", "--port", ODD),
    ("serve", "--port", "0", "--seed", ODD),
    ("serve", "--port", "0", "--account", ODD),
    ("serve", "--port", "0", "--fixture", ODD),
    ("serve", "--port", "0", "--others", ODD),
    ("serve", "--port", "0", "--others", f"http://{ODD}:1"),
    ("serve", "--port", "0", "--allowed-hosts", ODD),
    ("exec", "--seed", ODD, "--", "true"),
    ("exec", "--worlds", ODD, "--", "true"),
    ("exec", "--worlds", f"{ODD}=empty", "--", "true"),
    ("exec", "--assert-no-calls", ODD, "--", "true"),
    ("exec", "--", ODD),
    ("validate", ODD),
    ("health", "--endpoint", ODD),
    ("health", "--endpoint", f"http://{ODD}"),
    ("clock", "freeze", ODD),
    ("clock", "set", ODD),
    ("clock", "advance", ODD),
    ("fault", "add", ODD, "--drop"),
    ("fault", "add", "kms:*", "--error", ODD),
    ("fault", "add", "kms:*", "--error", "KMSInternalException", "--message", ODD),
    ("fault", "add", "kms:*", "--drop", "--key", ODD),
    ("fault", "add", "kms:*", "--drop", "--nth", ODD),
    ("fault", "add", "kms:*", "--drop", "--nth", "9" * 5000),
    ("fault", "add", "kms:*", "--drop", "--probability", "nan"),
    ("fault", "add", "kms:*", "--drop", "--probability", "1e400"),
    ("fault", "add", "kms:*", "--throttle", "inf"),
    ("fault", "add", "kms:*", "--latency", "P999999999W"),
    ("fault", "remove", ODD),
    ("snapshot", "--output", f"{ODD}/x"),
    ("load", ODD),
    ("calls", "--key", ODD),
    ("calls", "--operation", ODD),
    ("calls", "--limit", "9" * 5000),
    ("calls", "--limit", "\u0661"),
    ("world", "create", ODD),
    ("world", "create", "new", "--fixture", "empty", "--seed", ODD),
    ("world", "create", "new", "--fixture", "empty", "--idle-timeout", "P999999999W"),
    ("world", "create", "new", "--fixture", ODD),
    ("world", "show", ODD),
    ("world", "remove", ODD),
    ("hsm", "user", "list", "--cluster-id", ODD),
    ("hsm", "user", "create", *CLUSTER, "--username", ODD, "--role", "crypto-user", "--password", "password1"),
    ("hsm", "user", "create", *CLUSTER, "--username", "a", "--role", "crypto-user", "--password", ODD),
    ("hsm", "key", "list", *CLUSTER, "--filter", ODD),
    ("hsm", "key", "list", *CLUSTER, "--max-items", "9" * 5000),
)
# Of these it is all the same what is found: there is no call about such a key, and a message is shown as it came.
MAY_SUCCEED = {("calls", "--key", ODD)}


@pytest.fixture(scope="module")
def server() -> Iterator[Mock]:
    """Serve a world with a cluster."""
    with Mock(fixture="ready-cluster") as mock:
        mock.clock.freeze()
        yield mock


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: ascii(" ".join(command))[:80])
def test_a_command_says_what_is_wrong(
    command: tuple[str, ...],
    server: Mock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """An odd argument ends with a sentence and no traceback, and the world is unchanged."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
    before = server.snapshot()
    try:
        status = main(command)
    except SystemExit as ended:  # argparse
        status = int(ended.code or 0)
    said = "".join(capfd.readouterr())
    if command not in MAY_SUCCEED:
        # AWS's CloudHSM CLI ends with 1.
        assert status in ({1, 2} if command[0] == "hsm" else {2, 126, 127}), said
        assert said
    assert "Traceback" not in said
    assert server.snapshot() == before
    assert server.worlds.all() == []


@pytest.mark.parametrize(
    "given", ["nan", "inf", "-inf", "1e400", "-1", "1_0", "\u0661", "", " 1", "0x1", "9" * 5000, "1.", ".5", "5e-324"]
)
def test_how_long_to_wait(given: str, server: Mock, capfd: pytest.CaptureFixture[str]) -> None:
    """`--wait` takes decimal numbers."""
    with pytest.raises(SystemExit) as ended:
        main(["health", "--endpoint", server.url, f"--wait={given}"])
    assert ended.value.code == 2
    assert "use a number from 0 to 999999999, such as 30 or 0.5" in capfd.readouterr().err
    assert main(["health", "--endpoint", server.url, "--wait", "0.5"]) == 0


def test_a_name_of_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    """A file name may have bytes that are not UTF-8."""
    monkeypatch.chdir(tmp_path)
    path = os.fsdecode(b"\xff.yaml")
    try:
        with open(path, "w", encoding="utf-8") as file:  # noqa: PTH123 - as the command has it
            file.write("{}")
    except OSError:
        pytest.skip("this file system wants text")
    assert loader.load(path, now=0.0)
    assert main(["validate", path]) == 0
    assert capfdbinary.readouterr().out.endswith(b"\xff.yaml: good\n")


def test_a_snapshot_on_a_full_disk(
    server: Mock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """On a full disk an earlier snapshot stays as it is, and no other file is left."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
    path = tmp_path / "world.yaml"
    path.write_text("earlier")
    path.chmod(0o600)
    script = f"ulimit -f 1; exec {sys.executable} -m mockaws snapshot --output world.yaml"
    assert os.waitstatus_to_exitcode(os.system(f"cd {tmp_path} && bash -c '{script}'")) == 2  # noqa: S605
    assert "world.yaml cannot be written: File too large" in capfd.readouterr().err
    assert (path.read_text(), list(tmp_path.iterdir())) == ("earlier", [path])
    assert main(["snapshot", "--output", str(path)]) == 0
    assert path.read_text() == server.snapshot()
    assert path.stat().st_mode & 0o777 == 0o600
    assert main(["snapshot", "--output", "/dev/stdout"]) == 0
    assert capfd.readouterr().out == server.snapshot()


def test_an_interrupt_at_the_start(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    """Ctrl-C before a server answers ends the command as a shell expects, without a traceback."""

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("mockaws.cli.local_server.LocalServer.__init__", interrupted)
    assert main(["serve", "--port", "0"]) == 130
    assert capfd.readouterr().err == ""
