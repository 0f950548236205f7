"""The measured servers: how each is installed in an environment of its own, and started."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bench.process import ServerProcess, free_port

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENTS = ROOT / ".bench"
REQUIREMENTS = Path(__file__).resolve().parent / "requirements"
INSTALL_SECONDS = 900.0
OURS = "mockaws"
BARE = "flask"


class InstallError(Exception):
    """A peer's environment cannot be made."""


@dataclass(frozen=True)
class Peer:
    """One server to measure; *command* gets the folder of its programs and the port."""

    name: str
    package: str
    about: str
    requirements: tuple[str, ...]
    command: Callable[[Path, int], list[str]]
    variables: Callable[[int], dict[str, str]] = lambda _port: {}
    made_from: tuple[str, ...] = ()

    @property
    def environment(self) -> Path:
        """The folder of its virtual environment."""
        return ENVIRONMENTS / self.name

    def install(self) -> None:
        """Make its environment unless it is there and made from the same requirements. Raises InstallError."""
        stamp = self.environment / "made-from"
        recipe = self._recipe()
        if stamp.is_file() and stamp.read_text() == recipe:
            return
        print(f"installing {self.name} into {self.environment.relative_to(ROOT)} ...", file=sys.stderr, flush=True)
        shutil.rmtree(self.environment, ignore_errors=True)
        _run([sys.executable, "-m", "venv", str(self.environment)])
        pip = [
            str(self.environment / "bin" / "python"),
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
        ]
        _run([*pip, *self.requirements])
        stamp.write_text(recipe)

    def version(self) -> str:
        """Return the version that is installed."""
        found = sorted(self.environment.glob(f"lib/python*/site-packages/{self.package}-*.dist-info"))
        return found[0].name.removesuffix(".dist-info").removeprefix(f"{self.package}-") if found else "unknown"

    def start(self, note: str = "") -> ServerProcess:
        """Start it on a free port; it listens a while later. A *note* tells its log from that of others."""
        port = free_port()
        temporary = ENVIRONMENTS / "tmp"
        temporary.mkdir(parents=True, exist_ok=True)
        return ServerProcess(
            self.command(self.environment / "bin", port),
            _clean_environment() | {"TMPDIR": str(temporary)} | self.variables(port),
            port,
            ROOT,
            ENVIRONMENTS / f"{self.name}{note and ' '}{note}.log",
        )

    def _recipe(self) -> str:
        parts = [sys.version, *self.requirements]
        parts += [Path(name).read_text() for name in (*self.requirements, *self.made_from) if Path(name).is_file()]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _clean_environment() -> dict[str, str]:
    """Return this process's environment without what would configure a peer."""
    foreign = ("AWS_", "MOCKAWS_", "MOTO_", "PYTHON", "VIRTUAL_ENV")
    return {name: value for name, value in os.environ.items() if not name.startswith(foreign)}


def _run(command: list[str]) -> None:
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise InstallError(str(error)) from None
    if done.returncode:
        words = (done.stderr or done.stdout).strip().splitlines()
        raise InstallError(words[-1] if words else f"{command[0]} ended with status {done.returncode}")


PEERS = {
    peer.name: peer
    for peer in (
        Peer(
            OURS,
            "mockaws",
            "this checkout, `mockaws serve --quiet`",
            ("--editable", str(ROOT), "--constraint", str(REQUIREMENTS / "flask.txt")),
            lambda programs, port: [str(programs / "mockaws"), "serve", "--port", str(port), "--quiet"],
            made_from=(str(ROOT / "pyproject.toml"),),
        ),
        Peer(
            BARE,
            "flask",
            "one bare Flask route on mockaws's own server, with its settings",
            ("--requirement", str(REQUIREMENTS / "flask.txt")),
            lambda programs, port: [str(programs / "python"), "-m", "bench.bare_flask", str(port)],
        ),
        Peer(
            "ministack",
            "ministack",
            "`ministack` with cryptography, only KMS and STS, no log, no MQTT and SFTP listeners",
            ("--requirement", str(REQUIREMENTS / "ministack.txt")),
            lambda programs, _port: [str(programs / "ministack")],
            lambda port: {
                "BIND_HOST": "127.0.0.1",
                "GATEWAY_PORT": str(port),
                "IOT_MTLS_ENABLED": "0",
                "LOG_LEVEL": "ERROR",
                "SERVICES": "kms,sts",
                "SFTP_ENABLED": "0",
            },
        ),
        Peer(
            "moto",
            "moto",
            "`moto_server`; it logs each request and closes each connection, and has no setting for either",
            ("--requirement", str(REQUIREMENTS / "moto.txt")),
            lambda programs, port: [str(programs / "moto_server"), "-H", "127.0.0.1", "-p", str(port)],
        ),
    )
}
