"""A wrapper for the AWS CLI under `mockaws exec`, first on PATH, for settings that no variable has.

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
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

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


class Wrapped(NamedTuple):
    """An environment and a command with the AWS CLI wrapped, or the reason why it is not."""

    environment: Mapping[str, str]
    command: Sequence[str]
    problem: str = ""


def own_files(home: Path) -> list[Path]:
    """Return the files in *home* that AWS clients read whatever the environment names."""
    files = (home / _SETTINGS / name for name in _OUT_OF_SIGHT)
    return [file for file in files if os.path.exists(file)]  # noqa: PTH110 - Path.exists raises where it may not look


@contextmanager
def wrapped(environment: Mapping[str, str], command: Sequence[str]) -> Iterator[Wrapped]:
    """Wrap the AWS CLI, on PATH of *environment* and as *command* itself, until the block ends."""
    with ExitStack() as stack:
        made = Wrapped(environment, command)
        if os.name == "posix":
            try:
                made = _wrap(stack, environment, command)
            except OSError as error:
                made = Wrapped(environment, command, ": ".join(filter(None, (error.strerror, error.filename))))
        yield made


def _wrap(stack: ExitStack, environment: Mapping[str, str], command: Sequence[str]) -> Wrapped:
    path = environment.get("PATH", os.defpath)
    on_path = {name: program for name in COMMANDS if (program := shutil.which(name, path=path))}
    first = Path(command[0])
    by_path = first.name in COMMANDS and first.name != command[0] and os.access(first, os.X_OK)
    if not on_path and not by_path:
        return Wrapped(environment, command)
    temporary = tempfile.TemporaryDirectory(prefix="mockaws-", ignore_cleanup_errors=True)
    directory = Path(stack.enter_context(temporary))
    home = _home(environment, directory / "home")
    for name, program in on_path.items():
        _write(directory / "on-path" / name, program, home)
    if by_path:
        _write(directory / "by-path" / first.name, command[0], home)
        command = [str(directory / "by-path" / first.name), *command[1:]]
    return Wrapped({**environment, "PATH": os.pathsep.join([str(directory / "on-path"), path])}, command)


def _home(environment: Mapping[str, str], home: Path) -> Path | None:
    """Make *home* a directory of links to the user's, without `.aws`; return None if that holds nothing harmful."""
    given = environment.get("HOME")
    if not given or not own_files(Path(given)):
        return None
    home.mkdir()
    for path in Path(given).absolute().iterdir():
        if path.name != _SETTINGS:
            (home / path.name).symlink_to(path)
    return home


def _write(wrapper: Path, program: str, home: Path | None) -> None:
    """Write the wrapper of *program*."""
    wrapper.parent.mkdir(exist_ok=True)
    text = _WRAPPER.format(
        home=f"HOME={shlex.quote(str(home))}\nexport HOME\n" if home else "",
        endpoint=_ENDPOINT if wrapper.name == "aws" else "",
        program=shlex.quote(os.path.abspath(program)),  # noqa: PTH100 - links stay as they are
    )
    wrapper.write_text(text)
    wrapper.chmod(0o755)
