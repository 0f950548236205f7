"""Answers of control routes to requests that cannot be fulfilled: problem details as in RFC 9457."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import flask
from werkzeug.exceptions import HTTPException

from mockaws.fixtures.mistakes import FixtureError
from mockaws.model.errors import AWSError
from mockaws.services.hsm.errors import HsmError
from mockaws.worlds.control.verbs import ControlError
from mockaws.worlds.named import NoWorldError

if TYPE_CHECKING:
    Answer = tuple[str, int, dict[str, str]]

_HEADERS = {"Content-Type": "application/problem+json"}


class ForbiddenError(ControlError):
    """A request from a client that may not use the control routes."""

    status = HTTPStatus.FORBIDDEN


class TooLargeError(ControlError):
    """A request with a larger body than its route accepts."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE


def register(app: flask.Flask) -> None:
    """Answer all errors of an application's routes with problem details."""
    app.register_error_handler(HTTPException, _answer_http)
    app.register_error_handler(ControlError, lambda error: _problem(error.status, str(error)))
    app.register_error_handler(FixtureError, _answer_fixture)
    app.register_error_handler(HsmError, _answer_hsm)
    # The name in the request's path, and a refusal of another service that an operation asked.
    for kind in (NoWorldError, AWSError):
        app.register_error_handler(kind, lambda error: _problem(HTTPStatus.BAD_REQUEST, str(error)))


def _answer_http(error: HTTPException) -> Answer:
    code = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
    allowed = getattr(error, "valid_methods", None)
    detail = error.description
    if code == HTTPStatus.NOT_FOUND:
        detail = f"there is no route {flask.request.path}: GET /_mockaws/openapi.json describes all routes"
    headers = {"Allow": ", ".join(allowed)} if allowed else {}
    return _document(error.name, code, detail), code, _HEADERS | headers


def _answer_hsm(error: HsmError) -> Answer:
    """Answer in the words of the HSMs, with 404 if the request names something that does not exist."""
    return _problem(HTTPStatus.NOT_FOUND if error.names_nothing else HTTPStatus.BAD_REQUEST, str(error))


def _answer_fixture(error: FixtureError) -> Answer:
    """Answer a fixture, or a part of one, with the list of its mistakes."""
    problems = [
        {
            name: value
            for name, value in (
                ("line", mistake.line),
                ("path", mistake.place),
                ("message", mistake.message),
                ("expected", mistake.expected),
            )
            if value
        }
        for mistake in error.mistakes
    ]
    return _problem(HTTPStatus.BAD_REQUEST, str(error), problems=problems)


def _problem(status: HTTPStatus, detail: str, **more: Any) -> Answer:
    return _document(status.phrase, status, detail, **more), status, _HEADERS


def _document(title: str, status: int, detail: str | None, **more: Any) -> str:
    return json.dumps({"title": title, "status": status, "detail": detail, **more})
