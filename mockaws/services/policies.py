"""Policies: the form that all of them have, and which of their statements are about somebody who wants to do something.

What a policy must not have where it is attached, and how it is refused, is a matter of the service that keeps it.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from __future__ import annotations

import json
import re
from fnmatch import translate
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from mockaws import arns
from mockaws.services import principals

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from mockaws.model.errors import Declared
    from mockaws.services.operation import Caller

Statement = dict[str, Any]

# These are tuples, as what is looked for in them may be anything that JSON has.
_VERSIONS = ("2012-10-17", "2008-10-17")
_EFFECTS = ("Allow", "Deny")
_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_BRACKETS = re.compile(r"[\[\]{}]")
_MAX_DEPTH = 64
_MEMBERS = {"Version", "Id", "Statement"}
# No ARN, action or value of a condition key is longer; callers write patterns, so that their number is bounded as well.
_LONGEST_PATTERN = 2048
_MOST_PATTERNS = 256
# Of a condition's operator: `ForAnyValue:StringNotLikeIfExists`.
_OPERATOR = re.compile(r"(String|Arn)(Not)?(Equals|Like|EqualsIgnoreCase)(IfExists)?", re.IGNORECASE)


class Asked(NamedTuple):
    """Who wants to do what, to something that *owner*, an account, has.

    *context* has what conditions may look at, by the names of their keys in small letters: None for what is not there.
    *providers* are the names of whoever vouches for a caller who is nobody in any account.
    """

    caller: Caller
    action: str
    owner: str
    context: Mapping[str, str | None] = {}
    providers: Collection[str] = ()


def statements(text: str, malformed: Declared, members: Collection[str]) -> list[Statement]:
    """Return the statements of a policy, which have no members but *members*; *malformed* is told the fault."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise malformed(fault="it is not JSON") from None
    if not isinstance(document, dict):
        raise malformed(fault="it is not a JSON object")
    _only(document, _MEMBERS, "the policy", malformed)
    if document.get("Version", "2008-10-17") not in _VERSIONS:
        raise malformed(fault=f"its Version is neither {' nor '.join(_VERSIONS)}")
    found = document.get("Statement")
    given: list[Any] = found if isinstance(found, list) else [found]
    for statement in given:
        _check_statement(statement, malformed, members)
    return given


def require_readable(text: str, malformed: Declared) -> None:
    """Raise *malformed* if a policy is nested so deep that it could not be read again wherever it is needed."""
    depth = deepest = 0
    for bracket in _BRACKETS.findall(_TEXT.sub("", text)):
        depth += 1 if bracket in "[{" else -1
        deepest = max(deepest, depth)
    if deepest > _MAX_DEPTH:
        raise malformed(fault=f"it is nested more than {_MAX_DEPTH} levels deep")


def _check_statement(statement: Any, malformed: Declared, members: Collection[str]) -> None:
    if not isinstance(statement, dict):
        raise malformed(fault="its Statement is not an object or a list of objects")
    _only(statement, members, "a statement", malformed)
    if statement.get("Effect") not in _EFFECTS:
        raise malformed(fault="the Effect of a statement is neither Allow nor Deny")
    if not isinstance(statement.get("Condition", {}), dict):
        raise malformed(fault="the Condition of a statement is not an object")


def _only(document: dict[str, Any], allowed: Collection[str], what: str, malformed: Declared) -> None:
    unknown = sorted(set(document) - set(allowed))
    if unknown:
        raise malformed(fault=f"{what} has no member {unknown[0]}")


def listed(value: Any) -> list[Any]:
    """Return what a policy has none, one or a list of as a list."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def named(statement: Statement, member: str = "Principal") -> Iterator[tuple[str, Any]]:
    """Yield the kind and the name of each principal of a statement; `*` alone is any AWS principal."""
    given = statement.get(member, {})
    if isinstance(given, dict):
        for kind, names in given.items():
            for name in listed(names):
                yield kind, name
    else:
        yield ("AWS" if given == "*" else ""), given


def allow(given: list[Statement], asked: Asked) -> bool:
    """Tell whether statements allow something, given that the caller's own IAM policies do."""
    return any(_in_force(statement, asked, "Allow") for statement in given) and not deny(given, asked)


