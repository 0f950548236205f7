"""The journal of a world: the calls that it keeps, and its listeners."""

from __future__ import annotations

import itertools
import json
import tracemalloc
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from mockaws.journal.entries import Entry, Journal
from mockaws.journal.events import event
from mockaws.records.world import WorldConfig
from mockaws.store.call_log import CAPACITY, MemoryCallLog
from mockaws.worlds.world import World
from tests.samples import ACCOUNT, REGION
from tests.unit.journal.calling import Calls
from tests.wire import RefusedError, ask, json_request

if TYPE_CHECKING:
    from mockaws.gateway.journey import Gateway


def test_the_last_calls_are_kept() -> None:
    """The oldest call goes when another one comes and the journal is full."""
    journal = Journal(MemoryCallLog())
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
    """A call in one world is not in the journal of another."""
    other = World.holding(WorldConfig(account=ACCOUNT, region=REGION))
    ask(gateway, other, "kms", "ListKeys")
    assert (len(list(calls.world.journal.entries())), len(list(other.journal.entries()))) == (0, 1)


def test_who_hears_of_calls(gateway: Gateway) -> None:
    """Listeners are called with each call that has ended, also after a reset."""
    heard: list[str] = []
    world = World.holding(
        WorldConfig(account=ACCOUNT, region=REGION), listeners=[lambda entry: heard.append(entry.name)]
    )
    ask(gateway, world, "kms", "ListKeys")
    world.reset()
    ask(gateway, world, "sts", "GetCallerIdentity")
    assert heard == ["ListKeys", "GetCallerIdentity"]


def megabyte(service: str = "kms", operation: str = "CreateKey", **changes: Any) -> Any:
    """Return a request with a megabyte of text that breaks a constraint."""
    return json_request(service, operation, json.dumps({"Description": "d" * 1_000_000}).encode(), **changes)


def test_large_calls_take_little(gateway: Gateway) -> None:
    """A refused call of a megabyte leaves a few kilobytes behind, whichever part of it was that long."""
    world = World.holding(WorldConfig(account=ACCOUNT, region=REGION))
    long = "x" * 1_000_000
    requests = [
        megabyte(),
        megabyte(user_agent=long),
        megabyte(target=long),
        megabyte(target=f"TrentService.{long}"),
        megabyte(
            authorization=f"AWS4-HMAC-SHA256 Credential={long}/1/us-west-2/kms/aws4_request,Signature=,SignedHeaders="
        ),
        megabyte(
            authorization=f"AWS4-HMAC-SHA256 Credential=a/1/us-west-2/{long}/aws4_request,Signature=,SignedHeaders="
        ),
        megabyte(
            authorization=f"AWS4-HMAC-SHA256 Credential=a/1/us-{long}-2/kms/aws4_request,Signature=,SignedHeaders="
        ),
        megabyte(authorization=f"Bearer {long}"),
        megabyte(target="", content_type="application/x-www-form-urlencoded", authorization="", query=f"Action={long}"),
        megabyte(target="", content_type="", method="GET", path=f"/{long}", authorization=""),
    ]
    for request in requests:
        gateway.answer(world, request)
    tracemalloc.start()
    try:
        for number in range(20):
            for request in requests:
                gateway.answer(world, request._replace(user_agent=f"{number}{request.user_agent}"))
        grown = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert len(list(world.journal.entries())) == 21 * len(requests)
    assert grown < 10_000 * 20 * len(requests)


def test_the_bounds_of_texts(calls: Calls, gateway: Gateway) -> None:
    """As in CloudTrail, error messages and user agents are cut at 1024 characters; names are at 128."""
    gateway.answer(calls.world, megabyte(user_agent="agent " * 1000))
    shown = calls.last()
    assert (len(shown["errorMessage"]), shown["userAgent"]) == (1024, ("agent " * 1000)[:1024])
    gateway.answer(calls.world, megabyte(target=f"TrentService.{'Name' * 1000}"))
    assert calls.last()["eventName"] == ("Name" * 1000)[:128]


