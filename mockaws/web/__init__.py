"""The control routes, in Flask: the only room that imports it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import flask
from werkzeug.exceptions import HTTPException

from mockaws.web import calls, certificates, health, hsm, problems

if TYPE_CHECKING:
    from mockaws.gateway.journey import Gateway


def create_app(gateway: Gateway) -> flask.Flask:
    """Return the application of the control routes, which finds its world in the WSGI environment."""
    app = flask.Flask("mockaws", static_folder=None)
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.register_blueprint(health.routes(gateway))
    app.register_blueprint(hsm.blueprint)
    app.register_blueprint(certificates.blueprint)
    app.register_blueprint(calls.routes())
    app.register_error_handler(HTTPException, problems.answer)
    app.register_error_handler(problems.ProblemError, problems.answer)
    return app
