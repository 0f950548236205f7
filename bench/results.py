"""Everything that was measured, as it came, and the medians and ratios of it."""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from bench.load import FIRST_CALL, FIRST_KMS_CALL

if TYPE_CHECKING:
    from bench.large_worlds import Filling
    from bench.load import Crowd
    from bench.waiting import Waits

START_CPU = f"start CPU, to {FIRST_CALL}"
START_WALL = f"start time, to {FIRST_CALL}"
START_KMS_CPU = f"start CPU, to {FIRST_KMS_CALL} too"
START_KMS_WALL = f"start time, to {FIRST_KMS_CALL} too"
MEMORY_IDLE = "memory idle"
MEMORY_LOADED = "memory after load"
APPLY_TIME = "time of an apply"
APPLY_CPU = "server CPU of an apply"
PRIMITIVE = "the primitive alone"  # a column beside those of the peers


class Cell(NamedTuple):
    """The measured values of each server."""

    what: str
    column: str


@dataclass
class Samples:
    """Figures by what was measured and by column, one a round and in the order of rounds."""

    values: dict[str, dict[str, list[float]]] = field(default_factory=dict)

    def add(self, what: str, column: str, value: float) -> None:
        """Keep one figure."""
        self.values.setdefault(what, {}).setdefault(column, []).append(value)

    def drop(self, column: str) -> None:
        """Forget a column."""
        for by_column in self.values.values():
            by_column.pop(column, None)

    def median(self, what: str, column: str) -> float | None:
        """Return the median, or None where nothing was measured."""
        values = self._of(Cell(what, column))
        return statistics.median(values) if values else None

    def ratio(self, what: str, column: str, other: str) -> float | None:
        """Return the median over the rounds of one column's figure divided by the other's of the same round."""
        return self.quotient(Cell(what, column), Cell(what, other))

    def quotient(self, cell: Cell, other: Cell, *, without: Cell | None = None) -> float | None:
        """Return the median over the rounds of one cell's figure, less that of *without*, divided by the other's."""
        mine, theirs = self._of(cell), self._of(other)
        less = self._of(without) if without else [0.0] * len(mine)
        found = [(one - part) / two for one, part, two in zip(mine, less, theirs, strict=False) if two]
        return statistics.median(found) if found else None

    def _of(self, cell: Cell) -> list[float]:
        return self.values.get(cell.what, {}).get(cell.column, [])


@dataclass
class Results:
    """Everything that was measured.

    The columns of *samples* are peers, those of *worlds* worlds of mockaws by how many keys they have. *missing* says
    why a peer was not measured, *lacking* why one was not with an operation.
    """

    peers: dict[str, str] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    lacking: dict[str, dict[str, str]] = field(default_factory=dict)
    samples: Samples = field(default_factory=Samples)
    crowds: dict[str, Crowd] = field(default_factory=dict)
    waits: dict[str, Waits] = field(default_factory=dict)
    worlds: Samples = field(default_factory=Samples)
    fillings: dict[str, Filling] = field(default_factory=dict)

    def drop(self, peer: str, why: str) -> None:
        """Leave out a peer that cannot go on, with all that is known of it."""
        self.missing[peer] = why
        for by_peer in (self.peers, self.lacking, self.crowds, self.waits):
            by_peer.pop(peer, None)
        self.samples.drop(peer)


@dataclass(frozen=True)
class Watched:
    """Results of one kind of abuse: each wait in seconds, errors, MB that the server grew by, tracebacks."""

    name: str
    waits: list[float]
    errors: list[str]
    growth: float
    tracebacks: int

    def percentile(self, share: float) -> float:
        """Return how long that *share* of the calls waited at most."""
        return sorted(self.waits)[min(len(self.waits) - 1, int(len(self.waits) * share))] if self.waits else 0.0

    @property
    def unharmed(self) -> bool:
        """Return True if every call was answered well and the server printed no traceback."""
        return bool(self.waits) and not self.errors and not self.tracebacks
