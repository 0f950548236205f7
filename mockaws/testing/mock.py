"""A server with its worlds in a program: `Mock`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from mockaws import moments
from mockaws import settings as settings_module
from mockaws.application import Application, load_fixture
from mockaws.server import ServerOnDemand
from mockaws.testing.world import MockWorld, duration

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import timedelta
    from pathlib import Path
    from types import TracebackType

    from mockaws.fixtures.sources import FixtureSource
    from mockaws.journal.entries import Listener


class Mock(MockWorld):
    """A default world, the named ones, and a server for all of them, which listens on demand.

    As a context manager it serves in a thread while the block runs. `client`, `session` and `patch` need no socket. The
    methods of a world are about the default one.
    """

    def __init__(
        self,
        *,
        fixture: FixtureSource | None = None,
        account: str | None = None,
        seed: str | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        quiet: bool = True,
        log_format: str = "text",
        allow_remote_control: bool = False,
        allowed_hosts: str | Iterable[str] = (),
        calls: str | Path | None = None,
        others: str | None = None,
        listeners: Iterable[Listener] = (),
    ) -> None:
        """Read the fixture and create the default world.

        *fixture* is the name of a shipped one, a path, YAML text, or a mapping with the same content. *listeners* are
        called with each call in any world.

        Raises FixtureError if the fixture has mistakes, SettingsError if another argument is wrong, and files.FileError
        if the file of calls cannot be written.
        """
        settings = settings_module.of_program(
            account=account,
            seed=seed,
            host=host,
            port=port,
            quiet=quiet,
            log_format=log_format,
            allow_remote_control=allow_remote_control,
            allowed_hosts=allowed_hosts,
            calls=calls,
            others=others,
        )
        self.settings = settings
        self.application = Application(settings, fixture=fixture, listeners=listeners)
        self.worlds = self.application.worlds
        endpoint = self.application.endpoint
        server = ServerOnDemand(endpoint, settings.host, settings.port, endpoint.bytes_wanted)
        super().__init__(self.worlds.default, endpoint, server)
        self.application.begin()

    def start(self) -> None:
        """Serve in a thread. Raises PortTakenError if the port is taken."""
        self._server.start()

    def run(self, ready: Callable[[], None]) -> None:
        """Serve in this thread until SIGINT or SIGTERM; *ready* is called once either is handled."""
        self._server.run(ready)
        self.application.close()

    def stop(self) -> None:
        """Answer the requests that have arrived, then stop."""
        self._server.stop()
        self.application.close()

    def world(
        self,
        name: str,
        *,
        fixture: FixtureSource | None = None,
        account: str | None = None,
        seed: str | None = None,
        others: str | None = None,
        idle_timeout: timedelta | str | None = None,
    ) -> MockWorld:
        """Return the world called *name*, which the server has at `/worlds/<name>`.

        A new one begins as the default one did, unless it has a *fixture*; then *name* must be new. *others* sets which
        services answer beside ours there. After *idle_timeout* without a request, a timedelta or an ISO 8601 duration
        of the machine's time, the world is removed.

        Raises NoWorldError if *name* is invalid, WorldTakenError if a world has that name and a fixture is given,
        and the exceptions of `Mock` itself.
        """
        if fixture is None and (account or seed or others or idle_timeout):
            raise TypeError("account, seed, others and idle_timeout need a fixture: give fixture as well")
        settings_module.of_program(account=account, seed=seed, others=others)
        if fixture is not None:
            self.application.create_world(
                name,
                load_fixture(fixture, account or self.settings.account),
                id_seed=seed,
                others=others,
                idle_timeout=None if idle_timeout is None else _seconds(idle_timeout),
            )
        return MockWorld(self.worlds.named(name), self.application.endpoint, self._server, f"/worlds/{name}")

    def drop(self, name: str) -> None:
        """Remove the world called *name*."""
        self.worlds.drop(name)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()


def _seconds(idle_timeout: timedelta | str) -> float:
    """Return an idle timeout in seconds. Raises ValueError if it is not a duration."""
    try:
        return moments.possible(duration(idle_timeout).total_seconds())
    except ValueError as error:
        raise ValueError(f"idle_timeout: {error}") from None
