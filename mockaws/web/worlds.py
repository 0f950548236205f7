"""The named worlds of a server: making them from fixtures of their own, listing and removing them."""

from __future__ import annotations

import json
import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import flask

from mockaws import moments
from mockaws.clock import Clock
from mockaws.endpoint import MOUNT
from mockaws.seed import loader
from mockaws.web.problems import ProblemError
from mockaws.web.requests import document, require_text, worlds
from mockaws.world import NoSuchWorldError, World, WorldTakenError

if TYPE_CHECKING:
    from mockaws.world import Named

_ACCOUNT = re.compile(r"[0-9]{12}")

blueprint = flask.Blueprint("worlds", __name__)


@blueprint.get("/_mockaws/worlds")
def show_all() -> dict[str, Any]:
    """List the named worlds."""
    return {"worlds": [_shown(named) for named in worlds().all()]}


@blueprint.post("/_mockaws/worlds")
def add() -> tuple[dict[str, Any], int]:
    """Make a world: from a shipped fixture, from one that is in the request, or from the server's own."""
    found = document(required=["name"], optional=["fixture", "document", "account", "seed", "idle_timeout"])
    for member in found:
        if not isinstance(found[member], str) and member != "document":
            raise ProblemError(f"{member} is text")
    idle_timeout = _idle_timeout(found.get("idle_timeout"))
    require_text(found)
    seed = _seed(found)
    world = _make(seed, found.get("seed")) if seed is not None else worlds().make()
    try:
        named = worlds().add(
            found["name"], world, fixture=seed.source if seed is not None else None, idle_timeout=idle_timeout
        )
    except WorldTakenError as error:
        raise ProblemError(f"{error}; DELETE removes it", HTTPStatus.CONFLICT) from None
    except NoSuchWorldError as error:
        raise ProblemError(str(error)) from None
    return _shown(named), HTTPStatus.CREATED


@blueprint.get("/_mockaws/worlds/<name>")
def show(name: str) -> dict[str, Any]:
    """Tell of one world."""
    named = worlds().get(name)
    if named is None:
        raise _not_there(name)
    return _shown(named)


@blueprint.delete("/_mockaws/worlds/<name>")
def remove(name: str) -> dict[str, Any]:
    """Remove a world and all that is in it."""
    if not worlds().drop(name):
        raise _not_there(name)
    return {"removed": 1}


def _seed(found: dict[str, Any]) -> loader.Seed | None:
    """Return what the world begins with, None for what the server's own worlds begin with."""
    if "fixture" in found and "document" in found:
        raise ProblemError("give fixture, the name of a shipped one, or document, a fixture itself, and not both")
    account, now = found.get("account"), Clock().now()
    if account is not None and not _ACCOUNT.fullmatch(account):
        raise ProblemError(f"account: {account} is none; an AWS account is 12 digits, such as 111122223333")
    if "document" in found:
        return loader.parse(_content(found["document"]), "document", account=account, now=now)
    if "fixture" in found:
        if found["fixture"] not in loader.shipped():
            # A path would be one of the server's machine.
            shipped = ", ".join(loader.shipped())
            raise ProblemError(
                f"no fixture ships as {found['fixture']}; there are {shipped}. Send one of your own as document."
            )
        return loader.load(found["fixture"], account=account, now=now)
    for member in ("account", "seed"):
        if member in found:
            raise ProblemError(f"{member} is for a world with a fixture of its own: give fixture or document, too")
    return None


def _content(given: Any) -> bytes:
    """Return a fixture as YAML, which it is as JSON, too."""
    text = given if isinstance(given, str) else json.dumps(given, ensure_ascii=False)
    return text.encode("utf-8", "surrogatepass")


def _make(seed: loader.Seed, ids: str | None) -> World:
    # Who hears of the calls in all worlds, hears of those in this one, too.
    default = worlds().default
    others = default.others.another() if default.others is not None else None
    return World.of(seed, seed=ids, listeners=default.journal.listeners, others=others)


def _idle_timeout(given: str | None) -> float | None:
    if given is None:
        return None
    try:
        seconds = moments.duration(given)
    except ValueError as error:
        raise ProblemError(f"idle_timeout: {error}") from None
    if not seconds:
        raise ProblemError(f"idle_timeout: after {given} the world would be over before anybody can use it")
    return seconds


def _not_there(name: str) -> ProblemError:
    there = ", ".join(named.name for named in worlds().all()) or "none"
    return ProblemError(f"there is no world '{name}'; there are: {there}", HTTPStatus.NOT_FOUND)


def _shown(named: Named) -> dict[str, Any]:
    shown = {
        "name": named.name,
        "endpoint": f"{flask.request.host_url.rstrip('/')}{flask.request.environ[MOUNT]}/worlds/{named.name}",
        "fixture": named.fixture,
        "account": named.world.terms.account,
        "region": named.world.terms.region,
        "idle_timeout": None if named.idle_timeout is None else moments.duration_written(named.idle_timeout),
    }
    return {name: value for name, value in shown.items() if value is not None}
