"""The WSGI application: it answers AWS's requests itself, and hands the control routes to Flask.

An AWS request never enters Flask's routing, which would cost it more than all the rest, and Flask is not even imported
before somebody asks for a control route: that takes 150 ms. Both sides know worlds: behind the path prefix
/worlds/<name> everything happens in the world of that name.
"""

from __future__ import annotations

import json
from threading import Lock
from time import perf_counter
from typing import TYPE_CHECKING, Any

from mockaws.gateway.http import DROPPED, Answer, Request
from mockaws.gateway.journey import MAX_BODY
from mockaws.world import NoSuchWorldError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mockaws.gateway.journey import Gateway
    from mockaws.log import RequestLog
    from mockaws.world import World, Worlds

    Environ = dict[str, Any]
    StartResponse = Callable[..., Any]
    WSGI = Callable[[Environ, StartResponse], Iterable[bytes]]

CONTROL = ("/_mockaws/", "/moto-api/", "/_localstack/")
# Where the control routes find their world, and all of the server's, in the WSGI environment.
WORLD = "mockaws.world"
WORLDS = "mockaws.worlds"
_WORLDS = "/worlds/"
_STATUS = {200: "200 OK", 400: "400 Bad Request", 403: "403 Forbidden", 413: "413 Content Too Large"}


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
        try:
            if path.startswith(_WORLDS):
                _, _, name, *rest = path.split("/", 3)
                path = environ["PATH_INFO"] = "/" + "".join(rest)
                world = self._worlds.named(name)
            else:
                world = self._worlds.default
        except NoSuchWorldError as error:
            return _refuse(str(error), start_response, as_problem=path.startswith(CONTROL))
        if path.startswith(CONTROL):
            environ[WORLD], environ[WORLDS] = world, self._worlds
            return self._control_routes()(environ, start_response)
        answer = self.answer(world, _request(environ, path))
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

    def _control_routes(self) -> WSGI:
        with self._lock:
            if self._control is None:
                self._control = self._make_control()
            return self._control


def _request(environ: Environ, path: str) -> Request:
    header = environ.get
    # One byte more than is allowed tells a body that is too large, however large it is.
    body = environ["wsgi.input"].read(min(int(header("CONTENT_LENGTH") or 0), MAX_BODY + 1))
    return Request(
        environ["REQUEST_METHOD"],
        path,
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
    start_response(_STATUS.get(answer.status) or f"{answer.status} Error", head(answer))
    return (answer.body,)


def head(answer: Answer) -> list[tuple[str, str]]:
    """Return the headers of an answer."""
    return [
        ("x-amzn-RequestId", answer.request_id),
        ("Content-Type", answer.content_type),
        ("Content-Length", str(len(answer.body))),
        *answer.headers,
    ]


def _refuse(sentence: str, start_response: StartResponse, *, as_problem: bool) -> Iterable[bytes]:
    """Refuse a request to a world that there cannot be, in the way of the control routes, or of AWS."""
    if as_problem:
        content_type, document = "application/problem+json", {"title": "Bad Request", "status": 400, "detail": sentence}
    else:
        content_type, document = "application/x-amz-json-1.1", {"__type": "ValidationException", "message": sentence}
    body = json.dumps(document).encode()
    start_response(_STATUS[400], [("Content-Type", content_type), ("Content-Length", str(len(body)))])
    return (body,)
