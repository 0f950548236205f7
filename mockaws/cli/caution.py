"""Warnings before a command runs: variables that it does not get, and ways past mockaws that are left."""

from __future__ import annotations

import os
import re
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from mockaws import environment
from mockaws.cli.saying import complain
from mockaws.environment import aws_cli

if TYPE_CHECKING:
    from collections.abc import Sequence

# These read no configuration of Terraform's.
_OTHER_COMMANDS = frozenset({*aws_cli.COMMANDS, "mockaws"})
_ENDINGS = (".hcl", ".tf", ".tf.json", ".tofu", ".tofu.json")
# Of Terraform itself, or in the script of a shell.
_DIRECTORY = re.compile(r"(?:^|\s)--?chdir=(?:\"([^\"]+)\"|'([^']+)'|([^\s;&|]+))")


def warn(command: Sequence[str], *, not_wrapped: str, quiet: bool = False) -> None:
    """Name on stderr what is withheld from *command*, unless *quiet*, and each way past mockaws that is left.

    *not_wrapped* is why the AWS CLI is not wrapped, "" where it is.
    """
    names = environment.withheld(os.environ)
    if names and not quiet:
        complain(f"not passed on to {command[0]}: {', '.join(names)}")
    if not_wrapped:
        complain(f"warning: no wrapper for the AWS CLI, which may follow aliases and call AWS: {not_wrapped}")
    for sentence in _ways_out(command):
        complain(f"warning: {sentence}")


def _ways_out(command: Sequence[str]) -> list[str]:
    name = PurePath(command[0]).name
    found = [] if name in _OTHER_COMMANDS else _in_configurations(command)
    if name not in aws_cli.COMMANDS or os.name != "posix":
        found += _own_files()
    return found


def _in_configurations(command: Sequence[str]) -> list[str]:
    """Return a warning for each way out in the configuration here, and in the directories that *command* names."""
    here = Path.cwd()
    named = ["".join(found) for word in command for found in _DIRECTORY.findall(word)]
    directories = [one for one in dict.fromkeys([".", *named]) if _has_configuration(here / one)]
    if not directories:
        return []
    from mockaws.doctor import configuration  # noqa: PLC0415 - most commands do without
    from mockaws.doctor.surroundings import Surroundings  # noqa: PLC0415

    found: list[str] = []
    for directory in directories:
        surroundings = Surroundings(environ=os.environ, directory=here / directory)
        prefix = "" if directory == "." else f"{directory.rstrip('/')}/"
        found += [f"{prefix}{sentence}" for sentence in configuration.ways_out(surroundings, command)]
    return list(dict.fromkeys(found))


def _has_configuration(directory: Path) -> bool:
    try:
        return any(name.endswith(_ENDINGS) for name in os.listdir(directory))  # noqa: PTH208 - names are enough
    except OSError:
        return False


def _own_files() -> list[str]:
    """Return a warning for each file in HOME that AWS clients read wherever variables point."""
    home = os.environ.get("HOME")
    said = {
        "alias": "an AWS CLI that is called by its path follows aliases; `aws` on PATH does not",
        "models": "boto3 reads it, whatever the environment says; `aws` on PATH does not",
    }
    return [f"{path}: {said[path.name]}" for path in aws_cli.own_files(Path(home))] if home else []
