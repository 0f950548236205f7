"""urllib3's connections to one endpoint, which send a target unchanged.

urllib3 resolves dots, encodes characters and writes escapes in capital letters. The endpoint's URL alone decides
where a connection leads: targets and headers do not.
"""

from __future__ import annotations

from http.client import BadStatusLine, HTTPResponse
from typing import Any

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import connection_from_url
from urllib3.util.response import assert_header_parsing

TARGET = ":path"
"""The name under which urllib3 is given the target as a header: no real header's name begins with a colon."""

_MOST_CONNECTIONS = 64
_SWITCHING, _FINAL = 101, 200
_MOST_INTERIM = 16


def pool(url: str, connect: float, read: float) -> Any:
    """Return the connections to the endpoint at *url*, which wait *connect* and *read* seconds for it."""
    made = connection_from_url(url, maxsize=_MOST_CONNECTIONS, timeout=urllib3.Timeout(connect=connect, read=read))
    made.ConnectionCls = _Secure if made.scheme == "https" else _Plain
    return made


class _Response(HTTPResponse):
    """An answer without its interim answers, with a complete head."""

    def begin(self) -> None:
        """Read the head. Raises BadStatusLine or urllib3's HeaderParsingError if it is invalid."""
        super().begin()
        for _ in range(_MOST_INTERIM):
            if not _SWITCHING < self.status < _FINAL:
                break
            self.headers = self.msg = None  # type: ignore[assignment] # so that `begin` reads the next head
            super().begin()
        if self.status < _FINAL:
            raise BadStatusLine(f"{self.status}, which is no final answer")
        assert_header_parsing(self.msg)


class _AsSent:
    """A connection whose requests have the target in the header TARGET, mixed into one of urllib3."""

    response_class: Any = _Response

    def request(self, method: str, url: str, body: Any = None, headers: Any = None, **options: Any) -> None:
        """Send a request whose target is in the header TARGET."""
        sent = dict(headers)
        super().request(method, sent.pop(TARGET, url), body, sent, **options)  # type: ignore[misc]


class _Plain(_AsSent, HTTPConnection):
    """A connection by HTTP."""


class _Secure(_AsSent, HTTPSConnection):
    """A connection by HTTPS."""
