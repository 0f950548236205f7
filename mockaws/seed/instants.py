"""Moments as dates that are the same number again, however many decimals that takes."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime

NEVER = "never"
LATEST = 35_659_440_000.0
"""The year 3100: clocks go to 3000, and what AWS counts on from there is sooner."""

_WRITTEN = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(\.[0-9]{1,20})?Z")


def written(seconds: float) -> str | float:
    """Return a moment as a date, such as `2024-05-01T12:00:00.351Z`; the number itself where no clock comes."""
    if seconds == math.inf:
        return NEVER
    whole, _, decimals = repr(float(seconds)).partition(".")
    if not 0 <= seconds <= LATEST or not decimals.isdecimal():
        return seconds
    date = datetime.fromtimestamp(int(whole), UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{date}Z" if decimals == "0" else f"{date}.{decimals}Z"


def read(given: str | float) -> float:
    """Return the epoch seconds of a date, in UTC unless it says otherwise. Raises ValueError."""
    if not isinstance(given, str):
        return float(given)
    if given == NEVER:
        return math.inf
    exact = _WRITTEN.fullmatch(given)
    if exact:
        whole = datetime.fromisoformat(f"{exact[1]}+00:00").timestamp()
        return float(f"{whole:.0f}{exact[2] or ''}")
    date = datetime.fromisoformat(given.upper())
    return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()
