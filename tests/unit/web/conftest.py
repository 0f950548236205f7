"""Clients of the control routes without a socket."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from werkzeug.test import Client

from mockaws.gateway.endpoint import Endpoint
from mockaws.gateway.log import RequestLog
from mockaws.records.world import WorldConfig
from mockaws.web import create_app
from mockaws.worlds.named import Worlds
from mockaws.worlds.world import World
from tests.wire import controlled

if TYPE_CHECKING:
    from mockaws.gateway.journey import Gateway
    from mockaws.web.guard import Guard
    from tests.unit.web.kinds import Routes


@pytest.fixture
def routes(gateway: Gateway) -> Routes:
    """Return a function that makes a client of the control routes of an empty world."""

    def make(guard: Guard | None = None) -> Client:
        worlds = Worlds(lambda: World.holding(WorldConfig()))
        return Client(
            Endpoint(lambda: create_app(controlled(gateway, worlds), guard), worlds, gateway, RequestLog(quiet=True))
        )

    return make
