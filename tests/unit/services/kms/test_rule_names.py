"""The names of the rules of KMS."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import mockaws.services.kms as package

FOLDER = Path(package.__file__).parent
MODULES = sorted(FOLDER.rglob("*.py"))


def functions(module: Path) -> list[ast.FunctionDef]:
    """Return the functions of a module that are no operations, its classes' methods included."""
    found = (node for node in ast.walk(ast.parse(module.read_text())) if isinstance(node, ast.FunctionDef))
    return [function for function in found if not function.decorator_list]


def returns_nothing(function: ast.FunctionDef) -> bool:
    """Return True if a function's only result is that it returns."""
    return isinstance(function.returns, ast.Constant) and function.returns.value is None


def raises(function: ast.FunctionDef) -> bool:
    """Return True if a function raises an error, or calls a rule that does."""
    nodes = list(ast.walk(function))
    called = [node.func for node in nodes if isinstance(node, ast.Call)]
    names = [func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "") for func in called]
    return any(isinstance(node, ast.Raise) for node in nodes) or any(
        name.startswith(("require_", "_require_")) for name in names
    )


@pytest.mark.parametrize("module", MODULES, ids=lambda module: str(module.relative_to(FOLDER)))
def test_rules(module: Path) -> None:
    """A function that raises errors and returns nothing begins with `require_`."""
    rules = [function.name for function in functions(module) if returns_nothing(function) and raises(function)]
    assert [name for name in rules if not name.lstrip("_").startswith("require_")] == []


@pytest.mark.parametrize("module", ["rules", "grant_rules"])
def test_modules_of_rules(module: str) -> None:
    """In a module of rules, all functions that return nothing begin with `require_`."""
    found = [function.name for function in functions(FOLDER / f"{module}.py") if returns_nothing(function)]
    assert found
    assert [name for name in found if not name.startswith("require_")] == []
