"""Faults: failures and delays that a test injects, and the calls that they are for."""

from __future__ import annotations

from dataclasses import dataclass

DOCUMENTED = "documented"
LONGEST_LATENCY = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A failure to inject: the calls that it concerns, those of them that it strikes, and the effect on these.

    *operation* is a pattern such as `kms:Encrypt`, `kms:Generate*` or `*`. *key* is an id, an ARN or an alias; requests
    may name the same key in any other way. Without *nth* and *every*, the fault strikes each call.
    """

    operation: str = "*"
    account: str | None = None
    region: str | None = None
    key: str | None = None

    nth: int | None = None
    every: int | None = None
    times: int | None = None
    probability: float = 1.0

    latency: float = 0.0
    error: str | None = None
    message: str | None = None
    throttle: float | str | None = None
    status: int | None = None
    drop: bool = False

    def is_due(self, calls: int) -> bool:
        """Return True if the fault strikes call number *calls* of those that it concerns, by *nth* and *every*."""
        if self.nth is not None:
            return calls == self.nth
        return self.every is None or calls % self.every == 0

    @property
    def refuses(self) -> bool:
        """The effect on a call: True if the operation does not answer it, False if its answer is only late."""
        return bool(self.error or self.throttle or self.status or self.drop)
