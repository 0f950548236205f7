"""The interface to the services that are not ours."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

from mockaws.model.errors import AWSError
from mockaws.services.other_services import OtherServicesClient

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mockaws.services.operation import Call, Caller

    Environ = dict[str, Any]
    Headers = list[tuple[str, str]]

T = TypeVar("T")

# Headers of one connection: https://www.rfc-editor.org/rfc/rfc9110#name-connection
HOP_BY_HOP = frozenset(
    {
        "connection",
        "expect",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "trailers",
        "transfer-encoding",
        "upgrade",
    }
)
WITHOUT_BODY = (204, 304)
# The name of a header: https://www.rfc-editor.org/rfc/rfc9110#name-tokens
TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_MOST_BYTES = 1 << 24


class Response(NamedTuple):
    """An answer: the status with its reason, the headers, and the body as it arrives.

    The body raises ConnectionAbortedError if it ends too early.
    """

    status: str
    headers: Headers
    body: Iterable[bytes]


def status_line(number: int, reason: str) -> str:
    """Return a status with its reason, without characters that would end the line."""
    return f"{number} {''.join(each if each.isprintable() else '?' for each in reason) or 'Unknown'}"


def read_all(body: Iterable[bytes], source: str) -> bytes:
    """Return all of an answer's body. Raises AWSError if it ends too early, or is larger than 16 MiB."""
    chunks, size = [], 0
    try:
        for chunk in body:
            chunks.append(chunk)
            size += len(chunk)
            if size > _MOST_BYTES:
                _close(body)
                raise AWSError("EndpointConnectionError", f"the answer of {source} is larger than {_MOST_BYTES} bytes")
    except ConnectionAbortedError as error:
        raise AWSError("EndpointConnectionError", f"the answer of {source} ended too early: {error}") from None
    return b"".join(chunks)


def _close(body: Iterable[bytes]) -> None:
    """Close a body that is not read to its end, as PEP 3333's servers do."""
    if hasattr(body, "close"):
        body.close()


class Act(Protocol):
    """A function that runs work in a world, as the owner of an account: `World.act`."""

    def __call__(self, name: str, account: str, region: str, work: Callable[[Call], T]) -> T:
        """Run *work* in one transaction."""
        ...


class OtherServices(OtherServicesClient, Protocol):
    """The other services of one world."""

    def bind(self, act: Act) -> None:
        """Take the function by which these services read their world."""
        ...

    def answer(self, environ: Environ, caller: Caller, *, known: bool) -> Response:
        """Answer a request of *caller*, which PEP 3333's *environ* describes.

        *known* is False for credentials of our STS, which no other service has. Raises AWSError if no answer arrives.
        """
        ...

    def reset(self) -> None:
        """Delete all state that belongs to this world."""
        ...

    def for_new_world(self) -> OtherServices:
        """Return the same services for another world, without state."""
        ...
