"""The findings of checks."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Grade(Enum):
    """The grade of a finding."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Finding:
    """A finding of the check called *check*, and its remedy, line by line."""

    check: str
    grade: Grade
    found: str
    remedy: tuple[str, ...] = ()


def ok(check: str, found: str, *remedy: str) -> Finding:
    """Return a finding without a problem; *remedy* may name an improvement."""
    return Finding(check, Grade.OK, found, remedy)


def warning(check: str, found: str, *remedy: str) -> Finding:
    """Return a finding that works and may surprise."""
    return Finding(check, Grade.WARNING, found, remedy)


def problem(check: str, found: str, *remedy: str) -> Finding:
    """Return a finding that does not work, or leads to real AWS."""
    return Finding(check, Grade.PROBLEM, found, remedy)
