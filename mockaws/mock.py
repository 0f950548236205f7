"""The one place where things are joined: settings become worlds, services, an app and a server."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Self

from mockaws import moments
from mockaws import settings as given
from mockaws.clock import Clock
from mockaws.endpoint import Endpoint
from mockaws.gateway.journey import Gateway
from mockaws.journal.files import CallsFile
from mockaws.log import RequestLog
from mockaws.mock_world import MockWorld, duration
from mockaws.others import others_of
from mockaws.seed import loader
from mockaws.server import ServerOnDemand
from mockaws.services import cloudhsmv2, kms, sts
from mockaws.world import World, Worlds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import timedelta
    from pathlib import Path
    from types import TracebackType

    import flask

    from mockaws.journal.entries import Listener
    from mockaws.seed.sources import Fixture
    from mockaws.settings import Settings

_MOST_TEMPLATES = 32


class Mock(MockWorld):
    """A default world, named ones beside it, and a server for all of them, which listens when it is asked to.

    As a context manager it serves in a thread while the block runs; without that, `client`, `session` and `patch` need
    no socket. What the methods say of a world is said of the default one.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        fixture: Fixture | None = None,
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
        """Read the fixture and make the default world.

        *fixture* is the name of a shipped one, a path, YAML itself, or a mapping with what YAML would say; *listeners*
        hear of each call in any world. A command gives its *settings* in the place of all others; then it listens at
        once.

        Raises loader.FixtureError for a fixture with mistakes, settings.SettingsError for another argument that is
        wrong, files.FileError for a file of calls that cannot be written, and server.PortTakenError.
        """
        at_once = settings is not None
        if settings is None:
            settings = given.checked(
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
        else:
            fixture = settings.fixture
        self.settings = settings
        self.log = RequestLog(settings.log_format, quiet=settings.quiet)
        seeded = _seed(fixture, settings.account)
        first, self._fixture = _template(seeded), seeded.source
        self._file = CallsFile(settings.calls) if settings.calls is not None else None
        self._listeners = (*listeners, self._file.write) if self._file is not None else tuple(listeners)
        self._others = others_of(settings.others)
        self.worlds = Worlds(lambda: self._twin(first, settings.seed))
        self.gateway = Gateway((kms.service, cloudhsmv2.service, sts.service))
        self.app = Endpoint(self._control, self.worlds, self.gateway, self.log)
        self._on_demand = ServerOnDemand(self.app, settings.host, settings.port, self.app.bytes_wanted)
        super().__init__(self.worlds.default, self.app, self._on_demand)
        if at_once:
            self._on_demand.listen()
        if self._file is not None:
            self._file.begin()  # not before the port is ours: another server's file may be this one
        for name, value in first.terms.relaxations.in_force():
            self.log.note(f"relaxation in force: {name}: {value} (AWS does not do this)")

    def start(self) -> None:
        """Serve in a thread. Raises PortTakenError, as all that needs a socket does."""
        self._on_demand.start()

    def run(self, ready: Callable[[], None]) -> None:
        """Serve in this thread until SIGINT or SIGTERM; *ready* is called when either may come."""
        self._on_demand.run(ready)
        self._end_file()

    def stop(self) -> None:
        """Answer what has arrived, then stop."""
        self._on_demand.stop()
        self._end_file()

    def world(
        self,
        name: str,
        *,
        fixture: Fixture | None = None,
        account: str | None = None,
        seed: str | None = None,
        others: str | None = None,
        idle_timeout: timedelta | str | None = None,
    ) -> MockWorld:
        """Return the world called *name*, which the server answers for behind `/worlds/<name>`.

        One that is not there yet begins as the default one did. With a *fixture* of its own *name* must be new;
        *others* may say who answers its other services, and when nobody has used it for *idle_timeout*, a timedelta or
        an ISO 8601 duration of the machine's time, it is over.
        Raises world.NoSuchWorldError for a name that cannot be one, world.WorldTakenError, and what Mock itself does.
        """
        if fixture is None and (account or seed or others or idle_timeout):
            raise TypeError("account, seed, others and idle_timeout are for a world with a fixture of its own")
        given.checked(account=account, seed=seed, others=others)
        if fixture is not None:
            seeded = _seed(fixture, account or self.settings.account)
            patience = None if idle_timeout is None else _patience(idle_timeout)
            world = self._twin(_template(seeded), seed, others)
            self.worlds.add(name, world, fixture=seeded.source, idle_timeout=patience)
        return MockWorld(self.worlds.named(name), self.app, self._on_demand, f"/worlds/{name}")

    def drop(self, name: str) -> None:
        """Forget the world called *name*."""
        self.worlds.drop(name)

    def _twin(self, template: World, seed: str | None, setting: str | None = None) -> World:
        others = others_of(setting) or self._others
        return template.twin(seed, self._listeners, others.another() if others is not None else None)

    def _control(self) -> flask.Flask:
        from mockaws.web import create_app  # noqa: PLC0415 - importing Flask takes half as long as the whole start
        from mockaws.web.guard import Guard  # noqa: PLC0415

        chosen = self.settings
        guard = Guard(host=chosen.host, remote=chosen.allow_remote_control, allowed_hosts=chosen.allowed_hosts)
        return create_app(self.gateway, guard, self._fixture)

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


def _patience(idle_timeout: timedelta | str) -> float:
    """Return the seconds after which a world is over. Raises ValueError for what is no duration."""
    try:
        return moments.possible(duration(idle_timeout).total_seconds())
    except ValueError as error:
        raise ValueError(f"idle_timeout: {error}") from None


def _seed(fixture: Fixture | None, account: str | None) -> loader.Seed:
    return loader.load(fixture, account=account, now=Clock().now())


@lru_cache(_MOST_TEMPLATES)
def _template(seed: loader.Seed) -> World:
    """Return a world in which nothing ever happens, whose twins begin as *seed* says."""
    return World.of(seed)
