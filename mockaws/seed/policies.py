"""Key policies, as a mapping or as JSON text."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from mockaws.records.world import Limits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockaws.seed.draft import Item

_VERSIONS = ("2012-10-17", "2008-10-17")
_EFFECTS = ("Allow", "Deny")
_CHARACTERS = re.compile(r"[\t\n\r -\xff]*")
_MEMBERS = {"Version", "Id", "Statement"}
_STATEMENT_MEMBERS = {
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
}


def read(item: Item, name: str) -> str | None:
    """Return the text of a policy, None where it is left out; what KMS would refuse is reported."""
    given = item.value(name)
    if given is None:
        return None
    text = given if isinstance(given, str) else json.dumps(given)
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        reason = f"{error.msg} at character {error.pos}" if isinstance(error, json.JSONDecodeError) else "too deep"
        item.wrong(name, f"is not JSON: {reason}", "the JSON text of a key policy")
        return text
    if not _CHARACTERS.fullmatch(text):
        item.wrong(name, "has a character that KMS does not take", "characters of ISO 8859-1, and escapes for others")
    limit = Limits().policy_bytes
    if len(text.encode()) > limit:
        item.wrong(name, f"has {len(text.encode())} bytes", f"at most {limit}")
    for where, message, expected in faults(document):
        # Inside a text nothing has a line or a path of its own.
        place = (name, *where) if isinstance(given, dict) else (name,)
        item.wrong(place, message, expected)
    return text


def faults(document: Any, *, may_be_empty: bool = False) -> Iterator[tuple[tuple[str | int, ...], str, str]]:
    """Yield what KMS would not take of a policy: where, what, and what would be right.

    KMS takes one without statements from a caller who bypasses its check for a lockout.
    """
    if not isinstance(document, dict):
        yield (), "is no policy", "a mapping with Version and Statement"
        return
    yield from _unknown(document, _MEMBERS, ())
    if document.get("Version", "2012-10-17") not in _VERSIONS:
        yield ("Version",), f"{document['Version']} is no version of the policy language", "2012-10-17"
    statements = document.get("Statement")
    if isinstance(statements, dict):
        yield from _statement_faults(statements, ("Statement",))
    elif isinstance(statements, list) and (statements or may_be_empty):
        for index, statement in enumerate(statements):
            yield from _statement_faults(statement, ("Statement", index))
    else:
        yield ("Statement",), "a policy needs statements", "one Statement or more"


def _statement_faults(statement: Any, where: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], str, str]]:
    if not isinstance(statement, dict):
        yield where, "is no statement", "a mapping with Effect, Principal, Action and Resource"
        return
    yield from _unknown(statement, _STATEMENT_MEMBERS, where)
    if statement.get("Effect") not in _EFFECTS:
        yield (*where, "Effect"), "a statement needs an Effect", "Allow or Deny"
    if "Principal" not in statement and "NotPrincipal" not in statement:
        yield (
            (*where, "Principal"),
            "a statement of a key policy needs a Principal",
            "a Principal such as {AWS: the ARN of a role}",
        )
    for name in ("Action", "NotAction", "Resource", "NotResource"):
        given = statement.get(name)
        values = given if isinstance(given, list) else [] if given is None else [given]
        if not all(isinstance(value, str) for value in values):
            yield (*where, name), f"{name} is not text", "text or a list of texts"
    if not isinstance(statement.get("Condition", {}), dict):
        yield (*where, "Condition"), "Condition is no mapping", "a mapping of operators"


def _unknown(document: dict[str, Any], members: set[str], where: tuple[str | int, ...]) -> Iterator[Any]:
    for name in document:
        if name not in members:
            yield (*where, name), "there is no such member of a policy", f"one of {', '.join(sorted(members))}"
