"""The control routes, in Flask: the only file that imports it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import flask
from werkzeug.exceptions import HTTPException

from mockaws import __version__
from mockaws.endpoint import WORLD

if TYPE_CHECKING:
    from mockaws.gateway.journey import Gateway
    from mockaws.world import World


def create_app(gateway: Gateway) -> flask.Flask:
    """Return the application of the control routes, which finds its world in the WSGI environment."""
    app = flask.Flask("mockaws", static_folder=None)
    app.register_blueprint(_control(gateway))
    app.register_error_handler(HTTPException, _problem)
    return app


def _control(gateway: Gateway) -> flask.Blueprint:
    routes = flask.Blueprint("control", __name__)

    @routes.get("/_mockaws/health")
    def health() -> dict[str, Any]:
        return {"status": "running", "version": __version__, "services": gateway.operation_counts()}

    @routes.post("/_mockaws/reset")
    def reset() -> dict[str, Any]:
        _world().reset()
        return {"status": "reset"}

    @routes.post("/moto-api/reset")
    def moto_reset() -> dict[str, Any]:
        _world().reset()
        return {"status": "ok"}

    @routes.get("/_localstack/health")
    def localstack_health() -> dict[str, Any]:
        services = dict.fromkeys(gateway.operation_counts(), "running")
        return {"services": services, "edition": "mockaws", "version": __version__}

    return routes


def _world() -> World:
    world: World = flask.request.environ[WORLD]
    return world


def _problem(error: HTTPException) -> tuple[str, int, dict[str, str]]:
    """Answer as RFC 9457 says."""
    document = {"title": error.name, "status": error.code, "detail": error.description}
    headers = {"Content-Type": "application/problem+json"}
    allowed = getattr(error, "valid_methods", None)
    if allowed:
        headers["Allow"] = ", ".join(allowed)
    return json.dumps(document), error.code or 500, headers
