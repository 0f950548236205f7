"""One world of a mock, as a program sees it: clients for it, its clock, and what is in it."""

from __future__ import annotations

import os
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from mockaws import moments, settings
from mockaws.clock import Clock
from mockaws.environment import for_command
from mockaws.gateway.credentials import is_region
from mockaws.journal import filters
from mockaws.journal.events import event
from mockaws.seed import loader
from mockaws.views import View
from mockaws.views.place import Place, moment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockaws.endpoint import Endpoint
    from mockaws.faults import Rule
    from mockaws.inprocess import Answering
    from mockaws.mock_hsm import MockHsm
    from mockaws.records.world import Terms
    from mockaws.seed.sources import Fixture
    from mockaws.server import ServerOnDemand
    from mockaws.world import World

T = TypeVar("T")


class MakeClient(Protocol):
    """What makes boto3 clients in a world: `MockWorld.client`."""

    def __call__(self, service: str, *, region: str | None = None, account: str | None = None, **options: Any) -> Any:
        """Return a boto3 client of *service*; *options* are those of `boto3.client`."""
        ...


class MockClock:
    """The clock of a world: all that AWS does later follows it."""

    def __init__(self, world: World) -> None:
        self._world = world

    def __repr__(self) -> str:
        return f"<MockClock {self.now.isoformat()}>"

    @property
    def now(self) -> datetime:
        """What it shows, in UTC."""
        return moment(self._world.clock.now())

    @property
    def frozen(self) -> bool:
        """Whether it stands still."""
        return self._world.clock.frozen

    def freeze(self, at: datetime | str | float | None = None) -> None:
        """Stop it, at a moment (in UTC unless that says otherwise) or where it stands.

        A moment is a datetime, ISO 8601 or epoch seconds. Raises ValueError for what is none, or too far away.
        """
        self._world.clock.freeze(None if at is None else _moment(at))

    def set(self, at: datetime | str | float) -> None:
        """Move it to a moment; it goes on standing, or running, as before."""
        self._world.clock.set(_moment(at))

    def advance(self, by: timedelta | str = "PT0S", **units: float) -> None:
        """Move it on, whether it stands or runs: `advance(days=30)`, `advance("P30D")` or `advance(timedelta(30))`.

        Raises ValueError for what is no duration.
        """
        self._world.clock.advance((duration(by) + timedelta(**units)).total_seconds())

    def resume(self) -> None:
        """Let it run on from where it stands."""
        self._world.clock.resume()


def _moment(at: datetime | str | float) -> float:
    try:
        return moments.moment(at.isoformat() if isinstance(at, date) else at)
    except (TypeError, ValueError):
        raise ValueError(f"{at} is no moment; it is a datetime, {moments.A_MOMENT}") from None


def duration(by: timedelta | str) -> timedelta:
    """Return a duration that was given as such or as ISO 8601 has it; raises ValueError."""
    try:
        return by if isinstance(by, timedelta) else timedelta(seconds=moments.duration(by))
    except (TypeError, ValueError):
        raise ValueError(f"{by} is no duration; it is a timedelta or {moments.A_DURATION}") from None


class MockFaults:
    """What goes wrong in a world because somebody wants to see it, in the order in which it is tried."""

    def __init__(self, world: World) -> None:
        self._world = world

    def __iter__(self) -> Iterator[Rule]:
        return iter(self._world.faults.rules)

    def __len__(self) -> int:
        return len(self._world.faults.rules)

    def add(self, **fault: Any) -> Rule:
        """Add a fault as a fixture has them: `add(operation="kms:Encrypt", error="ThrottlingException", times=2)`.

        What is returned counts the *calls* that it is for and those that it has *struck*. Raises FixtureError.
        """
        return self._world.faults.add(loader.fault(fault))

    def remove(self, fault: Rule | str) -> None:
        """Remove a fault, or the one of an id such as `fault-1`; no error if it is not there any more."""
        self._world.faults.remove(fault if isinstance(fault, str) else fault.id)

    def clear(self) -> None:
        """Remove all of them."""
        self._world.faults.clear()


