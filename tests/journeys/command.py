"""The command `mockaws` as a user runs it: a process, an address, an exit status."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from types import TracebackType

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
PATH = f"{BIN}{os.pathsep}{os.environ['PATH']}"
_PATIENCE = 60


def run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command from the repository's root to its end, with what stands beside this Python first on PATH."""
    return subprocess.run(
        command,
        cwd=ROOT,
        env=clean_environment() | environment,
        capture_output=True,
        text=True,
        timeout=_PATIENCE,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def clean_environment() -> dict[str, str]:
    """Return this environment without its AWS and mockaws settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "MOCKAWS_"))}
    return kept | {"PATH": PATH}


class Serving:
    """`mockaws serve` in a process of its own while the block runs."""

    def __init__(self, *flags: str) -> None:
        self.command = ["mockaws", "serve", "--port", "0", *flags]

    def __enter__(self) -> Self:
        self.process = subprocess.Popen(
            self.command,
            cwd=ROOT,
            env=clean_environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.first_line = self.process.stdout.readline()
        found = re.search(r"http://\S+", self.first_line)
        assert found, (self.first_line, self.process.stderr and self.process.stderr.read())
        self.url = found[0]
        return self

    def stop(self, number: int) -> tuple[int, str, str]:
        """Send a signal; return the exit status and what else was printed to stdout and stderr."""
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=_PATIENCE)
        return self.process.returncode, out, err

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdout, self.process.stderr):
            assert stream is not None
            stream.close()


def client_settings(url: str, account: str = "111122223333", region: str = "us-west-2") -> dict[str, Any]:
    """Return what boto3.client needs to speak to *url*."""
    return {
        "endpoint_url": url,
        "region_name": region,
        "aws_access_key_id": account,
        "aws_secret_access_key": "secret",
    }
