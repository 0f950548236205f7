"""Moments and durations in text: ISO 8601, or epoch seconds for a moment."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from mockaws.clock import DAY, EARLIEST, HOUR, LATEST, MINUTE, WEEK

LONGEST = 36_525 * DAY
"""The longest duration, a hundred years. A clock's moment plus several of them is still in the calendar."""

_DURATION = re.compile(
    r"P(?:(?P<weeks>[0-9]{1,10})W)?(?:(?P<days>[0-9]{1,10})D)?"
    r"(?:T(?:(?P<hours>[0-9]{1,10})H)?(?:(?P<minutes>[0-9]{1,10})M)?(?:(?P<seconds>[0-9]{1,10}(?:\.[0-9]{1,20})?)S)?)?"
)
_UNITS = {"weeks": WEEK, "days": DAY, "hours": HOUR, "minutes": MINUTE, "seconds": 1.0}
_EXACT = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(\.[0-9]{1,20})?Z")
_EPOCH_SECONDS = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,9})?")

A_DURATION = "an ISO 8601 duration of weeks, days, hours, minutes and seconds, such as P30D or PT1H30M"
AT_MOST = "at most P36525D, a hundred years"
A_MOMENT = "an ISO 8601 date-time such as 2030-05-01T12:00:00Z, or epoch seconds"


class TooLongError(ValueError):
    """A duration longer than LONGEST."""


def duration(text: str) -> float:
    """Return the seconds of a duration such as `P30D`, `PT1H30M`, `PT0.5S` or `P2W`.

    Raises ValueError for other texts, and for years and months, whose lengths vary. Raises TooLongError if it exceeds
    LONGEST.
    """
    match = _DURATION.fullmatch(text)
    parts = match.groupdict() if match else {}
    if not any(parts.values()) or text.endswith("T"):
        raise ValueError(f"{text} is no duration; it is {A_DURATION}")
    seconds = sum(float(number) * _UNITS[unit] for unit, number in parts.items() if number)
    if seconds > LONGEST:
        raise TooLongError(f"{text} is too long; a duration is {AT_MOST}")
    return seconds


def possible(seconds: float) -> float:
    """Return *seconds*. Raises ValueError if they are out of the range of durations."""
    if not 0 <= seconds <= LONGEST:
        raise ValueError(
            f"{seconds:g} seconds is out of range: a duration has 0 to {LONGEST:.0f} seconds, a hundred years"
        )
    return seconds


def duration_written(seconds: float) -> str:
    """Return a duration as `P30D`, `PT1H30M` or `PT0.5S`, from which `duration` reads the same number.

    Raises ValueError if the number is out of the range of durations.
    """
    text = _duration_written(possible(seconds))
    return text if duration(text) == seconds else f"PT{seconds:.20f}S"


def _duration_written(seconds: float) -> str:
    milliseconds = round(seconds * 1000)
    days, rest = divmod(milliseconds, round(DAY * 1000))
    hours, rest = divmod(rest, round(HOUR * 1000))
    minutes, rest = divmod(rest, round(MINUTE * 1000))
    of_day = [(hours, "H"), (minutes, "M"), (rest / 1000, "S")]
    time = "".join(f"{number:g}{unit}" for number, unit in of_day if number)
    date = f"{days}D" if days else ""
    return f"P{date}" if date and not time else f"P{date}T{time or '0S'}"


def moment(given: str | float) -> float:
    """Return the epoch seconds of a date or date-time, in UTC unless it has an offset. Raises ValueError."""
    if not isinstance(given, str) or _EPOCH_SECONDS.fullmatch(given):
        return float(given)
    exact = _EXACT.fullmatch(given)
    if exact:
        whole = datetime.fromisoformat(f"{exact[1]}+00:00").timestamp()
        return float(f"{whole:.0f}{exact[2] or ''}")
    found = datetime.fromisoformat(given.upper())
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


def written(seconds: float) -> str:
    """Return a moment as `2030-05-01T12:00:00.000Z`."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def exactly(seconds: float) -> str | float:
    """Return a moment as a date with as many decimals as `moment` needs to read the same number.

    A moment out of the range of clocks stays a number.
    """
    whole, _, decimals = repr(float(seconds)).partition(".")
    if not EARLIEST <= seconds <= LATEST or not decimals.isdecimal():
        return float(seconds)
    date = datetime.fromtimestamp(int(whole), UTC).isoformat()[: len("2024-05-01T12:00:00")]
    return f"{date}Z" if decimals == "0" else f"{date}.{decimals}Z"
