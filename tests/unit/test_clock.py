"""Clocks: freezing, moving and resuming them."""

from __future__ import annotations

import time

import pytest

from mockaws.clock import DAY, HOUR, LATEST, MINUTE, Clock, ClockError


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return the machine's time, which a test can change."""
    moment = [1000.0]
    monkeypatch.setattr(time, "time", lambda: moment[0])
    return moment


def test_it_follows_the_machine(machine: list[float]) -> None:
    """Left alone, a clock shows the machine's time, to the millisecond."""
    clock = Clock()
    assert clock.now() == 1000.0
    machine[0] = 1234.56789
    assert clock.now() == 1234.568


def test_freezing(machine: list[float]) -> None:
    """A frozen clock stands still, where it is or at the moment that it was given."""
    clock = Clock()
    clock.freeze()
    machine[0] = 2000.0
    assert clock.now() == 1000.0
    clock.freeze(at=5.5)
    assert clock.now() == 5.5


def test_moving(machine: list[float]) -> None:
    """A clock can be moved forward and back, running or frozen, and keeps the distance."""
    clock = Clock()
    clock.advance(DAY)
    machine[0] = 1001.0
    assert clock.now() == 1001.0 + DAY
    clock.advance(-HOUR)
    assert clock.now() == 1001.0 + DAY - HOUR
    clock.freeze()
    clock.advance(MINUTE)
    machine[0] = 9999.0
    assert clock.now() == 1001.0 + DAY - HOUR + MINUTE


def test_resuming(machine: list[float]) -> None:
    """A resumed clock runs on from where it stood; a running one goes on as before."""
    clock = Clock()
    clock.resume()
    assert clock.now() == 1000.0
    clock.freeze(at=500.0)
    machine[0] = 2000.0
    clock.resume()
    assert clock.now() == 500.0
    machine[0] = 2001.5
    assert clock.now() == 501.5


def test_clocks_are_independent(machine: list[float]) -> None:
    """Moving one clock moves no other."""
    one, other = Clock(), Clock()
    one.advance(DAY)
    assert other.now() == machine[0]


def test_setting(machine: list[float]) -> None:
    """A clock that is set goes on standing or running as before."""
    clock = Clock()
    clock.set(50.0)
    machine[0] += 2
    assert (clock.now(), clock.frozen) == (52.0, False)
    clock.freeze()
    clock.set(7.0)
    machine[0] += 2
    assert (clock.now(), clock.frozen) == (7.0, True)


def test_resetting(machine: list[float]) -> None:
    """A clock that is reset shows the machine's time."""
    clock = Clock()
    clock.advance(DAY)
    clock.freeze()
    clock.reset()
    assert (clock.now(), clock.frozen) == (machine[0], False)


@pytest.mark.parametrize("moment", [-1.0, LATEST + 1, float("nan"), float("inf")])
def test_moments_that_no_clock_shows(machine: list[float], moment: float) -> None:
    """A clock goes from 1970 to 3000; a move beyond is refused and changes nothing."""
    clock = Clock()
    for move in (clock.freeze, clock.set, clock.advance):
        with pytest.raises(ClockError, match=r"^the clock goes from 1970-01-01 to 3000-01-01$"):
            move(moment if moment != -1.0 or move != clock.advance else -machine[0] - 1)
    assert (clock.now(), clock.frozen) == (machine[0], False)
