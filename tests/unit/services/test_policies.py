"""Patterns of policies: what they match, and that many of them do not fill the memory."""

from __future__ import annotations

import pytest

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
