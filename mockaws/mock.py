"""The one place where things are joined: settings become worlds, services, an app and a server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from mockaws.clock import Clock
from mockaws.endpoint import Endpoint
from mockaws.gateway.journey import Gateway
from mockaws.journal.files import CallsFile
from mockaws.log import RequestLog
from mockaws.seed import loader
from mockaws.server import Server
from mockaws.services import cloudhsmv2, kms, sts
from mockaws.settings import Settings
from mockaws.world import World, Worlds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import TracebackType

    import flask

    from mockaws.journal.entries import Listener


class Mock:
    """A mockaws server and its worlds; as a context manager it serves in a thread while the block runs."""

    def __init__(self, settings: Settings | None = None, *, listeners: Iterable[Listener] = ()) -> None:
        """Read the fixture, make the default world and listen; *listeners* hear of each call in any world.

        Raises loader.FixtureError for a fixture with mistakes, server.PortTakenError for a port that is in use, and
        files.FileError for a file of calls that cannot be written.
        """
        self.settings = settings or Settings(port=0)
        seed = loader.load(self.settings.fixture, account=self.settings.account, now=Clock().now())
        self.terms = seed.terms
        self.log = RequestLog(self.settings.log_format, quiet=self.settings.quiet)
        self._file = CallsFile(self.settings.calls) if self.settings.calls is not None else None
        heard = (*listeners, self._file.write) if self._file is not None else tuple(listeners)
        self.worlds = Worlds(
            lambda: World(seed.terms, seed.records, seed.faults, seed=self.settings.seed, listeners=heard)
        )
        self.gateway = Gateway((kms.service, cloudhsmv2.service, sts.service))
        self.app = Endpoint(self._control, self.worlds, self.gateway, self.log)
        self.server = Server(self.app, self.settings.host, self.settings.port)
        self.url = self.server.url
        if self._file is not None:
            self._file.begin()  # not before the port is ours: another server's file may be this one
        for name, value in seed.terms.relaxations.in_force():
            self.log.note(f"relaxation in force: {name}: {value} (AWS does not do this)")

    def _control(self) -> flask.Flask:
        from mockaws.web import create_app  # noqa: PLC0415 - importing Flask takes half as long as the whole start
        from mockaws.web.guard import Guard  # noqa: PLC0415

        return create_app(self.gateway, Guard(host=self.settings.host, remote=self.settings.allow_remote_control))

    def start(self) -> None:
        """Serve in a thread."""
        self.server.start()

    def run(self, ready: Callable[[], None]) -> None:
        """Serve in this thread until SIGINT or SIGTERM; *ready* is called when either may come."""
        self.server.run(ready)
        self._end_file()

    def stop(self) -> None:
        """Answer what has arrived, then stop."""
        self.server.stop()
        self._end_file()

    def reset(self) -> None:
        """Bring the default world back to what its fixture says."""
        self.worlds.default.reset()

    def _end_file(self) -> None:
        if self._file is not None:
            self._file.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()
