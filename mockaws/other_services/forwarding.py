"""Another endpoint, such as LocalStack, AWS's emulator or moto's server, to which requests are passed on by HTTP.

A request is passed on unchanged, except for the headers of one connection. The answer comes back unchanged, as it
arrives. The endpoint has its own worlds, clock and state.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from mockaws.model.errors import AWSError
from mockaws.other_services import control, query_client, targets
from mockaws.other_services.base import HOP_BY_HOP, TOKEN, WITHOUT_BODY, Response, read_all, status_line

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

    from mockaws.other_services.base import Act, Environ, Headers
    from mockaws.services.operation import Caller

_CHUNK = 1 << 16
_CONNECT_SECONDS, _READ_SECONDS = 5.0, 300.0
_LONGEST_REASON = 200
_READING = ("GET", "HEAD")
_CREDENTIAL = re.compile(r"(?<=Credential=)[^/]+")
_LIST = re.compile(r"[\s,]+")
# https://www.rfc-editor.org/rfc/rfc9112#name-obsolete-line-folding
_FOLD = re.compile(r"\r?\n[ \t]+")
_VALUE = re.compile(r"[^\x00-\x08\x0a-\x1f\x7f]*")
_LENGTH = re.compile(r"[0-9]{1,18}")


class Forwarding:
    """The services of the endpoint at *url*, which alone decides where requests go."""

    is_untouched = False

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._base = parts.path.rstrip("/")
        # Errors show this to callers, who must not see a password.
        self._url = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{self._base}"

    def answer(self, environ: Environ, caller: Caller, *, known: bool) -> Response:
        """Pass a request on, and its answer back.

        Raises AWSError if the target leads out of the endpoint's path or to its control routes, if HTTP cannot carry
        the request, and if no valid answer arrives.
        """
        target = targets.target_of(environ)
        control.require_no_control_route(target, self._base)
        length = targets.body_length(environ)
        body = _Body(environ["wsgi.input"], length) if length else None
        headers = _headers(environ, length, caller.account, known=known)
        response = self._send(environ["REQUEST_METHOD"], target, body, headers, chunked=length == targets.CHUNKED)
        try:
            answered = _answered(response)
        except ValueError as error:
            response.close()
            raise self._unanswered(str(error)) from None
        return Response(status_line(response.status, response.reason or ""), answered, _Answer(response))

    def ask(self, service: str, account: str, region: str, action: str, **parameters: str) -> Element:
        """Call an operation with a Query API, as the owner of an account.

        Raises RefusedError if the answer is an error, and AWSError if none arrives.
        """
        asked = query_client.query_request(service, account, region, action, parameters)
        headers = {
            "Authorization": asked.authorization,
            "Content-Type": query_client.CONTENT_TYPE,
            "Content-Length": str(len(asked.body)),
            "X-Moto-Account-Id": account,
        }
        response = self._send("POST", "/", asked.body, headers)
        return query_client.read_answer(response.status, read_all(_Answer(response), self._url), self._url)

    def bind(self, act: Act) -> None:
        """Ignore the world: the endpoint has a KMS of its own."""

    def reset(self) -> None:
        """Keep the endpoint's state, which other clients may use."""

    def for_new_world(self) -> Forwarding:
        """Return the same endpoint, which has no worlds of ours."""
        return self

    def _send(self, method: str, target: str, body: Any, headers: dict[str, str], *, chunked: bool = False) -> Any:
        from urllib3.exceptions import HTTPError, MaxRetryError  # noqa: PLC0415 - as in `_pool`
        from urllib3.util import SKIP_HEADER  # noqa: PLC0415

        from mockaws.other_services.connections import TARGET  # noqa: PLC0415

        as_sent = {TARGET: self._base + target, "Accept-Encoding": SKIP_HEADER, "User-Agent": SKIP_HEADER}
        try:
            return self._pool.urlopen(
                method,
                "/",
                body=body,
                headers=as_sent | headers,
                chunked=chunked,
                preload_content=False,
                decode_content=False,
                redirect=False,
                retries=self._once_more if body is None else False,
            )
        except HTTPError as failed:
            raise self._unanswered(str(failed.reason if isinstance(failed, MaxRetryError) else failed)) from None
        except ValueError as error:  # of http.client, which looks at each part of a request
            raise AWSError(
                "InvalidRequest", f"the request cannot be passed on, as HTTP cannot carry it: {error}"
            ) from None

    def _unanswered(self, reason: str) -> AWSError:
        return AWSError(
            "EndpointConnectionError",  # 400: an SDK would try a 5xx again, Terraform's for minutes
            f"the other services are to be answered by {self._url}, which does not answer "
            f"({reason[:_LONGEST_REASON]}); is it running, and is --others right?",
        )

    @cached_property
    def _once_more(self) -> Any:
        """The retry of requests that only read, once, if a connection ends without an answer: it may be an old one."""
        from urllib3 import Retry  # noqa: PLC0415 - as in `_pool`

        return Retry(
            connect=False,
            read=1,
            redirect=False,
            status=False,
            other=False,
            allowed_methods=_READING,
            respect_retry_after_header=False,
        )

    @cached_property
    def _pool(self) -> Any:
        from mockaws.other_services import connections  # noqa: PLC0415 - most worlds never pass anything on

        return connections.pool(self._url, _CONNECT_SECONDS, _READ_SECONDS)


