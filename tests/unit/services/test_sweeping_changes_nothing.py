"""Sweeping changes no answer: two worlds live the same life, and what is over is removed from one of them only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis.strategies import integers, lists, sampled_from, tuples

from mockaws.records.backups import Backup
from mockaws.records.cloudhsm import Cluster
from mockaws.records.kms import Alias, CustomKeyStore, Grant, Key
from mockaws.records.sts import Session
from mockaws.records.world import INSTANT, REALISTIC, Timing
from mockaws.services.hsm import clusters, kms_keys, lookup
from mockaws.services.hsm import sweeping as hsm_sweeping
from mockaws.services.hsm.errors import HsmError
from mockaws.services.kms import sweeping as kms_sweeping
from tests.inside import inside
from tests.unit.snapshots.living import GATEWAY, PLACES, STEPS, Life
from tests.unit.snapshots.test_round_trip import OF_A_KEY, STEP, in_order, restored
from tests.wire import RefusedError, ask, signature

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockaws.records.base import Record
    from mockaws.worlds.world import World
    from tests.unit.snapshots.living import Step

pytestmark = pytest.mark.slow

SMALL = integers(0, 7)
TIMINGS = sampled_from((INSTANT, REALISTIC))
FIXTURES = sampled_from(("ready-cluster", "strict-cluster", "empty", "developer-guide"))
# Time goes by more often than anything else happens, and things go more often.
MORE = [STEP[name] for name in ("time", "a_deletion", "connecting", "a_failure", "an_hsm", "a_zone")]
# A clock that is set back by more than a day does not bring back what was removed.
FORWARD = [step for step in STEPS if step is not STEP["the_end_of_time"]]
LIVES = lists(tuples(sampled_from([*FORWARD, *MORE * 2]), SMALL, SMALL), min_size=5, max_size=60)
# Values that are random in each world.
RANDOM = ("Material", "Blob", "Plaintext", "Csr", "Certificate", "Token", "Signature", "Mac", "PublicKey", "Secret")


class Swept(Life):
    """A world that is swept from end to end after each step; what its steps choose is noted."""

    def __init__(self, fixture: str, timing: Timing) -> None:
        super().__init__(fixture, timing)
        self.chosen: list[Record | None] = []
        self.outcomes: list[Any] = []

    def of(self, kind: type[Record], number: int) -> Any:
        """Return one of the records of a kind, and note it."""
        self.chosen.append(super().of(kind, number))
        return self.chosen[-1]

    def ask(self, service: str, operation: str, place: tuple[str, str], **members: Any) -> dict[str, Any] | None:
        """Return what AWS answers, and note how that ended."""
        outcome = outcome_of(self.world, service, operation, place, **members)
        self.outcomes.append((operation, outcome))
        return outcome if isinstance(outcome, dict) else None

    def after_step(self) -> None:
        """Sweep the whole world, twice, as what belongs to something goes before it."""
        for _ in range(2):
            sweep(self.world)


class Kept(Swept):
    """A world from which nothing is removed, whose steps choose what those of the other have chosen."""

    def __init__(self, fixture: str, timing: Timing) -> None:
        super().__init__(fixture, timing)
        self.world._sweeper.is_due = lambda: False  # type: ignore[method-assign] # noqa: SLF001

    def of(self, kind: type[Record], number: int) -> Any:
        """Return what the other world's step has chosen."""
        return self.chosen.pop(0)

    def after_step(self) -> None:
        """Do nothing."""


def outcome_of(world: World, service: str, operation: str, place: tuple[str, str], **members: Any) -> Any:
    """Return what AWS answers: the answer, or the code and the sentence of an error."""
    account, region = place
    signed = signature(service if service != "cloudhsmv2" else "cloudhsm", access_key_id=account, region=region)
    try:
        return ask(GATEWAY, world, service, operation, members, authorization=signed)
    except RefusedError as refused:
        if refused.code == "InternalFailure":
            raise
        return refused.code, refused.message


