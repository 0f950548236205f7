"""Spans of time in which something does not work: kept as a history, so that the past can be asked as well."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable


# An HSM that has failed by itself still fails when its zone is back, and the other way round.
OF_ITS_OWN, OF_ITS_ZONE = "", "zone"


class Outage(NamedTuple):
    """Something fails from *since* on and works again from *until* on; *cause* tells causes apart that may overlap."""

    since: float
    until: float = math.inf
    cause: str = OF_ITS_OWN


Outages = tuple[Outage, ...]


def out(outages: Iterable[Outage], now: float) -> bool:
    """Tell whether any of the *outages* is under way at *now*."""
    return any(outage.since <= now < outage.until for outage in outages)


def begun(outages: Outages, now: float, cause: str = OF_ITS_OWN) -> Outages:
    """Return *outages* with one more, begun at *now*; the same where one of that *cause* is under way already."""
    return outages if out(_of(outages, cause), now) else (*outages, Outage(now, cause=cause))


def ended(outages: Outages, now: float, cause: str = OF_ITS_OWN) -> Outages:
    """Return *outages*, of which those of *cause* are over at *now*."""
    return tuple(
        outage._replace(until=now) if outage.cause == cause and now < outage.until else outage for outage in outages
    )


def since(outages: Outages, moment: float) -> Outages:
    """Return *outages* without those that were over by *moment*, of which only earlier moments could tell."""
    return tuple(outage for outage in outages if outage.until > moment)


def _of(outages: Outages, cause: str) -> Iterable[Outage]:
    return (outage for outage in outages if outage.cause == cause)
