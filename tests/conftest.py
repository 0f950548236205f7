"""Fixtures for all tests: worlds, servers on free ports, and real AWS clients."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config
from hypothesis import HealthCheck, settings

from mockaws.gateway.endpoint import Endpoint
from mockaws.gateway.journey import Gateway
from mockaws.gateway.log import RequestLog
from mockaws.records.world import WorldConfig
from mockaws.server import Server
from mockaws.web import create_app
from mockaws.worlds.named import Worlds
from mockaws.worlds.world import World
from tests.samples import ACCOUNT, NOW, REGION
from tests.shown import Shown
from tests.wheel import Installed, install
from tests.wire import controlled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockaws.records.base import Record
    from tests.kinds import MakeClient, MakeWorld, Serve


# The machines that tests run on are noisy, so that nothing is to be said of how long an example takes.
settings.register_profile("noisy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("noisy")


def pytest_configure(config: pytest.Config) -> None:
    """Let the process that is in charge collect what tests with Terraform have shown."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        config.pluginmanager.register(Shown(config))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Spread the tests with Terraform among the others: its provider mostly waits, while the others compute.

    Each worker is given a part of the tests as they come here. A test that takes minutes is at the beginning of one.
    """
    workers = int(getattr(config, "workerinput", {}).get("workercount", 1))
    waiting = [item for item in items if item.get_closest_marker("terraform")]
    waiting.sort(key=lambda item: item.get_closest_marker("long") is None)
    waiting = [item for part in range(workers) for item in waiting[part::workers]]
    computing = [item for item in items if not item.get_closest_marker("terraform")]
    share = len(computing) / (len(waiting) or 1)
    starts = [round(number * share) for number in range(len(waiting))]
    for start, item in zip(reversed(starts), reversed(waiting), strict=True):
        computing.insert(start, item)
    items[:] = computing


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """Return mockaws installed from its wheel in a fresh environment."""
    return install(tmp_path_factory.mktemp("wheel"))


@pytest.fixture
def world() -> MakeWorld:
    """Return a factory: `world(record, …, timing=REALISTIC)` has these records, and stands still at `NOW`.

    With `at=None` its clock runs.
    """

    def make(*records: Record, at: float | None = NOW, **config: Any) -> World:
        fields: dict[str, Any] = {"account": ACCOUNT, "region": REGION}
        made = World.holding(WorldConfig(**fields | config), records, id_seed="tests")
        if at is not None:
            made.clock.freeze(at)
        return made

    return make


@pytest.fixture(scope="session")
def gateway() -> Gateway:
    """Return a gateway to all services."""
    from mockaws.services import cloudhsmv2, kms, sts  # noqa: PLC0415 - they are read when a test wants them

    return Gateway((kms.service, cloudhsmv2.service, sts.service))


@pytest.fixture
def serve(gateway: Gateway) -> Iterator[Serve]:
    """Return a function that serves a world on a free port while the test runs; it returns the URL."""
    servers: list[Server] = []

    def start(served: World) -> str:
        worlds = Worlds(lambda: served)
        app = Endpoint(lambda: create_app(controlled(gateway, worlds)), worlds, gateway, RequestLog(quiet=True))
        server = Server(app, "127.0.0.1", 0)
        server.start()
        servers.append(server)
        return server.url

    yield start
    for server in servers:
        server.stop()


@pytest.fixture
def client() -> Iterator[MakeClient]:
    """Return a factory of boto3 clients that do not retry; *options* are those of boto3."""
    clients: list[Any] = []

    def make(service: str, url: str, *, region: str = REGION, account: str = ACCOUNT, **options: Any) -> Any:
        made = boto3.client(
            service,
            **{
                "region_name": region,
                "endpoint_url": url,
                "aws_access_key_id": account,
                "aws_secret_access_key": "secret",
                "config": Config(retries={"total_max_attempts": 1}),
            }
            | options,
        )
        clients.append(made)
        return made

    yield make
    for made in clients:
        made.close()