class _Body:
    """The body of a request, which ends where the request says."""

    def __init__(self, stream: Any, length: int) -> None:
        self._stream, self._left = stream, length

    def read(self, size: int = _CHUNK) -> bytes:
        """Return up to *size* bytes. Raises AWSError if the client sends less than Content-Length."""
        is_counted = self._left != targets.CHUNKED
        data: bytes = self._stream.read(min(size, self._left) if is_counted else size)
        if is_counted:
            if self._left and not data:
                raise AWSError("IncompleteBody", "the request's body is shorter than its Content-Length header says")
            self._left -= len(data)
        return data


class _Answer:
    """The body of an answer as it arrives, in chunks that may be small."""

    def __init__(self, response: Any) -> None:
        self._response = response

    def __iter__(self) -> Iterator[bytes]:
        """Yield it. Raises ConnectionAbortedError if it ends too early."""
        from urllib3.exceptions import HTTPError  # noqa: PLC0415 - as in `_pool`

        response = self._response
        if response.chunked and response.status in WITHOUT_BODY:
            self.close()
            return
        try:
            if response.chunked:
                yield from response.stream(_CHUNK, decode_content=False)
            else:
                yield from iter(lambda: response.read1(_CHUNK, decode_content=False), b"")
        except HTTPError as error:
            self.close()
            raise ConnectionAbortedError(str(error)) from None
        response.release_conn()

    def close(self) -> None:
        """End the connection if the body was not read to its end: the rest would come before the next answer."""
        self._response.close()
        self._response.release_conn()


def _headers(environ: Environ, length: int, account: str, *, known: bool) -> dict[str, str]:
    """Return the headers of a request, its Host as well: that may be part of what was signed.

    Emulators read the account from the access key, or from moto's header. They do not have credentials of our STS, so
    the account's number replaces those.
    """
    headers = {name[5:].replace("_", "-").title(): value for name, value in environ.items() if name.startswith("HTTP_")}
    dropped = {*_per_connection(headers.get("Connection", "")), "content-length"} - {"host"}
    headers = {name: value for name, value in headers.items() if name.lower() not in dropped}
    if environ.get("CONTENT_TYPE"):
        headers["Content-Type"] = environ["CONTENT_TYPE"]
    if environ.get("CONTENT_LENGTH"):
        headers["Content-Length"] = str(length)
    headers["X-Moto-Account-Id"] = account
    if not known:
        headers.pop("X-Amz-Security-Token", None)
        headers["Authorization"] = _CREDENTIAL.sub(account, headers.get("Authorization", ""))
    return headers


def _answered(response: Any) -> Headers:
    """Return the headers of an answer, without those of its connection, and with one framing.

    Raises ValueError if WSGI cannot have a header, or the framing is ambiguous.
    """
    encoding = response.headers.get("Transfer-Encoding", "")
    if encoding.strip().lower() not in {"", "chunked", "identity"}:
        raise ValueError(f"its answer has the Transfer-Encoding {encoding!a}")
    dropped = _per_connection(response.headers.get("Connection", ""))
    if response.chunked or response.status in WITHOUT_BODY:
        dropped |= {"content-length"}
    lengths = set()
    passed = []
    for name, folded in response.headers.iteritems():
        value = _FOLD.sub(" ", folded)
        if not TOKEN.fullmatch(name) or not _VALUE.fullmatch(value):
            raise ValueError(f"its answer has the invalid header {name!a}")
        if name.lower() in dropped:
            continue
        if name.lower() == "content-length":
            lengths.update(value.replace(" ", "").split(","))
        else:
            passed.append((name, value))
    if len(lengths) > 1 or not all(_LENGTH.fullmatch(length) for length in lengths):
        raise ValueError("its answer has an invalid Content-Length")
    return passed + [("Content-Length", length) for length in lengths]


def _per_connection(connection: str) -> set[str]:
    """Return the names of headers that belong to one connection, those that its Connection header lists among them."""
    return {*HOP_BY_HOP, *_LIST.split(connection.lower())}
