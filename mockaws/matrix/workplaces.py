"""Copies of a directory, so that commands which write there can run side by side.

Terraform keeps its state, its lock and its plugins where it runs. Each copy begins without the first two; the plugins,
which are large and which nobody changes, are shared.
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
    """The directory cannot be copied; the message says why, and what can be done."""


class Template:
    """A directory, as it is to be copied."""

    def __init__(self, directory: Path) -> None:
        """Look at *directory*. Raises WorkplaceError where it is too large, or cannot be read."""
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

        What stands beside it, and beside each directory above it, is linked there, so that `../modules` leads where
        it leads from the original. Raises WorkplaceError.
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
    """Remove a copy, and not what is linked in it."""
    shutil.rmtree(root, ignore_errors=True)


def _walk(directory: Path) -> Iterator[os.DirEntry[str]]:
    """Yield what a copy holds; directories before what is in them, and those that are shared without that."""
    with os.scandir(directory) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            if _left_out(entry):
                continue
            yield entry
            if entry.is_dir(follow_symlinks=False) and not _is_shared(Path(entry.path)):
                yield from _walk(Path(entry.path))


def _left_out(entry: os.DirEntry[str]) -> bool:
    """Tell whether *entry* is a state, or neither file nor directory. In .terraform, what bears that name is none."""
    if entry.name.startswith(_LEFT_OUT) and Path(entry.path).parent.name != _PLUGINS[0]:
        return True
    return not (entry.is_symlink() or entry.is_file() or entry.is_dir())


def _is_shared(path: Path) -> bool:
    cache = os.environ.get(_PLUGIN_CACHE)
    if cache and path == Path(cache).absolute():
        return True
    return path.name in _SHARED or path.parts[-2:] == _PLUGINS or (path / _CACHE_TAG).exists()


def _put(entry: Path, copied: Path) -> None:
    """Make *copied* what *entry* is."""
    if entry.is_symlink() or not entry.is_dir():
        shutil.copy2(entry, copied, follow_symlinks=False)
    elif _is_shared(entry):
        copied.symlink_to(entry)
    else:
        copied.mkdir()


def _surround(directory: Path, copied: Path) -> None:
    """Link into each directory above *copied* what stands in the one that it mirrors."""
    for original, mirrored in zip(directory.parents, copied.parents, strict=False):
        try:
            beside = list(original.iterdir())
        except PermissionError:
            continue
        for path in beside:
            link = mirrored / path.name
            if not os.path.lexists(link):
                link.symlink_to(path)
