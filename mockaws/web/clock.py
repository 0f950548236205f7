"""The clock of a world: looking at it, stopping it, moving it, letting it run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import flask

from mockaws import moments
from mockaws.clock import ClockError
from mockaws.web.problems import ProblemError
from mockaws.web.requests import change_world, document, world_shown

if TYPE_CHECKING:
    from mockaws.clock import Clock

_VERBS = ("freeze", "set", "advance", "resume")

blueprint = flask.Blueprint("clock", __name__)


@blueprint.get("/_mockaws/clock")
def show() -> dict[str, Any]:
    """Tell what time it is in the world, and whether it stands still."""
    clock = world_shown().clock
    return {"now": moments.written(clock.now()), "frozen": clock.frozen}


@blueprint.post("/_mockaws/clock")
def change() -> dict[str, Any]:
    """Do one thing to the clock: freeze it, here or at a moment, set it, advance it by a duration, or let it run."""
    found = document(optional=(*_VERBS, "back"))
    given = [verb for verb in _VERBS if verb in found]
    if len(given) != 1:
        raise ProblemError(f"say one of {', '.join(_VERBS)}, not {' and '.join(given) or 'nothing'}")
    verb, value = given[0], found[given[0]]
    if "back" in found and (verb not in {"freeze", "set"} or not isinstance(found["back"], bool)):
        raise ProblemError("back is true or false, beside the moment of freeze or set")
    try:
        change_world(lambda here: _change(here.clock, verb, value, back=found.get("back", False)))
    except ClockError as error:
        raise ProblemError(f"{verb}: {error}") from None
    return show()


def _change(clock: Clock, verb: str, value: Any, *, back: bool) -> None:
    if verb == "advance":
        clock.advance(_duration(value))
    elif verb == "set":
        clock.set(_moment(clock, verb, value, back=back))
    elif value is not True and verb == "resume":
        raise ProblemError("resume is true")
    elif verb == "resume":
        clock.resume()
    else:
        clock.freeze(None if value is True else _moment(clock, verb, value, back=back))


def _duration(value: Any) -> float:
    try:
        return moments.duration(value)
    except TypeError:
        raise ProblemError(f"advance: {value} is no duration; it is {moments.A_DURATION}") from None
    except ValueError as error:
        raise ProblemError(f"advance: {error}") from None


def _moment(clock: Clock, verb: str, value: Any, *, back: bool) -> float:
    """Return a moment, which lies behind the present one only where that is said to be meant."""
    moment = _read(value)
    if moment is None:
        raise ProblemError(f"{verb}: {value} is no moment; it is {moments.A_MOMENT}")
    now = clock.now()
    if moment < now and not back:
        raise ProblemError(
            f"{verb}: {value} is past; the world is at {moments.written(now)}, and what happened there would be still "
            f"to come. Say back: true, or --back, where that is meant."
        )
    return moment


def _read(value: Any) -> float | None:
    try:
        return None if isinstance(value, bool) else moments.moment(value)
    except (TypeError, ValueError, OverflowError):
        return None
