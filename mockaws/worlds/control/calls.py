"""Verbs of a world's journal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockaws.journal import filters
from mockaws.journal.events import event
from mockaws.worlds.control.verbs import ControlError

if TYPE_CHECKING:
    from mockaws.worlds.control.verbs import Context


def show(context: Context, **wanted: str | None) -> list[dict[str, Any]]:
    """Return the calls that satisfy all filters, oldest first, as CloudTrail events.

    Raises ControlError if a filter has a value that is not valid.
    """
    entries = context.world.journal.entries()
    given = {name: value for name, value in wanted.items() if value is not None}
    try:
        return [event(entry) for entry in filters.read(given, entries).select(entries)]
    except filters.FilterError as error:
        raise ControlError(str(error)) from None


def clear(context: Context) -> None:
    """Empty the journal."""
    context.world.journal.clear()


def shape(_: Context, events: list[dict[str, Any]]) -> dict[str, Any]:
    """Return events in CloudTrail's form of a log file."""
    return {"Records": events}


def shape_cleared(_: Context, __: None) -> dict[str, Any]:
    """Return that the journal was emptied."""
    return {"status": "cleared"}
