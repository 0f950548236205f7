"""Files that a user names: regular ones, and never more of them than is wanted."""

from __future__ import annotations

import errno
import os
import re
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

MAX_NAMED = 1024 * 1024
"""The most bytes that a file may have that a fixture names."""

# Names of what a shell has opened: `<(…)`, `>(…)` and redirections. Another program has the other end open already.
_INHERITED = re.compile(r"/dev/(?:stdin|stdout|stderr|fd/[0-9]+)|/proc/(?:self|[0-9]+)/fd/[0-9]+")
_KINDS = {stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket", stat.S_IFCHR: "a device", stat.S_IFBLK: "a device"}


def read(path: Path, most: int = MAX_NAMED, *, inherited: bool = False) -> bytes:
    """Return the content of a regular file, of a larger one *most* bytes and one more.

    A pipe that a shell has opened may be *inherited*. Raises OSError for all other files, at once, and for those that
    cannot be read; raises ValueError for what is no file name.
    """
    is_inherited = inherited and is_opened_by_shell(path)
    _require_regular(path.stat(), is_inherited=is_inherited)
    # Between these two lines it can become a pipe, which must not be waited for.
    waiting = 0 if is_inherited else getattr(os, "O_NONBLOCK", 0)
    with os.fdopen(os.open(path, os.O_RDONLY | waiting | getattr(os, "O_BINARY", 0)), "rb") as file:
        _require_regular(os.fstat(file.fileno()), is_inherited=is_inherited)
        return file.read(most + 1)


def read_named(path: Path) -> str:
    """Return the text of a file that a fixture names. Raises what `read` does, and OSError for a large one."""
    content = read(path)
    if len(content) > MAX_NAMED:
        raise OSError(errno.EFBIG, f"it has more than {MAX_NAMED} bytes")
    return content.decode()


def reason(error: OSError | ValueError, otherwise: str) -> str:
    """Return why a file cannot be used: the system's own words, else *otherwise*."""
    return error.strerror if isinstance(error, OSError) and error.strerror else otherwise


def is_opened_by_shell(path: Path) -> bool:
    """Return True for the names under which a shell passes what it has opened."""
    return _INHERITED.fullmatch(str(path)) is not None


def kind_of(mode: int) -> str:
    """Return the kind of a pipe, a socket or a device in words, an empty text for other files."""
    return _KINDS.get(stat.S_IFMT(mode), "")


def _require_regular(status: os.stat_result, *, is_inherited: bool) -> None:
    if stat.S_ISREG(status.st_mode) or (is_inherited and stat.S_ISFIFO(status.st_mode)):
        return
    if stat.S_ISDIR(status.st_mode):
        raise OSError(errno.EISDIR, os.strerror(errno.EISDIR))
    raise OSError(errno.EINVAL, f"it is {kind_of(status.st_mode) or 'no regular file'}")
