"""Flask routes for the table of control verbs: one for each method and path. It reads, runs and answers a verb."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import flask

from mockaws.gateway.endpoint import MOUNT, WORLD_NAME
from mockaws.services.hsm.sessions import Credentials
from mockaws.web.problems import TooLargeError
from mockaws.worlds.control.kinds import ACCOUNT, REGION, TEXTS
from mockaws.worlds.control.table import VERBS
from mockaws.worlds.control.verbs import MIB, Context, ControlError, Parameter, Place, Scope
from mockaws.worlds.named import WorldTakenError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mockaws.worlds.control.verbs import ControlledServer, Verb

ROLE = "CloudHSM-Role"
"""The header with the role of a user of the HSMs, beside the user's name and password."""

_ACCOUNT = Parameter("account", ACCOUNT, "", Place.QUERY)
_REGION = Parameter("region", REGION, "", Place.QUERY)


class Routes:
    """The routes of one server."""

    def __init__(self, server: ControlledServer) -> None:
        self._server = server
        self._verbs: dict[str, list[Verb]] = {}
        for verb in VERBS.values():
            self._verbs.setdefault(f"{verb.method} {verb.path}", []).append(verb)

    def register(self, app: flask.Flask) -> None:
        """Add all routes to an application, and the checks that come before them."""
        app.before_request(self._require_size)
        app.before_request(self._require_known_query)
        app.before_request(self._require_possible_world)
        for route in self._verbs:
            method, _, path = route.partition(" ")
            app.add_url_rule(re.sub(r"{(\w+)}", r"<\1>", path), route, self._answer, methods=[method])

    @property
    def _route_verbs(self) -> Sequence[Verb]:
        """The verbs of the request's route."""
        return self._verbs.get(flask.request.endpoint or "", ())

    def _answer(self, **path: str) -> flask.Response:
        verb, arguments = _read(self._route_verbs, path)
        context = self._context(verb)
        if verb.scope is Scope.SERVER:
            return _run(verb, context, arguments)
        worlds = self._server.worlds
        name: str | None = flask.request.environ[WORLD_NAME]
        if name is None:
            return _run(verb, context, arguments)
        if worlds.get(name) is not None:
            return _run(verb, context._replace(world=worlds.named(name)), arguments)
        # The world gets its name when the verb has succeeded, and only if the verb can change something.
        world = worlds.make()
        response = _run(verb, context._replace(world=world), arguments)
        if verb.changes:
            try:
                worlds.add(name, world)
            except WorldTakenError:  # another request has made it meanwhile
                return _run(verb, context._replace(world=worlds.named(name)), arguments)
        return response

    def _context(self, verb: Verb) -> Context:
        query = flask.request.args if verb.scope is Scope.HSMS else {}
        return Context(
            world=self._server.worlds.default,
            server=self._server,
            account=_ACCOUNT.read(query["account"], "account") if "account" in query else None,
            region=_REGION.read(query["region"], "region") if "region" in query else None,
            credentials=_credentials() if verb.as_user else None,
            address=f"{flask.request.host_url.rstrip('/')}{flask.request.environ[MOUNT]}",
        )

    def _require_size(self) -> None:
        """Raise TooLargeError if the request's body is larger than the route accepts."""
        most = max((verb.largest_body for verb in self._route_verbs), default=MIB)
        length = flask.request.content_length
        if length is not None and length > most:
            advice = "".join(verb.too_large for verb in self._route_verbs)
            raise TooLargeError(f"the body has {length} bytes, and this route accepts at most {most}{advice}")

    def _require_known_query(self) -> None:
        """Raise ControlError if the query string has a parameter that the route does not have."""
        if not self._route_verbs or self._route_verbs[0].lenient:
            return
        places = ("account", "region") if self._route_verbs[0].scope is Scope.HSMS else ()
        known = [*places, *_names(self._route_verbs, Place.QUERY)]
        unknown = [name for name in flask.request.args if name not in known]
        if unknown:
            raise ControlError(f"{', '.join(unknown)}: no such parameter; there are {', '.join(known) or 'none'}")

    def _require_possible_world(self) -> None:
        """Raise NoWorldError if the request's path names a world that does not exist and cannot."""
        name: str | None = flask.request.environ[WORLD_NAME]
        if name is not None and self._server.worlds.get(name) is None:
            self._server.worlds.require_room(name)


