"""What lies outside: the services that are not ours, as operations may ask them, in those services' own Query APIs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element


class Elsewhere(Protocol):
    """The other services of a world."""

    @property
    def untouched(self) -> bool:
        """Whether there can be nothing that anybody has made, so that nobody needs to ask."""
        ...

    def ask(self, service: str, account: str, region: str, action: str, **parameters: str) -> Element:
        """Call *action* of a *service* with a Query API, as the owner of an account; return its answer.

        *parameters* are the request's, with an underscore for each dot: `SubnetId_1`. The answer's elements have no
        namespace. Raises RefusedError where the service refuses, and AWSError where nobody answers.
        """
        ...


class RefusedError(Exception):
    """Another service's error answer: its code and its sentence."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
