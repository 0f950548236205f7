"""`mockaws init`: the files with which a team's repository begins."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mockaws.cli.output import OK, USAGE, complain

if TYPE_CHECKING:
    import argparse

_TEMPLATES = Path(__file__).with_name("templates")
# The paths in the repository, and the templates that they are copies of.
_FILES = {
    "fixtures/team.yaml": "team.yaml",
    "tests/test_key_store.py": "test_key_store.py.txt",
    ".github/workflows/mockaws.yaml": "workflow.yaml",
}
_FIXTURE = "fixtures/team.yaml"


def add_commands(init: argparse.ArgumentParser) -> None:
    """Add the argument of the command to its parser."""
    init.add_argument("folder", nargs="?", default=".", metavar="DIR", help="the repository (default: this folder)")
    init.set_defaults(run=_init)


def _init(parsed: argparse.Namespace) -> int:
    from mockaws.cli.writing import NotWrittenError, write  # noqa: PLC0415
    from mockaws.fixtures import library  # noqa: PLC0415

    folder = Path(parsed.folder)
    contents = {path: (_TEMPLATES / template).read_bytes() for path, template in _FILES.items()}
    for file in (library.SCHEMA, library.FOLDER / "customerCA.crt"):
        contents[f"fixtures/{file.name}"] = file.read_bytes()
    there = [str(folder / path) for path in contents if (folder / path).exists()]
    if there:
        complain(f"{', '.join(there)}: exists, and init overwrites nothing: move it away, or name another folder")
        return USAGE
    try:
        written = write(folder, contents)
    except NotWrittenError as error:
        complain(str(error))
        return USAGE
    for file in sorted(written):
        print(file)  # noqa: T201
    change = "" if folder == Path() else f"cd {parsed.folder} && "
    print(  # noqa: T201
        f"Next: {change}mockaws validate {_FIXTURE}\n"
        f"      pip install 'mockaws[boto3]' pytest && pytest\n"
        f"Then describe your own clusters, key stores and keys in {_FIXTURE}."
    )
    return OK