def _run(verb: Verb, context: Context, arguments: Mapping[str, Any]) -> flask.Response:
    answer = verb.shaped(context, verb.run(context, arguments))
    response = (
        flask.Response(answer, mimetype=verb.media) if verb.media != "application/json" else flask.jsonify(answer)
    )
    response.status_code = verb.status
    return response


def _read(verbs: Sequence[Verb], path: Mapping[str, str]) -> tuple[Verb, Mapping[str, Any]]:
    """Return the verb of a request among those of its route, and its arguments. Raises ControlError."""
    document = _document(verbs)
    verb = _chosen(verbs, document)
    if verb.has_document:
        return verb, document
    given: dict[str, Any] = {}
    query = flask.request.args
    for parameter in verb.parameters:
        spelled = parameter.spelled
        if parameter.place is Place.CONTENT:
            given[parameter.name] = flask.request.get_data()
        elif parameter.place is Place.QUERY and parameter.kind is TEXTS:
            given[parameter.name] = query.getlist(spelled)
        else:
            place: Mapping[str, Any] = {Place.PATH: path, Place.QUERY: query, Place.MEMBER: document}[parameter.place]
            if spelled in place:
                given[parameter.name] = place[spelled]
    return verb, verb.read(given)


def _chosen(verbs: Sequence[Verb], document: Mapping[str, Any]) -> Verb:
    """Return the verb that a member of the document chooses. Raises ControlError if there is not exactly one."""
    if len(verbs) == 1:
        return verbs[0]
    chosen = [verb for verb in verbs if verb.chosen_by in document]
    if len(chosen) != 1:
        found = " and ".join(verb.chosen_by for verb in chosen) or "none"
        raise ControlError(f"give one of {', '.join(verb.chosen_by for verb in verbs)}, not {found}")
    (verb,) = chosen
    own = {verb.chosen_by, *_names([verb], Place.MEMBER)}
    foreign = [name for name in document if name not in own]
    if foreign:
        raise ControlError(f"{', '.join(foreign)}: no such member beside {verb.chosen_by}")
    if verb.chosen_by not in _names([verb], Place.MEMBER) and document[verb.chosen_by] is not True:
        raise ControlError(f"{verb.chosen_by} must be true")
    return verb


def _document(verbs: Sequence[Verb]) -> dict[str, Any]:
    """Return the JSON document of a request, an empty one if the route reads none.

    Raises ControlError if it is not a JSON object, or has a member that the route does not know.
    """
    takes_any = any(verb.has_document for verb in verbs)
    known = list(dict.fromkeys([*filter(None, (verb.chosen_by for verb in verbs)), *_names(verbs, Place.MEMBER)]))
    if not takes_any and not known and not verbs[0].reads_document:
        return {}
    found = _json() if takes_any or flask.request.get_data() else {}
    if not isinstance(found, dict):
        members = f"its members are {', '.join(known) or 'none'}" if not takes_any else _A_FAULT
        raise ControlError(f"the body is no JSON object; {members}")
    unknown = [name for name in found if name not in known]
    if unknown and not takes_any:
        raise ControlError(f"{', '.join(unknown)}: no such member; there are {', '.join(known) or 'none'}")
    return found


_A_FAULT = 'send one such as {"operation": "kms:Encrypt", "status": 503}'


def _json() -> Any:
    """Return the request's JSON, or None if it has none, or is nested too deeply to be meant."""
    try:
        return flask.request.get_json(force=True, silent=True)
    except RecursionError:
        return None


def _names(verbs: Sequence[Verb], place: Place) -> list[str]:
    """Return the names that requests for *verbs* have in one of their parts."""
    return [each.spelled for verb in verbs for each in verb.parameters if each.place is place]


def _credentials() -> Credentials | None:
    """Return the credentials of a request: HTTP Basic, and the role in a header.

    Raises ControlError if it has a part of them only.
    """
    role = flask.request.headers.get(ROLE)
    try:
        given = flask.request.authorization
    except ValueError:  # werkzeug passes bytes that are not ASCII to its decoder of base64
        raise ControlError(
            "the header Authorization must be ASCII: Basic and a username, ':' and a password in base64"
        ) from None
    basic = given is not None and given.type == "basic"
    if not basic and role is None:
        return None
    if given is None or not basic or role is None:
        raise ControlError(f"credentials are a username and a password (HTTP Basic) and the header {ROLE}")
    return Credentials(given.username or "", role, given.password or "")
