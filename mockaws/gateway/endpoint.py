"""The WSGI application: it answers AWS requests, and has Flask answer the control routes.

AWS requests do not enter Flask's routing, which would cost more than the rest of an answer. Flask itself is imported
when the first control request arrives, because that takes 150 ms. The path prefix /worlds/<name> selects a world.
"""

from __future__ import annotations

import json
import re
import sys
from io import BytesIO
from threading import Lock
from time import perf_counter
from typing import TYPE_CHECKING, Any

from mockaws.gateway import forwarding, sites
from mockaws.gateway.http import DROPPED, Request, head, status_line
from mockaws.gateway.journey import FORM, MAX_BODY
from mockaws.model.errors import AWSError
from mockaws.other_services import targets
from mockaws.other_services.base import Response
from mockaws.worlds.named import NoWorldError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mockaws.gateway.journey import Gateway
    from mockaws.gateway.log import RequestLog
    from mockaws.worlds.named import Worlds
    from mockaws.worlds.world import World

    Environ = dict[str, Any]
    StartResponse = Callable[..., Any]
    WSGI = Callable[[Environ, StartResponse], Iterable[bytes]]

CONTROL = ("/_mockaws/", "/moto-api/", "/_localstack/")
# Keys of the WSGI environment for the control routes: the name of their world, all worlds, and the path at which the
# application is mounted.
WORLD_NAME = "mockaws.world_name"
WORLDS = "mockaws.worlds"
MOUNT = "mockaws.mount"
_NOT_FOUND = 404
# The target of nearly all requests to a named world; others are parsed.
_PLAIN = re.compile(r"/worlds/([A-Za-z0-9._-]+)/?")


class Endpoint:
    """The application; *make_control* returns that of the control routes, and is called when it is first needed."""

    def __init__(self, make_control: Callable[[], WSGI], worlds: Worlds, gateway: Gateway, log: RequestLog) -> None:
        self._make_control = make_control
        self._control: WSGI | None = None
        self._lock = Lock()
        self._worlds = worlds
        self._gateway = gateway
        self._log = log

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request, as PEP 3333 says. Raises ConnectionAbortedError if a fault drops the connection."""
        try:
            name = None
            if environ["PATH_INFO"] != "/" or environ.get("REQUEST_URI") != "/":
                name = _locate(environ)
                if environ["PATH_INFO"].startswith(CONTROL):
                    return self._control_of(name, environ, start_response)
            world = self._worlds.default if name is None else self._named(name, environ)
            response = self.respond(world, environ)
        except NoWorldError as error:
            return refuse(environ, AWSError("ValidationException", str(error)), start_response)
        except AWSError as error:
            return refuse(environ, error, start_response)
        start_response(response.status, response.headers)
        return response.body

    def respond(self, world: World, environ: Environ) -> Response:
        """Answer an AWS request in *world* and log it: the one way in, over a socket and in the same process.

        Raises AWSError if the request has an invalid length or target, and ConnectionAbortedError if a fault drops the
        connection.
        """
        started = perf_counter()
        others = world.other_services
        if others is None:
            request = _request(environ, _body(environ))
            answer = self._gateway.answer(world, request)
        else:
            request = _request(environ, _form(environ))
            recognised = self._gateway.recognise(request)
            if not recognised.is_ours:
                answer, response = forwarding.pass_on(world, others, recognised, request, environ)
                self._log.request(answer, perf_counter() - started)
                return response
            answer = self._gateway.answer(world, request._replace(body=_body(environ)), recognised.protocol)
        self._log.request(answer, perf_counter() - started)
        if answer.status == DROPPED:
            raise ConnectionAbortedError(answer.error)
        return Response(status_line(answer.status), head(answer), () if request.method == "HEAD" else (answer.body,))

    def bytes_wanted(self, target: str) -> int:
        """Return how many bytes of a request's body the application reads, by the request's target."""
        name, below = targets.split_world(target)
        world = self._worlds.default if name is None else self._worlds.peek(name)
        is_control = targets.decoded_path(below).startswith(CONTROL)
        return MAX_BODY + 1 if world.other_services is None and not is_control else sys.maxsize

    def _named(self, name: str, environ: Environ) -> World:
        """Return the world called *name*, and create it unless `sites.may_make_world` forbids that.

        Raises NoWorldError if there is no such world and the request may not create it.
        """
        if not sites.may_make_world(environ) and self._worlds.get(name) is None:
            raise NoWorldError(
                f"there is no world '{name}': a signed request or a POST makes it, but not that of a page"
            )
        return self._worlds.named(name)

    def _control_of(self, name: str | None, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Pass a request on to the control routes; SCRIPT_NAME is the path of their world, so that URLs stay in it."""
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
    """Return the name of a request's world, None for the default one, and remove that prefix from its path.

    Raises AWSError if the target is not a path, or has several slashes before a control route's path.
    """
    sent = environ.get("REQUEST_URI", "")
    plain = _PLAIN.fullmatch(sent)
    if plain is not None and sent == environ["PATH_INFO"] and not environ.get("SCRIPT_NAME"):
        environ[targets.KEY] = environ["PATH_INFO"] = "/"
        return plain[1]
    name, target = targets.split_world(targets.target_of(environ))
    environ[targets.KEY] = target
    path = environ["PATH_INFO"] = targets.decoded_path(target)
    if path[1:2] == "/" and f"/{path.lstrip('/')}".startswith(CONTROL):
        raise AWSError("InvalidURI", f"there is no route {target}: begin its path with one slash", _NOT_FOUND)
    return name


def _body(environ: Environ) -> bytes:
    """Return a request's body, up to one byte more than is allowed: that byte shows that it is too large."""
    limit, length = MAX_BODY + 1, targets.body_length(environ)
    data: bytes = environ["wsgi.input"].read(limit if length == targets.CHUNKED else min(length, limit))
    return data


def _form(environ: Environ) -> bytes:
    """Return a request's body if it is a form, which names the operation, and leave it to be read again."""
    length = targets.body_length(environ)
    if not 0 <= length <= MAX_BODY or not environ.get("CONTENT_TYPE", "").startswith(FORM):
        return b""
    body: bytes = environ["wsgi.input"].read(length)
    environ["wsgi.input"] = BytesIO(body)
    return body


def _request(environ: Environ, body: bytes) -> Request:
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


def refuse(environ: Environ, error: AWSError, start_response: StartResponse) -> Iterable[bytes]:
    """Answer a request with an error, in AWS's JSON."""
    body = json.dumps({"__type": error.code, "message": error.message}).encode()
    headers = [("Content-Type", "application/x-amz-json-1.1"), ("Content-Length", str(len(body)))]
    start_response(status_line(error.status), headers)
    return () if environ["REQUEST_METHOD"] == "HEAD" else (body,)
