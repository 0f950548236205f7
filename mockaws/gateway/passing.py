"""Requests for services that are not here, where others answer them: who calls, what log and journal say."""

from __future__ import annotations

import re
from collections import deque
from typing import TYPE_CHECKING

from mockaws.gateway import credentials
from mockaws.gateway.elsewhere import ERROR_TYPE
from mockaws.gateway.http import Answer, head, status_line
from mockaws.journal.entries import Entry
from mockaws.model.errors import AWSError
from mockaws.others import control, received
from mockaws.others.base import Passed, whole

if TYPE_CHECKING:
    from mockaws.gateway.http import Request
    from mockaws.gateway.wire import Wire
    from mockaws.others.base import Environ, Others
    from mockaws.world import World

_ERRORS = 400
_NOT_ALLOWED = 405
_CODE = re.compile(rb'<Code>([^<]+)</Code>|"(?:__type|code)" *: *"(?:[^"#]*#)?([^":]+)')
_MAKES_ACCESS_KEY = ("iam", "CreateAccessKey")
_ACCESS_KEY_ID = re.compile(rb"<AccessKeyId>([A-Z0-9]+)</AccessKeyId>")


def pass_on(world: World, others: Others, wire: Wire, request: Request, environ: Environ) -> tuple[Answer, Passed]:
    """Have the other services of *world* answer a request in the protocol *wire*.

    Returns the line for the log, and the answer. The caller is identified here, so that all services agree on it. A
    request that leads to control routes is refused, and goes nowhere.
    """
    service, operation = credentials.service(request), wire.address(request).operation or "-"
    entry = Entry(world.ids.uuid(), request.source, request.user_agent, asked=(service, operation))
    try:
        _require_passable(request, environ)
        scope = credentials.scope(request) if service else None
        entry.caller = caller = credentials.identify(scope, world) if scope else credentials.anyone(world)
        known = not credentials.given_out_here(caller)
        passed, entry.error = _told(others.answer(environ, caller, known=known))
        if (service, operation) == _MAKES_ACCESS_KEY and entry.error is None:
            passed = _noted(passed, world)
    except AWSError as refused:
        entry.error = refused.code, refused.loggable
        status, body = wire.failure(refused, entry.request_id)
        headers = tuple((name, refused.code if name == ERROR_TYPE else value) for name, value in wire.headers)
        refusal = Answer(status, wire.content_type, body, entry.request_id, headers)
        passed = Passed(status_line(status), head(refusal), (body,))
    world.journal.keep(entry, world.clock.now())
    if request.method == "HEAD":
        deque(passed.body, 0)  # to its end, so that its connection can be used again
        passed = passed._replace(body=())
    return _line(entry, int(passed.status[:3])), passed


def _require_passable(request: Request, environ: Environ) -> None:
    """Raise AWSError for a request that no other service may see: a tunnel, or a way to control routes."""
    if request.method == "CONNECT":
        raise AWSError("MethodNotAllowed", "CONNECT is not allowed: mockaws is not a proxy", _NOT_ALLOWED)
    control.require_none(received.target(environ))


def _told(passed: Passed) -> tuple[Passed, tuple[str, str] | None]:
    """Return an answer as it came, and the code of the error that it is; the answers that are streams are no errors."""
    if int(passed.status[:3]) < _ERRORS:
        return passed, None
    body = whole(passed.body, "the other services")
    found = _CODE.search(body)
    code = (found[1] or found[2]).decode("utf-8", "replace") if found else passed.status[:3]
    return passed._replace(body=(body,)), (code, "")


def _noted(passed: Passed, world: World) -> Passed:
    """Return an answer as it came, and note the access key that is in it."""
    body = whole(passed.body, "the other services")
    found = _ACCESS_KEY_ID.search(body)
    if found:
        world.access_keys.add(found[1].decode())
    return passed._replace(body=(body,))


def _line(entry: Entry, status: int) -> Answer:
    """Return what the log says of a call."""
    name = f"{entry.service}:{entry.name}" if entry.service else entry.name
    account, region = (entry.caller.account, entry.caller.region) if entry.caller else ("-", "-")
    error = entry.error[0] if entry.error else ""
    return Answer(status, "", b"", entry.request_id, (), name, account, region, error)
