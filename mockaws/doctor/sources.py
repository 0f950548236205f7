"""The texts of a Terraform configuration: its files, those of its modules, and settings of its backend.

All are returned as HCL with blanks in the place of comments; JSON is translated.
"""

from __future__ import annotations

import json
import re
import shlex
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from mockaws.doctor.surroundings import Surroundings, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_PATTERNS = (
    *(f"*.{ending}" for ending in ("tf", "tf.json", "tofu", "tofu.json")),
    *(f"{folder}*.{ending}" for folder in ("", "tests/") for ending in ("tftest.hcl", "tofutest.hcl")),
    "terragrunt.hcl",
)
_MOST_DIRECTORIES = 200
_LARGEST = 1 << 20
_NOT_CODE = re.compile(r'"(?:\\.|[^"\\\n])*"|/\*.*?\*/|(?:#|//)[^\n]*', re.DOTALL)
_LOCAL_MODULE = re.compile(r'^[ \t]*source\s*=\s*"(\.\.?/[^"]*)"', re.MULTILINE)
_BACKEND_CONFIG = "-backend-config"
# The labels of a block: in JSON each is a member, and its value holds the members of the next.
_LABELS = {"provider": 1, "backend": 1, "key_provider": 2, "data": 2, "resource": 2, "variable": 1, "module": 1}


class Source(NamedTuple):
    """A text and its origin; lines in it count only if it is not translated."""

    name: str
    text: str
    has_lines: bool = True


def of_directory(surroundings: Surroundings) -> Iterator[Source]:
    """Yield the files of the directory itself."""
    yield from _files(surroundings, surroundings.directory)


def of_modules(surroundings: Surroundings, root: Sequence[Source]) -> Iterator[Source]:
    """Yield the files of all modules on this machine, given those of the *root* module."""
    waiting = _modules(surroundings.directory, root) + _installed(surroundings)
    seen = {surroundings.directory.resolve()}
    while waiting and len(seen) <= _MOST_DIRECTORIES:
        directory = waiting.pop(0)
        if directory.resolve() in seen or not directory.is_dir():
            continue
        seen.add(directory.resolve())
        files = list(_files(surroundings, directory))
        yield from files
        waiting += _modules(directory, files)


def of_backend(surroundings: Surroundings, arguments: Sequence[str] = ()) -> Iterator[Source]:
    """Yield the backend's settings from elsewhere: *arguments* of a command, variables, and the last init."""
    words = list(arguments)
    for variable in ("TF_CLI_ARGS", "TF_CLI_ARGS_init"):
        words += _words(surroundings.environ.get(variable, ""))
    for word, following in pairwise([*words, ""]):
        name, _, value = word.partition("=")
        if name.replace("--", "-") == _BACKEND_CONFIG:
            yield _backend_config(surroundings, value or following)
    if encryption := surroundings.environ.get("TF_ENCRYPTION"):
        text = _lines(_members(encryption)) or _code(encryption)
        yield Source("TF_ENCRYPTION", text, has_lines=False)
    remembered = data_directory(surroundings) / "terraform.tfstate"
    backend = _members(text_of(remembered)).get("backend")
    if isinstance(backend, dict) and isinstance(backend.get("config"), dict):
        yield Source(
            _name(surroundings, remembered), _block(f'backend "{backend.get("type")}"', backend["config"]), False
        )


def data_directory(surroundings: Surroundings) -> Path:
    """Return the directory in which Terraform keeps the results of `terraform init`."""
    return surroundings.path(surroundings.environ.get("TF_DATA_DIR") or ".terraform")


def _files(surroundings: Surroundings, directory: Path) -> Iterator[Source]:
    for file in sorted({file for pattern in _PATTERNS for file in directory.glob(pattern)}):
        try:
            if not file.is_file() or file.stat().st_size > _LARGEST:
                continue
        except OSError:
            continue
        name, text = _name(surroundings, file), text_of(file)
        if file.suffix == ".json":
            yield Source(name, _lines(_members(text)), has_lines=False)
        else:
            yield Source(name, _code(text))


def _name(surroundings: Surroundings, file: Path) -> str:
    """Return the name of *file* as seen from the directory."""
    base = surroundings.directory
    return str(file.relative_to(base)) if file.is_relative_to(base) else str(file)


def _modules(directory: Path, files: Sequence[Source]) -> list[Path]:
    return [directory / path for file in files for path in _LOCAL_MODULE.findall(file.text)]


def _installed(surroundings: Surroundings) -> list[Path]:
    """Return the directories of modules that `terraform init` has installed."""
    manifest = _members(text_of(data_directory(surroundings) / "modules" / "modules.json")).get("Modules")
    entries = manifest if isinstance(manifest, list) else []
    return [surroundings.path(str(entry["Dir"])) for entry in entries if isinstance(entry, dict) and entry.get("Dir")]


def _backend_config(surroundings: Surroundings, given: str) -> Source:
    """Return the text of a -backend-config: a setting, or a file of settings."""
    key, sign, value = given.partition("=")
    text = f"{key} = {json.dumps(value)}" if sign else _code(text_of(surroundings.path(given)))
    return Source(_BACKEND_CONFIG, f'backend "s3" {{\n{text}\n}}', has_lines=False)


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()


def _code(text: str) -> str:
    """Return *text* with blanks in the place of comments."""
    return _NOT_CODE.sub(lambda match: match[0] if match[0][0] == '"' else re.sub(r"[^\n]", " ", match[0]), text)


def _members(text: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def _lines(members: dict[str, Any]) -> str:
    """Return the members of a JSON object as HCL."""
    return "\n".join(line for name, value in members.items() for line in _labelled(name, _LABELS.get(name, 0), value))


def _labelled(head: str, labels: int, value: Any) -> list[str]:
    if isinstance(value, list) and any(isinstance(one, dict) for one in value):
        return [line for one in value for line in _labelled(head, labels, one)]
    if isinstance(value, dict) and labels:
        return [line for label, one in value.items() for line in _labelled(f'{head} "{label}"', labels - 1, one)]
    if isinstance(value, dict):
        return [_block(head, value)]
    return [] if value is None else [f"{head} = {json.dumps(value)}"]


def _block(head: str, members: dict[str, Any]) -> str:
    return f"{head} {{\n{_lines(members)}\n}}"
