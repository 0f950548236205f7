"""The imports of records: they do no IO, so every store and every fixture can use them."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from mockaws import records

MODULES = sorted(Path(next(iter(records.__path__))).glob("*.py"))
# Of the standard library, the modules that compute only.
PURE = {
    "__future__",
    "binascii",
    "collections",
    "collections.abc",
    "dataclasses",
    "datetime",
    "enum",
    "functools",
    "json",
    "math",
    "types",
    "typing",
}
BELOW = ("mockaws.records", "mockaws.crypto", "mockaws.arns", "mockaws.clock", "mockaws.moments", "mockaws.regions")


def imported(module: Path) -> set[str]:
    """Return the names of the modules that a module imports, also those for type checkers only."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Import):
            found.update(name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            found.update(
                {f"mockaws.{name.name}" for name in node.names} if node.module == "mockaws" else {node.module or ""}
            )
    return found


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.stem)
def test_records_are_pure(module: Path) -> None:
    """A module of records imports neither files, sockets, threads nor a layer above."""
    assert {name for name in imported(module) if name not in PURE and not name.startswith(BELOW)} == set()
