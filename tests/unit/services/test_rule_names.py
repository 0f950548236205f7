"""A function's name shows what kind of answer it gives."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import mockaws

SERVICES = Path(mockaws.__file__).parent / "services"
# The modules whose functions change records by returning new ones, so that one without an answer is a rule.
MODULES = sorted(path for name in ("kms", "cloudhsmv2", "sts") for path in (SERVICES / name).rglob("*.py"))
RULES = sorted([*SERVICES.rglob("*rules.py"), SERVICES / "cloudhsmv2/ownership.py"])
QUESTIONS = ("is_", "has_", "may_")


def functions(module: Path) -> list[ast.FunctionDef]:
    """Return the functions of a module that are no operations, its classes' methods included."""
    found = (node for node in ast.walk(ast.parse(module.read_text())) if isinstance(node, ast.FunctionDef))
    return [function for function in found if not function.decorator_list]


def answer(function: ast.FunctionDef) -> str:
    """Return the type of a function's answer."""
    return ast.unparse(function.returns) if function.returns else ""


def raises(function: ast.FunctionDef) -> bool:
    """Return True if a function raises an error, or calls a rule that does."""
    nodes = list(ast.walk(function))
    called = [node.func for node in nodes if isinstance(node, ast.Call)]
    names = [func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "") for func in called]
    return any(isinstance(node, ast.Raise) for node in nodes) or any(
        name.startswith(("require_", "_require_")) for name in names
    )


def test_there_are_rules() -> None:
    """Each service has a module of rules, at least."""
    assert {path.parent.name for path in RULES} >= {"kms", "cloudhsmv2", "sts"}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SERVICES)))
def test_functions_that_raise(path: Path) -> None:
    """A function that returns None and raises an error begins with `require_`."""
    rules = [function.name for function in functions(path) if answer(function) == "None" and raises(function)]
    assert [name for name in rules if not name.lstrip("_").startswith("require_")] == []


@pytest.mark.parametrize("path", RULES, ids=lambda path: str(path.relative_to(SERVICES)))
def test_modules_of_rules(path: Path) -> None:
    """In a module of rules, the public functions that return None are those that begin with `require_`."""
    public = [function for function in functions(path) if not function.name.startswith("_")]
    returning_none = {function.name for function in public if answer(function) == "None"}
    assert returning_none == {function.name for function in public if function.name.startswith("require_")}


@pytest.mark.parametrize("path", RULES, ids=lambda path: str(path.relative_to(SERVICES)))
def test_questions(path: Path) -> None:
    """In a module of rules, a function that returns True or False begins with `is_`, `has_` or `may_`."""
    questions = [function.name for function in functions(path) if answer(function) == "bool"]
    assert [name for name in questions if not name.lstrip("_").startswith(QUESTIONS)] == []
