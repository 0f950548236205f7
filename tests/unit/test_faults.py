"""The faults at work in a world: the calls that they strike, and what the caller sees of it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockaws import clock
from mockaws.fixtures.mistakes import FixtureError
from mockaws.gateway.http import DROPPED
from mockaws.model.errors import AWSError
from mockaws.records.state import FaultCount, WorldState
from mockaws.records.world import WorldConfig
from mockaws.services import cloudhsmv2, kms, sts
from mockaws.services.operation import Caller
from mockaws.store.base import Beginning
from mockaws.store.memory import MemoryStore
from mockaws.worlds.active_faults import MOST_BUCKETS, ActiveFaults, DroppedError
from mockaws.worlds.clock import WorldClock
from tests.samples import ACCOUNT, NOW, REGION, fault
from tests.unit.services.kms.calling import Kms
from tests.wire import RefusedError, ask, json_request

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockaws.gateway.journey import Gateway
    from mockaws.services.operation import Service
    from mockaws.store.base import Transaction
    from tests.kinds import MakeWorld

CALLER = Caller(ACCOUNT, ACCOUNT, REGION, "arn", "id")


def store_with(*given_: dict[str, Any], id_seed: str | None = None) -> MemoryStore:
    """Return the store of a world with these faults, whose clock stands still."""
    state = WorldState.beginning_with(WorldConfig(), [fault(**each) for each in given_], clock=clock.Setting(0.0, NOW))
    return MemoryStore(Beginning(state).with_id_seed(id_seed))


def faults(*given_: dict[str, Any], id_seed: str | None = None) -> ActiveFaults:
    """Return the faults of a world whose clock stands still."""
    return ActiveFaults(store_with(*given_, id_seed=id_seed))


def struck(
    some: ActiveFaults,
    operation: str = "Encrypt",
    caller: Caller = CALLER,
    service: Service = kms.service,
    **arguments: Any,
) -> str:
    """Return the code of the error that a call is refused with, an empty string if it goes on."""
    try:
        some.strike(service, operation, caller, arguments)
    except AWSError as error:
        return error.code
    return ""


BUSY = {"operation": "kms:*", "error": "KMSInternalException"}


@given(
    nth=st.none() | st.integers(1, 6),
    every=st.none() | st.integers(1, 6),
    times=st.none() | st.integers(1, 6),
    calls=st.integers(0, 30),
)
def test_counting(nth: int | None, every: int | None, times: int | None, calls: int) -> None:
    """The nth call, or each every-th, is struck, at most *times* times."""
    every = every if nth is None else None
    given_ = {name: value for name, value in (("nth", nth), ("every", every), ("times", times)) if value is not None}
    some = faults(BUSY | given_)
    found = [number for number in range(1, calls + 1) if struck(some)]
    due = [number for number in range(1, calls + 1) if (number == nth if nth else number % (every or 1) == 0)]
    assert found == due[:times]
    (active,) = some.active
    assert (active.calls, active.struck) == (calls, len(found))


def test_many_threads_count_as_one() -> None:
    """Each third of 3000 calls is struck, however many clients call at once."""
    some = faults(BUSY | {"every": 3, "times": 900})
    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(lambda _: struck(some), range(3000)))
    assert found.count("KMSInternalException") == 900
    assert (some.active[0].calls, some.active[0].struck) == (3000, 900)


def test_chance_is_repeated_in_a_world_with_a_seed() -> None:
    """The same seed throws the same dice, after a reset as well; another seed throws others, and none new ones."""
    chance = BUSY | {"probability": 0.5}
    store = store_with(chance, id_seed="a")
    one, same, other = ActiveFaults(store), faults(chance, id_seed="a"), faults(chance, id_seed="b")
    found = [struck(one) for _ in range(64)]
    assert found == [struck(same) for _ in range(64)]
    assert found != [struck(other) for _ in range(64)]
    store.begin(store.beginning)
    assert found == [struck(one) for _ in range(64)]
    assert 10 < found.count("") < 54
    unseeded = faults(chance), faults(chance)
    assert [struck(unseeded[0]) for _ in range(64)] != [struck(unseeded[1]) for _ in range(64)]


@pytest.mark.parametrize(("probability", "expected"), [(0, ""), (1, "KMSInternalException")])
def test_never_and_always(probability: float, expected: str) -> None:
    """A probability of 0 never strikes, and one of 1 always."""
    some = faults(BUSY | {"probability": probability})
    assert {struck(some) for _ in range(20)} == {expected}


@pytest.mark.parametrize(
    ("pattern", "operation", "service"),
    [
        ("kms:Encrypt", "Encrypt", kms.service),
        ("kms:Generate*", "GenerateDataKey", kms.service),
        ("*:Describe*", "DescribeClusters", cloudhsmv2.service),
        ("cloudhsm:*", "DescribeClusters", cloudhsmv2.service),
        ("*", "GetCallerIdentity", sts.service),
    ],
)
def test_patterns(pattern: str, operation: str, service: Service) -> None:
    """A fault concerns the operations that its pattern stands for, and no others."""
    some = faults({"operation": pattern, "error": "ThrottlingException"})
    assert struck(some, operation, service=service) == "ThrottlingException"
    assert bool(struck(some, "ListKeys")) == (pattern == "*")


def test_accounts_and_regions() -> None:
    """A fault can be for one account, or one Region."""
    for member, value in (("account", ACCOUNT), ("region", REGION)):
        some = faults(BUSY | {member: value})
        assert struck(some)
        assert not struck(some, caller=CALLER._replace(**{member: "elsewhere"}))


def test_the_first_that_refuses_ends_a_call() -> None:
    """Faults are tried in their order, and those behind the one that refuses do not count the call."""
    some = faults(BUSY | {"times": 1}, {"operation": "kms:*", "error": "DependencyTimeoutException"})
    assert [struck(some), struck(some)] == ["KMSInternalException", "DependencyTimeoutException"]
    assert [(each.calls, each.struck) for each in some.active] == [(2, 1), (1, 1)]


def test_a_late_answer_is_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """A latency waits and lets the call go on to the faults behind it; beside an error the error comes late."""
    waits: list[float] = []
    monkeypatch.setattr(clock, "wait", waits.append)
    some = faults({"latency": "PT1.5S"}, BUSY | {"latency": "PT2S", "nth": 2})
    assert [struck(some), struck(some)] == ["", "KMSInternalException"]
    assert waits == [1.5, 1.5, 2.0]


def test_a_fault_that_is_removed_during_a_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault that is removed while an earlier one lets the call wait does not strike it."""
    some = faults({"latency": "PT1S"}, BUSY)
    monkeypatch.setattr(clock, "wait", lambda _: some.clear())
    assert not struck(some)


