"""Whether the server is up, and bringing it back to how it began; also under the names that others gave to that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import flask

from mockaws import __version__
from mockaws.web.requests import change_world

if TYPE_CHECKING:
    from mockaws.gateway.journey import Gateway


def routes(gateway: Gateway, fixture: str) -> flask.Blueprint:
    """Return the routes; moto's users and LocalStack's find their own among them."""
    blueprint = flask.Blueprint("health", __name__)

    @blueprint.get("/_mockaws/health")
    def health() -> dict[str, Any]:
        services = gateway.operation_counts()
        return {"status": "running", "version": __version__, "fixture": fixture, "services": services}

    @blueprint.post("/_mockaws/reset")
    def reset() -> dict[str, Any]:
        change_world(lambda here: here.reset())
        return {"status": "reset"}

    @blueprint.post("/moto-api/reset")
    def moto_reset() -> dict[str, Any]:
        change_world(lambda here: here.reset())
        return {"status": "ok"}

    @blueprint.get("/_localstack/health")
    def localstack_health() -> dict[str, Any]:
        services = dict.fromkeys(gateway.operation_counts(), "running")
        return {"services": services, "edition": "mockaws", "version": __version__}

    return blueprint
