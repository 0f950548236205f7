"""`mockaws doctor` as a user runs it."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

from mockaws.cli.remote import Remote
from tests.journeys.command import Serving, clean_environment, run

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

REAL = {"AWS_ACCESS_KEY_ID": "AKIAQWERTYUIOPASDFGH", "AWS_SECRET_ACCESS_KEY": "hush", "AWS_SESSION_TOKEN": "hush"}


def checks(output: str, name: str) -> list[dict[str, Any]]:
    """Return the findings of a check out of JSON."""
    return [check for check in json.loads(output)["checks"] if check["check"] == name]


def test_under_exec_all_is_well(tmp_path: Path) -> None:
    """A command under `mockaws exec` reaches a mockaws and cannot reach AWS."""
    done = run("mockaws", "exec", "--quiet", "--fixture", "one-hsm", "--", "mockaws", "doctor", "--json", **REAL)
    (endpoint,) = checks(done.stdout, "endpoint")
    assert "fixture one-hsm" in endpoint["found"]
    (reach,) = checks(done.stdout, "real AWS")
    assert (reach["grade"], reach["found"].partition(":")[0]) == ("ok", "out of reach")


def test_an_environment_that_reaches_aws(tmp_path: Path) -> None:
    """It exits with 1, tells no secret, and what it tells to say shuts the shell off from AWS."""
    home = {"HOME": str(tmp_path)}
    with Serving() as server:
        port = server.url.rpartition(":")[2]
        done = run("mockaws", "doctor", "--port", port, **REAL, **home)
        assert done.returncode == 1, done.stdout
        assert "every call would go to AWS" in done.stdout
        assert "hush" not in done.stdout + done.stderr
        assert "AKIA" not in done.stdout
        script = "\n".join(
            line.strip() for line in done.stdout.splitlines() if line.strip().startswith(("export", "unset"))
        )
        again = subprocess.run(
            ["bash", "-c", f"{script}\nmockaws doctor --json"],
            env=clean_environment() | REAL | home,
            capture_output=True,
            text=True,
            check=False,
        )
    assert [check["grade"] for check in checks(again.stdout, "real AWS")] == ["ok"]
    assert [check["grade"] for check in checks(again.stdout, "endpoint")] == ["ok"]


def test_the_summary_counts() -> None:
    """The last line says what it comes to, and the exit status follows it."""
    done = run("mockaws", "doctor", MOCKAWS_PROT="1", AWS_REGION="us-west-2", AWS_CA_BUNDLE="/nowhere")
    lines = done.stdout.splitlines()
    assert done.returncode == 1
    count = sum(line.startswith("problem") for line in lines)
    assert lines[-1].startswith(f"{count} problem")


def test_a_port_that_is_none() -> None:
    """A flag that is wrong is a mistake; a variable that is wrong is a finding."""
    assert run("mockaws", "doctor", "--port", "http").returncode == 2
    done = run("mockaws", "doctor", "--json", MOCKAWS_PORT="http")
    assert done.returncode == 1
    assert "a port is a number" in checks(done.stdout, "MOCKAWS_*")[0]["found"]


def test_commands_find_the_port_of_mockaws_port(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a named endpoint, a command asks the server that `mockaws serve` would be here."""
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.setenv("MOCKAWS_PORT", "5000")
    assert Remote().endpoint == "http://127.0.0.1:5000"
    monkeypatch.delenv("MOCKAWS_PORT")
    assert Remote().endpoint == "http://127.0.0.1:4566"
