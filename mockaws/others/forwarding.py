"""Another endpoint, such as LocalStack, AWS's emulator or moto's server, to which requests are passed on by HTTP.

What it answers goes back as it is, and as it comes. Its worlds, its clock and its state are its own business.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from mockaws.model.errors import AWSError
from mockaws.others import asking
from mockaws.others.base import Passed, whole

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

    from mockaws.others.base import Act, Environ
    from mockaws.services.operation import Caller

_CHUNK = 1 << 16
_CONNECT_SECONDS, _READ_SECONDS = 5.0, 300.0
_MOST_CONNECTIONS = 64
_READING = ("GET", "HEAD")
# What is between two neighbours on the way: https://www.rfc-editor.org/rfc/rfc9110#name-connection
_HOP_BY_HOP = frozenset(
    {
        "connection",
        "expect",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
_CREDENTIAL = re.compile(r"(?<=Credential=)[^/]+")


class Forwarding:
    """The services of the endpoint at *url*."""

    untouched = False

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")

    def answer(self, environ: Environ, caller: Caller, *, known: bool) -> Passed:
        """Pass a request on, and its answer back."""
        length = int(environ.get("CONTENT_LENGTH") or 0)
        body = _Body(environ["wsgi.input"], length) if length else None
        response = self._send(
            environ["REQUEST_METHOD"], _target(environ), body, _headers(environ, caller.account, known=known)
        )
        headers = [(name, value) for name, value in response.headers.iteritems() if name.lower() not in _HOP_BY_HOP]
        return Passed(f"{response.status} {response.reason or 'Unknown'}", headers, _chunks(response))

    def ask(self, service: str, account: str, region: str, action: str, **parameters: str) -> Element:
        """Call an operation with a Query API, as the owner of an account.

        Raises RefusedError, and AWSError where nobody answers.
        """
        asked = asking.question(service, account, region, action, parameters)
        headers = {
            "Authorization": asked.authorization,
            "Content-Type": asking.CONTENT_TYPE,
            "Content-Length": str(len(asked.body)),
            "X-Moto-Account-Id": account,
        }
        response = self._send("POST", "/", asked.body, headers)
        return asking.read(response.status, whole(_chunks(response), self._url), self._url)

    def meet(self, act: Act) -> None:
        """Do without: what is there has a KMS of its own."""

    def reset(self) -> None:
        """Leave it alone: others may be using it."""

    def another(self) -> Forwarding:
        """Return the same endpoint, which knows nothing of worlds."""
        return self

    def _send(self, method: str, target: str, body: Any, headers: dict[str, str]) -> Any:
        from urllib3.exceptions import HTTPError, MaxRetryError  # noqa: PLC0415 - as in `_pool`

        try:
            return self._pool.urlopen(
                method,
                f"{self._url}{target}",
                body=body,
                headers=headers,
                preload_content=False,
                decode_content=False,
                redirect=False,
                retries=self._once_more,
            )
        except HTTPError as failed:
            error = failed.reason if isinstance(failed, MaxRetryError) else failed
            raise AWSError(
                "EndpointConnectionError",  # 400: an SDK would try a 5xx again, Terraform's for minutes
                f"the other services are to be answered by {self._url}, which does not answer ({error}); "
                "is it running, and is --others right?",
            ) from None

    @cached_property
    def _once_more(self) -> Any:
        """What changes nothing is sent once more where the connection, an old one perhaps, ends without an answer."""
        from urllib3 import Retry  # noqa: PLC0415 - as in `_pool`

        return Retry(connect=False, read=1, redirect=False, status=False, other=False, allowed_methods=_READING)

    @cached_property
    def _pool(self) -> Any:
        import urllib3  # noqa: PLC0415 - most worlds never pass anything on

        timeout = urllib3.Timeout(connect=_CONNECT_SECONDS, read=_READ_SECONDS)
        return urllib3.PoolManager(maxsize=_MOST_CONNECTIONS, timeout=timeout)


class _Body:
    """The body of a request, which ends where the request says."""

    def __init__(self, stream: Any, length: int) -> None:
        self._stream, self._left = stream, length

    def read(self, size: int = -1) -> bytes:
        wanted = self._left if size < 0 else min(size, self._left)
        data: bytes = self._stream.read(wanted)
        self._left -= len(data)
        return data


def _chunks(response: Any) -> Iterator[bytes]:
    """Yield a body as it arrives, without waiting until a chunk is full.

    Raises ConnectionAbortedError where it ends too early.
    """
    from urllib3.exceptions import HTTPError  # noqa: PLC0415 - as in `_pool`

    try:
        if response.chunked:
            yield from response.stream(_CHUNK, decode_content=False)
        else:
            yield from iter(lambda: response.read1(_CHUNK, decode_content=False), b"")
    except HTTPError as error:
        raise ConnectionAbortedError(str(error)) from None
    finally:
        response.release_conn()


def _target(environ: Environ) -> str:
    """Return the path and the query as they were sent: keys of S3 may hold what decoding would lose."""
    raw: str | None = environ.get("REQUEST_URI")
    if raw is not None and raw.startswith("/"):
        return raw
    path = quote(environ["PATH_INFO"].encode("latin-1"), safe="/~!$&'()*+,;=:@")
    return f"{path}?{environ['QUERY_STRING']}" if environ.get("QUERY_STRING") else path


def _headers(environ: Environ, account: str, *, known: bool) -> dict[str, str]:
    """Return the headers of a request, its Host as well: that may be part of what was signed.

    Emulators tell accounts by the access key, or by moto's header. Credentials of our STS mean nothing to them, so that
    the account's number takes their place.
    """
    headers = {name[5:].replace("_", "-").title(): value for name, value in environ.items() if name.startswith("HTTP_")}
    headers = {name: value for name, value in headers.items() if name.lower() not in _HOP_BY_HOP}
    for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if environ.get(name):
            headers[name.replace("_", "-").title()] = environ[name]
    headers["X-Moto-Account-Id"] = account
    if not known:
        headers.pop("X-Amz-Security-Token", None)
        headers["Authorization"] = _CREDENTIAL.sub(account, headers.get("Authorization", ""))
    return headers
