"""The types of the fixtures in conftest.py."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from tests.samples import ACCOUNT, NOW, REGION

if TYPE_CHECKING:
    from mockaws.records.base import Record
    from mockaws.worlds.world import World

Ask = Callable[..., Any]


class MakeWorld(Protocol):
    """The fixture `world`."""

    def __call__(self, *records: Record, at: float | None = NOW, **config: Any) -> World:
        """Return a world of *records* under *config*, fields of `WorldConfig`."""
        ...


class Serve(Protocol):
    """The fixture `serve`."""

    def __call__(self, served: World) -> str:
        """Serve a world while the test runs, and return the URL."""
        ...


class MakeClient(Protocol):
    """The fixture `client`."""

    def __call__(self, service: str, url: str, *, region: str = REGION, account: str = ACCOUNT, **options: Any) -> Any:
        """Return a boto3 client of *service* that speaks to *url*."""
        ...
