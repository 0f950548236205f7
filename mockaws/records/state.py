"""The state of a world beside its AWS resources: how it is configured, what its clock shows, which faults it has."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple, Self

from mockaws.clock import RUNNING, Setting
from mockaws.records.base import Record
from mockaws.records.world import WorldConfig

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mockaws.records.faults import Fault

_MOST_ACCESS_KEYS = 100
_SHARD_LENGTH = 2


_DEFAULT = WorldConfig()


@dataclass(frozen=True, slots=True)
class NumberedFault:
    """A fault of a world, with its id there."""

    id: str
    fault: Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldState:
    """The state of a world as one value, which a transaction captures when it begins.

    *faults_added* counts the faults that the world has had so far, so that no id is given out twice. Ids and chance
    are repeatable in a world with an *id_seed*. *mark* identifies the snapshot that the world began as.
    """

    config: WorldConfig = _DEFAULT
    clock: Setting = RUNNING
    faults: tuple[NumberedFault, ...] = ()
    faults_added: int = 0
    id_seed: str | None = None
    mark: str = ""

    @classmethod
    def beginning_with(
        cls, config: WorldConfig, faults: Iterable[Fault] = (), *, clock: Setting = RUNNING, mark: str = ""
    ) -> Self:
        """Return the state of a world that begins with *faults*, none of which has seen a call."""
        numbered = tuple(NumberedFault(fault_id(number), fault) for number, fault in enumerate(faults, 1))
        return cls(config=config, clock=clock, faults=numbered, faults_added=len(numbered), mark=mark)

    def with_fault(self, fault: Fault) -> tuple[Self, NumberedFault]:
        """Return the state with *fault* behind the others, and that fault with its id."""
        number = self.faults_added + 1
        added = NumberedFault(fault_id(number), fault)
        return replace(self, faults=(*self.faults, added), faults_added=number), added

    def numbered_seed(self, number: int) -> str:
        """Return the seed of the ids that are taken with *number*."""
        return f"{self.id_seed} {self.mark} {number}"


def fault_id(number: int) -> str:
    """Return the id of the fault that was added as number *number*."""
    return f"fault-{number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bookkeeping(Record):
    """A record that mockaws keeps for itself. AWS has no such resource, and no snapshot contains it."""


class Bucket(NamedTuple):
    """The *tokens* that were left of a rate at epoch second *at*."""

    tokens: float
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultCount(Bookkeeping):
    """The number of *calls* that concerned a fault, and how many of them it *struck*. The id is the fault's.

    *buckets* has a bucket for each rate that the fault throttles, least recently used first.
    """

    account: str = ""
    region: str = ""
    calls: int = 0
    struck: int = 0
    buckets: Mapping[str, Bucket] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenAccessKeys(Bookkeeping):
    """Access key ids that another IAM was seen to have, oldest first. The id is the end that they share.

    A world remembers at least the last hundred, and about a hundred thousand of them in all.
    """

    account: str = ""
    region: str = ""
    ids: tuple[str, ...] = ()

    @classmethod
    def place_of(cls, access_key_id: str) -> tuple[str, str, str]:
        """Return account, Region and id of the record that may have an access key id."""
        return "", "", access_key_id[-_SHARD_LENGTH:]

    def with_one(self, access_key_id: str) -> Self:
        """Return the record with one more access key id, and without its oldest one if there are too many."""
        return replace(self, ids=(*self.ids, access_key_id)[-_MOST_ACCESS_KEYS:])


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldEntry(Bookkeeping):
    """A named world of a server, in the store of the server itself. The id is its name.

    *fixture* is the source of a world that was not made from the server's own fixture. The world is over after
    *idle_timeout* seconds of the machine's time without a use; the last use was at *used_at*.
    """

    account: str = ""
    region: str = ""
    fixture: str | None = None
    idle_timeout: float | None = None
    used_at: float = 0.0

    def is_over(self, now: float) -> bool:
        """Return True if the world was not used for longer than its idle timeout."""
        return self.idle_timeout is not None and now - self.used_at > self.idle_timeout
