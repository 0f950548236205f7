"""The control routes, in Flask: the only room that imports it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import flask
from werkzeug.exceptions import HTTPException

from mockaws.model.errors import AWSError
from mockaws.seed.problems import FixtureError
from mockaws.web import (
    calls,
    certificates,
    clock,
    faults,
    health,
    hsm,
    openapi,
    parameters,
    problems,
    requests,
    state,
    worlds,
)
from mockaws.web.guard import Guard

if TYPE_CHECKING:
    from mockaws.gateway.journey import Gateway


def create_app(gateway: Gateway, guard: Guard | None = None, fixture: str = "empty") -> flask.Flask:
    """Return the application of the control routes, which finds its worlds in the WSGI environment.

    *guard* says who may use them; without one it is this machine alone. *fixture* is what the server was started with.
    """
    app = flask.Flask("mockaws", static_folder=None)
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.url_map.merge_slashes = False  # else it redirects, and a client that follows may act twice
    app.before_request((guard or Guard()).check)
    app.before_request(requests.check_size)
    app.before_request(parameters.check)
    app.before_request(requests.check_world)
    app.register_blueprint(health.routes(gateway, fixture))
    for topic in (clock, faults, state, worlds, calls, hsm, certificates, openapi):
        app.register_blueprint(topic.blueprint)
    app.register_error_handler(HTTPException, problems.answer)
    app.register_error_handler(problems.ProblemError, problems.answer)
    app.register_error_handler(FixtureError, problems.answer_fixture)
    app.register_error_handler(AWSError, problems.answer_refusal)
    return app
