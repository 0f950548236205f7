"""OpenSSL's command line: an implementation that is not ours."""

from __future__ import annotations

import shutil
import subprocess
from functools import cache
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat import asn1

if TYPE_CHECKING:
    from pathlib import Path

NOT_THERE = "OpenSSL 3 is not on the PATH"


@asn1.sequence
class Sm2Ciphertext:
    """A ciphertext of SM2PKE, GM/T 0009."""

    x: int
    y: int
    digest: bytes
    masked: bytes


class OpenSsl:
    """Runs `openssl` in a folder of its own: `openssl("dgst", "-verify", "public.der", files={"public.der": …})`."""

    def __init__(self, folder: Path) -> None:
        if not is_there():
            pytest.skip(NOT_THERE)
        self._folder = folder

    def __call__(self, *arguments: str, files: dict[str, bytes]) -> bytes:
        """Return what a command prints. Raises CalledProcessError for a command that fails."""
        self._lay(files)
        return subprocess.run(["openssl", *arguments], cwd=self._folder, check=True, capture_output=True).stdout

    def agrees(self, *arguments: str, files: dict[str, bytes]) -> bool:
        """Return True if a command succeeds, as `verify` does for a valid signature."""
        self._lay(files)
        return (
            subprocess.run(["openssl", *arguments], cwd=self._folder, check=False, capture_output=True).returncode == 0
        )

    def _lay(self, files: dict[str, bytes]) -> None:
        for name, content in files.items():
            (self._folder / name).write_bytes(content)


@cache
def is_there() -> bool:
    """Return True if the command is OpenSSL 3: macOS has LibreSSL under that name."""
    if shutil.which("openssl") is None:
        return False
    return subprocess.run(["openssl", "version"], check=True, capture_output=True).stdout.startswith(b"OpenSSL 3.")
