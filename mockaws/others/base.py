"""What answers for the services that are not ours."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

from mockaws.model.errors import AWSError
from mockaws.services.elsewhere import Elsewhere

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


class Passed(NamedTuple):
    """Another service's answer, which goes to the caller as it is: the status with its reason, the body as it comes.

    The body raises ConnectionAbortedError where it ends too early.
    """

    status: str
    headers: Headers
    body: Iterable[bytes]


def status_line(number: int, reason: str) -> str:
    """Return a status with its reason, without characters that would end the line."""
    return f"{number} {''.join(each if each.isprintable() else '?' for each in reason) or 'Unknown'}"


def whole(body: Iterable[bytes], whose: str) -> bytes:
    """Return all of an answer's body. Raises AWSError if it ends too early, or is larger than 16 MiB."""
    chunks, size = [], 0
    try:
        for chunk in body:
            chunks.append(chunk)
            size += len(chunk)
            if size > _MOST_BYTES:
                _close(body)
                raise AWSError("EndpointConnectionError", f"the answer of {whose} is larger than {_MOST_BYTES} bytes")
    except ConnectionAbortedError as error:
        raise AWSError("EndpointConnectionError", f"the answer of {whose} ended too early: {error}") from None
    return b"".join(chunks)


def _close(body: Iterable[bytes]) -> None:
    """Let go of a body that is not read to its end, as PEP 3333's servers do."""
    if hasattr(body, "close"):
        body.close()


class Act(Protocol):
    """How to ask a world something, as the owner of an account."""

    def __call__(self, name: str, account: str, region: str, work: Callable[[Call], T]) -> T:
        """Do *work* in one transaction."""
        ...


class Others(Elsewhere, Protocol):
    """The other services of one world."""

    def meet(self, act: Act) -> None:
        """Learn how to ask the world for what is in it."""
        ...

    def answer(self, environ: Environ, caller: Caller, *, known: bool) -> Passed:
        """Answer a request of *caller*, which PEP 3333's *environ* describes.

        A caller who is not *known* there signs with credentials that our STS gave out. Raises AWSError where nobody
        answers.
        """
        ...

    def reset(self) -> None:
        """Forget everything, where what is there is this world's own."""
        ...

    def another(self) -> Others:
        """Return the same for another world."""
        ...
