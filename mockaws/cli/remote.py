"""A running server for commands: HTTP requests to its control routes."""

from __future__ import annotations

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
    """Return *text* as one segment of a path; bytes that are not UTF-8 stay as they are."""
    return quote(text, safe="", errors="surrogateescape")


class RemoteError(Exception):
    """The server refuses a request, or does not answer; the message says why."""


class RefusedError(RemoteError):
    """The server answers, and refuses the request."""


class Remote:
    """The control routes of a server, or of a world, at the *endpoint* that AWS clients use as well."""

    def __init__(self, endpoint: str | None = None) -> None:
        """Use AWS_ENDPOINT_URL if no endpoint is given. Raises RemoteError if the endpoint is not a URL."""
        self.endpoint = (endpoint or os.environ.get(_VARIABLE) or _endpoint_here()).rstrip("/")
        example = f"use one such as {DEFAULT_ENDPOINT}"
        try:
            self._parts = urlsplit(self.endpoint)
            self._port = self._parts.port
        except ValueError as error:
            raise RemoteError(f"invalid endpoint '{self.endpoint}' ({error}): {example}") from None
        if self._parts.scheme not in {"http", "https"} or not self._parts.hostname:
            raise RemoteError(f"invalid endpoint '{self.endpoint}': {example}")

    def call(
        self,
        method: str,
        path: str,
        document: Any = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        **query: str | Sequence[str] | None,
    ) -> Any:
        """Return the answer of the route *path* under /_mockaws/: a document, or bytes if it is not JSON.

        The request has a JSON *document*, or *content* that is YAML. Raises RefusedError with the server's own words,
        and RemoteError if no mockaws answers.
        """
        typed = {}
        if document is not None:
            content, typed = json.dumps(document).encode(), {"Content-Type": "application/json"}
        elif content is not None:
            typed = {"Content-Type": "application/yaml"}
        status, kind, body = self._exchange(method, path, content, {**typed, **(headers or {})}, query)
        if status in _OK and kind == "application/yaml":
            return body
        answer = _parsed(body)
        if status in _OK and answer is not None:
            return answer
        detail = answer.get("detail") if isinstance(answer, dict) else None
        if detail is None:
            raise RemoteError(f"{self.endpoint} answered {status}, and not as mockaws does")
        raise RefusedError(detail)

    def _exchange(
        self,
        method: str,
        path: str,
        body: bytes | None,
        headers: Mapping[str, str],
        query: Mapping[str, str | Sequence[str] | None],
    ) -> tuple[int, str, bytes]:
        """Return status, content type and body of an answer. Raises RemoteError if there is none."""
        from http.client import HTTPConnection, HTTPException, HTTPSConnection  # noqa: PLC0415 - 20 ms

        given = {name: value for name, value in query.items() if value is not None}
        encoded = f"?{urlencode(given, doseq=True, errors='surrogateescape')}" if given else ""
        target = f"{self._parts.path}/_mockaws/{path}{encoded}"
        connect = HTTPSConnection if self._parts.scheme == "https" else HTTPConnection
        try:
            with closing(connect(self._parts.hostname or "", self._port, timeout=_SECONDS)) as connection:
                connection.request(method, target, body, headers)
                response = connection.getresponse()
                kind = response.headers.get("Content-Type", "").partition(";")[0]
                return response.status, kind, response.read()
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
