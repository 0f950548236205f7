"""Copies of a directory for commands that write there in parallel.

Terraform keeps its state, its lock and its plugins in its working directory. Each copy begins without the first two.
The plugins, which are large and do not change, are shared.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_BYTES = 256 * 2**20

_LEFT_OUT = ("terraform.tfstate", ".terraform.tfstate.lock.info")  # and what they are the beginning of
_SHARED = frozenset({".git", ".venv", "node_modules"})
_PLUGINS = (".terraform", "providers")
_CACHE_TAG = "CACHEDIR.TAG"  # https://bford.info/cachedir/
_PLUGIN_CACHE = "TF_PLUGIN_CACHE_DIR"


class WorkplaceError(Exception):
    """The directory cannot be copied; the message has the reason and a remedy."""


class Template:
    """A directory to copy."""

    def __init__(self, directory: Path) -> None:
        """Look at *directory*. Raises WorkplaceError if it is too large, or cannot be read."""
        self._directory = directory
        self._entries = []
        size = 0
        try:
            for entry in _walk(directory):
                self._entries.append(Path(entry.path))
                if entry.is_file(follow_symlinks=False):
                    size += entry.stat().st_size
                if size > MOST_BYTES:
                    raise WorkplaceError(
                        f"{directory} is too large to be copied for each world: more than {MOST_BYTES // 2**20} MiB"
                    )
        except OSError as error:
            raise WorkplaceError(f"{error.filename}: {error.strerror}") from None

    def copy(self, root: Path) -> Path:
        """Copy the directory to the place below *root* that it has below `/`, and return that.

        The neighbours of the directory, and of each directory above it, are linked there, so that `../modules` leads to
        the same files. Raises WorkplaceError if the copy fails.
        """
        copied = root / self._directory.relative_to(self._directory.anchor)
        try:
            copied.mkdir(parents=True, exist_ok=True)
            _surround(self._directory, copied)
            for entry in self._entries:
                _put(entry, copied / entry.relative_to(self._directory))
        except OSError as error:
            raise WorkplaceError(f"{error.filename2 or error.filename}: {error.strerror}") from None
        return copied


def remove(root: Path) -> None:
    """Remove a copy, without the targets of its links."""
    shutil.rmtree(root, ignore_errors=True)


def _walk(directory: Path) -> Iterator[os.DirEntry[str]]:
    """Yield the content of a copy; directories before their content, and shared ones without it."""
    with os.scandir(directory) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            if _left_out(entry):
                continue
            yield entry
            if entry.is_dir(follow_symlinks=False) and not _is_shared(Path(entry.path)):
                yield from _walk(Path(entry.path))


def _left_out(entry: os.DirEntry[str]) -> bool:
    """Return True if *entry* is a state, or neither file nor directory. In .terraform a state's name is allowed."""
    if entry.name.startswith(_LEFT_OUT) and Path(entry.path).parent.name != _PLUGINS[0]:
        return True
    return not (entry.is_symlink() or entry.is_file() or entry.is_dir())


def _is_shared(path: Path) -> bool:
    cache = os.environ.get(_PLUGIN_CACHE)
    if cache and path == Path(cache).absolute():
        return True
    return path.name in _SHARED or path.parts[-2:] == _PLUGINS or (path / _CACHE_TAG).exists()


def _put(entry: Path, copied: Path) -> None:
    """Create *copied* as a copy of *entry*."""
    if entry.is_symlink() or not entry.is_dir():
        shutil.copy2(entry, copied, follow_symlinks=False)
    elif _is_shared(entry):
        copied.symlink_to(entry)
    else:
        copied.mkdir()


def _surround(directory: Path, copied: Path) -> None:
    """Link the neighbours of each directory in the original into each directory above *copied*."""
    for original, mirrored in zip(directory.parents, copied.parents, strict=False):
        try:
            beside = list(original.iterdir())
        except PermissionError:
            continue
        for path in beside:
            link = mirrored / path.name
            if not os.path.lexists(link):
                link.symlink_to(path)
