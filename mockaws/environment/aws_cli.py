"""The AWS CLI under `mockaws exec`: what in it no variable can change, a wrapper that stands first on PATH does.

Version 1 has addresses of its own for some services, unless `--endpoint-url` is given. Both versions read aliases, and
botocore reads models of services, in `~/.aws`, wherever AWS_CONFIG_FILE points. An alias can name an endpoint, or a
command of the shell. Only there does the wrapper change HOME, to a directory with links to all of the user's but
`.aws`: another command may write there, and what it writes must stay.
"""

from __future__ import annotations

import os
import shlex
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

COMMANDS = ("aws", "awslocal")
_SETTINGS = ".aws"
_OUT_OF_SIGHT = ("cli/alias", "models")
_WRAPPER = """#!/bin/sh
# Made by mockaws for one command, and removed with it.
{home}{endpoint}exec {program} "$@"
"""
# Before the user's own arguments, so that an --endpoint-url among them counts. awslocal has one of its own.
_ENDPOINT = '[ -z "$AWS_ENDPOINT_URL" ] || set -- --endpoint-url "$AWS_ENDPOINT_URL" "$@"\n'


class Wrapped:
    """Wrappers for the AWS CLI, while they are there."""

    def __init__(self, directory: Path, home: Path | None) -> None:
        self._directory = directory
        self._home = home

    def command(self, command: Sequence[str]) -> list[str]:
        """Return *command*, with the wrapper in the place of an AWS CLI that is called by its path."""
        first = Path(command[0])
        if first.name not in COMMANDS or first.name == command[0] or not os.access(first, os.X_OK):
            return list(command)
        place = self._directory / "by-path"
        place.mkdir(exist_ok=True)
        return [str(self._write(place, first.name, str(first.absolute()))), *command[1:]]

    def environment(self, variables: Mapping[str, str]) -> dict[str, str]:
        """Return *variables* with the wrappers first on PATH; as they are where there is no AWS CLI."""
        path = variables.get("PATH", os.defpath)
        found = {name: program for name in COMMANDS if (program := shutil.which(name, path=path))}
        if not found:
            return dict(variables)
        place = self._directory / "bin"
        place.mkdir(exist_ok=True)
        for name, program in found.items():
            self._write(place, name, os.path.abspath(program))  # noqa: PTH100 - links stay as they are
        return {**variables, "PATH": os.pathsep.join([str(place), path])}

    def _write(self, place: Path, name: str, program: str) -> Path:
        wrapper = place / name
        home = f"HOME={shlex.quote(str(self._home))}\nexport HOME\n" if self._home else ""
        endpoint = _ENDPOINT if name == "aws" else ""
        wrapper.write_text(_WRAPPER.format(home=home, endpoint=endpoint, program=shlex.quote(program)))
        wrapper.chmod(0o755)
        return wrapper


def own_files(home: Path) -> list[Path]:
    """Return what stands in *home* that AWS clients read whatever the environment says."""
    return [home / _SETTINGS / name for name in _OUT_OF_SIGHT if (home / _SETTINGS / name).exists()]


@contextmanager
def wrapped(environment: Mapping[str, str]) -> Iterator[Wrapped | None]:
    """Make wrappers for a user with *environment*, which go when the block ends; None where there is no POSIX shell."""
    if os.name != "posix":
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="mockaws-", ignore_cleanup_errors=True) as directory:
        given = environment.get("HOME")
        home = Path(directory, "home") if given and own_files(Path(given)) else None
        if given and home:
            _link(Path(given), home)
        yield Wrapped(Path(directory), home)


def _link(original: Path, home: Path) -> None:
    """Make *home* a directory with links to what stands in *original*, but for the settings of AWS clients."""
    home.mkdir()
    for path in original.absolute().iterdir():
        if path.name != _SETTINGS:
            (home / path.name).symlink_to(path)
