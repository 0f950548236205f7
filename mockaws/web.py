"""The Flask app: the control routes under /_mockaws/, and in front of them the endpoint that answers AWS's requests.

An AWS request never enters Flask's routing: the endpoint is WSGI middleware, which costs a tenth of a Flask view. Both
know worlds: behind the path prefix /worlds/<name> everything happens in the world of that name.
"""

from __future__ import annotations

import json
from time import perf_counter
from typing import TYPE_CHECKING, Any

import flask
from werkzeug.exceptions import HTTPException

from mockaws import __version__
from mockaws.gateway.http import Answer, Request
from mockaws.gateway.journey import MAX_BODY
from mockaws.world import NoSuchWorldError, World, Worlds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mockaws.gateway.journey import Gateway
    from mockaws.log import RequestLog

    Environ = dict[str, Any]
    StartResponse = Callable[..., Any]
    WSGI = Callable[[Environ, StartResponse], Iterable[bytes]]

CONTROL = ("/_mockaws/", "/moto-api/", "/_localstack/")
_WORLDS = "/worlds/"
_WORLD = "mockaws.world"
_STATUS = {200: "200 OK", 400: "400 Bad Request", 403: "403 Forbidden", 413: "413 Content Too Large"}


def create_app(worlds: Worlds, gateway: Gateway, log: RequestLog) -> flask.Flask:
    """Return the app; `app(environ, start_response)` answers everything."""
    app = flask.Flask("mockaws", static_folder=None)
    app.register_blueprint(_control(gateway))
    app.register_error_handler(HTTPException, _problem)
    control: WSGI = app.wsgi_app
    app.wsgi_app = Endpoint(control, worlds, gateway, log)  # type: ignore[method-assign]
    return app


class Endpoint:
    """WSGI middleware that answers AWS's requests itself and hands the control routes on."""

    def __init__(self, control: WSGI, worlds: Worlds, gateway: Gateway, log: RequestLog) -> None:
        self._control = control
        self._worlds = worlds
        self._gateway = gateway
        self._log = log

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request, as PEP 3333 says."""
        started = perf_counter()
        path: str = environ["PATH_INFO"]
        try:
            if path.startswith(_WORLDS):
                _, _, name, *rest = path.split("/", 3)
                path = environ["PATH_INFO"] = "/" + "".join(rest)
                world = self._worlds.named(name)
            else:
                world = self._worlds.default
        except NoSuchWorldError as error:
            return _refuse(str(error), start_response)
        if path.startswith(CONTROL):
            environ[_WORLD] = world
            return self._control(environ, start_response)
        answer = self._gateway.answer(world, _request(environ, path))
        self._log.request(answer, perf_counter() - started)
        return _send(answer, start_response)


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
    )


def _send(answer: Answer, start_response: StartResponse) -> Iterable[bytes]:
    start_response(
        _STATUS.get(answer.status) or f"{answer.status} Error",
        [
            ("x-amzn-RequestId", answer.request_id),
            ("Content-Type", answer.content_type),
            ("Content-Length", str(len(answer.body))),
            *answer.headers,
        ],
    )
    return (answer.body,)


def _refuse(sentence: str, start_response: StartResponse) -> Iterable[bytes]:
    body = json.dumps({"__type": "ValidationException", "message": sentence}).encode()
    start_response(_STATUS[400], [("Content-Type", "application/x-amz-json-1.1"), ("Content-Length", str(len(body)))])
    return (body,)


def _control(gateway: Gateway) -> flask.Blueprint:
    routes = flask.Blueprint("control", __name__)

    @routes.get("/_mockaws/health")
    def health() -> dict[str, Any]:
        return {"status": "running", "version": __version__, "services": gateway.operation_counts()}

    @routes.post("/_mockaws/reset")
    def reset() -> dict[str, Any]:
        _world().reset()
        return {"status": "reset"}

    @routes.post("/moto-api/reset")
    def moto_reset() -> dict[str, Any]:
        _world().reset()
        return {"status": "ok"}

    @routes.get("/_localstack/health")
    def localstack_health() -> dict[str, Any]:
        services = dict.fromkeys(gateway.operation_counts(), "running")
        return {"services": services, "edition": "mockaws", "version": __version__}

    return routes


def _world() -> World:
    world: World = flask.request.environ[_WORLD]
    return world


def _problem(error: HTTPException) -> tuple[str, int, dict[str, str]]:
    """Answer as RFC 9457 says."""
    document = {"title": error.name, "status": error.code, "detail": error.description}
    headers = {"Content-Type": "application/problem+json"}
    allowed = getattr(error, "valid_methods", None)
    if allowed:
        headers["Allow"] = ", ".join(allowed)
    return json.dumps(document), error.code or 500, headers
