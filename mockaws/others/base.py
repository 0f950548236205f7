"""What answers for the services that are not ours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

from mockaws.model.errors import AWSError
from mockaws.services.elsewhere import Elsewhere

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mockaws.services.operation import Call, Caller

    Environ = dict[str, Any]
    Headers = list[tuple[str, str]]

T = TypeVar("T")


class Passed(NamedTuple):
    """Another service's answer, which goes to the caller as it is: the status with its reason, the body as it comes.

    The body raises ConnectionAbortedError where it ends too early.
    """

    status: str
    headers: Headers
    body: Iterable[bytes]


def whole(body: Iterable[bytes], whose: str) -> bytes:
    """Return all of an answer's body. Raises AWSError where it ends too early."""
    try:
        return b"".join(body)
    except ConnectionAbortedError as error:
        raise AWSError("EndpointConnectionError", f"the answer of {whose} ended too early: {error}") from None


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
