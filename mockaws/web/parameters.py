"""What the query string of a route may say: what somebody wrote there and nobody would read is a mistake."""

from __future__ import annotations

import flask

from mockaws.journal import filters
from mockaws.web.problems import ProblemError

_PLACE = ("account", "region")
# Of all others none has any, but those about the HSMs, which all have a place.
_PARAMETERS = {
    "calls.show": filters.NAMES,
    "hsm.delete_key": (*_PLACE, "filter"),
    "hsm.list_keys": (*_PLACE, "filter", "max-items", "starting-token", "verbose"),
    "state.load": ("name",),
    "state.show": ("secrets",),
}


def check() -> None:
    """Let the request pass, or raise ProblemError. The routes that others gave their names to take what they will."""
    if flask.request.endpoint is None or not flask.request.path.startswith("/_mockaws/"):
        return
    known = _PARAMETERS.get(flask.request.endpoint, _PLACE if flask.request.blueprint == "hsm" else ())
    unknown = [name for name in flask.request.args if name not in known]
    if unknown:
        raise ProblemError(f"{', '.join(unknown)}: no such parameter; there are {', '.join(known) or 'none'}")
