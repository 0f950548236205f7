"""`mockaws validate`: every mistake of a fixture at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.journeys.command import ROOT, run

if TYPE_CHECKING:
    from pathlib import Path

WRONG = """\
account: 111122223333
clusters:
  - id: cluster-readytwozone
    hsms:
      - zone: us-west-2c
      - zone: us-west-2a
        colour: green
custom_key_stores:
  - name: store
    cluster: cluster-elsewhere222
"""


def test_shipped_fixtures_are_good() -> None:
    """All fixtures of the clone are valid."""
    files = sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("fixtures/*.yaml"))
    done = run("mockaws", "validate", *files)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.splitlines()) == len(files) > 15


def test_every_mistake_has_its_line(tmp_path: Path) -> None:
    """Each mistake is a line with file, line and path, and the exit status is 2."""
    fixture = tmp_path / "wrong.yaml"
    fixture.write_text(WRONG)
    done = run("mockaws", "validate", str(fixture), "ready-cluster")
    assert done.returncode == 2
    for line, path in ((1, "account"), (7, "clusters[0].hsms[1]")):
        assert f"{fixture}:{line}: {path}" in done.stderr
    assert "ready-cluster" in done.stdout


def test_a_server_does_not_start_on_a_wrong_fixture(tmp_path: Path) -> None:
    """A file that cannot be read is a mistake, with exit status 2 and no traceback."""
    fixture = tmp_path / "wrong.yaml"
    fixture.write_text(WRONG)
    done = run("mockaws", "serve", "--port", "0", "--fixture", str(fixture))
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr
    assert f"{fixture}:1: account" in done.stderr
