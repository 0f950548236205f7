"""What AWS counts requests against where it throttles them."""

from __future__ import annotations

from typing import NamedTuple


class Quota(NamedTuple):
    """So many requests a second of one *name*, of which a call takes *cost*, in an account and Region."""

    name: str
    rate: float
    account: str
    region: str
    cost: int = 1
