"""A world as a whole: taking a snapshot of it, and putting another one, or a fixture, in its place."""

from __future__ import annotations

from collections import Counter
from typing import Any

import flask

from mockaws.clock import Clock
from mockaws.seed import loader
from mockaws.web.problems import ProblemError
from mockaws.web.requests import change_world, world_shown

YAML = "application/yaml"
_TRUTH = {"true": True, "false": False}

blueprint = flask.Blueprint("state", __name__)


@blueprint.get("/_mockaws/state")
def show() -> flask.Response:
    """Return the world as a fixture, in YAML."""
    asked = flask.request.args.get("secrets", "true")
    if asked not in _TRUTH:
        raise ProblemError(f"secrets is true or false, and not {asked}")
    return flask.Response(world_shown().snapshot(secrets=_TRUTH[asked]), mimetype=YAML)


@blueprint.put("/_mockaws/state")
def load() -> dict[str, Any]:
    """Put the world of a fixture in the place of this one, whole or not at all."""
    name = flask.request.args.get("name", "document")
    beginning = loader.parse(flask.request.get_data(), name, otherwise=world_shown().terms.account, now=Clock().now())
    change_world(lambda here: here.load(beginning))
    counts = Counter(type(record).__name__ for record in beginning.records)
    terms = beginning.terms
    return {"status": "loaded", "account": terms.account, "region": terms.region, "records": counts}
