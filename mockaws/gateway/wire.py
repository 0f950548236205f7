"""What every protocol of AWS has to do here, whatever it looks like on the wire."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from mockaws.gateway.http import Request
    from mockaws.model.errors import AWSError
    from mockaws.model.service import Operation


class Address(NamedTuple):
    """Which service and which operation a request is for, in the protocol's own words."""

    service: str
    operation: str


class Wire(Protocol):
    """A protocol, both ways: its name in AWS's models, the HTTP methods it takes, its headers, and the four steps."""

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def methods(self) -> frozenset[str]: ...  # noqa: D102
    @property
    def content_type(self) -> str: ...  # noqa: D102
    @property
    def headers(self) -> tuple[tuple[str, str], ...]: ...  # noqa: D102

    def address(self, request: Request) -> Address:
        """Return which service and operation *request* is for; empty strings where it does not say."""
        ...

    def read(self, request: Request, operation: Operation) -> Any:
        """Return the request's document; raises AWSError where it cannot be read."""
        ...

    def success(self, operation: Operation, result: dict[str, Any] | None, request_id: str) -> bytes:
        """Return the body of a good answer."""
        ...

    def failure(self, error: AWSError, request_id: str) -> tuple[int, bytes]:
        """Return the status and the body of an error answer."""
        ...
