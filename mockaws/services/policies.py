"""The form that all policies share, and which statements apply to an authorization request.

Each service decides which members its policies may have, and with which error it rejects a malformed one.
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

# Tuples, because the value that is looked up may be any JSON value, hashable or not.
VERSIONS = ("2012-10-17", "2008-10-17")
EFFECTS = ("Allow", "Deny")
MEMBERS = ("Id", "Statement", "Version")
_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_BRACKETS = re.compile(r"[\[\]{}]")
_MAX_DEPTH = 64
# No ARN, action or value of a condition key is longer. Callers write the patterns, so their number is bounded as well.
_LONGEST_PATTERN = 2048
_MOST_PATTERNS = 256
# A condition operator, such as `StringNotLikeIfExists`.
_OPERATOR = re.compile(r"(String|Arn)(Not)?(Equals|Like|EqualsIgnoreCase)(IfExists)?", re.IGNORECASE)


class PolicyRequest(NamedTuple):
    """An authorization request: the caller, the action, and the account that owns the resource.

    *context* has the values of condition keys by their names in lower case; None stands for an absent value.
    *providers* are the names of the identity provider that vouches for a caller without an AWS identity.
    """

    caller: Caller
    action: str
    owner: str
    context: Mapping[str, str | None] = {}
    providers: Collection[str] = ()


class Flaw(NamedTuple):
    """One violation of the policy grammar: the path to it in the document, a sentence, and what would be right."""

    path: tuple[str | int, ...]
    message: str
    expected: str


def statements(text: str, malformed: Declared, find_flaws: Callable[[Any], Iterator[Flaw]]) -> list[Statement]:
    """Return the statements of a policy, whose flaws *find_flaws* yields.

    Raises *malformed*, with the first flaw as its `flaw`, if *text* is not a policy.
    """
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise malformed(flaw="it is not JSON") from None
    for flaw in find_flaws(document):
        raise malformed(flaw=flaw.message)
    return as_list(document["Statement"])


def flaws(document: Any, members: Collection[str]) -> Iterator[Flaw]:
    """Yield the flaws of a parsed policy, whose statements may have *members* only.

    A list without statements has no flaw: each service decides whether it accepts an empty policy.
    """
    if not isinstance(document, dict):
        yield Flaw((), "it is not a JSON object", "an object with Version and Statement")
        return
    yield from _unknown_members(document, MEMBERS, "the policy", ())
    if document.get("Version", "2008-10-17") not in VERSIONS:
        yield Flaw(("Version",), f"its Version is neither {' nor '.join(VERSIONS)}", VERSIONS[0])
    given = document.get("Statement")
    if isinstance(given, list):
        for index, statement in enumerate(given):
            yield from _statement_flaws(statement, members, ("Statement", index))
    else:
        yield from _statement_flaws(given, members, ("Statement",))


def require_bounded_depth(text: str, malformed: Declared) -> None:
    """Require that a policy can be parsed wherever it is needed. Raises *malformed* if it is nested too deep."""
    depth = deepest = 0
    for bracket in _BRACKETS.findall(_TEXT.sub("", text)):
        depth += 1 if bracket in "[{" else -1
        deepest = max(deepest, depth)
    if deepest > _MAX_DEPTH:
        raise malformed(flaw=f"it is nested more than {_MAX_DEPTH} levels deep")


def _statement_flaws(statement: Any, members: Collection[str], path: tuple[str | int, ...]) -> Iterator[Flaw]:
    if not isinstance(statement, dict):
        yield Flaw(path, "its Statement is not an object or a list of objects", "an object with Effect and Action")
        return
    yield from _unknown_members(statement, members, "a statement", path)
    if statement.get("Effect") not in EFFECTS:
        yield Flaw((*path, "Effect"), "the Effect of a statement is neither Allow nor Deny", "Allow or Deny")
    if not isinstance(statement.get("Condition", {}), dict):
        yield Flaw((*path, "Condition"), "the Condition of a statement is not an object", "an object of operators")


def _unknown_members(
    document: dict[str, Any], allowed: Collection[str], holder: str, path: tuple[str | int, ...]
) -> Iterator[Flaw]:
    for name in sorted([name for name in document if name not in allowed]):
        yield Flaw((*path, name), f"{holder} has no member {name}", f"one of {', '.join(sorted(allowed))}")


def as_list(value: Any) -> list[Any]:
    """Return a list of the values of a member that may be absent, a single value, or a list."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def principals_in(statement: Statement, member: str = "Principal") -> Iterator[tuple[str, Any]]:
    """Yield the kind and the name of each principal of a statement. A bare `*` is any AWS principal."""
    given = statement.get(member, {})
    if isinstance(given, dict):
        for kind, names in given.items():
            for name in as_list(names):
                yield kind, name
    else:
        yield ("AWS" if given == "*" else ""), given


