"""Requests for other services: their caller, and their entries in the log and the journal."""

from __future__ import annotations

import re
from collections import deque
from typing import TYPE_CHECKING

from mockaws.gateway import credentials
from mockaws.gateway.absent_services import ERROR_TYPE
from mockaws.gateway.http import Answer, head, status_line
from mockaws.journal.entries import Entry
from mockaws.model.errors import AWSError
from mockaws.other_services import control, targets
from mockaws.other_services.base import Response, read_all

if TYPE_CHECKING:
    from mockaws.gateway.http import Request
    from mockaws.gateway.journey import Recognised
    from mockaws.other_services.base import Environ, OtherServices
    from mockaws.worlds.world import World

_ERRORS = 400
_NOT_ALLOWED = 405
_CODE = re.compile(rb'<Code>([^<]+)</Code>|"(?:__type|code)" *: *"(?:[^"#]*#)?([^":]+)')
_MAKES_ACCESS_KEY = ("iam", "CreateAccessKey")
_ACCESS_KEY_ID = re.compile(rb"<AccessKeyId>([A-Z0-9]+)</AccessKeyId>")


def pass_on(
    world: World, others: OtherServices, recognised: Recognised, request: Request, environ: Environ
) -> tuple[Answer, Response]:
    """Return the answer of the other services of *world* to a request, and what the log reports of it.

    The caller is identified here, so that all services agree on it. A request for a control route is refused.
    """
    wire, service, operation = recognised.protocol, recognised.service, recognised.operation or "-"
    entry = Entry(world.ids.uuid(), request.source, request.user_agent, asked=(service, operation))
    try:
        _require_passable(request, environ)
        scope = credentials.scope(request) if service else None
        entry.caller = caller = credentials.signed_caller(scope, world) if scope else credentials.unsigned_caller(world)
        known = not credentials.is_from_our_sts(caller)
        response, entry.error = _with_error(others.answer(environ, caller, known=known))
        if (service, operation) == _MAKES_ACCESS_KEY and entry.error is None:
            response = _with_access_key_noted(response, world)
    except AWSError as refused:
        entry.error = refused.code, refused.loggable
        status, body = wire.failure(refused, entry.request_id)
        headers = tuple((name, refused.code if name == ERROR_TYPE else value) for name, value in wire.headers)
        refusal = Answer(status, wire.content_type, body, entry.request_id, headers)
        response = Response(status_line(status), head(refusal), (body,))
    world.journal.keep(entry, world.clock.now())
    if request.method == "HEAD":
        deque(response.body, 0)  # to its end, so that its connection can be used again
        response = response._replace(body=())
    return _logged(entry, int(response.status[:3])), response


def _require_passable(request: Request, environ: Environ) -> None:
    """Raise AWSError if no other service may see a request: a tunnel, or one for a control route."""
    if request.method == "CONNECT":
        raise AWSError("MethodNotAllowed", "CONNECT is not allowed: mockaws is not a proxy", _NOT_ALLOWED)
    control.require_no_control_route(targets.target_of(environ))


def _with_error(response: Response) -> tuple[Response, tuple[str, str] | None]:
    """Return an answer unchanged, and its error code, or None; an answer without an error may be a stream."""
    if int(response.status[:3]) < _ERRORS:
        return response, None
    body = read_all(response.body, "the other services")
    found = _CODE.search(body)
    code = (found[1] or found[2]).decode("utf-8", "replace") if found else response.status[:3]
    return response._replace(body=(body,)), (code, "")


def _with_access_key_noted(response: Response, world: World) -> Response:
    """Return an answer unchanged, and note the access key in it."""
    body = read_all(response.body, "the other services")
    found = _ACCESS_KEY_ID.search(body)
    if found:
        world.access_keys.add(found[1].decode())
    return response._replace(body=(body,))


def _logged(entry: Entry, status: int) -> Answer:
    """Return an answer without a body, with all that the log reports of a call."""
    name = f"{entry.service}:{entry.name}" if entry.service else entry.name
    account, region = (entry.caller.account, entry.caller.region) if entry.caller else ("-", "-")
    error = entry.error[0] if entry.error else ""
    return Answer(status, "", b"", entry.request_id, (), name, account, region, error)
