"""The WSGI application: it answers AWS's requests itself, and hands the control routes to Flask.

An AWS request never enters Flask's routing, which would cost it more than all the rest, and Flask is not even imported
before somebody asks for a control route: that takes 150 ms. Both sides know worlds: behind the path prefix
/worlds/<name> everything happens in the world of that name.
"""

from __future__ import annotations

import json
from io import BytesIO
from threading import Lock
from time import perf_counter
from typing import TYPE_CHECKING, Any

from mockaws.gateway import sites
from mockaws.gateway.http import DROPPED, Answer, Request, head, status_line
from mockaws.gateway.journey import FORM, MAX_BODY
from mockaws.world import NoSuchWorldError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mockaws.gateway.journey import Gateway
    from mockaws.log import RequestLog
    from mockaws.others.base import Others, Passed
    from mockaws.world import World, Worlds

    Environ = dict[str, Any]
    StartResponse = Callable[..., Any]
    WSGI = Callable[[Environ, StartResponse], Iterable[bytes]]

CONTROL = ("/_mockaws/", "/moto-api/", "/_localstack/")
# Where the control routes find the worlds of the server in the WSGI environment, and the name of theirs.
WORLD_NAME = "mockaws.world_name"
WORLDS = "mockaws.worlds"
_WORLDS = "/worlds/"


class Endpoint:
    """Answers everything; *make_control* makes the application of the control routes when it is first needed."""

    def __init__(self, make_control: Callable[[], WSGI], worlds: Worlds, gateway: Gateway, log: RequestLog) -> None:
        self._make_control = make_control
        self._control: WSGI | None = None
        self._lock = Lock()
        self._worlds = worlds
        self._gateway = gateway
        self._log = log

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request, as PEP 3333 says.

        Raises ConnectionAbortedError where a fault wants the connection to end without an answer.
        """
        path: str = environ["PATH_INFO"]
        name: str | None = None
        if path.startswith(_WORLDS):
            _, _, name, *rest = path.split("/", 3)
            path = environ["PATH_INFO"] = "/" + "".join(rest)
            environ["REQUEST_URI"] = "/" + "".join(environ.get("REQUEST_URI", "").split("/", 3)[3:])
        if path.startswith(CONTROL):
            environ[WORLD_NAME], environ[WORLDS] = name, self._worlds
            return self._control_routes()(environ, start_response)
        if name is not None and not sites.may_make_world(environ) and self._worlds.get(name) is None:
            return _refuse(f"there is no world '{name}', and an unsigned GET or a page makes none", start_response)
        try:
            world = self._worlds.default if name is None else self._worlds.named(name)
        except NoSuchWorldError as error:
            return _refuse(str(error), start_response)
        if world.others is not None:
            passed = self.pass_on(world, world.others, environ)
            if passed is not None:
                start_response(passed.status, passed.headers)
                return passed.body
        answer = self.answer(world, _request(environ))
        if answer.status == DROPPED:
            raise ConnectionAbortedError(answer.error)
        return _send(answer, start_response)

    def answer(self, world: World, request: Request) -> Answer:
        """Answer one of AWS's requests in *world*, and write its line in the log.

        Where a fault wants the connection to end without an answer, the answer's status is DROPPED.
        """
        started = perf_counter()
        answer = self._gateway.answer(world, request)
        self._log.request(answer, perf_counter() - started)
        return answer

    def pass_on(self, world: World, others: Others, environ: Environ) -> Passed | None:
        """Have the other services of *world* answer a request, and write its line in the log; None for one of ours."""
        started = perf_counter()
        request = _opening(environ)
        if self._gateway.ours(request):
            return None
        answer, passed = self._gateway.pass_on(world, others, request, environ)
        self._log.request(answer, perf_counter() - started)
        return passed

    def _control_routes(self) -> WSGI:
        with self._lock:
            if self._control is None:
                self._control = self._make_control()
            return self._control


def _request(environ: Environ) -> Request:
    # One byte more than is allowed tells a body that is too large, however large it is.
    length = int(environ.get("CONTENT_LENGTH") or 0)
    return _with_body(environ, environ["wsgi.input"].read(min(length, MAX_BODY + 1)))


def _opening(environ: Environ) -> Request:
    """Return a request with its body only where that may tell what it is for: a form's, which can be read again."""
    length = int(environ.get("CONTENT_LENGTH") or 0)
    body = b""
    if length <= MAX_BODY and environ.get("CONTENT_TYPE", "").startswith(FORM):
        body = environ["wsgi.input"].read(length)
        environ["wsgi.input"] = BytesIO(body)
    return _with_body(environ, body)


def _with_body(environ: Environ, body: bytes) -> Request:
    header = environ.get
    return Request(
        environ["REQUEST_METHOD"],
        environ["PATH_INFO"],
        header("QUERY_STRING", ""),
        body,
        header("CONTENT_TYPE", ""),
        header("HTTP_X_AMZ_TARGET", ""),
        header("HTTP_AUTHORIZATION", ""),
        header("HTTP_SMITHY_PROTOCOL", ""),
        header("REMOTE_ADDR", ""),
        header("HTTP_USER_AGENT", ""),
    )


def _send(answer: Answer, start_response: StartResponse) -> Iterable[bytes]:
    start_response(status_line(answer.status), head(answer))
    return (answer.body,)


def _refuse(sentence: str, start_response: StartResponse) -> Iterable[bytes]:
    body = json.dumps({"__type": "ValidationException", "message": sentence}).encode()
    start_response(
        status_line(400), [("Content-Type", "application/x-amz-json-1.1"), ("Content-Length", str(len(body)))]
    )
    return (body,)
