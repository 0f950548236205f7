"""What a control request is about: its world, its JSON document, and in whose account and Region it acts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeVar

import flask

from mockaws.endpoint import WORLD_NAME, WORLDS
from mockaws.gateway import credentials
from mockaws.services import principals
from mockaws.web.problems import ProblemError
from mockaws.world import NoSuchWorldError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mockaws.services.operation import Call
    from mockaws.world import World, Worlds

T = TypeVar("T")

_HALF_A_CHARACTER = re.compile("[\ud800-\udfff]")


def find_world() -> None:
    """Find the world that the request's path leads to, for a client who was let in: it may be made by that.

    Raises ProblemError where there cannot be one of that name.
    """
    name: str | None = flask.request.environ[WORLD_NAME]
    try:
        flask.g.world = worlds().default if name is None else worlds().named(name)
    except NoSuchWorldError as error:
        raise ProblemError(str(error)) from None


def world() -> World:
    """Return the world that the request's path leads to."""
    found: World = flask.g.world
    return found


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
        if _HALF_A_CHARACTER.search(value):
            raise ProblemError(f"{name} must be text: it has half of a character, which UTF-8 cannot write")
    return found


def act(name: str, work: Callable[[Call], T]) -> T:
    """Do *work* in one transaction, in the account and Region of the query string, else in those of the world."""
    here = world()
    account = flask.request.args.get("account", here.terms.account)
    region = flask.request.args.get("region", here.terms.region)
    if not principals.is_account(account):
        raise ProblemError(f"account: {account} is none; an AWS account is 12 digits, such as 111122223333")
    if not credentials.is_region(region):
        raise ProblemError(f"region: {region} is none; an AWS Region is such as us-west-2")
    return here.act(name, account, region, work)
