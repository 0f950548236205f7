"""Faults: what a world is told to do instead of answering, or before it does, and to which calls."""

from __future__ import annotations

from dataclasses import dataclass

DOCUMENTED = "documented"
LONGEST_LATENCY = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One rule: which calls it is for, which of those it strikes, and what happens to them.

    *operation* is a pattern such as `kms:Encrypt`, `kms:Generate*` or `*`. *key* is an id, an ARN or an alias; requests
    may name the same key in any other way. Where neither *nth* nor *every* is given, it is each call's turn.
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

    def due(self, calls: int) -> bool:
        """Tell whether it is the turn of the call that is number *calls* of those that it is for."""
        if self.nth is not None:
            return calls == self.nth
        return self.every is None or calls % self.every == 0

    @property
    def refuses(self) -> bool:
        """Whether a call that it strikes gets no answer of the operation; else it comes late, and that is all."""
        return bool(self.error or self.throttle or self.status or self.drop)
