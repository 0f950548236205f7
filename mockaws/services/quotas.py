"""The quotas that AWS counts requests against when it throttles callers."""

from __future__ import annotations

from typing import NamedTuple


class Quota(NamedTuple):
    """A quota: requests per second in an account and Region. A call counts as *cost* requests."""

    name: str
    rate: float
    account: str
    region: str
    cost: int = 1
