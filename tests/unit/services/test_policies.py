"""The statements of policies that apply to a request, and the patterns in them."""

from __future__ import annotations

from typing import Any

import pytest

from mockaws.model.errors import CHOSEN, AWSError, ErrorCatalogue
from mockaws.model.service import load
from mockaws.services import policies
from mockaws.services.operation import Caller
from tests.samples import ACCOUNT, REGION

CALLER = Caller(ACCOUNT, ACCOUNT, REGION, f"arn:aws:iam::{ACCOUNT}:user/Alice", "AIDAEXAMPLE")


def allowed(pattern: str, action: str = "kms:Encrypt") -> bool:
    """Return True if a statement about such actions lets a caller do one."""
    statement = {"Effect": "Allow", "Principal": "*", "Action": pattern, "Resource": "*"}
    return policies.is_allowed([statement], policies.PolicyRequest(CALLER, action, ACCOUNT))


@pytest.mark.parametrize(
    ("pattern", "matches"),
    [
        ("kms:Encrypt", True),
        ("KMS:encrypt", True),
        ("kms:*", True),
        ("*", True),
        ("kms:En?rypt", True),
        ("kms:E[n]crypt", False),
        ("kms:[e]ncrypt", False),
        ("kms:[!x]ncrypt", False),
        ("kms:[*", False),
        ("kms:Encryp", False),
        ("kms:Encrypt?", False),
        ("*" * 2048, True),
        ("*" * 2049, False),
    ],
)
def test_patterns(pattern: str, matches: bool) -> None:
    """`*` stands for any characters and `?` for one. Brackets stand for themselves. No action has 2049 letters.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
    """
    assert allowed(pattern) is matches


@pytest.mark.parametrize("pattern", ["kms:[e]ncrypt", "kms:[!x]ncrypt", "kms:E[a-z]crypt"])
def test_brackets_in_not_action(pattern: str) -> None:
    """NotAction has the patterns of Action: one with brackets excludes no action.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notaction.html
    """
    statement = {"Effect": "Allow", "Principal": "*", "NotAction": pattern, "Resource": "*"}
    assert policies.is_allowed([statement], policies.PolicyRequest(CALLER, "kms:Encrypt", ACCOUNT))


@pytest.mark.parametrize(
    ("pattern", "value", "matches"),
    [
        ("al*", "alice", True),
        ("alic?", "alice", True),
        ("[a]lice", "alice", False),
        ("[!b]lice", "alice", False),
        ("[a]lice", "[a]lice", True),
        ("[a*", "[a]lice", True),
        ("a]l[*", "a]l[ice", True),
    ],
)
@pytest.mark.parametrize("operator", ["StringLike", "StringNotLike", "ArnLike", "ArnEquals", "ArnNotLike"])
def test_brackets_in_conditions(operator: str, pattern: str, value: str, matches: bool) -> None:
    """The "Like" operators, and all operators of ARNs, know `*` and `?` only: brackets stand for themselves.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
    """
    statement = {"Condition": {operator: {"aws:PrincipalArn": pattern}}}
    is_met = policies.condition_result(statement, {"aws:principalarn": value})
    assert is_met is (matches != ("Not" in operator))


def test_cache_of_patterns_is_bounded() -> None:
    """At most 256 compiled patterns are kept."""
    for number in range(1000):
        assert not allowed(f"kms:*{number}")
    assert policies._compiled.cache_info().currsize <= 256  # noqa: SLF001 - what is kept is what this is about


@pytest.mark.parametrize(
    ("operator", "wanted", "value", "met"),
    [
        ("Null", "true", None, True),
        ("Null", "true", "alice", False),
        ("null", "False", "alice", True),
        ("Null", ["false", "true"], None, True),
        ("StringEquals", "alice", "Alice", False),
        ("StringEqualsIgnoreCase", "aLICE", "Alice", True),
        ("StringEqualsIgnoreCase", "bob", "Alice", False),
        ("StringNotEqualsIgnoreCase", "aLICE", "Alice", False),
        ("stringequals", ["bob", "Alice"], "Alice", True),
        ("StringEquals", "al*", "alice", False),
        ("StringEquals", "alice", None, False),
        ("StringEqualsIfExists", "alice", None, True),
        ("StringNotEquals", "alice", None, True),
        ("StringNotEqualsIfExists", "alice", None, True),
        ("StringLikeIfExists", "al*", "bob", False),
        ("ArnLike", "al*", None, False),
    ],
)
def test_operators(operator: str, wanted: str | list[str], value: str | None, met: bool) -> None:
    """An absent value meets the negated operators and those with IfExists; Null asks for its absence.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
    """
    statement = {"Condition": {operator: {"aws:username": wanted}}}
    assert policies.condition_result(statement, {"aws:username": value}) is met