def test_a_rate_of_ones_own() -> None:
    """A rate holds in each account and Region by itself, in seconds of the world's clock."""
    store = store_with({"operation": "cloudhsmv2:*", "throttle": 2})
    standing, some = WorldClock(store), ActiveFaults(store)

    def ask_often(count: int, caller: Caller = CALLER) -> int:
        return sum(not struck(some, "DescribeClusters", caller, cloudhsmv2.service) for _ in range(count))

    assert ask_often(5) == 2
    assert ask_often(5, CALLER._replace(region="eu-west-1")) == 2
    standing.advance(0.5)
    assert ask_often(5) == 1
    standing.advance(3600)
    assert ask_often(5) == 2
    standing.advance(-3600)
    assert ask_often(5) == 0


def test_less_than_one_a_second() -> None:
    """A quota of 0.1 is a request in ten seconds."""
    store = store_with({"operation": "kms:*", "throttle": 0.1})
    standing, some = WorldClock(store), ActiveFaults(store)
    found = []
    for _ in range(21):
        found.append(struck(some))
        standing.advance(1.0)
    assert [second for second, code in enumerate(found) if not code] == [0, 10, 20]


def test_the_rates_that_aws_documents() -> None:
    """Five CreateKey a second, ListKeys beside them, and operations without a documented rate at any rate."""
    some = faults({"operation": "*", "throttle": "documented"})
    assert [struck(some, "CreateKey") for _ in range(7)] == [""] * 5 + ["ThrottlingException"] * 2
    assert not struck(some, "ListKeys")
    assert {struck(some, "DescribeClusters", service=cloudhsmv2.service) for _ in range(100)} == {""}
    assert {struck(some, "Encapsulate") for _ in range(100)} == {""}


def test_replicas_use_up_create_key_of_their_region() -> None:
    """ReplicateKey counts as two CreateKey requests in the other Region."""
    some = faults({"operation": "kms:*", "throttle": "documented"})
    assert [struck(some, "ReplicateKey", replica_region="eu-west-1") for _ in range(3)] == [
        "",
        "",
        "ThrottlingException",
    ]
    there = CALLER._replace(region="eu-west-1")
    assert [struck(some, "CreateKey", there) for _ in range(2)] == ["", "ThrottlingException"]
    assert not struck(some, "CreateKey")


