"""Verbs of the faults at work in a world."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockaws.fixtures import faults, loader
from mockaws.worlds.control.verbs import NotThereError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mockaws.worlds.active_faults import ActiveFault
    from mockaws.worlds.control.verbs import Context


def show(context: Context) -> Sequence[ActiveFault]:
    """Return the faults, in the order in which a call meets them."""
    return context.world.faults.active


def add(context: Context, /, **fault: Any) -> ActiveFault:
    """Add a fault, described as in a fixture. Raises FixtureError, with all mistakes at once."""
    return context.world.faults.add(loader.fault(fault))


def clear(context: Context) -> int:
    """Remove all faults, and return their number."""
    return context.world.faults.clear()


def remove(context: Context, fault: str) -> int:
    """Remove one fault. Raises NotThereError if there is none with that id."""
    if not context.world.faults.remove(fault):
        ids = ", ".join(active.id for active in context.world.faults.active) or "no faults"
        raise NotThereError(f"there is no fault {fault}; there are {ids}")
    return 1


def shape(_: Context, active: ActiveFault) -> dict[str, Any]:
    """Return a fault as it would stand in a fixture, with its id and its counts."""
    return {"id": active.id, **faults.written(active.fault), "calls": active.calls, "struck": active.struck}


def shape_all(context: Context, active: Sequence[ActiveFault]) -> dict[str, Any]:
    """Return all faults as JSON."""
    return {"faults": [shape(context, each) for each in active]}


def shape_removed(_: Context, count: int) -> dict[str, Any]:
    """Return the number of removed faults as JSON."""
    return {"removed": count}
