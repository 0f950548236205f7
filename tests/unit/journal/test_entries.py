"""The journal of a world: which calls it keeps, and who hears of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockaws.journal.entries import CAPACITY, Entry, Journal
from mockaws.records.world import Terms
from mockaws.world import World
from tests.samples import ACCOUNT, REGION
from tests.wire import ask

if TYPE_CHECKING:
    from mockaws.gateway.journey import Gateway
    from tests.unit.journal.calling import Calls


def test_the_last_calls_are_kept() -> None:
    """The oldest call goes when another one comes and the journal is full."""
    journal = Journal()
    for number in range(CAPACITY + 5):
        journal.keep(Entry(str(number), "", ""), 0.0)
    kept = list(journal.entries())
    assert (len(kept), kept[0].request_id, kept[-1].request_id) == (CAPACITY, "5", str(CAPACITY + 4))


def test_a_reset_empties_it(calls: Calls) -> None:
    """A world that is as it began has seen no calls."""
    calls("kms", "ListKeys")
    calls.world.reset()
    assert list(calls.world.journal.entries()) == []


def test_worlds_have_journals_of_their_own(calls: Calls, gateway: Gateway) -> None:
    """What is called in one world is not in the journal of another."""
    other = World(Terms(account=ACCOUNT, region=REGION))
    ask(gateway, other, "kms", "ListKeys")
    assert (len(list(calls.world.journal.entries())), len(list(other.journal.entries()))) == (0, 1)


def test_who_hears_of_calls(gateway: Gateway) -> None:
    """Listeners hear of each call when it has ended, after a reset, too."""
    heard: list[str] = []
    world = World(Terms(account=ACCOUNT, region=REGION), listeners=[lambda entry: heard.append(entry.name)])
    ask(gateway, world, "kms", "ListKeys")
    world.reset()
    ask(gateway, world, "sts", "GetCallerIdentity")
    assert heard == ["ListKeys", "GetCallerIdentity"]
