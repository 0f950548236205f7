"""Durations and moments as people write them."""

from __future__ import annotations

import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mockaws.clock import DAY, HOUR, MINUTE, WEEK
from mockaws.moments import LONGEST, TooLongError, duration, duration_written, moment, possible, written

COUNTS = st.none() | st.integers(0, 5000) | st.integers(0, 9_999_999_999)
UNITS = {"W": WEEK, "D": DAY, "H": HOUR, "M": MINUTE, "S": 1.0}


@given(st.tuples(COUNTS, COUNTS, COUNTS, COUNTS, COUNTS))
def test_a_duration_is_the_sum_of_its_parts(counts: tuple[int | None, ...]) -> None:
    """ISO 8601: weeks and days, then T and hours, minutes and seconds, each of which may be left out, but not all."""
    parts = [(count, unit) for count, unit in zip(counts, UNITS, strict=True) if count is not None]
    date = "".join(f"{count}{unit}" for count, unit in parts if unit in "WD")
    time = "".join(f"{count}{unit}" for count, unit in parts if unit in "HMS")
    text = f"P{date}T{time}" if time else f"P{date}"
    seconds = sum(count * UNITS[unit] for count, unit in parts)
    if seconds > LONGEST:
        with pytest.raises(TooLongError, match="is too long; a duration is at most P36525D"):
            duration(text)
    elif parts:
        assert duration(text) == seconds
    else:
        with pytest.raises(ValueError, match="no duration"):
            duration(text)


@given(st.text("PWDTHMS0123456789.,-+ x٣", max_size=12))
def test_any_text_is_a_duration_or_none(text: str) -> None:
    """A text that is no duration is ValueError and nothing else."""
    try:
        found = duration(text)
    except ValueError:
        return
    assert found >= 0
    assert duration(duration_written(found)) == pytest.approx(found, abs=1e-3)


@pytest.mark.parametrize(
    "text", ["", "P", "PT", "P1DT", "1D", "p1d", "P1Y", "P1M", "P-1D", "PT1.5H", "P1D1W", "PT1S ", "P1DT\n", "P٣D"]
)
def test_what_is_no_duration(text: str) -> None:
    """Years and months have no fixed length; ISO 8601 has an order, and no signs."""
    with pytest.raises(ValueError, match="no duration"):
        duration(text)


@given(st.floats(0, LONGEST) | st.integers(0, int(LONGEST) * 1000).map(lambda milliseconds: milliseconds / 1000))
@example(LONGEST)
@example(LONGEST - 2**-21)
@example(1e-20)
@example(5e-324)
def test_a_written_duration_is_read_again(seconds: float) -> None:
    """A duration that is shown can be given back as it is, to the last of the 20 decimals that it may have."""
    assert duration(duration_written(seconds)) == pytest.approx(seconds, rel=0, abs=1e-20)


@pytest.mark.parametrize("seconds", [-1e-9, LONGEST + 2**-20, math.inf, -math.inf, math.nan])
def test_what_no_duration_can_be(seconds: float) -> None:
    """There is one range, for reading and for writing."""
    for use in (possible, duration_written):
        with pytest.raises(ValueError, match="a duration has 0 to 3155760000 seconds"):
            use(seconds)


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "PT0S"), (30 * DAY, "P30D"), (5400, "PT1H30M"), (0.5, "PT0.5S"), (DAY + 1, "P1DT1S")]
)
def test_durations_are_written_briefly(seconds: float, text: str) -> None:
    """A duration is shown with the units that it has."""
    assert duration_written(seconds) == text


@pytest.mark.parametrize(
    ("given_", "seconds"),
    [
        ("1970-01-01T00:00:00Z", 0.0),
        ("1970-01-01t01:00:00+01:00", 0.0),
        ("1970-01-02", DAY),
        ("1970-01-01T00:00:01.5", 1.5),
        ("1900000000", 1_900_000_000.0),
        ("1900000000.25", 1_900_000_000.25),
        (17, 17.0),
    ],
)
def test_moments(given_: str | float, seconds: float) -> None:
    """A moment without an offset is UTC; epoch seconds may come as a number or as text."""
    assert moment(given_) == seconds
    assert moment(written(seconds)) == seconds


@pytest.mark.parametrize("text", ["", "tomorrow", "2030-13-01", "12:00", "-5", "1e9"])
def test_what_is_no_moment(text: str) -> None:
    """All else is ValueError."""
    with pytest.raises(ValueError, match=r".+"):
        moment(text)
