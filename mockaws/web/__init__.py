"""The control routes, in Flask: the only package that imports it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import flask

from mockaws.web import problems
from mockaws.web.guard import Guard
from mockaws.web.routes import Routes

if TYPE_CHECKING:
    from mockaws.worlds.control.verbs import ControlledServer


def create_app(server: ControlledServer, guard: Guard | None = None) -> flask.Flask:
    """Return the application of the control routes of a server.

    *guard* says which clients may use them; without one, those on this machine may.
    """
    app = flask.Flask("mockaws", static_folder=None)
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.url_map.merge_slashes = False  # else it redirects, and a client that follows may act twice
    app.before_request((guard or Guard()).require_own_client)
    Routes(server).register(app)
    problems.register(app)
    return app