class MockWorld(View):
    """A world of a mock. What is in it is that of its own account and Region; `view` shows others."""

    def __init__(self, world: World, endpoint: Endpoint, server: ServerOnDemand, path: str = "") -> None:
        super().__init__(world, world.terms.account, world.terms.region)
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
        """What AWS_ENDPOINT_URL must be for clients in this world; whoever asks has the mock serve there."""
        self._server.start()
        return f"{self._server.url}{self._path}"

    @property
    def account(self) -> str:
        """The account of the world."""
        return self._world.terms.account

    @property
    def region(self) -> str:
        """The Region of the world."""
        return self._world.terms.region

    @property
    def terms(self) -> Terms:
        """How long things take here, which rules are relaxed, and how much there may be of anything."""
        return self._world.terms

    @property
    def clock(self) -> MockClock:
        """The clock of the world."""
        return MockClock(self._world)

    def calls(self, **wanted: str | int | datetime) -> list[dict[str, Any]]:
        """Return what was called in this world, oldest first, in the form of CloudTrail's events.

        *wanted* are the filters of the journal: `calls(operation="kms:Decrypt", error="*")`. Raises ValueError for one
        that there is not.
        """
        entries = self._world.journal.entries()
        texts = {name: each.isoformat() if isinstance(each, datetime) else str(each) for name, each in wanted.items()}
        return [event(entry) for entry in filters.read(texts, entries).select(entries)]

    def forget_calls(self) -> None:
        """Empty the journal."""
        self._world.journal.clear()

    @property
    def faults(self) -> MockFaults:
        """What goes wrong here on purpose."""
        return MockFaults(self._world)

    @property
    def hsm(self) -> MockHsm:
        """What happens to the HSMs of the world's account and Region, and who may log in to them."""
        return self.hsm_of()

    def hsm_of(self, *, account: str | None = None, region: str | None = None) -> MockHsm:
        """Return the same for another account or Region."""
        from mockaws.mock_hsm import MockHsm  # noqa: PLC0415 - a server needs none

        return MockHsm(self._world, *self._asked(account, region))

    def view(self, *, account: str | None = None, region: str | None = None) -> View:
        """Return what is in another account or Region.

        Raises SettingsError for what is no account or no Region, as all that take one do.
        """
        return View(self._world, *self._asked(account, region))

    def reset(self) -> None:
        """Bring the world back to what its fixture says, and its clock to the present."""
        self._world.reset()

    def snapshot(self, *, secrets: bool = True) -> str:
        """Return the world as it is now, as a fixture in YAML that brings it back.

        Without *secrets*, key material and passwords are left out.
        """
        return self._world.snapshot(secrets=secrets)

    def load(self, fixture: Fixture) -> None:
        """Put the world of a fixture, such as a snapshot, in the place of this one, as if it had begun as that.

        Raises FixtureError for a fixture with mistakes; then nothing has changed.
        """
        self._world.load(loader.load(fixture, otherwise=self.account, now=Clock().now()))

    def client(self, service: str, *, region: str | None = None, account: str | None = None, **options: Any) -> Any:
        """Return a boto3 client of *service*; *options* are those of `boto3.client`.

        What it sends is answered in this process, without a socket.
        """
        from mockaws import inprocess  # noqa: PLC0415 - see there

        here = {"endpoint_url": self.url} if self._server.serving else {}
        made = inprocess.client(service, *self._asked(account, region), **here | options)
        inprocess.adopt(made, self._answering)
        return made

    def session(self, *, region: str | None = None, account: str | None = None) -> Any:
        """Return a boto3 session whose clients are all answered in this process, without a socket."""
        from mockaws import inprocess  # noqa: PLC0415

        made = inprocess.session(*self._asked(account, region))
        inprocess.adopt(made, self._answering)
        return made

    def adopt(self, client_or_session: T) -> T:
        """Have a client, or a session for the clients that it makes from now on, answered here; return it."""
        from mockaws import inprocess  # noqa: PLC0415

        inprocess.adopt(client_or_session, self._answering)
        return client_or_session

    @contextmanager
    def patch(self, *, region: str | None = None, account: str | None = None) -> Iterator[MockWorld]:
        """While the block runs, answer every boto3 and botocore client of this process here, without a socket.

        Those that were made before as well; new ones find dummy credentials and a Region in the environment.
        """
        from mockaws import inprocess  # noqa: PLC0415

        url = self.url if self._server.serving else inprocess.NOWHERE
        with inprocess.environment(self._variables(url, region, account)), inprocess.patched(self._answering):
            yield self

    @contextmanager
    def environment(self, *, region: str | None = None, account: str | None = None) -> Iterator[MockWorld]:
        """While the block runs, AWS_ENDPOINT_URL and its like in this process's environment lead here.

        So do they in the commands that it runs. Clients that were made before are as they were.
        """
        from mockaws import inprocess  # noqa: PLC0415

        with inprocess.environment(self._variables(self.url, region, account)):
            yield self

    def _variables(self, url: str, region: str | None, account: str | None) -> dict[str, str]:
        return for_command(os.environ, url, *self._asked(account, region))

    def _asked(self, account: str | None, region: str | None) -> tuple[str, str]:
        """Return the account and the Region that somebody asks for, else the world's own."""
        settings.checked(account=account)
        if region is not None and not is_region(region):
            raise settings.SettingsError([f"region={region!r}: an AWS Region is such as us-west-2"])
        return account or self.account, region or self.region

    @property
    def _answering(self) -> Answering:
        from mockaws import inprocess  # noqa: PLC0415

        return inprocess.Answering(self._endpoint, self._world)
