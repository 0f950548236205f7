"""boto3 and botocore in the same process, without a socket: what their clients would send is answered by a call.

The only module that imports them, and nothing but `Mock.client`, `session`, `adopt`, `environment` and `patch` imports
it: a server must start without them.

A client asks the handlers of its event `before-send` for an answer before it opens a connection. All of its requests
come that way, those to services that are not here as well, retries, and those of waiters and paginators; so no client
that was adopted can reach AWS. https://botocore.amazonaws.com/v1/documentation/api/latest/topics/events.html
"""

from __future__ import annotations

import os
import re
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from io import BytesIO
from threading import Lock
from types import NoneType
from typing import TYPE_CHECKING, Any, NamedTuple
from unittest import mock
from urllib.parse import unquote, urlsplit

import botocore.session
from botocore.awsrequest import AWSResponse, HeadersDict
from botocore.exceptions import ConnectionClosedError
from botocore.httpsession import URLLib3Session

try:
    import boto3
except ModuleNotFoundError:  # of those who use botocore alone
    boto3 = None

from mockaws.gateway.http import DROPPED, Request, head
from mockaws.others import received

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from mockaws.endpoint import Endpoint
    from mockaws.others.base import Environ
    from mockaws.world import World

NOWHERE = "http://mockaws.invalid"
"""An address that RFC 6761 promises to lead nowhere, for whatever leaves the process although it should not."""

_SECRET = "mockaws"  # noqa: S105 - nobody verifies signatures
_HANDLER = "mockaws"
_NOWHERE = urlsplit(NOWHERE).netloc
_ANEW = ("host", "transfer-encoding")  # what follows from the rest
_WORLD = re.compile("^/worlds/[^/?]+")
_AUTHORITY = re.compile("^[a-z]+://[^/?#]*")
_LOCK = Lock()
# What a user keeps for real AWS is out of sight: a profile may name endpoints, roles and real keys.
_OUT_OF_SIGHT = {
    "profile": (None, None, None, None),
    "config_file": (None, None, os.devnull, None),
    "credentials_file": (None, None, os.devnull, None),
}


def session(account: str, region: str) -> Any:
    """Return a new boto3 session that signs as *account* in *region*."""
    if boto3 is None:
        raise ModuleNotFoundError("this needs boto3: pip install boto3")
    core = botocore.session.Session(session_vars=_OUT_OF_SIGHT)
    core.register_component("data_loader", _loader())
    return boto3.Session(
        botocore_session=core, aws_access_key_id=account, aws_secret_access_key=_SECRET, region_name=region
    )


def client(service: str, account: str, region: str, **options: Any) -> Any:
    """Return a new boto3 client of *service* that signs as *account* in *region*.

    All are of one session, as one of its own would cost each of them some 7 ms.
    """
    credentials = {"aws_access_key_id": account, "aws_secret_access_key": _SECRET, "aws_session_token": None}
    with _LOCK:  # sessions are not for more than one thread
        return _session().client(service, **{"region_name": region} | credentials | options)


@lru_cache(1)
def _session() -> Any:
    return session(_SECRET, "us-east-1")


@lru_cache(1)
def _loader() -> Any:
    """Return what reads botocore's data files, and keeps them: to read them again costs each session some 60 ms."""
    return botocore.session.Session(session_vars=_OUT_OF_SIGHT).get_component("data_loader")


class Answering(NamedTuple):
    """Who answers, in which world."""

    endpoint: Endpoint
    world: World


def adopt(client_or_session: Any, answering: Answering) -> None:
    """Have *answering* answer all that a client sends from now on, or all clients that a session makes from now on.

    Raises TypeError for what is neither, nor a resource of boto3's.
    """

    def answer(request: Any, **_: Any) -> AWSResponse:
        return _sent(request, answering)

    events = _events(client_or_session)
    events.unregister("before-send", unique_id=_HANDLER)
    events.register_first("before-send", answer, unique_id=_HANDLER)


def _events(given: Any) -> Any:
    if isinstance(given, botocore.session.Session):
        return given.get_component("event_emitter")
    meta = getattr(given, "meta", None)
    owner = getattr(meta, "client", given)
    events = getattr(given, "events", None) or getattr(getattr(owner, "meta", None), "events", None)
    if events is None:
        raise TypeError(f"{given!r} is neither a client nor a session of boto3 or botocore")
    return events


