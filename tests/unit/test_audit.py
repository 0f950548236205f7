"""`make check` looks for known vulnerabilities: found, not found, and not asked are three things."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from tests.journeys.command import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow

LOCK = f"one==1.0 \\\n    --hash=sha256:{'0' * 64}\ntwo==2.0 \\\n    --hash=sha256:{'1' * 64}\n"
FOUND = {
    "id": "PYSEC-2026-1",
    "aliases": ["CVE-2026-0001"],
    "summary": "It is bad.",
    "details": "It is bad.",
    "published": "2026-01-01T00:00:00Z",
    "affected": [
        {
            "package": {"name": "one", "ecosystem": "PyPI"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.1"}]}],
            "versions": ["1.0"],
        }
    ],
}


@contextmanager
def database(status: int = 200, vulnerable: str = "") -> Iterator[str]:
    """Serve a database that knows one vulnerability, of the package *vulnerable*; yield its URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            known = {"vulns": [FOUND]} if asked["package"]["name"] == vulnerable else {}
            body = json.dumps(known).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/v1/query"
        finally:
            server.shutdown()


def audit(url: str, lock: str, folder: Path, *flags: str) -> subprocess.CompletedProcess[str]:
    """Run the audit of a lock file with a database."""
    file = folder / "lock.txt"
    file.write_text(lock)
    command = [sys.executable, "scripts/audit.py", "--osv-url", url, "--seconds", "50", str(file), *flags]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_nothing_known(tmp_path: Path) -> None:
    """Versions without a known vulnerability pass."""
    with database() as url:
        done = audit(url, LOCK, tmp_path)
    assert (done.returncode, done.stdout) == (0, "audit: no known vulnerability in lock.txt\n"), done.stderr


def test_a_known_vulnerability(tmp_path: Path) -> None:
    """One known vulnerability fails the check, and is named with the version that has it no more."""
    with database(vulnerable="one") as url:
        done = audit(url, LOCK, tmp_path)
    assert done.returncode == 1
    assert "audit: one 1.0: PYSEC-2026-1 (CVE-2026-0001), fixed in 1.1" in done.stderr


def test_an_ignored_vulnerability(tmp_path: Path) -> None:
    """One that is ignored for a reason passes; without a reason none can be ignored."""
    ignored = tmp_path / "ignored.toml"
    for reason, status in (("not reachable: never called", 0), (" ", 1)):
        ignored.write_text(f'[ignore]\nPYSEC-2026-1 = "{reason}"\n')
        with database(vulnerable="one") as url:
            assert audit(url, LOCK, tmp_path, "--ignored", str(ignored)).returncode == status


@pytest.mark.parametrize("status", [0, 500, 403])
def test_without_a_database(status: int, tmp_path: Path) -> None:
    """The check passes without an answer of the database, and says that nothing was looked up, and why."""
    if status:
        with database(status) as url:
            done = audit(url, LOCK, tmp_path)
    else:
        done = audit("http://127.0.0.1:1/v1/query", LOCK, tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stderr.startswith("audit: SKIPPED, nothing was looked up: http://127.0.0.1:")


def test_a_broken_lock_file(tmp_path: Path) -> None:
    """A lock file that cannot be read, or has a version without a hash, is no reason to skip anything."""
    with database() as url:
        assert audit(url, "one==1.0\n", tmp_path).returncode == 1
        assert audit(url, "==\n", tmp_path).returncode == 1
