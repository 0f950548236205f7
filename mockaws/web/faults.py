"""The faults of a world: adding them while it runs, seeing what they did, removing them."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import flask

from mockaws.seed import faults, loader
from mockaws.web.problems import ProblemError
from mockaws.web.requests import body, world

if TYPE_CHECKING:
    from mockaws.faults import Rule

blueprint = flask.Blueprint("faults", __name__)


@blueprint.get("/_mockaws/faults")
def show() -> dict[str, Any]:
    """List the faults in the order in which they are tried, and how many calls each has seen and struck."""
    return {"faults": [_shown(rule) for rule in world().faults.rules]}


@blueprint.post("/_mockaws/faults")
def add() -> tuple[dict[str, Any], int]:
    """Add a fault, written as in a fixture."""
    given = body()
    if not isinstance(given, dict):
        raise ProblemError('the body is no JSON object; one is such as {"operation": "kms:Encrypt", "status": 503}')
    return _shown(world().faults.add(loader.fault(given))), HTTPStatus.CREATED


@blueprint.delete("/_mockaws/faults")
def clear() -> dict[str, Any]:
    """Remove all faults."""
    return {"removed": world().faults.clear()}


@blueprint.delete("/_mockaws/faults/<fault_id>")
def remove(fault_id: str) -> dict[str, Any]:
    """Remove one fault."""
    here = world().faults
    if not here.remove(fault_id):
        there = ", ".join(rule.id for rule in here.rules) or "no faults"
        raise ProblemError(f"there is no fault {fault_id}; there are {there}", HTTPStatus.NOT_FOUND)
    return {"removed": 1}


def _shown(rule: Rule) -> dict[str, Any]:
    """Return a fault as it would stand in a fixture, with its id and its counts."""
    return {"id": rule.id, **faults.written(rule.fault), "calls": rule.calls, "struck": rule.struck}
