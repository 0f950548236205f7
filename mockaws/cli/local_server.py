"""The server of a command: an application on a socket, with its worlds."""

from __future__ import annotations

import gc
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING, NamedTuple, Self

from mockaws.cli.output import CommandError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from mockaws.journal.entries import Listener
    from mockaws.settings import Settings
    from mockaws.worlds.world import World

# Seconds after which a thread that reads a large document lets others run. With Python's 5 ms a request that needs a
# few turns would wait four times as long.
_SWITCH_SECONDS = 0.001
_NO_CRYPTOGRAPHY = (
    "the package cryptography is missing, which has no wheel for Windows on ARM: use Python for x86-64 or WSL, "
    "or build it with `pip install 'cryptography>=49'`"
)


class WorldAddress(NamedTuple):
    """The URL of a world, and the account and Region that its clients use."""

    url: str
    account: str
    region: str


class LocalServer:
    """An application and its server, which listens at once.

    As a context manager it serves in a thread while the block runs.
    """

    def __init__(self, settings: Settings, listeners: Iterable[Listener] = ()) -> None:
        """Create the default world and listen; *listeners* are called with each call in any world.

        Raises FixtureError if the fixture has mistakes, files.FileError if the file of calls cannot be written, and
        server.PortTakenError if the port is taken.
        """
        from mockaws.application import Application  # noqa: PLC0415 - other commands start without it
        from mockaws.server import Server  # noqa: PLC0415

        self.settings = settings
        self._application = Application(settings, listeners=listeners)
        endpoint = self._application.endpoint
        self._server = Server(endpoint, settings.host, settings.port, bytes_wanted=endpoint.bytes_wanted)
        self._application.begin()

    @property
    def url(self) -> str:
        """The URL of the server."""
        return self._server.url

    @property
    def world(self) -> WorldAddress:
        """The default world."""
        return _address(self.url, self._application.worlds.default)

    def create_world(self, name: str, fixture: str) -> WorldAddress:
        """Create a world that begins as *fixture* says, with the account and id seed of the settings.

        Raises FixtureError if the fixture has mistakes, and NoWorldError if the server has no room.
        """
        from mockaws.application import load_fixture  # noqa: PLC0415

        loaded = load_fixture(fixture, self.settings.account)
        created = self._application.create_world(name, loaded, id_seed=self.settings.id_seed)
        return _address(f"{self.url}/worlds/{name}", created.world)

    def run(self, ready: Callable[[], None]) -> None:
        """Serve in this thread until SIGINT or SIGTERM; *ready* is called once either is handled."""
        self._server.run(ready)
        self._application.close()

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()
        self._application.close()


def _address(url: str, world: World) -> WorldAddress:
    return WorldAddress(url, world.config.account, world.config.region)


def open_server(settings: Settings, *listeners: Listener) -> LocalServer:
    """Return a server that listens, and calls *listeners* with each call. Raises CommandError if it cannot start."""
    from mockaws.fixtures.mistakes import FixtureError  # noqa: PLC0415
    from mockaws.journal.files import FileError  # noqa: PLC0415
    from mockaws.server import PortTakenError  # noqa: PLC0415

    if find_spec("cryptography") is None:  # else the first request that needs it would fail
        raise CommandError(_NO_CRYPTOGRAPHY)
    try:
        server = LocalServer(settings, listeners)
    except FileError as error:
        raise CommandError(str(error)) from None
    except FixtureError as error:
        raise CommandError(mistakes=error.mistakes) from None
    except PortTakenError as error:
        advice = "choose another with --host and --port, or a free port with --port 0"
        raise CommandError(f"{error}; {advice}") from None
    # Objects made during the start live to the end, so the collector need not scan them.
    gc.freeze()
    sys.setswitchinterval(_SWITCH_SECONDS)
    return server


def find_fixtures(wanted: Sequence[str]) -> dict[str, str]:
    """Return the fixtures that *wanted* names, by the names of their worlds.

    Raises CommandError if a pattern matches no fixture, or a name is invalid or used twice.
    """
    from mockaws.fixtures import patterns  # noqa: PLC0415
    from mockaws.fixtures.mistakes import FixtureError  # noqa: PLC0415

    try:
        return patterns.named(wanted)
    except FixtureError as error:
        raise CommandError(mistakes=error.mistakes) from None


def create_worlds(server: LocalServer, fixtures: Mapping[str, str]) -> dict[str, WorldAddress]:
    """Return a world for each of *fixtures*. Raises CommandError with all reasons why some cannot be created."""
    from mockaws.fixtures.mistakes import FixtureError  # noqa: PLC0415
    from mockaws.worlds.named import NoWorldError  # noqa: PLC0415

    worlds: dict[str, WorldAddress] = {}
    sentences: list[str] = []
    mistakes: list[object] = []
    for name, fixture in fixtures.items():
        try:
            worlds[name] = server.create_world(name, fixture)
        except FixtureError as error:
            mistakes += error.mistakes
        except NoWorldError as error:
            sentences.append(str(error))
    if sentences or mistakes:
        raise CommandError(*sentences, mistakes=mistakes)
    return worlds
