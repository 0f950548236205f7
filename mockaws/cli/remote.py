"""A running server as its commands speak to it: JSON over the control routes."""

from __future__ import annotations

import argparse
import json
import os
from contextlib import closing
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode, urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

DEFAULT_ENDPOINT = "http://127.0.0.1:4566"
_VARIABLE = "AWS_ENDPOINT_URL"
_PORT = "MOCKAWS_PORT"
_SECONDS = 60.0
_OK = range(200, 300)


def segment(text: str) -> str:
    """Return *text* as one segment of a path, with bytes that are not UTF-8 as they are."""
    return quote(text, safe="", errors="surrogateescape")


class RemoteError(Exception):
    """The server refused, or is not there; the message says why in words."""


class RefusedError(RemoteError):
    """The server is there and refused."""


class Remote:
    """The control routes of the server, or of the world, whose *endpoint* AWS's clients use as well."""

    def __init__(self, endpoint: str | None = None) -> None:
        """Take the endpoint from AWS_ENDPOINT_URL where none is given. Raises RemoteError for one that is none."""
        self.endpoint = (endpoint or os.environ.get(_VARIABLE) or _endpoint_here()).rstrip("/")
        try:
            self._parts = urlsplit(self.endpoint)
            self._port = self._parts.port
        except ValueError as error:
            raise RemoteError(f"{self.endpoint} is no endpoint ({error}); one is such as {DEFAULT_ENDPOINT}") from None
        if self._parts.scheme not in {"http", "https"} or not self._parts.hostname:
            raise RemoteError(f"{self.endpoint} is no endpoint; one is such as {DEFAULT_ENDPOINT}")

    def call(
        self,
        method: str,
        path: str,
        document: Any = None,
        headers: Mapping[str, str] | None = None,
        **query: str | Sequence[str] | None,
    ) -> Any:
        """Return what the route *path* under /_mockaws/ answers.

        Raises RefusedError with the server's own words, and RemoteError where no such server answers.
        """
        body = None if document is None else json.dumps(document).encode()
        typed = {"Content-Type": "application/json"} if body else {}
        status, content = self._exchange(method, path, body, {**typed, **(headers or {})}, query)
        answer = _parsed(content)
        if status in _OK and answer is not None:
            return answer
        raise self._refusal(status, answer)

    def get(self, path: str, **query: str | None) -> bytes:
        """Return what a route answers that does not answer in JSON. Raises what `call` does."""
        status, content = self._exchange("GET", path, None, {}, query)
        if status in _OK:
            return content
        raise self._refusal(status, _parsed(content))

    def put(self, path: str, content: bytes, content_type: str, **query: str | None) -> Any:
        """Return what a route answers to *content* that is no JSON. Raises what `call` does."""
        status, answer = self._exchange("PUT", path, content, {"Content-Type": content_type}, query)
        if status in _OK:
            return _parsed(answer)
        raise self._refusal(status, _parsed(answer))

    def _refusal(self, status: int, answer: Any) -> RemoteError:
        detail = _detail(answer)
        if detail is None:
            return RemoteError(f"{self.endpoint} answered {status}, and not as mockaws does")
        return RefusedError(detail)

    def _exchange(
        self,
        method: str,
        path: str,
        body: bytes | None,
        headers: Mapping[str, str],
        query: Mapping[str, str | Sequence[str] | None],
    ) -> tuple[int, bytes]:
        from http.client import HTTPConnection, HTTPException, HTTPSConnection  # noqa: PLC0415 - 20 ms

        asked = {name: value for name, value in query.items() if value is not None}
        asking = f"?{urlencode(asked, doseq=True, errors='surrogateescape')}" if asked else ""
        target = f"{self._parts.path}/_mockaws/{path}{asking}"
        connect = HTTPSConnection if self._parts.scheme == "https" else HTTPConnection
        try:
            with closing(connect(self._parts.hostname or "", self._port, timeout=_SECONDS)) as connection:
                connection.request(method, target, body, headers)
                response = connection.getresponse()
                return response.status, response.read()
        except (OSError, HTTPException, UnicodeError) as error:
            raise RemoteError(f"nothing answers on {self.endpoint} ({error}); start it with: mockaws serve") from None


def _endpoint_here() -> str:
    """Return where `mockaws serve` would listen in this environment."""
    port = os.environ.get(_PORT)
    return f"http://127.0.0.1:{port}" if port else DEFAULT_ENDPOINT


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None


def _detail(answer: Any) -> str | None:
    return answer.get("detail") if isinstance(answer, dict) else None


def add_endpoint(parser: argparse.ArgumentParser, *, again: bool = False) -> None:
    """Add the flag that says which server; *again* where a parser around this one has it already."""
    parser.add_argument(
        "--endpoint",
        metavar="URL",
        default=argparse.SUPPRESS if again else None,
        help=f"the server, or http://…/worlds/NAME of it (default {_VARIABLE}, else port 4566 here, or {_PORT})",
    )
