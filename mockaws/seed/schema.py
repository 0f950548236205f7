"""The schema of fixtures, and its faults in words that say what would be right."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any

from mockaws.seed.problems import Fault, guess, kind_of, one_of, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockaws.seed.problems import Path
    from mockaws.seed.safe_yaml import Node

FILE = FilePath(__file__).with_name("schema.json")

_TYPES = {
    "array": "a list",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "object": "a mapping",
    "string": "text",
}
_LARGE = 2000
_AT_A_TIME = 50
_COUNTED = {"maxItems": "entries", "minItems": "entries", "maxProperties": "entries"}


@cache
def schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) that ships with the package."""
    content: dict[str, Any] = json.loads(FILE.read_bytes())
    return content


def faults(root: Node) -> Iterator[Fault]:
    """Yield all faults that the schema finds in the document, of a large one perhaps only the first.

    The checker finds all errors of a document before it yields the first, and no other thread runs until then. So it is
    given a large document in parts, and only those in which something is wrong.
    """
    document = root.plain()
    if _validator().is_valid(document):
        return
    found = False
    for part, start in _parts(document, root):
        if not _validator().is_valid(part):
            for error in _validator().iter_errors(part):
                found = True
                yield from _in_words(error, root, start)
    if not found:
        for error in _validator().iter_errors(document):
            yield from _in_words(error, root, 0)


def _parts(document: Any, root: Node) -> Iterator[tuple[Any, int]]:
    """Yield parts of a document, each with the index of what is first in its list."""
    if root.size <= _LARGE or not isinstance(document, dict):
        yield document, 0
        return
    lists = {name: value for name, value in document.items() if isinstance(value, list)}
    yield _cut({name: value for name, value in document.items() if name not in lists}), 0
    for name, values in lists.items():
        for start in range(0, len(values), _AT_A_TIME):
            yield {name: _cut(values[start : start + _AT_A_TIME])}, start


def _cut(value: Any) -> Any:
    """Return a value without most of what is in its long lists."""
    if isinstance(value, dict):
        return {key: _cut(inner) for key, inner in value.items()}
    return [_cut(inner) for inner in value[:_AT_A_TIME]] if isinstance(value, list) else value


@cache
def _validator() -> Any:
    # Shipped fixtures are not checked at start-up, and a fixture that is not checked must not pay for the checker.
    from jsonschema_rs import Draft202012Validator  # noqa: PLC0415

    return Draft202012Validator(schema())


def _in_words(error: Any, root: Node, start: int) -> Iterator[Fault]:
    path = tuple(error.instance_path)
    if start:
        path = (path[0], path[1] + start, *path[2:])
    rule = _rule(error.schema_path[:-1])
    keyword, details = error.kind.name, error.kind.as_dict()
    if keyword == "additionalProperties":
        for name in details["unexpected"]:
            yield _unexpected(name, path, rule)
    elif keyword == "required":
        missing = details["property"]
        expected = _expected(_resolved(rule["properties"][missing]))
        yield Fault((*path, missing), "is missing", expected, spoils=True)
    elif keyword == "propertyNames":
        name = str(details["error"].instance)
        yield Fault((*path, name), f"{shown(name)!r} cannot be a key here", rule["title"])
    else:
        spoils = keyword not in {"maxProperties", "uniqueItems"}
        yield Fault(path, *_wrong_value(error, rule, root.text_of(path)), spoils=spoils)


def _wrong_value(error: Any, rule: dict[str, Any], text: str) -> tuple[str, str]:
    """Return what is wrong with a value, and what would be right."""
    keyword, value = error.kind.name, error.instance
    given = "the value" if rule.get("writeOnly") else shown(text or value)
    limit = error.kind.as_dict().get("limit")
    if value is None:
        return "is left empty", _expected(rule)
    if isinstance(value, (dict, list)) and keyword in {"type", "enum"}:
        return f"is {kind_of(value)}", _expected(rule)
    if keyword == "type":
        quotes = ": put it in quotes" if _is_text(rule, text) else ""
        return f"{given} is {kind_of(value)}", _expected(rule) + quotes
    if keyword == "enum":
        known = list(map(str, rule["enum"]))
        return f"{given} is not known here{guess(str(value), known)}", one_of(known)
    if keyword in {"minimum", "maximum"}:
        return f"{given} is too {'small' if keyword == 'minimum' else 'large'}", _range(rule)
    if keyword in {"minLength", "maxLength"}:
        return f"has {len(value)} characters", rule.get("title") or f"{_bound(keyword)} {limit}"
    if keyword in _COUNTED:
        return f"has {len(value)} {_COUNTED[keyword]}", f"{_bound(keyword)} {limit}"
    if keyword == "uniqueItems":
        return "names something twice", "each only once"
    return f"{given} has the wrong form", _expected(rule)


def _unexpected(name: str, path: Path, rule: dict[str, Any]) -> Fault:
    if name == "<<":
        return Fault((*path, name), "YAML's merge key is not taken", "the properties themselves")
    properties = rule["properties"]
    return Fault((*path, name), f"there is no such property{guess(name, properties)}", one_of(sorted(properties)))


def _rule(schema_path: list[str | int]) -> dict[str, Any]:
    rule: Any = schema()
    for step in schema_path:
        rule = rule[step]
    return dict(rule)


def _resolved(rule: dict[str, Any]) -> dict[str, Any]:
    reference = rule.get("$ref")
    return _rule(reference.removeprefix("#/").split("/")) if reference else rule


def _is_text(rule: dict[str, Any], text: str) -> bool:
    """Tell whether a scalar would be right if it were text."""
    return rule["type"] == "string" and bool(text) and re.search(rule.get("pattern", ""), text) is not None


def _expected(rule: dict[str, Any]) -> str:
    if "title" in rule:
        return (
            f"{rule['title']} such as {rule['examples'][0]}" if {"pattern", "examples"} <= set(rule) else rule["title"]
        )
    if "enum" in rule:
        return one_of(map(str, rule["enum"]))
    types = rule.get("type", [])
    return " or ".join(_TYPES[name] for name in ([types] if isinstance(types, str) else types))


def _range(rule: dict[str, Any]) -> str:
    if "maximum" not in rule:
        return f"at least {rule['minimum']}"
    return f"{rule['minimum']} to {rule['maximum']}"


def _bound(keyword: str) -> str:
    return "at least" if keyword.startswith("min") else "at most"