def test_a_key_by_any_name() -> None:
    """A fault for a key strikes calls that name it by id, ARN or alias, and those with a ciphertext of it."""
    here = Kms()
    key = here("CreateKey")["KeyMetadata"]
    other = here.create_key()
    here("CreateAlias", AliasName="alias/payments", TargetKeyId=key["KeyId"])
    sealed = here("Encrypt", KeyId=key["KeyId"], Plaintext=b"x")["CiphertextBlob"]
    alias_arn = key["Arn"].partition("key/")[0] + "alias/payments"
    names = (key["KeyId"], key["KeyId"].upper(), key["Arn"], "alias/payments", alias_arn)
    for struck_key in (key["KeyId"], key["Arn"], "alias/payments", alias_arn):
        here.world.faults.clear()
        here.world.faults.add(fault(key=struck_key, error="ThrottlingException"))
        for name in names:
            assert here.refusal("Encrypt", KeyId=name, Plaintext=b"x").code == "ThrottlingException"
        assert here.refusal("Decrypt", CiphertextBlob=sealed).code == "ThrottlingException"
        assert here.refusal("ReEncrypt", CiphertextBlob=sealed, DestinationKeyId=other).code == "ThrottlingException"
        here("Encrypt", KeyId=other, Plaintext=b"x")
        here("ListKeys")
    here.world.faults.clear()
    here("UpdateAlias", AliasName="alias/payments", TargetKeyId=other)
    here.world.faults.add(fault(key="alias/payments", error="ThrottlingException"))
    here("Encrypt", KeyId=key["KeyId"], Plaintext=b"x")
    assert here.refusal("Encrypt", KeyId=other, Plaintext=b"x").code == "ThrottlingException"


@pytest.mark.parametrize(
    "operation", [*kms.service.operations, *cloudhsmv2.service.operations, *sts.service.operations]
)
def test_throttled_in_the_services_own_words(operation: str) -> None:
    """Each service has a sentence for calls that come too fast, with HTTP 400."""
    service = next(each for each in (kms.service, cloudhsmv2.service, sts.service) if operation in each.operations)
    some = faults({"operation": f"{service.model.name}:{operation}", "error": "ThrottlingException"})
    with pytest.raises(AWSError) as refused:
        some.strike(service, operation, CALLER, {})
    assert refused.value.status == 400
    assert refused.value.message in {
        "Rate exceeded",
        "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls.",
    }


@pytest.mark.parametrize(
    "service", [kms.service, cloudhsmv2.service, sts.service], ids=lambda service: service.model.name
)
def test_each_modelled_error(service: Service) -> None:
    """Every error of a service's model can be seen, with the model's HTTP status and a whole sentence of AWS's."""
    operation = next(iter(service.operations))
    for shape in service.model.errors.values():
        some = faults({"operation": f"{service.model.name}:*", "error": shape.name})
        with pytest.raises(AWSError) as refused:
            some.strike(service, operation, CALLER, {})
        assert (refused.value.code, refused.value.status) == (shape.code, shape.status)
        assert "{" not in refused.value.message
        assert "<" not in refused.value.message


@pytest.mark.parametrize(
    ("status", "code"),
    [(500, "InternalFailure"), (502, "BadGateway"), (503, "ServiceUnavailable"), (599, "InternalFailure")],
)
def test_a_server_out_of_order(gateway: Gateway, world: MakeWorld, status: int, code: str) -> None:
    """A 5xx is an error in the caller's protocol; 500 and 503 are common errors of all services."""
    here = world()
    here.faults.add(fault(status=status))
    for service, operation in (("kms", "ListKeys"), ("sts", "GetCallerIdentity")):
        with pytest.raises(RefusedError) as refused:
            ask(gateway, here, service, operation)
        assert (refused.value.status, refused.value.code) == (status, code)


def test_a_lost_connection(gateway: Gateway, world: MakeWorld) -> None:
    """The journal has a call whose connection ends without an answer."""
    here = world()
    here.faults.add(fault(operation="kms:ListKeys", drop=True))
    answer = gateway.answer(here, json_request("kms", "ListKeys", b"{}"))
    assert (answer.status, answer.body, answer.operation) == (DROPPED, b"", "kms:ListKeys")
    (entry,) = here.journal.entries()
    assert (entry.name, entry.error and entry.error[0]) == ("ListKeys", "ConnectionDropped")
    with pytest.raises(DroppedError):
        here.faults.strike(kms.service, "ListKeys", CALLER, {})


