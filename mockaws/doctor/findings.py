"""What a check found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Grade(Enum):
    """How good it is."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Finding:
    """What the check called *check* found, and what to do about it, line by line."""

    check: str
    grade: Grade
    found: str
    remedy: tuple[str, ...] = ()


def ok(check: str, found: str, *remedy: str) -> Finding:
    """Return that all is well; *remedy* may say what would be even better."""
    return Finding(check, Grade.OK, found, remedy)


def warning(check: str, found: str, *remedy: str) -> Finding:
    """Return what works and may surprise."""
    return Finding(check, Grade.WARNING, found, remedy)


def problem(check: str, found: str, *remedy: str) -> Finding:
    """Return what does not work, or leads to real AWS."""
    return Finding(check, Grade.PROBLEM, found, remedy)
