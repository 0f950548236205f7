"""HTTP requests and answers, with the parts that AWS's protocols use."""

from __future__ import annotations

from http import HTTPStatus
from typing import NamedTuple

DROPPED = 0
"""The status of an answer that is never sent: the connection ends instead."""


_STATUS = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}


class Request(NamedTuple):
    """One HTTP request, and its client's address; a missing header is the empty string."""

    method: str
    path: str
    query: str
    body: bytes
    content_type: str = ""
    target: str = ""
    authorization: str = ""
    smithy_protocol: str = ""
    source: str = ""
    user_agent: str = ""


class Answer(NamedTuple):
    """One HTTP answer, and the facts of the call for the log."""

    status: int
    content_type: str
    body: bytes
    request_id: str
    headers: tuple[tuple[str, str], ...] = ()
    operation: str = "-"
    account: str = "-"
    region: str = "-"
    error: str = ""


def head(answer: Answer) -> list[tuple[str, str]]:
    """Return the headers of an answer."""
    return [
        ("x-amzn-RequestId", answer.request_id),
        ("Content-Type", answer.content_type),
        ("Content-Length", str(len(answer.body))),
        *answer.headers,
    ]


def status_line(status: int) -> str:
    """Return a status with its reason, as WSGI requires."""
    return _STATUS.get(status) or f"{status} Error"
