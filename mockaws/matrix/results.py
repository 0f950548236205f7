"""The results of a command in each world, and the expected ones."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from mockaws.matrix.findings import NOTHING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mockaws.matrix.findings import Finding


class Outcome(StrEnum):
    """The outcome of the command in a world."""

    SURVIVED = "survived"
    FAILED = "failed"
    TIMED_OUT = "timed out"
    INTERRUPTED = "interrupted"
    NOT_RUN = "not run"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A world for the command, with its environment there, and the expected outcome."""

    world: str
    fixture: str
    environment: Mapping[str, str]
    must_fail: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The result in one world; *status* is the exit status, or that of the signal that ended the command."""

    trial: Trial
    outcome: Outcome = Outcome.NOT_RUN
    status: int | None = None
    seconds: float = 0.0
    finding: Finding = NOTHING
    output: str = ""
    log: str | None = None

    @property
    def world(self) -> str:
        """The name of the world."""
        return self.trial.world

    @property
    def as_expected(self) -> bool:
        """Return True if it failed where it must and survived elsewhere; a command without an end has done neither."""
        return self.outcome is (Outcome.FAILED if self.trial.must_fail else Outcome.SURVIVED)


@dataclass(frozen=True, slots=True)
class Matrix:
    """The results of a command in all worlds, in their order."""

    command: Sequence[str]
    results: Sequence[Result]
    seconds: float

    @property
    def as_expected(self) -> bool:
        """Return True if all results are as expected."""
        return all(result.as_expected for result in self.results)
