"""Clients of boto3 and botocore in the same process, answered without a socket.

This is the only module that imports them, and only `Mock.client`, `session`, `adopt`, `environment` and `patch` import
it: a server must start without them.

A client calls the handlers of its event `before-send` for an answer before it opens a connection. All of its requests
take that way, also those to absent services, retries, and those of waiters and paginators. So no adopted client can
reach AWS.

https://botocore.amazonaws.com/v1/documentation/api/latest/topics/events.html
"""

from __future__ import annotations

import os
import re
import sys
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from io import BytesIO
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple
from unittest import mock
from urllib.parse import urlsplit

import botocore.session
from botocore.awsrequest import AWSResponse, HeadersDict
from botocore.exceptions import ConnectionClosedError
from botocore.httpsession import URLLib3Session

try:
    import boto3
except ModuleNotFoundError:  # for programs that use botocore alone
    boto3 = None

from mockaws.other_services import targets

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mockaws.gateway.endpoint import Endpoint
    from mockaws.other_services.base import Environ
    from mockaws.worlds.world import World

NOWHERE = "http://mockaws.invalid"
"""An address that RFC 6761 keeps from resolving, for requests that leave the process by mistake."""

_SECRET = "mockaws"  # noqa: S105 - nobody verifies signatures
_HANDLER = "mockaws"
_NOWHERE = urlsplit(NOWHERE).netloc
_DERIVED = frozenset({"host", "content-length", "transfer-encoding"})  # headers that follow from the rest
_WORLD = re.compile("^/worlds/[^/?]+")
_AUTHORITY = re.compile("^[a-z]+://[^/?#]*")
_LOCK = Lock()
# The user's own configuration is hidden: a profile may name endpoints, roles and real keys.
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

    All clients share one session, because a session of its own would cost each of them some 7 ms.
    """
    credentials = {"aws_access_key_id": account, "aws_secret_access_key": _SECRET, "aws_session_token": None}
    with _LOCK:  # sessions are not for more than one thread
        return _session().client(service, **{"region_name": region} | credentials | options)


@lru_cache(1)
def _session() -> Any:
    return session(_SECRET, "us-east-1")


@lru_cache(1)
def _loader() -> Any:
    """Return the loader of botocore's data files, which caches them: reading them again costs a session some 60 ms."""
    return botocore.session.Session(session_vars=_OUT_OF_SIGHT).get_component("data_loader")


class Answering(NamedTuple):
    """The endpoint that answers, and the world in which it does."""

    endpoint: Endpoint
    world: World


def adopt(client_or_session: Any, answering: Answering) -> None:
    """Answer all further requests of a client, or of all further clients of a session, by *answering*.

    Raises TypeError if the argument is neither a client, a session nor a resource.
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
    """Answer all requests of any botocore client in this process by *answering* while the block runs.

    A handler cannot reach clients that exist already, so this replaces the one function by which all of them send.
    """

    def send(_session: Any, request: Any) -> AWSResponse:
        return _sent(request, answering)

    with mock.patch.object(URLLib3Session, "send", send):
        yield


@contextmanager
def environment(variables: dict[str, str]) -> Iterator[None]:
    """Replace the environment of this process by *variables*, and boto3's default session by a new one."""
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
    """Return the answer to a request that botocore was about to send."""
    endpoint, world = answering
    try:
        response = endpoint.respond(world, _environ(request, reads_streams=world.other_services is not None))
        body = b"".join(response.body)
    except ConnectionAbortedError:
        raise ConnectionClosedError(endpoint_url=request.url) from None
    return AWSResponse(request.url, int(response.status[:3]), HeadersDict(response.headers), _Body(body))


def _environ(prepared: Any, *, reads_streams: bool) -> Environ:
    """Return a request as a WSGI server would, with all of its headers; a body that is a stream may stay unread."""
    parts = urlsplit(prepared.url)
    body = _body(prepared.body) if reads_streams or isinstance(prepared.body, (str, bytes, bytearray)) else b""
    target = _WORLD.sub("", _AUTHORITY.sub("", prepared.url, 1)).partition("#")[0]
    if not target.startswith("/"):
        target = f"/{target}"
    host = parts.netloc
    if host.endswith(_NOWHERE):
        # moto takes the first part of any host name for a bucket; S3's clients have put a real one there.
        bucket = host.removesuffix(_NOWHERE).removesuffix(".")
        target, host = f"/{bucket}{target}" if bucket else target, "127.0.0.1"
    environ = {
        f"HTTP_{name.upper().replace('-', '_')}": _text(value)
        for name, value in prepared.headers.items()
        if name.lower() not in _DERIVED
    }
    environ["CONTENT_TYPE"] = environ.pop("HTTP_CONTENT_TYPE", "")
    return environ | {
        "REQUEST_METHOD": prepared.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": targets.decoded_path(target),
        "QUERY_STRING": target.partition("?")[2],
        "CONTENT_LENGTH": str(len(body)),
        "REMOTE_ADDR": "127.0.0.1",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "443" if parts.scheme == "https" else "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": host,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": parts.scheme,
        "wsgi.input": BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        targets.KEY: target,
    }


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _body(body: Any) -> bytes:
    """Return the whole body of a request: text, bytes, a file, or an iterable of bytes."""
    if isinstance(body, bytes):
        return body
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode()
    if isinstance(body, bytearray):
        return bytes(body)
    data: bytes = body.read() if hasattr(body, "read") else b"".join(body)
    return data


class _Body(BytesIO):
    """The body of an answer as botocore reads one."""

    def stream(self) -> Iterator[bytes]:
        yield self.read()
