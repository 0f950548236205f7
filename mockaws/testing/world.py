"""One world of a mock for programs: its clients, clock, faults, calls and contents."""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from mockaws import settings
from mockaws.environment import for_command
from mockaws.regions import is_region
from mockaws.testing.views import View
from mockaws.testing.views.place import Place, moment
from mockaws.worlds.control.table import VERBS
from mockaws.worlds.control.verbs import Context, NotThereError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockaws.fixtures.sources import FixtureSource
    from mockaws.gateway.endpoint import Endpoint
    from mockaws.records.world import WorldConfig
    from mockaws.server import ServerOnDemand
    from mockaws.testing.hsm import MockHsm
    from mockaws.testing.in_process import Answering
    from mockaws.worlds.active_faults import ActiveFault
    from mockaws.worlds.world import World

T = TypeVar("T")


class MakeClient(Protocol):
    """The type of `MockWorld.client`, which makes boto3 clients."""

    def __call__(self, service: str, *, region: str | None = None, account: str | None = None, **options: Any) -> Any:
        """Return a boto3 client of *service*; *options* are those of `boto3.client`."""
        ...


class MockClock:
    """The clock of a world, which everything that AWS does later follows."""

    def __init__(self, world: World) -> None:
        self._world = world

    def __repr__(self) -> str:
        return f"<MockClock {self.now.isoformat()}>"

    @property
    def now(self) -> datetime:
        """The present moment, in UTC."""
        return moment(self._world.clock.now())

    @property
    def frozen(self) -> bool:
        """Return True if the clock stands still."""
        return self._world.clock.frozen

    def freeze(self, at: datetime | str | float | None = None) -> None:
        """Stop the clock, at a moment (in UTC unless it says otherwise) or where it stands.

        A moment is a datetime, ISO 8601 or epoch seconds. Raises ValueError if it is not, or is not between 1970 and
        3000.
        """
        VERBS["clock.freeze"].perform(self._context, at=at, back=True)

    def set(self, at: datetime | str | float) -> None:
        """Move the clock to a moment; it stands or runs as before. Raises ValueError as `freeze` does."""
        VERBS["clock.set"].perform(self._context, at=at, back=True)

    def advance(self, by: timedelta | str = "PT0S", **units: float) -> None:
        """Advance the clock: `advance(days=30)`, `advance("P30D")` or `advance(timedelta(30))`.

        Raises ValueError for anything else.
        """
        VERBS["clock.advance"].perform(self._context, by=duration(by) + timedelta(**units))

    def resume(self) -> None:
        """Let the clock run on from where it stands."""
        VERBS["clock.resume"].perform(self._context)

    @property
    def _context(self) -> Context:
        return Context(world=self._world)


def duration(by: timedelta | str) -> timedelta:
    """Return a duration that is a timedelta or ISO 8601. Raises ValueError for anything else."""
    if isinstance(by, timedelta):
        return by
    return timedelta(seconds=VERBS["clock.advance"].parameter("by").read(by, "by"))


class MockFaults:
    """The faults at work in a world, in the order in which a call meets them."""

    def __init__(self, world: World) -> None:
        self._world = world

    def __iter__(self) -> Iterator[ActiveFault]:
        return iter(self._world.faults.active)

    def __len__(self) -> int:
        return len(self._world.faults.active)

    def add(self, **fault: Any) -> ActiveFault:
        """Add a fault as a fixture has them: `add(operation="kms:Encrypt", error="ThrottlingException", times=2)`.

        The returned object counts the *calls* that the fault has seen and *struck*. Raises FixtureError.
        """
        active: ActiveFault = VERBS["faults.add"].perform(Context(world=self._world), **fault)
        return active

    def remove(self, fault: ActiveFault | str) -> None:
        """Remove a fault, given as such or by its id, such as `fault-1`. A fault that is gone is no error.

        Raises ValueError for anything else.
        """
        given = getattr(fault, "id", fault)
        with suppress(NotThereError):
            VERBS["faults.remove"].perform(Context(world=self._world), fault=given)

    def clear(self) -> None:
        """Remove all faults."""
        VERBS["faults.clear"].perform(Context(world=self._world))


