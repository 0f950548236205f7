"""Verbs of a world as a whole: snapshot, load, reset."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from mockaws.clock import Clock
from mockaws.fixtures import loader

if TYPE_CHECKING:
    from mockaws.fixtures.loader import Fixture
    from mockaws.worlds.control.verbs import Context


def snapshot(context: Context, *, secrets: bool) -> str:
    """Return the world as a fixture in YAML."""
    return context.world.snapshot(secrets=secrets)


def load(context: Context, fixture: Any, name: str) -> Fixture:
    """Replace the world with that of a fixture, as a whole or not at all.

    Raises FixtureError if the fixture has mistakes.

    A fixture that a client sends is bytes and can name no files; *name* is its name in error messages.
    """
    account, now = context.world.config.account, Clock().now()
    if isinstance(fixture, bytes):
        read = loader.parse(fixture, name, otherwise=account, now=now)
    else:
        read = loader.load(fixture, otherwise=account, now=now)
    context.world.load(read)
    return read


def reset(context: Context) -> None:
    """Restore the world to its fixture, and its clock to the machine's."""
    context.world.reset()


def moto_reset(context: Context) -> None:
    """Reset the world, as the route of moto's server does."""
    context.world.reset()


def shape_loaded(_: Context, fixture: Fixture) -> dict[str, Any]:
    """Return what was loaded as JSON."""
    counts = Counter(type(record).__name__ for record in fixture.records)
    config = fixture.config
    return {"status": "loaded", "account": config.account, "region": config.region, "records": counts}


def shape_reset(_: Context, __: None) -> dict[str, Any]:
    """Return that the world was reset."""
    return {"status": "reset"}


def shape_moto_reset(_: Context, __: None) -> dict[str, Any]:
    """Return that the world was reset, as moto's server does."""
    return {"status": "ok"}
