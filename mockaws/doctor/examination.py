"""All checks, the most helpful first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockaws.doctor import configuration, destinations, packages, provider, servers, tools, variables

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockaws.doctor.findings import Finding
    from mockaws.doctor.surroundings import Surroundings


def examine(surroundings: Surroundings, port: int) -> Iterator[Finding]:
    """Yield the findings of each check; *port* is the one for `mockaws serve`."""
    yield from packages.check()
    tool = tools.find(surroundings)
    yield tools.check(tool, surroundings)
    yield from provider.check(tool, surroundings)
    yield from configuration.check(surroundings)
    yield from variables.check_mockaws(surroundings)
    yield servers.check_port(port)
    yield from servers.check_endpoints(surroundings)
    yield from variables.check_aws(surroundings)
    yield from destinations.check(surroundings, port)