class MockWorld(View):
    """A world of a mock, with the contents of its own account and Region; `view` shows others."""

    def __init__(self, world: World, endpoint: Endpoint, server: ServerOnDemand, path: str = "") -> None:
        super().__init__(world, world.config.account, world.config.region)
        self._world = world
        self._endpoint = endpoint
        self._server = server
        self._path = path

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._place}>"

    @property
    def _place(self) -> Place:
        # Another world may have been loaded, which has another account.
        return Place(self._world, self.account, self.region)

    @property
    def url(self) -> str:
        """The value for AWS_ENDPOINT_URL. Reading it starts the server, if it does not run yet."""
        self._server.start()
        return f"{self._server.listen().url}{self._path}"

    @property
    def account(self) -> str:
        """The account of the world."""
        return self._world.config.account

    @property
    def region(self) -> str:
        """The Region of the world."""
        return self._world.config.region

    @property
    def config(self) -> WorldConfig:
        """The world's account, Region, timing, relaxed rules and limits."""
        return self._world.config

    @property
    def clock(self) -> MockClock:
        """The clock of the world."""
        return MockClock(self._world)

    def calls(self, **wanted: str | int | datetime) -> list[dict[str, Any]]:
        """Return the calls that this world has answered, oldest first, as CloudTrail events.

        *wanted* are the filters of the journal: `calls(operation="kms:Decrypt", error="*")`. Raises ValueError for an
        unknown filter, or a value that is not valid.
        """
        texts = {name: each.isoformat() if isinstance(each, datetime) else str(each) for name, each in wanted.items()}
        found: list[dict[str, Any]] = VERBS["calls.show"].perform(Context(world=self._world), **texts)
        return found

    def forget_calls(self) -> None:
        """Empty the journal."""
        VERBS["calls.clear"].perform(Context(world=self._world))

    @property
    def faults(self) -> MockFaults:
        """The faults at work in the world."""
        return MockFaults(self._world)

    @property
    def hsm(self) -> MockHsm:
        """The HSMs of the world's account and Region: their users, keys and failures."""
        return self.hsm_of()

    def hsm_of(self, *, account: str | None = None, region: str | None = None) -> MockHsm:
        """Return the HSMs of another account or Region. Raises SettingsError if one of them is not valid."""
        from mockaws.testing.hsm import MockHsm  # noqa: PLC0415 - a server needs none

        return MockHsm(self._world, *self._asked(account, region))

    def view(self, *, account: str | None = None, region: str | None = None) -> View:
        """Return the contents of another account or Region. Raises SettingsError if one of them is not valid."""
        return View(self._world, *self._asked(account, region))

    def reset(self) -> None:
        """Restore the world to its fixture, and its clock to the machine's time."""
        VERBS["state.reset"].perform(Context(world=self._world))

    def snapshot(self, *, secrets: bool = True) -> str:
        """Return the world as it is now, as a fixture in YAML that restores it.

        Without *secrets*, key material and passwords are left out.
        """
        return str(VERBS["state.snapshot"].perform(Context(world=self._world), secrets=secrets))

    def load(self, fixture: FixtureSource) -> None:
        """Replace the world with that of a fixture, such as a snapshot, to which `reset` then returns.

        Raises FixtureError for a fixture with mistakes, and changes nothing then.
        """
        VERBS["state.load"].perform(Context(world=self._world), fixture=fixture)

    def client(self, service: str, *, region: str | None = None, account: str | None = None, **options: Any) -> Any:
        """Return a boto3 client of *service*; *options* are those of `boto3.client`.

        Its requests are answered in this process, without a socket.
        """
        from mockaws.testing import in_process  # noqa: PLC0415 - see there

        here = {"endpoint_url": self.url} if self._server.serving else {}
        made = in_process.client(service, *self._asked(account, region), **here | options)
        in_process.adopt(made, self._answering)
        return made

    def session(self, *, region: str | None = None, account: str | None = None) -> Any:
        """Return a boto3 session; requests of all its clients are answered in this process, without a socket."""
        from mockaws.testing import in_process  # noqa: PLC0415

        made = in_process.session(*self._asked(account, region))
        in_process.adopt(made, self._answering)
        return made

    def adopt(self, client_or_session: T) -> T:
        """Answer requests of a client, or of all future clients of a session, in this world; return it."""
        from mockaws.testing import in_process  # noqa: PLC0415

        in_process.adopt(client_or_session, self._answering)
        return client_or_session

    @contextmanager
    def patch(self, *, region: str | None = None, account: str | None = None) -> Iterator[MockWorld]:
        """Answer all boto3 and botocore clients of this process here while the block runs, without a socket.

        This includes older clients. New ones find dummy credentials and a Region in the environment.
        """
        from mockaws.testing import in_process  # noqa: PLC0415

        url = self.url if self._server.serving else in_process.NOWHERE
        with in_process.environment(self._variables(url, region, account)), in_process.patched(self._answering):
            yield self

    @contextmanager
    def environment(self, *, region: str | None = None, account: str | None = None) -> Iterator[MockWorld]:
        """Let AWS_ENDPOINT_URL and its like in the environment lead here while the block runs.

        Commands that the process starts inherit them. Older clients keep their endpoint.
        """
        from mockaws.testing import in_process  # noqa: PLC0415

        with in_process.environment(self._variables(self.url, region, account)):
            yield self

    def _variables(self, url: str, region: str | None, account: str | None) -> dict[str, str]:
        return for_command(os.environ, url, *self._asked(account, region))

    def _asked(self, account: str | None, region: str | None) -> tuple[str, str]:
        """Return the account and the Region asked for, by default the world's own. Raises SettingsError."""
        settings.of_program(account=account)
        if region is not None and not is_region(region):
            raise settings.SettingsError([f"region={region!r}: an AWS Region is such as us-west-2"])
        return account or self.account, region or self.region

    @property
    def _answering(self) -> Answering:
        from mockaws.testing import in_process  # noqa: PLC0415

        return in_process.Answering(self._endpoint, self._world)