def test_operators_that_are_not_evaluated() -> None:
    """A condition that cannot be evaluated counts as met in an Allow and as unmet in a Deny."""
    for operator, context in (("NumericEquals", {"aws:username": "1"}), ("StringEquals", {})):
        statement: dict[str, Any] = {"Condition": {operator: {"aws:UserName": "1"}}, "Principal": "*", "Action": "*"}
        assert policies.condition_result(statement, context) is None
        request = policies.PolicyRequest(CALLER, "kms:Encrypt", ACCOUNT, context)
        assert policies.is_allowed([{**statement, "Effect": "Allow"}], request)
        assert not policies.is_denied([{**statement, "Effect": "Deny"}], request)


def test_one_unmet_condition_decides() -> None:
    """All conditions of a statement must be met."""
    conditions = {"StringEquals": {"aws:username": "alice", "aws:other": "x"}, "StringLike": {"aws:username": "b*"}}
    assert policies.condition_result({"Condition": conditions}, {"aws:username": "alice"}) is False


@pytest.mark.parametrize(
    ("principal", "allowed"),
    [
        ({"AWS": CALLER.arn}, True),
        ({"AWS": [f"arn:aws:iam::{ACCOUNT}:user/Bob", CALLER.arn]}, True),
        ({"AWS": "*"}, True),
        ("*", True),
        ({"AWS": ACCOUNT}, True),
        ({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, True),
        ({"AWS": "AIDAEXAMPLE"}, True),
        ({"AWS": f"arn:aws:iam::{ACCOUNT}:user/Bob"}, False),
        ({"Service": CALLER.arn}, False),
        ({"Federated": "*"}, False),
    ],
)
def test_principals(principal: Any, allowed: bool) -> None:
    """A principal is an account, a user or role by ARN or unique id, or all of them; only kind AWS names these.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
    """
    statement = {"Effect": "Allow", "Principal": principal, "Action": "kms:Encrypt", "Resource": "*"}
    assert policies.is_allowed([statement], policies.PolicyRequest(CALLER, "kms:Encrypt", ACCOUNT)) is allowed


@pytest.mark.parametrize(
    ("name", "denied"), [("arn:aws:iam::{}:role/Admin", True), ("AROAEXAMPLE", True), ("AROAEXAMPL", False)]
)
def test_sessions(name: str, denied: bool) -> None:
    """The role of a session stands for the session, by its ARN and by its unique id."""
    arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/Admin/me"
    session = Caller("ASIAEXAMPLE", ACCOUNT, REGION, arn, "AROAEXAMPLE:me")
    statement = {"Effect": "Deny", "Principal": {"AWS": name.format(ACCOUNT)}, "Action": "*", "Resource": "*"}
    assert policies.is_denied([statement], policies.PolicyRequest(session, "kms:Encrypt", ACCOUNT)) is denied


@pytest.mark.parametrize(
    ("principal", "allowed"),
    [
        ({"Federated": "accounts.google.com"}, True),
        ({"Federated": "cognito-identity.amazonaws.com"}, False),
        ({"AWS": "accounts.google.com"}, False),
        ({"AWS": "*"}, True),
        ("*", True),
        ({"Service": "*"}, False),
    ],
)
def test_federated_callers(principal: Any, allowed: bool) -> None:
    """A statement is about a caller with a web identity if it names the provider, or `*`."""
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRoleWithWebIdentity"}
    request = policies.PolicyRequest(
        CALLER, "sts:AssumeRoleWithWebIdentity", ACCOUNT, providers=("accounts.google.com",)
    )
    assert policies.is_allowed([statement], request) is allowed


MALFORMED = ErrorCatalogue("kms", load("kms").errors)("MalformedPolicyDocumentException", CHOSEN, "It is: {flaw}")


@pytest.mark.parametrize(
    ("text", "deep"),
    [
        ("[" * 64 + "]" * 64, False),
        ("[" * 65 + "]" * 65, True),
        ('{"a":' * 65 + "1" + "}" * 65, True),
        ("[" + "[]," * 100 + "{}]", False),
        (f'["{"[" * 100}", "\\"{"{" * 100}"]', False),
        (f'["]]]]", {"[" * 64}{"]" * 64}]', True),
    ],
    ids=["64 levels", "65 levels", "65 objects", "100 side by side", "in texts", "closed in a text"],
)
def test_depth(text: str, deep: bool) -> None:
    """A policy may have 64 levels; brackets in texts are none."""
    if not deep:
        policies.require_bounded_depth(text, MALFORMED)
        return
    with pytest.raises(AWSError, match="It is: it is nested more than 64 levels deep"):
        policies.require_bounded_depth(text, MALFORMED)
