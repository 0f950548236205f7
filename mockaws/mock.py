"""The one place where things are joined: settings become worlds, services, an app and a server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from mockaws.clock import Clock
from mockaws.endpoint import Endpoint
from mockaws.gateway.journey import Gateway
from mockaws.log import RequestLog
from mockaws.seed import loader
from mockaws.server import Server
from mockaws.services import cloudhsmv2, kms, sts
from mockaws.settings import Settings
from mockaws.world import World, Worlds

if TYPE_CHECKING:
    from types import TracebackType

    import flask


class Mock:
    """A mockaws server and its worlds; as a context manager it serves in a thread while the block runs."""

    def __init__(self, settings: Settings | None = None) -> None:
        """Read the fixture, make the default world and listen.

        Raises loader.FixtureError for a fixture with mistakes, server.PortTakenError for a port that is in use.
        """
        self.settings = settings or Settings(port=0)
        seed = loader.load(self.settings.fixture, account=self.settings.account, now=Clock().now())
        self.terms = seed.terms
        self.log = RequestLog(self.settings.log_format, quiet=self.settings.quiet)
        self.worlds = Worlds(lambda: World(seed.terms, seed.records, seed.faults, seed=self.settings.seed))
        self.gateway = Gateway((kms.service, cloudhsmv2.service, sts.service))
        self.app = Endpoint(self._control, self.worlds, self.gateway, self.log)
        self.server = Server(self.app, self.settings.host, self.settings.port)
        self.url = self.server.url
        for name, value in seed.terms.relaxations.in_force():
            self.log.note(f"relaxation in force: {name}: {value} (AWS does not do this)")

    def _control(self) -> flask.Flask:
        from mockaws.web import create_app  # noqa: PLC0415 - importing Flask takes half as long as the whole start
        from mockaws.web.guard import Guard  # noqa: PLC0415

        return create_app(self.gateway, Guard(host=self.settings.host, remote=self.settings.allow_remote_control))

    def start(self) -> None:
        """Serve in a thread."""
        self.server.start()

    def stop(self) -> None:
        """Answer what has arrived, then stop."""
        self.server.stop()

    def reset(self) -> None:
        """Bring the default world back to what its fixture says."""
        self.worlds.default.reset()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()
