"""The port through which operations call the other services, in those services' own Query APIs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element


class OtherServicesClient(Protocol):
    """The other services of a world."""

    @property
    def is_untouched(self) -> bool:
        """Return True if no call has created anything there, so that a request can be saved."""
        ...

    def ask(self, service: str, account: str, region: str, action: str, **parameters: str) -> Element:
        """Call *action* of a *service* with a Query API, as the owner of an account; return its answer.

        *parameters* are the request's, with an underscore for each dot: `SubnetId_1`. The answer's elements have no
        namespace. Raises RefusedError if the service refuses, and AWSError if it cannot be reached.
        """
        ...


class RefusedError(Exception):
    """The error answer of another service: its code and its message."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
