"""Verbs of a world's clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockaws import moments
from mockaws.clock import ClockError
from mockaws.worlds.control.verbs import ControlError

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockaws.clock import Clock
    from mockaws.worlds.control.verbs import Context


def show(context: Context) -> Clock:
    """Return the clock."""
    return context.world.clock


def freeze(context: Context, at: float | None, *, back: bool) -> Clock:
    """Stop the clock, at epoch second *at* or where it stands. Raises ControlError, as all verbs that move it do."""
    if at is not None:
        _require_forward(context, "freeze", at, back=back)
    return _moved(context, "freeze", lambda clock: clock.freeze(at))


def set(context: Context, at: float, *, back: bool) -> Clock:  # noqa: A001 - the verb
    """Move the clock to epoch second *at*; it stands or runs as before."""
    _require_forward(context, "set", at, back=back)
    return _moved(context, "set", lambda clock: clock.set(at))


def advance(context: Context, by: float) -> Clock:
    """Move the clock by *by* seconds."""
    return _moved(context, "advance", lambda clock: clock.advance(by))


def resume(context: Context) -> Clock:
    """Let a frozen clock run on from where it stands."""
    return _moved(context, "resume", lambda clock: clock.resume())


def shape(_: Context, clock: Clock) -> dict[str, Any]:
    """Return what a clock shows, as JSON."""
    return {"now": moments.written(clock.now()), "frozen": clock.frozen}


def _moved(context: Context, verb: str, move: Callable[[Clock], None]) -> Clock:
    clock = context.world.clock
    try:
        move(clock)
    except ClockError as error:
        raise ControlError(f"{verb}: {error}") from None
    return clock


def _require_forward(context: Context, verb: str, at: float, *, back: bool) -> None:
    """Raise ControlError if a moment is past and *back* does not permit that."""
    now = context.world.clock.now()
    if at < now and not back:
        raise ControlError(
            f"{verb}: the moment is past: the world's clock shows {moments.written(now)}, and events since then would "
            "lie in its future. Add back: true, or --back, to go back in time."
        )
