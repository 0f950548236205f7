"""What was called: the journal of a world, in the form of CloudTrail's events."""

from __future__ import annotations

from typing import Any

import flask

from mockaws.journal import filters
from mockaws.journal.events import event
from mockaws.web.problems import ProblemError
from mockaws.web.requests import change_world, world_shown

blueprint = flask.Blueprint("calls", __name__)


@blueprint.get("/_mockaws/calls")
def show() -> dict[str, Any]:
    """Return the events of the calls that the query string asks for."""
    entries = world_shown().journal.entries()
    try:
        wanted = filters.read(flask.request.args, entries)
    except filters.FilterError as error:
        raise ProblemError(str(error)) from None
    return {"Records": [event(entry) for entry in wanted.select(entries)]}


@blueprint.delete("/_mockaws/calls")
def forget() -> dict[str, Any]:
    """Forget all of them."""
    change_world(lambda here: here.journal.clear())
    return {"status": "cleared"}
