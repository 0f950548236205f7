"""What a control request is about: its world, its JSON document, and in whose account and Region it acts."""

from __future__ import annotations

import re
from contextlib import contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeVar

import flask

from mockaws.endpoint import WORLD_NAME, WORLDS
from mockaws.gateway import credentials
from mockaws.seed import safe_yaml
from mockaws.services import principals
from mockaws.web.problems import ProblemError
from mockaws.world import NoSuchWorldError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from mockaws.services.operation import Call
    from mockaws.world import World, Worlds

T = TypeVar("T")

_LOOKS = ("GET", "HEAD")
_LONGEST_DOCUMENT = 1024 * 1024
# JSON is read at once, and nothing else runs meanwhile; YAML is read value by value.
_LONGEST = {"state.load": safe_yaml.MAX_BYTES, "worlds.add": 16 * 1024 * 1024}
_HALF_A_CHARACTER = re.compile("[\ud800-\udfff]")


def check_size() -> None:
    """Raise ProblemError, 413, if the request's body is larger than the route can mean."""
    longest = _LONGEST.get(flask.request.endpoint or "", _LONGEST_DOCUMENT)
    length = flask.request.content_length
    if length is not None and length > longest:
        hint = "; PUT it to /worlds/NAME/_mockaws/state" if flask.request.endpoint == "worlds.add" else ""
        raise ProblemError(
            f"the body has {length} bytes, and this route takes at most {longest}{hint}",
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        )


def check_world() -> None:
    """Raise ProblemError if there cannot be a world of the name in the request's path."""
    name: str | None = flask.request.environ[WORLD_NAME]
    if name is not None and worlds().get(name) is None:
        with _as_problem():
            worlds().require_room(name)


def world_shown() -> World:
    """Return the world that the request's path leads to; if it is not there yet, one like it that is not kept."""
    if "world" not in flask.g:
        name: str | None = flask.request.environ[WORLD_NAME]
        is_there = name is None or worlds().get(name) is not None
        flask.g.world = worlds().make() if not is_there else _named(name)
        flask.g.is_there = is_there
    found: World = flask.g.world
    return found


def change_world(change: Callable[[World], T]) -> T:
    """Return what *change* returns of the world that the request's path leads to.

    A world that is not there yet is made, unless *change* raises anything. Raises ProblemError if there is no room.
    """
    found = world_shown()
    if flask.g.is_there:
        return change(found)
    change(found)
    flask.g.world, flask.g.is_there = _named(flask.request.environ[WORLD_NAME]), True
    return change(flask.g.world)


def _named(name: str | None) -> World:
    with _as_problem():
        return worlds().default if name is None else worlds().named(name)


@contextmanager
def _as_problem() -> Iterator[None]:
    """Turn what is wrong with a world's name into a problem."""
    try:
        yield
    except NoSuchWorldError as error:
        raise ProblemError(str(error)) from None


def worlds() -> Worlds:
    """Return all worlds of the server."""
    found: Worlds = flask.request.environ[WORLDS]
    return found


def body() -> Any:
    """Return what the request's JSON says; None where it is no JSON, or is nested so deep that nobody can mean it."""
    try:
        return flask.request.get_json(force=True, silent=True)
    except RecursionError:
        return None


def document(*, required: Iterable[str] = (), optional: Iterable[str] = ()) -> dict[str, Any]:
    """Return the JSON document of the request, an empty one where it has no body.

    Raises ProblemError where it is no JSON object, lacks a *required* member, or has one that is neither.
    """
    needed, known = tuple(required), (*required, *optional)
    found = body() if flask.request.get_data() else {}
    if not isinstance(found, dict):
        raise ProblemError(f"the body is no JSON object; its members are {', '.join(known) or 'none'}")
    unknown = [name for name in found if name not in known]
    if unknown:
        raise ProblemError(f"{', '.join(unknown)}: no such member; there are {', '.join(known) or 'none'}")
    missing = [name for name in needed if name not in found]
    if missing:
        raise ProblemError(f"{', '.join(missing)} must be given")
    return found


def texts(*required: str, optional: Iterable[str] = ()) -> dict[str, str]:
    """Return the JSON document of the request, all of whose members are strings. Raises ProblemError as `document`."""
    found = document(required=required, optional=optional)
    for name, value in found.items():
        if not isinstance(value, str):
            raise ProblemError(f"{name} must be a string")
    require_text(found)
    return found


def require_text(found: Mapping[str, Any]) -> None:
    """Raise ProblemError if a string in a document is no text: JSON can have half of a character."""
    for name, value in found.items():
        if isinstance(value, str) and _HALF_A_CHARACTER.search(value):
            raise ProblemError(f"{name} must be text: it has half of a character, which UTF-8 cannot write")


def act(name: str, work: Callable[[Call], T]) -> T:
    """Do *work* in one transaction, in the account and Region of the query string, else in those of the world."""
    account, region = flask.request.args.get("account"), flask.request.args.get("region")
    if account is not None and not principals.is_account(account):
        raise ProblemError(f"account: {account} is none; an AWS account is 12 digits, such as 111122223333")
    if region is not None and not credentials.is_region(region):
        raise ProblemError(f"region: {region} is none; an AWS Region is such as us-west-2")

    def acted(here: World) -> T:
        return here.act(name, account or here.terms.account, region or here.terms.region, work)

    return acted(world_shown()) if flask.request.method in _LOOKS else change_world(acted)
