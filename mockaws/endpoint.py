"""The WSGI application: it answers AWS's requests itself, and hands the control routes to Flask.

An AWS request never enters Flask's routing, which would cost it more than all the rest, and Flask is not even imported
before somebody asks for a control route: that takes 150 ms. Both sides know worlds: behind the path prefix
/worlds/<name> everything happens in the world of that name.
"""

from __future__ import annotations

import json
import re
import sys
from io import BytesIO
from threading import Lock
from time import perf_counter
from typing import TYPE_CHECKING, Any

from mockaws.gateway import sites
from mockaws.gateway.http import DROPPED, Answer, Request, head, status_line
from mockaws.gateway.journey import FORM, MAX_BODY
from mockaws.model.errors import AWSError
from mockaws.others import received
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
# Where the control routes find the worlds of the server in the WSGI environment, the name of theirs, and the path that
# the application itself is mounted at.
WORLD_NAME = "mockaws.world_name"
WORLDS = "mockaws.worlds"
MOUNT = "mockaws.mount"
_NOT_FOUND = 404
# The target of nearly all requests to a world, of which no more needs to be known.
_PLAIN = re.compile(r"/worlds/([A-Za-z0-9._-]+)/?")


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
        try:
            name = None
            if environ["PATH_INFO"] != "/" or environ.get("REQUEST_URI") != "/":
                name = _locate(environ)
                if environ["PATH_INFO"].startswith(CONTROL):
                    return self._control_of(name, environ, start_response)
            world = self._worlds.default if name is None else self._named(name, environ)
            if world.others is not None:
                passed = self.pass_on(world, world.others, environ)
                if passed is not None:
                    start_response(passed.status, passed.headers)
                    return passed.body
            request = _request(environ)
        except NoSuchWorldError as error:
            return _refuse(environ, AWSError("ValidationException", str(error)), start_response)
        except AWSError as error:
            return _refuse(environ, error, start_response)
        answer = self.answer(world, request)
        if answer.status == DROPPED:
            raise ConnectionAbortedError(answer.error)
        start_response(status_line(answer.status), head(answer))
        return () if request.method == "HEAD" else (answer.body,)

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

    def bytes_wanted(self, target: str) -> int:
        """Return how many bytes of a request's body are worth keeping before it is answered.

        A body for mockaws itself is refused where it has one more than is allowed.
        """
        name, below = received.place(target)
        world = self._worlds.default if name is None else self._worlds.peek(name)
        is_control = received.decoded(below).startswith(CONTROL)
        return MAX_BODY + 1 if world.others is None and not is_control else sys.maxsize

    def _named(self, name: str, environ: Environ) -> World:
        """Return the world called *name*, which a page, or an unsigned request but POST, does not make.

        Raises NoSuchWorldError.
        """
        if not sites.may_make_world(environ) and self._worlds.get(name) is None:
            raise NoSuchWorldError(
                f"there is no world '{name}': a signed request or a POST makes it, but not that of a page"
            )
        return self._worlds.named(name)

    def _control_of(self, name: str | None, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Have the control routes answer; SCRIPT_NAME is the path of their world, so that their URLs stay in it."""
        mount = environ.get("SCRIPT_NAME", "")
        environ[WORLD_NAME], environ[WORLDS], environ[MOUNT] = name, self._worlds, mount
        if name is not None:
            environ["SCRIPT_NAME"] = f"{mount}/worlds/{name}"
        return self._control_routes()(environ, start_response)

    def _control_routes(self) -> WSGI:
        with self._lock:
            if self._control is None:
                self._control = self._make_control()
            return self._control


def _locate(environ: Environ) -> str | None:
    """Return the name of the world that a request is for, None for the default one, and take its path off.

    Raises AWSError for a target that is not a path, and for slashes before a control route's path.
    """
    sent = environ.get("REQUEST_URI", "")
    plain = _PLAIN.fullmatch(sent)
    if plain is not None and sent == environ["PATH_INFO"] and not environ.get("SCRIPT_NAME"):
        environ[received.TARGET] = environ["PATH_INFO"] = "/"
        return plain[1]
    name, target = received.place(received.target(environ))
    environ[received.TARGET] = target
    path = environ["PATH_INFO"] = received.decoded(target)
    if path[1:2] == "/" and f"/{path.lstrip('/')}".startswith(CONTROL):
        raise AWSError("InvalidURI", f"there is no route {target}: begin its path with one slash", _NOT_FOUND)
    return name


def _request(environ: Environ) -> Request:
    # One byte more than is allowed tells a body that is too large, however large it is.
    most, length = MAX_BODY + 1, received.length(environ)
    return _with_body(environ, environ["wsgi.input"].read(most if length == received.CHUNKED else min(length, most)))


def _opening(environ: Environ) -> Request:
    """Return a request with its body only where that may tell what it is for: a form's, which can be read again."""
    length = received.length(environ)
    body = b""
    if 0 <= length <= MAX_BODY and environ.get("CONTENT_TYPE", "").startswith(FORM):
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


def _refuse(environ: Environ, error: AWSError, start_response: StartResponse) -> Iterable[bytes]:
    body = json.dumps({"__type": error.code, "message": error.message}).encode()
    headers = [("Content-Type", "application/x-amz-json-1.1"), ("Content-Length", str(len(body)))]
    start_response(status_line(error.status), headers)
    return () if environ["REQUEST_METHOD"] == "HEAD" else (body,)
