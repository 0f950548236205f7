"""Patterns of policies: what they match, and that callers who write many of them fill no memory."""

from __future__ import annotations

import pytest

from mockaws.services import policies
from mockaws.services.operation import Caller
from tests.samples import ACCOUNT, REGION

CALLER = Caller(ACCOUNT, ACCOUNT, REGION, f"arn:aws:iam::{ACCOUNT}:user/Alice", "AIDAEXAMPLE")


def allowed(pattern: str, action: str = "kms:Encrypt") -> bool:
    """Return True if a statement about such actions lets a caller do one."""
    statement = {"Effect": "Allow", "Principal": "*", "Action": pattern, "Resource": "*"}
    return policies.allow([statement], policies.Asked(CALLER, action, ACCOUNT))


@pytest.mark.parametrize(
    ("pattern", "matches"),
    [
        ("kms:Encrypt", True),
        ("KMS:encrypt", True),
        ("kms:*", True),
        ("*", True),
        ("kms:En?rypt", True),
        ("kms:E[n]crypt", False),
        ("kms:Encryp", False),
        ("kms:Encrypt?", False),
        ("*" * 2048, True),
        ("*" * 2049, False),
    ],
)
def test_patterns(pattern: str, matches: bool) -> None:
    """A star stands for any characters and a question mark for one, nothing else does; no action has 2049 letters."""
    assert allowed(pattern) is matches


def test_patterns_are_forgotten() -> None:
    """The last patterns are kept ready, however many there have been."""
    for number in range(1000):
        assert not allowed(f"kms:*{number}")
    assert policies._compiled.cache_info().currsize <= 256  # noqa: SLF001 - what is kept is what this is about
