"""Access to files that a user names: regular files only, up to a limit."""

from __future__ import annotations

import errno
import os
import re
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

MAX_NAMED = 1024 * 1024
"""The size limit of a file that a fixture names, in bytes."""

# Names of files that a shell has opened: `<(…)`, `>(…)` and redirections. Another program holds the other end open.
_INHERITED = re.compile(r"/dev/(?:stdin|stdout|stderr|fd/[0-9]+)|/proc/(?:self|[0-9]+)/fd/[0-9]+")
_KINDS = {stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket", stat.S_IFCHR: "a device", stat.S_IFBLK: "a device"}


def read(path: Path, most: int = MAX_NAMED, *, inherited: bool = False) -> bytes:
    """Return the content of a regular file, truncated after *most* bytes and one more.

    If *inherited*, a pipe that a shell has opened is accepted as well. Raises OSError at once for other kinds of files,
    and for files that cannot be read. Raises ValueError if *path* is not a file name.
    """
    is_inherited = inherited and is_opened_by_shell(path)
    _require_regular(path.stat(), is_inherited=is_inherited)
    # The file may become a pipe after the first check. A pipe without a writer would block the open.
    waiting = 0 if is_inherited else getattr(os, "O_NONBLOCK", 0)
    with os.fdopen(os.open(path, os.O_RDONLY | waiting | getattr(os, "O_BINARY", 0)), "rb") as file:
        _require_regular(os.fstat(file.fileno()), is_inherited=is_inherited)
        return file.read(most + 1)


def read_named(path: Path) -> str:
    """Return the text of a file that a fixture names.

    Raises OSError and ValueError as `read` does, and OSError if the file exceeds MAX_NAMED.
    """
    content = read(path)
    if len(content) > MAX_NAMED:
        raise OSError(errno.EFBIG, f"it has more than {MAX_NAMED} bytes")
    return content.decode()


def reason(error: OSError | ValueError, otherwise: str) -> str:
    """Return the reason why a file cannot be used: the operating system's message, else *otherwise*."""
    return error.strerror if isinstance(error, OSError) and error.strerror else otherwise


def is_opened_by_shell(path: Path) -> bool:
    """Return True for a name under which a shell passes an open file."""
    return _INHERITED.fullmatch(str(path)) is not None


def kind_of(mode: int) -> str:
    """Return `a pipe`, `a socket` or `a device`; an empty text for other files."""
    return _KINDS.get(stat.S_IFMT(mode), "")


def _require_regular(status: os.stat_result, *, is_inherited: bool) -> None:
    if stat.S_ISREG(status.st_mode) or (is_inherited and stat.S_ISFIFO(status.st_mode)):
        return
    if stat.S_ISDIR(status.st_mode):
        raise OSError(errno.EISDIR, os.strerror(errno.EISDIR))
    raise OSError(errno.EINVAL, f"it is {kind_of(status.st_mode) or 'no regular file'}")