def deny(given: list[Statement], asked: Asked) -> bool:
    """Tell whether statements deny something."""
    return any(_in_force(statement, asked, "Deny") for statement in given)


def covers_action(statement: Statement, action: str) -> bool:
    """Tell whether a statement is about an action such as `kms:Decrypt`."""
    if "NotAction" in statement:
        return not _matches(action, listed(statement["NotAction"]))
    return _matches(action, listed(statement.get("Action")))


def holds(statement: Statement, context: Mapping[str, str | None]) -> bool | None:
    """Tell whether the conditions of a statement are met; None where that depends on what *context* does not tell."""
    tests = [
        _test(operator, listed(values), context[key.lower()]) if key.lower() in context else None
        for operator, pairs in statement.get("Condition", {}).items()
        for key, values in (pairs.items() if isinstance(pairs, dict) else ())
    ]
    if False in tests:
        return False
    return None if None in tests else True


def _in_force(statement: Statement, asked: Asked, effect: str) -> bool:
    """What nobody can tell of a condition is taken for met where it allows, and for not met where it denies."""
    return (
        statement.get("Effect") == effect
        and covers_action(statement, asked.action)
        and _covers_caller(statement, asked)
        and holds(statement, asked.context) in ({True, None} if effect == "Allow" else {True})
    )


def _covers_caller(statement: Statement, asked: Asked) -> bool:
    if asked.providers:
        return any(
            (kind == "Federated" and name in asked.providers) or (kind, name) == ("AWS", "*")
            for kind, name in named(statement)
        )
    caller = asked.caller
    account = {caller.account, arns.account_root(caller.region, caller.account)}
    if caller.account == asked.owner:
        # Terraform's provider writes the root of an account that it was told not to look up as arn:aws:iam:::root.
        account.add(arns.account_root(caller.region, ""))
    unique_id = caller.user_id.partition(":")[0]
    names = {caller.arn, principals.role(caller), caller.user_id, unique_id, "*"} | account
    if "NotPrincipal" in statement:
        return not any(principals.pathless(name) in names for _, name in named(statement, "NotPrincipal"))
    if statement.get("Effect") == "Deny":
        # A denied account root is the root user; it does not stand for the users of the account.
        names -= account
    return any(kind == "AWS" and principals.pathless(name) in names for kind, name in named(statement))


def _matches(text: str, patterns: list[str]) -> bool:
    return any(_like(text.lower(), pattern.lower()) for pattern in patterns)


def _like(text: str, pattern: str) -> bool:
    """Return True if *text* matches a pattern, in which `*` stands for any characters and `?` for one."""
    return len(pattern) <= _LONGEST_PATTERN and _compiled(pattern)(text) is not None


@lru_cache(_MOST_PATTERNS)
def _compiled(pattern: str) -> Callable[[str], re.Match[str] | None]:
    return re.compile(translate(pattern.replace("[", "[[]"))).match


def _test(operator: str, values: list[Any], value: str | None) -> bool | None:
    """Tell what a condition's operator says of a value; None of an operator that is not known here."""
    if operator.lower() == "null":
        return any(str(wanted).lower() == str(value is None).lower() for wanted in values)
    found = _OPERATOR.fullmatch(operator)
    if found is None:
        return None
    _, negated, comparison, if_exists = found.groups()
    if value is None:
        return bool(negated or if_exists)
    return bool(negated) != any(_compare(comparison.lower(), found[1].lower(), str(wanted), value) for wanted in values)


def _compare(comparison: str, kind: str, wanted: str, value: str) -> bool:
    if comparison == "equalsignorecase":
        return wanted.lower() == value.lower()
    if comparison == "like" or kind == "arn":
        return _like(value, wanted)
    return wanted == value
