"""The control routes as a WSGI application."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from werkzeug.test import Client

from mockaws.endpoint import Endpoint
from mockaws.log import RequestLog
from mockaws.records.world import Terms
from mockaws.web import create_app
from mockaws.world import World, Worlds

if TYPE_CHECKING:
    from mockaws.gateway.journey import Gateway
    from mockaws.web.guard import Guard
    from tests.unit.web.kinds import Routes


@pytest.fixture
def routes(gateway: Gateway) -> Routes:
    """Return a function that makes a client of the control routes of an empty world."""

    def make(guard: Guard | None = None) -> Client:
        worlds = Worlds(lambda: World(Terms()))
        return Client(Endpoint(lambda: create_app(gateway, guard), worlds, gateway, RequestLog(quiet=True)))

    return make
