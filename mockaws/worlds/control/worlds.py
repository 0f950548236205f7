"""Verbs of a server's named worlds."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from mockaws import moments
from mockaws.clock import Clock
from mockaws.fixtures import loader
from mockaws.worlds.control.verbs import ControlError, NotThereError, TakenError
from mockaws.worlds.named import NoWorldError, WorldTakenError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mockaws.worlds.control.verbs import Context
    from mockaws.worlds.named import NamedWorld


def show_all(context: Context) -> Sequence[NamedWorld]:
    """Return the named worlds, in the order of their names."""
    return context.controlled.worlds.all()


def show(context: Context, name: str) -> NamedWorld:
    """Return one named world. Raises NotThereError if no world has that name."""
    named = context.controlled.worlds.get(name)
    if named is None:
        raise _not_there(context, name)
    return named


def create(
    context: Context,
    name: str,
    fixture: str | None,
    document: Any,
    account: str | None,
    seed: str | None,
    idle_timeout: float | None,
) -> NamedWorld:
    """Create a named world, from a shipped fixture, from one in the request, or from the server's own.

    Raises ControlError if an argument is invalid, TakenError if the name is in use, and FixtureError if the fixture has
    mistakes.
    """
    if idle_timeout == 0:
        raise ControlError("idle_timeout: the world would end before its first use: use a duration such as PT1H")
    own = _own_fixture(fixture, document, account, seed)
    try:
        return context.controlled.create_world(name, own, id_seed=seed, idle_timeout=idle_timeout)
    except WorldTakenError as error:
        raise TakenError(f"{error}; DELETE removes it") from None
    except NoWorldError as error:
        raise ControlError(str(error)) from None


def remove(context: Context, name: str) -> int:
    """Remove a world with all its contents. Raises NotThereError if no world has that name."""
    if not context.controlled.worlds.drop(name):
        raise _not_there(context, name)
    return 1


def shape(context: Context, named: NamedWorld) -> dict[str, Any]:
    """Return a world as JSON, with its endpoint for AWS clients."""
    shown = {
        "name": named.name,
        "endpoint": f"{context.address}/worlds/{named.name}",
        "fixture": named.fixture,
        "account": named.world.config.account,
        "region": named.world.config.region,
        "idle_timeout": None if named.idle_timeout is None else moments.duration_written(named.idle_timeout),
    }
    return {name: value for name, value in shown.items() if value is not None}


def shape_all(context: Context, found: Sequence[NamedWorld]) -> dict[str, Any]:
    """Return worlds as JSON."""
    return {"worlds": [shape(context, named) for named in found]}


def shape_removed(_: Context, count: int) -> dict[str, Any]:
    """Return the number of removed worlds as JSON."""
    return {"removed": count}


def _own_fixture(fixture: str | None, document: Any, account: str | None, seed: str | None) -> loader.Fixture | None:
    """Return the fixture of a request, None for the server's own. Raises ControlError and FixtureError."""
    now = Clock().now()
    if fixture is not None and document is not None:
        raise ControlError("give either fixture, the name of a shipped one, or document, a fixture itself")
    if document is not None:
        return loader.parse(_content(document), "document", account=account, now=now)
    if fixture is not None:
        if fixture not in loader.shipped():
            # A path would lead into the file system of the server's machine.
            shipped = ", ".join(loader.shipped())
            raise ControlError(
                f"no shipped fixture is called '{fixture}': use {shipped}; send your own fixture as document"
            )
        return loader.load(fixture, account=account, now=now)
    for name, value in (("account", account), ("seed", seed)):
        if value is not None:
            raise ControlError(f"{name} is for a world with a fixture of its own: give fixture or document as well")
    return None


def _content(document: Any) -> bytes:
    """Return a fixture as YAML; JSON is YAML, too."""
    text = document if isinstance(document, str) else json.dumps(document, ensure_ascii=False)
    return text.encode("utf-8", "surrogatepass")


def _not_there(context: Context, name: str) -> NotThereError:
    there = ", ".join(named.name for named in context.controlled.worlds.all()) or "none"
    return NotThereError(f"there is no world '{name}'; there are: {there}")
