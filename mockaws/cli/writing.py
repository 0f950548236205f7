"""Files that a command writes for its user: all of them or none, and never over another one."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path


class NotWrittenError(Exception):
    """The files were not written; the message gives the reason and what would be right."""


def write(folder: Path, contents: Mapping[str, bytes], *, force: bool = False) -> list[Path]:
    """Write files into *folder*, by their paths in it, and return those that were new or changed.

    A file that has the content already is left alone. Raises NotWrittenError, with nothing written, if another file is
    in the way and *force* is not given, or if the system refuses.
    """
    wanted = {folder / name: content for name, content in contents.items()}
    try:
        found = {path: path.read_bytes() for path in wanted if path.exists()}
    except OSError as error:
        raise NotWrittenError(f"{error.filename} cannot be read: {error.strerror}") from None
    changed = [path for path, content in wanted.items() if found.get(path) != content]
    taken = [path for path in changed if path in found]
    if taken and not force:
        names = ", ".join(map(str, taken))
        raise NotWrittenError(f"{names}: exists with other content: move it away, or choose another folder")
    parts: dict[Path, Path] = {}
    folders: list[Path] = []
    try:
        for path in changed:
            folders += _make_folder(path.parent)
            parts[path] = path.with_name(f".{path.name}.part")
            parts[path].write_bytes(wanted[path])
    except OSError as error:
        _remove(parts.values(), folders)
        raise NotWrittenError(f"{error.filename or folder} cannot be written: {error.strerror}") from None
    for path, part in parts.items():
        part.replace(path)
    return changed


def _make_folder(folder: Path) -> list[Path]:
    """Make a folder and its parents, and return those that were new, outermost first."""
    new = [parent for parent in (folder, *folder.parents) if not parent.exists()][::-1]
    folder.mkdir(parents=True, exist_ok=True)
    return new


def _remove(files: Iterable[Path], folders: list[Path]) -> None:
    for file in files:
        file.unlink(missing_ok=True)
    for folder in reversed(folders):
        with suppress(OSError):
            folder.rmdir()
