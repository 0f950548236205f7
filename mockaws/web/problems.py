"""What the control routes answer when something is wrong: problem details, as RFC 9457 has them."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from werkzeug.exceptions import HTTPException


class ProblemError(Exception):
    """A mistake of the caller: *detail* says what is wrong, and what would be right."""

    def __init__(self, detail: str, status: HTTPStatus = HTTPStatus.BAD_REQUEST) -> None:
        super().__init__(detail)
        self.detail = detail
        self.status = status


def answer(error: HTTPException | ProblemError) -> tuple[str, int, dict[str, str]]:
    """Return the answer to a request that cannot be fulfilled."""
    headers = {"Content-Type": "application/problem+json"}
    if isinstance(error, ProblemError):
        return _document(error.status.phrase, error.status, error.detail), error.status, headers
    code = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
    allowed = getattr(error, "valid_methods", None)
    if allowed:
        headers["Allow"] = ", ".join(allowed)
    return _document(error.name, code, error.description), code, headers


def _document(title: str, status: int, detail: str | None) -> str:
    return json.dumps({"title": title, "status": status, "detail": detail})