def test_faults_strike_valid_calls_of_known_callers_and_nothing_happens(gateway: Gateway, world: MakeWorld) -> None:
    """A call that AWS refuses is not counted, and a call that a fault strikes changes nothing."""
    here = world()
    added = here.faults.add(fault(operation="kms:*", error="KMSInternalException", times=1))
    with pytest.raises(RefusedError, match=r"^ValidationException"):
        ask(gateway, here, "kms", "DescribeKey")
    with pytest.raises(RefusedError, match=r"^MissingAuthenticationTokenException"):
        ask(gateway, here, "kms", "CreateKey", authorization="")
    assert added.calls == 0
    with pytest.raises(RefusedError, match=r"^KMSInternalException"):
        ask(gateway, here, "kms", "CreateKey")
    assert ask(gateway, here, "kms", "ListKeys")["Keys"] == []


def test_own_words(gateway: Gateway, world: MakeWorld) -> None:
    """A message is sent as it was given, whatever signs are in it."""
    here = world()
    here.faults.add(fault(operation="kms:*", error="AccessDeniedException", message="{no} <way> %s"))
    with pytest.raises(RefusedError, match=r"^AccessDeniedException: \{no\} <way> %s$"):
        ask(gateway, here, "kms", "ListKeys")


def test_removing() -> None:
    """A fault is removed by its id, which is never given out twice before a reset."""
    store = store_with(BUSY)
    some = ActiveFaults(store)
    assert some.add(fault(drop=True)).id == "fault-2"
    assert some.remove("fault-2")
    assert not some.remove("fault-2")
    assert some.add(fault(drop=True)).id == "fault-3"
    assert some.clear() == 2
    assert (some.active, struck(some)) == ((), "")
    store.begin(store.beginning)
    assert [each.id for each in some.active] == ["fault-1"]


def test_the_counts_of_a_removed_fault() -> None:
    """A program that has removed a fault can still ask what it did; a thousand faults later that is forgotten."""
    store = store_with()
    some = ActiveFaults(store)
    added = some.add(fault(**BUSY))
    assert struck(some)
    some.clear()
    assert (added.calls, added.struck) == (1, 1)
    for _ in range(1000):
        some.remove(some.add(fault(**BUSY)).id)
    assert added.calls == 0
    assert store.records() == []


def test_a_reset_forgets_counts() -> None:
    """Faults have seen no calls after a reset."""
    store = store_with(BUSY | {"nth": 1})
    some = ActiveFaults(store)
    assert [struck(some), struck(some)] == ["KMSInternalException", ""]
    store.begin(store.beginning)
    assert [each.calls for each in some.active] == [0]
    assert [struck(some), struck(some)] == ["KMSInternalException", ""]


def test_a_call_that_is_counted_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """A call that meets a conflict while it is counted is counted once."""
    store = store_with(BUSY | {"every": 2})
    some = ActiveFaults(store)
    run, runs = store.run, []

    def overtaken(work: Callable[[Transaction], Any]) -> Any:
        def twice(tx: Transaction) -> Any:
            result = work(tx)
            runs.append(result)
            if len(runs) == 1:
                run(lambda other: other.note(FaultCount(id="fault-1")))
            return result

        return run(twice)

    with monkeypatch.context() as patched:
        patched.setattr(store, "run", overtaken)
        assert not struck(some)
    assert runs == [False, False]
    assert [(each.calls, each.struck) for each in some.active] == [(1, 0)]
    assert struck(some)


def test_mistakes_in_python() -> None:
    """An invalid fault is refused before it is added, with all mistakes in it."""
    with pytest.raises(FixtureError) as refused:
        fault(operation="kms:Encrpyt", nth=0, drop=True)
    assert [str(mistake).partition(":")[2].split(":")[0] for mistake in refused.value.mistakes] == [
        " nth",
        " operation",
    ]


def test_buckets_are_bounded() -> None:
    """Callers choose accounts and Regions; quotas are counted for the last 10,000 of them, exactly."""
    store = store_with({"operation": "kms:*", "throttle": 1.0})
    some = ActiveFaults(store)
    for number in range(10_500):
        some.strike(kms.service, "ListKeys", CALLER._replace(account=f"{number:012d}"), {})
    count = store.run(lambda tx: tx.get(FaultCount, "", "", "fault-1"))
    assert count is not None
    assert len(count.buckets) == MOST_BUCKETS == 10_000
    with pytest.raises(AWSError):
        some.strike(kms.service, "ListKeys", CALLER._replace(account=f"{10_499:012d}"), {})
    some.strike(kms.service, "ListKeys", CALLER._replace(account=f"{0:012d}"), {})
