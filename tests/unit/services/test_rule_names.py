"""A name of a rules module shows what kind of answer the function gives."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import mockaws

SERVICES = Path(mockaws.__file__).parent / "services"
RULES = sorted([*SERVICES.rglob("*rules.py"), SERVICES / "cloudhsmv2/ownership.py"])
QUESTIONS = ("is_", "has_", "may_")


def test_there_are_rules() -> None:
    """Each service has a module of rules, at least."""
    assert {path.parent.name for path in RULES} >= {"kms", "cloudhsmv2", "sts"}


@pytest.mark.parametrize("path", RULES, ids=lambda path: str(path.relative_to(SERVICES)))
def test_what_only_raises_begins_with_require(path: Path) -> None:
    """A public function that returns None begins with `require_`, and no other function does."""
    functions = [node for node in ast.parse(path.read_text()).body if isinstance(node, ast.FunctionDef)]
    public = [function for function in functions if not function.name.startswith("_")]
    raising = {function.name for function in public if function.returns and ast.unparse(function.returns) == "None"}
    assert raising == {function.name for function in public if function.name.startswith("require_")}


@pytest.mark.parametrize(
    "path", [path for path in RULES if path.parent.name != "kms"], ids=lambda path: path.parent.name
)
def test_questions(path: Path) -> None:
    """A function that returns True or False begins with `is_`, `has_` or `may_`."""
    functions = [node for node in ast.parse(path.read_text()).body if isinstance(node, ast.FunctionDef)]
    questions = {
        function.name for function in functions if function.returns and ast.unparse(function.returns) == "bool"
    }
    assert [name for name in questions if not name.lstrip("_").startswith(QUESTIONS)] == []
