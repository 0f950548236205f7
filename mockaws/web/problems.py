"""What the control routes answer when something is wrong: problem details, as RFC 9457 has them."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import flask

if TYPE_CHECKING:
    from werkzeug.exceptions import HTTPException

    from mockaws.model.errors import AWSError
    from mockaws.seed.problems import FixtureError

_HEADERS = {"Content-Type": "application/problem+json"}


class ProblemError(Exception):
    """A mistake of the caller: *detail* says what is wrong, and what would be right."""

    def __init__(self, detail: str, status: HTTPStatus = HTTPStatus.BAD_REQUEST) -> None:
        super().__init__(detail)
        self.detail = detail
        self.status = status


def answer(error: HTTPException | ProblemError) -> tuple[str, int, dict[str, str]]:
    """Return the answer to a request that cannot be fulfilled."""
    if isinstance(error, ProblemError):
        return _document(error.status.phrase, error.status, error.detail), error.status, _HEADERS
    code = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
    allowed = getattr(error, "valid_methods", None)
    detail = error.description
    if code == HTTPStatus.NOT_FOUND:
        detail = f"there is no route {flask.request.path}; GET /_mockaws/openapi.json describes those that there are"
    headers = {"Allow": ", ".join(allowed)} if allowed else {}
    return _document(error.name, code, detail), code, _HEADERS | headers


def answer_refusal(error: AWSError) -> tuple[str, int, dict[str, str]]:
    """Return the answer to a request for which another service was asked, and refused or did not answer."""
    return answer(ProblemError(str(error)))


def answer_fixture(error: FixtureError) -> tuple[str, int, dict[str, str]]:
    """Return the answer to a request with a fixture, or a part of one, that cannot be: all that is wrong with it."""
    status = HTTPStatus.BAD_REQUEST
    problems = [
        {name: value for name in ("line", "path", "message", "expected") if (value := getattr(problem, name))}
        for problem in error.problems
    ]
    return _document(status.phrase, status, str(error), problems=problems), status, _HEADERS


def _document(title: str, status: int, detail: str | None, **more: Any) -> str:
    return json.dumps({"title": title, "status": status, "detail": detail, **more})
