"""Scripts that `mockaws serve` runs once it answers, in the form that LocalStack's image has for them.

https://docs.localstack.cloud/references/init-hooks has the rules: `*.sh` and `*.py`, in alphabetical order, those of a
folder before those of its subfolders; a script that fails stops no other one.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from mockaws import environment
from mockaws.cli.output import complain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

_SUFFIXES = (".sh", ".py")
# A script's own account and Region, if the server's environment names them. Everything else leads to the server.
_KEPT = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION", "AWS_DEFAULT_REGION")


def find(folders: Iterable[str]) -> list[Path]:
    """Return the scripts in *folders*, in the order in which they run; a folder that is missing has none."""
    return [script for folder in folders for script in _scripts(Path(folder))]


def _scripts(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    entries = sorted(folder.iterdir())
    own = [entry for entry in entries if entry.suffix in _SUFFIXES and entry.is_file()]
    return own + [script for entry in entries if entry.is_dir() for script in _scripts(entry)]


def variables(surroundings: Mapping[str, str], url: str, account: str, region: str) -> dict[str, str]:
    """Return the environment of a script: AWS clients in it reach the server at *url*."""
    kept = {name: value for name in _KEPT if (value := surroundings.get(name))}
    for name, other in (("AWS_REGION", "AWS_DEFAULT_REGION"), ("AWS_DEFAULT_REGION", "AWS_REGION")):
        if other in kept:
            kept.setdefault(name, kept[other])
    return environment.for_command(surroundings, url, account, region) | kept


class InitScripts:
    """Scripts in a thread of their own, so that the server answers them."""

    def __init__(self, scripts: Sequence[Path], variables: Mapping[str, str], ended: Callable[[], None]) -> None:
        self._scripts = scripts
        self._variables = variables
        self._ended = ended
        self._lock = threading.Lock()
        self._running: subprocess.Popen[bytes] | None = None
        self._stopped = False

    def start(self) -> None:
        """Run the scripts one after the other, then call *ended*, all in another thread."""
        threading.Thread(target=self._run, name="init scripts", daemon=True).start()

    def stop(self) -> None:
        """End the script that runs, and start no other one."""
        with self._lock:
            self._stopped = True
            if self._running is not None:
                self._running.terminate()

    def _run(self) -> None:
        for script in self._scripts:
            try:
                status = self._status_of(script)
            except OSError as error:
                complain(f"init script {script} cannot be run: {error.strerror}")
            else:
                if status and not self._stopped:
                    complain(f"init script {script} failed with status {status}; the next one runs")
        if not self._stopped:
            self._ended()

    def _status_of(self, script: Path) -> int:
        """Run a script to its end and return its status. Raises OSError if it cannot be run."""
        with self._lock:
            if self._stopped:
                return 0
            # The server's own standard output has its address and nothing else.
            self._running = running = subprocess.Popen(  # noqa: S603 - running it is its user's wish
                _command(script), env=dict(self._variables), stdin=subprocess.DEVNULL, stdout=sys.stderr.fileno()
            )
        return running.wait()


def _command(script: Path) -> list[str]:
    if script.suffix == ".py":
        return [sys.executable, str(script)]
    # A mounted file may have lost its mode.
    return [str(script)] if os.access(script, os.X_OK) else [shutil.which("bash") or "sh", str(script)]
