"""Outages: spans of time in which a resource does not work. Their history answers questions about the past."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable


# An HSM that failed on its own stays failed when its zone recovers, and the other way round.
OF_ITS_OWN, OF_ITS_ZONE = "", "zone"


class Outage(NamedTuple):
    """A failure that begins at *since* and ends at *until*. Outages with different *causes* may overlap."""

    since: float
    until: float = math.inf
    cause: str = OF_ITS_OWN


Outages = tuple[Outage, ...]


def out(outages: Iterable[Outage], now: float) -> bool:
    """Return True if any of the *outages* is under way at *now*."""
    return any(outage.since <= now < outage.until for outage in outages)


def begun(outages: Outages, now: float, cause: str = OF_ITS_OWN) -> Outages:
    """Return *outages* with one more that begins at *now*, unless one of that *cause* is under way."""
    return outages if out(_of(outages, cause), now) else (*outages, Outage(now, cause=cause))


def ended(outages: Outages, now: float, cause: str = OF_ITS_OWN) -> Outages:
    """Return *outages* with those of *cause* ended at *now*."""
    return tuple(
        outage._replace(until=now) if outage.cause == cause and now < outage.until else outage for outage in outages
    )


def since(outages: Outages, moment: float) -> Outages:
    """Return *outages* without those that ended by *moment*."""
    return tuple(outage for outage in outages if outage.until > moment)


def _of(outages: Outages, cause: str) -> Iterable[Outage]:
    return (outage for outage in outages if outage.cause == cause)
