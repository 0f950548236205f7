"""The interface of AWS's protocols."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from mockaws.gateway.http import Request
    from mockaws.model.errors import AWSError
    from mockaws.model.service import OperationModel


class Address(NamedTuple):
    """The service and the operation of a request, in the protocol's own words."""

    service: str
    operation: str


class Wire(Protocol):
    """A protocol, both ways: its name in AWS's models, the HTTP methods it takes, its headers, and four steps."""

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def methods(self) -> frozenset[str]: ...  # noqa: D102
    @property
    def content_type(self) -> str: ...  # noqa: D102
    @property
    def headers(self) -> tuple[tuple[str, str], ...]: ...  # noqa: D102

    def address(self, request: Request) -> Address:
        """Return the service and the operation of *request*; an empty string for each that it does not name."""
        ...

    def read(self, request: Request, operation: OperationModel) -> Any:
        """Return the request's document. Raises AWSError if it cannot be read."""
        ...

    def success(self, operation: OperationModel, result: dict[str, Any] | None, request_id: str) -> bytes:
        """Return the body of a successful answer."""
        ...

    def failure(self, error: AWSError, request_id: str) -> tuple[int, bytes]:
        """Return the status and the body of an error answer."""
        ...