def is_allowed(given: list[Statement], request: PolicyRequest) -> bool:
    """Return True if statements allow a request, assuming that the caller's own IAM policies allow it."""
    return any(_is_in_force(statement, request, "Allow") for statement in given) and not is_denied(given, request)


def is_denied(given: list[Statement], request: PolicyRequest) -> bool:
    """Return True if statements deny a request."""
    return any(_is_in_force(statement, request, "Deny") for statement in given)


def is_about_action(statement: Statement, action: str) -> bool:
    """Return True if a statement applies to an action such as `kms:Decrypt`.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
    """
    if "NotAction" in statement:
        return not _is_any_like(action, as_list(statement["NotAction"]))
    return _is_any_like(action, as_list(statement.get("Action")))


def condition_result(statement: Statement, context: Mapping[str, str | None]) -> bool | None:
    """Return whether the conditions of a statement are met, None if *context* lacks a key that decides it."""
    tests = [
        _operator_result(operator, as_list(values), context[key.lower()]) if key.lower() in context else None
        for operator, pairs in statement.get("Condition", {}).items()
        for key, values in (pairs.items() if isinstance(pairs, dict) else ())
    ]
    if False in tests:
        return False
    return None if None in tests else True


def _is_in_force(statement: Statement, request: PolicyRequest, effect: str) -> bool:
    """Return True if a statement with this effect applies to a request.

    A condition that cannot be evaluated counts as met in an Allow and as unmet in a Deny.
    """
    return (
        statement.get("Effect") == effect
        and is_about_action(statement, request.action)
        and _is_about_caller(statement, request)
        and condition_result(statement, request.context) in ({True, None} if effect == "Allow" else {True})
    )


def _is_about_caller(statement: Statement, request: PolicyRequest) -> bool:
    if request.providers:
        return any(
            (kind == "Federated" and name in request.providers) or (kind, name) == ("AWS", "*")
            for kind, name in principals_in(statement)
        )
    caller = request.caller
    account = {caller.account, arns.account_root(caller.region, caller.account)}
    if caller.account == request.owner:
        # If Terraform's provider is told not to look up the account, it writes the account root as arn:aws:iam:::root.
        account.add(arns.account_root(caller.region, ""))
    unique_id = caller.user_id.partition(":")[0]
    names = {caller.arn, principals.role(caller), caller.user_id, unique_id, "*"} | account
    if "NotPrincipal" in statement:
        return not any(principals.pathless(name) in names for _, name in principals_in(statement, "NotPrincipal"))
    if statement.get("Effect") == "Deny":
        # In a Deny, the account root is the root user alone; it does not stand for the users of the account.
        names -= account
    return any(kind == "AWS" and principals.pathless(name) in names for kind, name in principals_in(statement))


def _is_any_like(text: str, patterns: list[str]) -> bool:
    return any(_is_like(text.lower(), pattern.lower()) for pattern in patterns)


def _is_like(text: str, pattern: str) -> bool:
    """Return True if *text* matches a pattern of IAM.

    `*` stands for any characters and `?` for one; every other character stands for itself, a bracket as well.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
    """
    return len(pattern) <= _LONGEST_PATTERN and _compiled(pattern)(text) is not None


@lru_cache(_MOST_PATTERNS)
def _compiled(pattern: str) -> Callable[[str], re.Match[str] | None]:
    # fnmatch's expressions cannot backtrack exponentially. Its [sets] are no part of IAM's language.
    return re.compile(translate(pattern.replace("[", "[[]"))).match


def _operator_result(operator: str, values: list[Any], value: str | None) -> bool | None:
    """Return whether a condition operator accepts a value, None if the operator is not implemented here."""
    if operator.lower() == "null":
        return any(str(wanted).lower() == str(value is None).lower() for wanted in values)
    found = _OPERATOR.fullmatch(operator)
    if found is None:
        return None
    _, negated, comparison, if_exists = found.groups()
    if value is None:
        return bool(negated or if_exists)
    kind = found[1].lower()
    return bool(negated) != any(_is_equal(comparison.lower(), kind, str(wanted), value) for wanted in values)


def _is_equal(comparison: str, kind: str, wanted: str, value: str) -> bool:
    if comparison == "equalsignorecase":
        return wanted.lower() == value.lower()
    if comparison == "like" or kind == "arn":
        return _is_like(value, wanted)
    return wanted == value
