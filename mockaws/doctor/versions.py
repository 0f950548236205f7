"""Constraints on versions as Terraform writes them.

https://developer.hashicorp.com/terraform/language/expressions/version-constraints
"""

from __future__ import annotations

import operator
import re

from mockaws.doctor.tools import numbers

_CONSTRAINT = re.compile(r"\s*(=|!=|>=|<=|>|<|~>)?\s*v?([0-9][0-9A-Za-z.+-]*)\s*")
_LONGEST = 4
_COMPARING = {
    "=": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}


def is_within(version: str, constraints: str) -> bool:
    """Return True if *version* satisfies *constraints*, such as `>= 5.100, < 7`."""
    return all(_passes(version, constraint) for constraint in constraints.split(",") if constraint.strip())


def _passes(version: str, constraint: str) -> bool:
    found = _CONSTRAINT.fullmatch(constraint)
    if found is None:
        return True  # what cannot be read here is for Terraform to judge
    sign, limit = found[1] or "=", numbers(found[2])
    if sign == "~>":
        highest = (*limit[:-2], limit[-2] + 1) if len(limit) > 1 else (limit[0] + 1,)
        return _padded(limit) <= _padded(numbers(version)) < _padded(highest)
    return bool(_COMPARING[sign](_padded(numbers(version)), _padded(limit)))


def _padded(parts: tuple[int, ...]) -> tuple[int, ...]:
    return (*parts, *(0 for _ in range(_LONGEST - len(parts))))