def sweep(world: World) -> None:
    """Sweep all records once."""
    sweeper = world._sweeper  # noqa: SLF001 - calls do it little by little
    sweeper._after = None  # noqa: SLF001
    for _ in range(len(world.store.records()) // 32 + 2):
        sweeper.step(world.clock.now(), world.ids, world.config)
        if sweeper._after is None:  # noqa: SLF001
            break


def comparable(value: Any) -> Any:
    """Return an answer without what is random."""
    if isinstance(value, dict):
        return {name: comparable(item) for name, item in value.items() if not any(each in name for each in RANDOM)}
    return [comparable(item) for item in value] if isinstance(value, (list, tuple)) else value


def everything(world: World, known: list[Record]) -> Iterator[tuple[str, Any]]:
    """Yield the answers of AWS and the HSMs about all present and former resources."""
    for place in PLACES:
        for operation in ("ListKeys", "ListAliases", "DescribeCustomKeyStores"):
            yield operation, outcome_of(world, "kms", operation, place)
        for operation in ("DescribeClusters", "DescribeBackups"):
            yield operation, outcome_of(world, "cloudhsmv2", operation, place)
        principal = f"arn:aws:iam::{place[0]}:role/Application"
        yield "retirable", outcome_of(world, "kms", "ListRetirableGrants", place, RetiringPrincipal=principal)
    for record in known:
        yield f"{type(record).__name__} {record.id}", said_of(world, record, (record.account, record.region))


def said_of(world: World, record: Record, place: tuple[str, str]) -> Any:
    """Return the answers of AWS and the HSMs about one resource, which may be gone."""
    match record:
        case Key():
            return [outcome_of(world, "kms", operation, place, KeyId=record.id) for operation in OF_A_KEY]
        case Alias():
            return outcome_of(world, "kms", "DescribeKey", place, KeyId=record.id)
        case Grant():
            named = {"KeyId": record.key_id, "GrantId": record.id}
            return outcome_of(world, "kms", "RetireGrant", place, DryRun=True, **named)
        case CustomKeyStore():
            return outcome_of(world, "kms", "DescribeCustomKeyStores", place, CustomKeyStoreId=record.id)
        case Session():
            return outcome_of(world, "sts", "GetCallerIdentity", (record.id, "us-west-2"))
        case Cluster():
            tags = outcome_of(world, "cloudhsmv2", "ListTags", place, ResourceId=record.id)
            return tags, looked_into(world, record)
        case Backup():
            return outcome_of(world, "cloudhsmv2", "ListTags", place, ResourceId=record.id)
    return None


def looked_into(world: World, cluster: Cluster) -> Any:
    """Return the contents of a cluster's HSMs and of its backups."""

    def look(call: Any) -> Any:
        found = lookup.cluster(call, cluster.id)
        labels = sorted((key.id, key.label) for key in kms_keys.present_keys(call, found))
        return labels, clusters.info(call, found)

    try:
        return inside(world, look, account=cluster.account, region=cluster.region)
    except HsmError as error:
        # The sentence lists the existing clusters.
        return str(error)


def contents(world: World) -> dict[str, Any]:
    """Return the contents of all backups, which a restored cluster gets."""
    backups = [record for record in in_order(world) if isinstance(record, Backup)]
    return {
        backup.id: (sorted(key.label for key in backup.contents.keys), [user.name for user in backup.contents.users])
        for backup in backups
    }


@pytest.fixture(autouse=True, scope="module")
def _eager() -> Iterator[None]:
    """Cut histories as soon as one step is obsolete."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kms_sweeping, "LONG", 1)
        patch.setattr(hsm_sweeping, "LONG", 1)
        yield


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(fixture=FIXTURES, timing=TIMINGS, steps=LIVES)
@example(  # a key that went from the HSMs with its KMS key, and one that stayed as an orphan
    fixture="ready-cluster",
    timing=INSTANT,
    steps=[
        (STEP["a_store"], 0, 1),
        (STEP["a_key_in_a_store"], 0, 0),
        (STEP["a_deletion"], 0, 1),
        (STEP["time"], 4, 0),
        (STEP["a_deletion"], 0, 1),
        (STEP["connecting"], 0, 2),
        (STEP["time"], 5, 0),
        (STEP["connecting"], 0, 1),
        (STEP["time"], 5, 0),
    ],
)
def test_no_answer_changes(fixture: str, timing: Timing, steps: list[tuple[Step, int, int]]) -> None:
    """After any life, AWS and the HSMs answer as if no record had been removed, also in worlds from snapshots."""
    swept, kept = Swept(fixture, timing), Kept(fixture, timing)
    for step, one, two in steps:
        step(swept, one, two)
        swept.after_step()
        kept.chosen = swept.chosen.copy()
        swept.chosen.clear()
        step(kept, one, two)
        assert comparable(swept.outcomes) == comparable(kept.outcomes)
        swept.outcomes.clear()
        kept.outcomes.clear()
    known = in_order(kept.world)
    expected = [(what, comparable(said)) for what, said in everything(kept.world, known)]
    assert [(what, comparable(said)) for what, said in everything(swept.world, known)] == expected
    assert contents(swept.world) == contents(kept.world)
    assert in_order(restored(swept.world.snapshot())) == in_order(swept.world)
    swept.world.reset()
    kept.world.reset()
    assert [type(each) for each in in_order(swept.world)] == [type(each) for each in in_order(kept.world)]