def test_the_bound_of_parameters(calls: Calls) -> None:
    """As in CloudTrail, more than 100 KB of parameters are left out; the event still names the key."""
    key_id, arn = calls.key()
    with pytest.raises(RefusedError, match="at most 32768 bytes"):
        calls("kms", "PutKeyPolicy", KeyId=key_id, Policy="x" * 110_000)
    shown = calls.last()
    assert (shown["requestParameters"], shown["resources"][0]["ARN"]) == (None, arn)
    with pytest.raises(RefusedError, match="at most 32768 bytes"):
        calls("kms", "PutKeyPolicy", KeyId=key_id, Policy="x" * 90_000)
    assert len(calls.last()["requestParameters"]["policy"]) == 90_000


def test_the_oldest_large_calls_go_first(calls: Calls) -> None:
    """Calls that are large in all are fewer than 10,000; the last ones stay."""
    key_id, _ = calls.key()
    for number in range(900):
        with pytest.raises(RefusedError):
            calls("kms", "PutKeyPolicy", KeyId=key_id, PolicyName=f"p{number}", Policy="x" * 90_000)
    kept = list(calls.world.journal.entries())
    assert sum(len(entry.arguments["policy"]) for entry in kept if entry.arguments) < 64 * 1024 * 1024
    assert len(kept) > 200
    assert [entry.arguments["policy_name"] for entry in kept[-3:] if entry.arguments] == ["p897", "p898", "p899"]


def test_ordinary_calls_are_all_kept(calls: Calls) -> None:
    """A journal of CreateKey alone, with larger events than most, has its 10,000 calls."""
    tags = [{"TagKey": f"Tag{number}", "TagValue": "value"} for number in range(5)]
    calls("kms", "CreateKey", Description="A key for a test", Tags=tags)
    (entry,) = calls.world.journal.entries()
    journal = Journal(MemoryCallLog())
    for number in range(CAPACITY):
        journal.keep(replace(entry, request_id=str(number)), 0.0)
    assert len(journal.entries()) == CAPACITY


def test_records_are_not_kept(calls: Calls) -> None:
    """The journal knows the key of a call, and does not hold on to its record, with its material and its policy."""
    key_id, arn = calls.key()
    calls("kms", "Encrypt", KeyId=key_id, Plaintext="c2VjcmV0")
    *_, entry = calls.world.journal.entries()
    assert event(entry)["resources"][0]["ARN"] == arn
    assert [type(seen).__name__ for seen in entry.seen] == ["SeenKey"]


def test_user_agents_are_shared(gateway: Gateway) -> None:
    """Calls of the same client have the same text for it, also after many others."""
    world = World.holding(WorldConfig(account=ACCOUNT, region=REGION))
    for number in range(500):
        ask(gateway, world, "kms", "ListKeys", user_agent=f"agent {number}")
    for parts in (["my", "agent"], ["my", "agent"]):
        ask(gateway, world, "kms", "ListKeys", user_agent=" ".join(parts))
    *_, one, other = world.journal.entries()
    assert one.agent is other.agent


def test_worlds_share_the_room_for_large_calls(gateway: Gateway) -> None:
    """However many worlds a server has, their journals are bounded together, and each keeps its last calls."""
    journals = []
    for _ in range(4):
        calls = Calls(gateway)
        key_id, _ = calls.key()
        for number in range(300):
            with pytest.raises(RefusedError):
                calls("kms", "PutKeyPolicy", KeyId=key_id, PolicyName=f"p{number}", Policy="x" * 90_000)
        journals.append(calls.world.journal)
    kept = [[entry.arguments for entry in journal.entries() if entry.arguments] for journal in journals]
    assert sum(len(each["policy"]) for each in itertools.chain(*kept) if "policy" in each) < 64 * 1024 * 1024
    assert [each[-1]["policy_name"] for each in kept] == ["p299"] * 4
