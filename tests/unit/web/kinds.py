"""The types of the fixtures in conftest.py."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from werkzeug.test import Client

    from mockaws.web.guard import Guard


class Routes(Protocol):
    """The fixture `routes`."""

    def __call__(self, guard: Guard | None = None) -> Client:
        """Return a client of the control routes of an empty world, behind *guard*."""
        ...