@contextmanager
def patched(answering: Answering) -> Iterator[None]:
    """Have *answering* answer everything that any botocore client of this process sends while the block runs.

    A client that was made before is beyond the reach of events, so this replaces the one function by which all of them
    send.
    """

    def send(_session: Any, request: Any) -> AWSResponse:
        return _sent(request, answering)

    with mock.patch.object(URLLib3Session, "send", send):
        yield


@contextmanager
def environment(variables: dict[str, str]) -> Iterator[None]:
    """Have this process see *variables* in the place of its environment, and boto3 a default session that is new."""
    with ExitStack() as stack:
        changed = {name for name in {*os.environ, *variables} if os.environ.get(name) != variables.get(name)}
        stack.callback(_set_variables, {name: os.environ.get(name) for name in changed})
        _set_variables({name: variables.get(name) for name in changed})
        if boto3 is not None:
            stack.enter_context(mock.patch.object(boto3, "DEFAULT_SESSION", None))
            core = botocore.session.Session()
            core.register_component("data_loader", _loader())
            boto3.setup_default_session(botocore_session=core)
        yield


def _set_variables(values: Mapping[str, str | None]) -> None:
    for name, value in values.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


def _sent(request: Any, answering: Answering) -> AWSResponse:
    """Return the answer to what botocore was about to send."""
    endpoint, world = answering
    if world.others is not None:
        passed = endpoint.pass_on(world, world.others, _environ(request))
        if passed is not None:
            body = _read(passed.body, request.url)
            return AWSResponse(request.url, int(passed.status[:3]), HeadersDict(passed.headers), _Body(body))
    answer = endpoint.answer(world, _request(request))
    if answer.status == DROPPED:
        raise ConnectionClosedError(endpoint_url=request.url)
    body = b"" if request.method == "HEAD" else answer.body
    return AWSResponse(request.url, answer.status, dict(head(answer)), _Body(body))


def _read(body: Iterable[bytes], url: str) -> bytes:
    try:
        return b"".join(body)
    except ConnectionAbortedError:
        raise ConnectionClosedError(endpoint_url=url) from None


def _environ(prepared: Any) -> Environ:
    """Return a request as WSGI's servers describe one, with all of its headers and its whole body."""
    from werkzeug.test import create_environ  # noqa: PLC0415 - most worlds have nobody else to answer

    parts, body = urlsplit(prepared.url), prepared.body
    if hasattr(body, "read"):
        body = body.read()
    elif not isinstance(body, (str, bytes, bytearray, NoneType)):
        body = b"".join(body)
    headers = {name: _text(value) for name, value in prepared.headers.items() if name.lower() not in _ANEW}
    target = _WORLD.sub("", _AUTHORITY.sub("", prepared.url, 1)).partition("#")[0]
    if not target.startswith("/"):
        target = f"/{target}"
    host = parts.netloc
    if host.endswith(_NOWHERE):
        # moto takes the first part of any name for a bucket; where it is one, S3's clients have put it there.
        bucket = host.removesuffix(_NOWHERE).removesuffix(".")
        target, host = f"/{bucket}{target}" if bucket else target, "127.0.0.1"
    environ = create_environ("/", f"{parts.scheme}://{host}", method=prepared.method, headers=headers, data=body)
    return environ | {
        "PATH_INFO": received.decoded(target),
        "QUERY_STRING": target.partition("?")[2],
        "REMOTE_ADDR": "127.0.0.1",
        received.TARGET: target,
    }


def _request(prepared: Any) -> Request:
    parts = urlsplit(prepared.url)
    headers = {name.lower(): _text(value) for name, value in prepared.headers.items()}
    return Request(
        prepared.method,
        unquote(parts.path, "latin-1") or "/",  # as WSGI has it
        parts.query,
        _body(prepared.body),
        headers.get("content-type", ""),
        headers.get("x-amz-target", ""),
        headers.get("authorization", ""),
        headers.get("smithy-protocol", ""),
        "127.0.0.1",
        headers.get("user-agent", ""),
    )


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _body(body: Any) -> bytes:
    """Return the body of a request; a stream is of no service that is here, and stays unread."""
    if isinstance(body, str):
        return body.encode()
    return bytes(body) if isinstance(body, (bytes, bytearray)) else b""


class _Body(BytesIO):
    """The body of an answer as botocore reads one."""

    def stream(self) -> Iterator[bytes]:
        yield self.read()
