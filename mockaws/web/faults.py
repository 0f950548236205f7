"""The faults of a world: adding them while it runs, seeing what they did, removing them."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import flask

from mockaws.seed import faults, loader
from mockaws.web.problems import ProblemError
from mockaws.web.requests import body, change_world, world_shown

if TYPE_CHECKING:
    from mockaws.faults import Faults, Rule

blueprint = flask.Blueprint("faults", __name__)


@blueprint.get("/_mockaws/faults")
def show() -> dict[str, Any]:
    """List the faults in the order in which they are tried, and how many calls each has seen and struck."""
    return {"faults": [_shown(rule) for rule in world_shown().faults.rules]}


@blueprint.post("/_mockaws/faults")
def add() -> tuple[dict[str, Any], int]:
    """Add a fault, written as in a fixture."""
    given = body()
    if not isinstance(given, dict):
        raise ProblemError('the body is no JSON object; one is such as {"operation": "kms:Encrypt", "status": 503}')
    fault = loader.fault(given)
    return _shown(change_world(lambda here: here.faults.add(fault))), HTTPStatus.CREATED


@blueprint.delete("/_mockaws/faults")
def clear() -> dict[str, Any]:
    """Remove all faults."""
    return {"removed": change_world(lambda here: here.faults.clear())}


@blueprint.delete("/_mockaws/faults/<fault_id>")
def remove(fault_id: str) -> dict[str, Any]:
    """Remove one fault."""
    change_world(lambda here: _remove(here.faults, fault_id))
    return {"removed": 1}


def _remove(there: Faults, fault_id: str) -> None:
    if not there.remove(fault_id):
        ids = ", ".join(rule.id for rule in there.rules) or "no faults"
        raise ProblemError(f"there is no fault {fault_id}; there are {ids}", HTTPStatus.NOT_FOUND)


def _shown(rule: Rule) -> dict[str, Any]:
    """Return a fault as it would stand in a fixture, with its id and its counts."""
    return {"id": rule.id, **faults.written(rule.fault), "calls": rule.calls, "struck": rule.struck}
