"""One server's settings, worlds, services and WSGI application, joined.

`Mock`, `create_app` and `mockaws serve` each make an `Application`; control requests create worlds with it as well.
"""

from __future__ import annotations

import os
from functools import cached_property, partial
from socket import SHUT_RDWR
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from mockaws import settings as settings_module
from mockaws.clock import Clock
from mockaws.fixtures import loader
from mockaws.gateway.endpoint import Endpoint, refuse
from mockaws.gateway.journey import Gateway
from mockaws.gateway.log import RequestLog
from mockaws.journal.files import CallsFile
from mockaws.model.errors import AWSError
from mockaws.other_services import other_services_of
from mockaws.services import cloudhsmv2, kms, sts
from mockaws.worlds.named import Worlds
from mockaws.worlds.world import World

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import flask

    from mockaws.fixtures.sources import FixtureSource
    from mockaws.gateway.endpoint import WSGI, Environ, StartResponse
    from mockaws.journal.entries import Listener
    from mockaws.settings import Settings
    from mockaws.worlds.named import NamedWorld

_templates: WeakKeyDictionary[loader.Fixture, World] = WeakKeyDictionary()
_SEVERAL_PROCESSES = (
    "this WSGI server runs several processes, and each would have worlds of its own: "
    "run one process with threads, such as gunicorn --workers 1 --threads 8"
)


class Application:
    """The default world and the named ones, and the WSGI endpoint that answers in them.

    *endpoint* answers AWS requests, and has Flask answer the control routes. *fixture* is the source of the fixture
    that worlds begin as unless they have their own.
    """

    def __init__(
        self, settings: Settings, *, fixture: FixtureSource | None = None, listeners: Iterable[Listener] = ()
    ) -> None:
        """Read the fixture and create the default world; *fixture* takes the place of the one in *settings*.

        *listeners* are called with each call in any world. Raises FixtureError if the fixture has mistakes, and
        journal.files.FileError if the file of calls cannot be written.
        """
        self.settings = settings
        self.log = RequestLog(settings.log_format, quiet=settings.quiet)
        parsed = load_fixture(settings.fixture if fixture is None else fixture, settings.account)
        self._template, self.fixture = _template(parsed), parsed.source
        self._calls_file = CallsFile(settings.calls) if settings.calls is not None else None
        self._listeners = tuple(listeners)
        if self._calls_file is not None:
            self._listeners += (self._calls_file.write,)
        self._other_services = other_services_of(settings.others)
        self.worlds = Worlds(lambda: self._new_world(self._template, settings.id_seed))
        self.gateway = Gateway((kms.service, cloudhsmv2.service, sts.service))
        self.endpoint = Endpoint(self._control_routes, self.worlds, self.gateway, self.log)

    def begin(self) -> None:
        """Empty the file of calls, and log which relaxations are in force.

        A server calls this once it listens: until then the file may be that of another server at the same port.
        """
        if self._calls_file is not None:
            self._calls_file.begin()
        for name, value in self._template.config.relaxations.in_force():
            self.log.note(f"relaxation in force: {name}: {value} (AWS does not do this)")

    def close(self) -> None:
        """Close the file of calls."""
        if self._calls_file is not None:
            self._calls_file.close()

    def create_world(
        self,
        name: str,
        fixture: loader.Fixture | None = None,
        *,
        id_seed: str | None = None,
        others: str | None = None,
        idle_timeout: float | None = None,
    ) -> NamedWorld:
        """Create a world that begins as *fixture* says, or as the default world began.

        *id_seed* makes its ids repeatable, and *others* is the setting for its other services. It is removed after
        *idle_timeout* seconds without a request.

        Raises NoWorldError if *name* is invalid or the server has no room, and WorldTakenError if a world has that
        name.
        """
        if fixture is None:
            world = self._new_world(self._template, id_seed or self.settings.id_seed, others)
        else:
            world = self._new_world(_template(fixture), id_seed, others)
        source = None if fixture is None else fixture.source
        return self.worlds.add(name, world, fixture=source, idle_timeout=idle_timeout)

    def operation_counts(self) -> dict[str, int]:
        """Return how many operations each service answers."""
        return self.gateway.operation_counts()

    @cached_property
    def flask_app(self) -> flask.Flask:
        """The Flask application: its routes are the control routes, and the endpoint wraps its `wsgi_app`.

        It refuses requests of a WSGI server with several processes, each of which would have worlds of its own.
        """
        from mockaws.web import create_app as create_control_app  # noqa: PLC0415 - Flask's import takes 150 ms
        from mockaws.web.guard import Guard  # noqa: PLC0415

        chosen = self.settings
        guard = Guard(host=chosen.host, remote=chosen.allow_remote_control, allowed_hosts=chosen.allowed_hosts)
        app = create_control_app(self, guard)
        app.wsgi_app = _ForAnyServer(self.endpoint)  # type: ignore[method-assign]
        app.extensions["mockaws"] = self
        return app

    def _control_routes(self) -> WSGI:
        """Return the Flask application without the endpoint around it."""
        app = self.flask_app
        return partial(type(app).wsgi_app, app)

    def _new_world(self, template: World, id_seed: str | None, others: str | None = None) -> World:
        shared = other_services_of(others) or self._other_services
        return template.twin(id_seed, self._listeners, shared.for_new_world() if shared is not None else None)


class _ForAnyServer:
    """A WSGI middleware for servers that may run several processes, or keep a connection that the endpoint aborts."""

    def __init__(self, app: WSGI) -> None:
        self._app = app

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if environ.get("wsgi.multiprocess"):
            # 400, because SDKs would retry a 5xx
            return refuse(environ, AWSError("ValidationException", _SEVERAL_PROCESSES), start_response)
        try:
            return self._app(environ, start_response)
        except ConnectionAbortedError:
            connection = environ.get("werkzeug.socket")
            if connection is not None:
                connection.shutdown(SHUT_RDWR)  # `flask run` would let the client wait for an answer
            raise


def create_app(
    *,
    fixture: FixtureSource | None = None,
    account: str | None = None,
    seed: str | None = None,
    host: str | None = None,
    port: int | None = None,
    quiet: bool | None = None,
    log_format: str | None = None,
    allow_remote_control: bool | None = None,
    allowed_hosts: str | Iterable[str] | None = None,
    calls: str | Path | None = None,
    others: str | None = None,
    listeners: Iterable[Listener] = (),
) -> flask.Flask:
    """Return a Flask application that answers AWS requests and control routes: Flask's application factory.

    The keywords are those of `Mock`. A setting without a keyword comes from its `MOCKAWS_` variable, else it has the
    default of `mockaws serve`. *host* and *port* are where the WSGI server listens: they open no socket.

    Raises SettingsError if a setting is wrong, FixtureError if the fixture has mistakes, and journal.files.FileError if
    the file of calls cannot be written.
    """
    settings = settings_module.from_keywords(
        os.environ,
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
    application = Application(settings, fixture=fixture, listeners=listeners)
    application.begin()
    return application.flask_app


def load_fixture(fixture: FixtureSource | None, account: str | None) -> loader.Fixture:
    """Return a fixture as it is at this moment. Raises FixtureError if it has mistakes."""
    return loader.load(fixture, account=account, now=Clock().now())


def _template(fixture: loader.Fixture) -> World:
    """Return a world that answers no requests, and whose twins begin as *fixture* says; one for each fixture."""
    template = _templates.get(fixture)
    if template is None:
        template = _templates[fixture] = World.of(fixture)
    return template
