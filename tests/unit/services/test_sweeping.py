"""Records are removed while calls go on, a day after they were over, and no others."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from mockaws.clock import DAY, HOUR
from mockaws.records.backups import Backup
from mockaws.records.base import Record, evolve
from mockaws.records.cloudhsm import Cluster, ClusterChange, ClusterState, HsmKey, Migration, Zone, hsm_key_id
from mockaws.records.kms import (
    Alias,
    ConnectionChange,
    ConnectionState,
    CustomKeyStore,
    Grant,
    Key,
    KeyLastUsage,
    RetirableGrant,
)
from mockaws.records.outages import Outage
from mockaws.records.sts import GLOBAL, ExpiredSessions, Session
from mockaws.records.world import DeleteRelaxation, Relaxations
from mockaws.services import sweeping
from mockaws.services.hsm import kms_keys
from mockaws.services.sweeping import Rule
from tests.inside import inside
from tests.samples import ACCOUNT, CLUSTER, NOW, REGION, SUBNET_B, backup, cluster, hsm, subnet
from tests.unit.services.kms.calling import Kms, two_hsms
from tests.unit.services.test_sweeping_changes_nothing import outcome_of, sweep

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockaws.worlds.world import World
    from tests.kinds import MakeWorld

PLACE = (ACCOUNT, REGION)
OTHER_ACCOUNT = "444455556666"
WINDOW = 7
KEY = "1234abcd-12ab-34cd-56ef-1234567890ab"
STORE = "cks-1234567890abcdef0"


@pytest.fixture
def kms() -> Kms:
    """Return KMS in a world whose clock stands still."""
    return Kms()


def kinds(world: World, *wanted: type[Record]) -> list[str]:
    """Return the kinds of the records that there are, of the *wanted* ones."""
    return sorted(type(record).__name__ for record in world.store.records() if isinstance(record, wanted))


def key_in_store(**changes: Any) -> Key:
    """Return a key in a key store."""
    fields: dict[str, Any] = {"account": ACCOUNT, "region": REGION, "id": KEY, "created_at": NOW}
    return Key(**fields | {"origin": "AWS_CLOUDHSM", "custom_key_store_id": STORE} | changes)


def hsm_key(cluster_id: str = CLUSTER) -> HsmKey:
    """Return the material of that key."""
    return HsmKey(
        account=ACCOUNT,
        region=REGION,
        id=hsm_key_id(cluster_id, "0123456789abcdef"),
        cluster_id=cluster_id,
        label=key_in_store().arn,
        owner="kmsuser",
        material=bytes(32),
        created_at=NOW,
    )


def connected(*changes: ConnectionChange, **fields: Any) -> CustomKeyStore:
    """Return a key store that has been connected since long ago, where no other *changes* are given."""
    connection, disconnected = ConnectionState.CONNECTED, ConnectionState.CONNECTING
    began = ConnectionChange(at=0.0, until=0.0, while_state=disconnected, then=connection)
    given: dict[str, Any] = {"account": ACCOUNT, "region": REGION, "id": STORE, "name": "store", "cluster_id": CLUSTER}
    given |= {"password": "kmsPswd123", "trust_anchor": "anchor", "created_at": NOW, "changes": changes or (began,)}
    return CustomKeyStore(**given | fields)


def deleted_cluster(at: float, **fields: Any) -> Cluster:
    """Return a cluster that was deleted at a moment."""
    active = ClusterChange(at=0.0, state=ClusterState.ACTIVE)
    return cluster(**{"changes": (active, ClusterChange(at=at, state=ClusterState.DELETED))} | fields)


# --- sessions ------------------------------------------------------------------------------------------------------
def test_credentials_stay_expired(world: MakeWorld) -> None:
    """Credentials that expired long ago are expired, although their session is gone; others are not."""
    here = world()
    assumed = {"RoleArn": f"arn:aws:iam::{ACCOUNT}:role/a", "RoleSessionName": "session"}
    given = [outcome_of(here, "sts", "AssumeRole", PLACE, **assumed) for _ in range(3)]
    ids = [answer["Credentials"]["AccessKeyId"] for answer in given]
    here.clock.advance(HOUR + DAY - 1)
    sweep(here)
    assert kinds(here, Session) == ["Session"] * 3
    here.clock.advance(2)
    sweep(here)
    assert kinds(here, Session) == []
    for access_key_id in ids:
        code, _ = outcome_of(here, "sts", "GetCallerIdentity", (access_key_id, REGION))
        assert code == "ExpiredToken"
        made_up = f"ASIA{'Q' * 14}{access_key_id[-2:]}"
        assert outcome_of(here, "sts", "GetCallerIdentity", (made_up, REGION))["Account"] == ACCOUNT
    here.reset()
    assert outcome_of(here, "sts", "GetCallerIdentity", (ids[0], REGION))["Account"] == ACCOUNT


def test_how_many_credentials_are_remembered() -> None:
    """Each of 1024 records remembers the last thousand; one that begins in the middle of two others is not one."""
    ids = [f"ASIA{number:014d}AB" for number in range(1001)]
    expired = ExpiredSessions(account="0" * 12, region=GLOBAL, id="AB")
    for access_key_id in ids:
        expired = expired.with_one(access_key_id)
    assert len(expired.remainders) == 14_000
    assert [expired.has(each) for each in (ids[0], ids[1], ids[500], ids[1000])] == [False, True, True, True]
    shifted = expired.remainders[7:21]
    assert not expired.has(f"ASIA{shifted}AB")
    assert not expired.has("AB")
    assert not expired.has("")


# --- keys ----------------------------------------------------------------------------------------------------------
def used_key(kms: Kms) -> str:
    """Return the id of a key with everything that can belong to one."""
    key_id: str = kms("CreateKey")["KeyMetadata"]["KeyId"]
    kms("CreateAlias", AliasName="alias/name", TargetKeyId=key_id)
    principal = f"arn:aws:iam::{OTHER_ACCOUNT}:root"
    for number in range(2):
        kms(
            "CreateGrant",
            KeyId=key_id,
            GranteePrincipal=principal,
            RetiringPrincipal=principal,
            Operations=["Encrypt"],
            Name=f"grant-{number}",
        )
    kms("Encrypt", KeyId=key_id, Plaintext=b"hello")
    return key_id


def test_a_key_goes_with_what_belongs_to_it(kms: Kms) -> None:
    """A day after a key was deleted it is gone, with its aliases, its grants in all accounts, and its last usage."""
    key_id = used_key(kms)
    of_a_key = (Alias, Grant, Key, KeyLastUsage, RetirableGrant)
    everything = ["Alias", "Grant", "Grant", "Key", "KeyLastUsage", "RetirableGrant", "RetirableGrant"]
    kms("ScheduleKeyDeletion", KeyId=key_id, PendingWindowInDays=WINDOW)
    kms.clock.advance((WINDOW + 1) * DAY - 1)
    sweep(kms.world)
    assert kinds(kms.world, *of_a_key) == everything
    kms.clock.advance(1)
    sweep(kms.world)
    assert kinds(kms.world, *of_a_key) == []


def test_a_key_that_is_kept(kms: Kms) -> None:
    """A key whose deletion was cancelled stays as it is."""
    key_id = used_key(kms)
    kms("ScheduleKeyDeletion", KeyId=key_id, PendingWindowInDays=WINDOW)
    kms("CancelKeyDeletion", KeyId=key_id)
    before = kms.world.store.records()
    kms.clock.advance(1000 * DAY)
    sweep(kms.world)
    assert kms.world.store.records() == before


def test_many_grants_go_little_by_little(kms: Kms) -> None:
    """However many grants a key has, a sweep removes some of them at a time, and the key with the last ones."""
    key_id = kms("CreateKey")["KeyMetadata"]["KeyId"]
    for number in range(300):
        kms(
            "CreateGrant",
            KeyId=key_id,
            GranteePrincipal=f"arn:aws:iam::{ACCOUNT}:root",
            Operations=["Encrypt"],
            Name=str(number),
        )
    kms("ScheduleKeyDeletion", KeyId=key_id, PendingWindowInDays=WINDOW)
    kms.clock.advance((WINDOW + 1) * DAY)
    left: list[int] = []
    while left[-1:] != [0]:
        kms.world._sweeper.step(kms.clock.now(), kms.world.ids, kms.world.config)  # noqa: SLF001
        left.append(len(kinds(kms.world, Grant, Key)))
        assert len(left) < 20
        assert (left[-1] > 0) == ("Key" in kinds(kms.world, Key))
    assert len(left) > 1


def test_aliases_that_outlive_their_keys(world: MakeWorld) -> None:
    """Aliases and their deleted keys stay if a relaxation lets the aliases be given to other keys."""
    relaxed = Relaxations(delete_custom_key_store=DeleteRelaxation.WITH_PENDING_KEYS)
    key = Key(account=ACCOUNT, region=REGION, id=KEY, created_at=NOW, deletion_at=NOW)
    alias = Alias(account=ACCOUNT, region=REGION, id="alias/name", target_key_id=KEY)
    here = world(key, alias, relaxations=relaxed)
    here.clock.advance(2 * DAY)
    sweep(here)
    assert kinds(here, Alias, Key) == ["Alias", "Key"]


# --- keys in key stores --------------------------------------------------------------------------------------------
def in_hsms(world: World, cluster_id: str = CLUSTER) -> list[str]:
    """Return the labels of the keys in a cluster."""

    def look(call: Any) -> list[str]:
        found = call.lookup(Cluster, cluster_id)
        return [each.label for each in kms_keys.present_keys(call, found)]

    return inside(world, look)


DISCONNECTED = ConnectionChange(
    at=NOW, until=NOW, while_state=ConnectionState.DISCONNECTING, then=ConnectionState.DISCONNECTED
)


@pytest.mark.parametrize(
    ("store", "orphans"), [(connected(), []), (connected(DISCONNECTED), [key_in_store().arn])], ids=["gone", "orphan"]
)
def test_material_in_hsms(world: MakeWorld, store: CustomKeyStore, orphans: list[str]) -> None:
    """With a deleted key goes its material in the HSMs, unless KMS could not reach them then: an orphan stays."""
    gone = key_in_store(deletion_at=NOW + DAY)
    here = world(subnet(), subnet(SUBNET_B), cluster(hsms=two_hsms()), store, hsm_key(), gone)
    here.clock.advance(3 * DAY)
    assert in_hsms(here) == orphans
    sweep(here)
    assert kinds(here, Key) == []
    assert in_hsms(here) == orphans
    assert len(kinds(here, HsmKey)) == len(orphans)


def test_a_cluster_that_can_go_back(world: MakeWorld) -> None:
    """While its cluster can be rolled back to a backup that has the material, a deleted key stays known as deleted."""
    until = NOW + 10 * DAY
    migration = Migration(before="hsm1.medium", since=NOW, done_at=NOW, rollback_until=until, hsm_ids=())
    migrated = cluster(hsms=two_hsms(), migration=migration)
    here = world(subnet(), subnet(SUBNET_B), migrated, connected(), hsm_key(), key_in_store(deletion_at=NOW + DAY))
    here.clock.advance(9 * DAY)
    sweep(here)
    assert kinds(here, Key) == ["Key"]
    here.clock.advance(2 * DAY)
    sweep(here)
    assert kinds(here, Key, HsmKey) == []


# --- clusters ------------------------------------------------------------------------------------------------------
def test_a_deleted_cluster(world: MakeWorld) -> None:
    """A day after it was deleted a cluster goes, and the keys that lay in it after it."""
    here = world(deleted_cluster(NOW), hsm_key())
    here.clock.advance(DAY - 1)
    sweep(here)
    assert kinds(here, Cluster, HsmKey) == ["Cluster", "HsmKey"]
    here.clock.advance(1)
    sweep(here)
    assert kinds(here, Cluster, HsmKey) == []


def test_a_cluster_that_a_fixture_has_as_deleted(world: MakeWorld) -> None:
    """DescribeClusters lists it always."""
    here = world(cluster(changes=(ClusterChange(at=0.0, state=ClusterState.DELETED),)))
    here.clock.advance(1000 * DAY)
    sweep(here)
    assert kinds(here, Cluster) == ["Cluster"]


def test_a_deleted_cluster_under_a_key_store(world: MakeWorld) -> None:
    """As long as a store stands on it, or did at a moment that matters, its certificate says which clusters suit."""
    other = "cluster-bbbbbbbbbbb"
    for store in (connected(), connected(cluster_id=other).moved(other, NOW + 3 * DAY)):
        moved = replace(
            store, earlier_clusters=tuple(each._replace(cluster_id=CLUSTER) for each in store.earlier_clusters)
        )
        here = world(deleted_cluster(NOW), moved)
        here.clock.advance(2 * DAY)
        sweep(here)
        assert kinds(here, Cluster) == ["Cluster"]
        here.store.run(lambda tx, moved=moved: tx.drop(moved))  # type: ignore[misc]
        sweep(here)
        assert kinds(here, Cluster) == []


def test_the_last_daily_backups_of_a_deleted_cluster(world: MakeWorld) -> None:
    """Backups that were due before a cluster was deleted are made before it goes, also without any call."""
    gone = hsm(delete_requested_at=NOW + 3.5 * DAY, gone_at=NOW + 3.5 * DAY)
    left = deleted_cluster(NOW + 4 * DAY, hsms=(gone,), backed_up_at=NOW)
    worlds = [world(left), world(left)]
    for here in worlds:
        here.clock.advance(6 * DAY)
    sweep(worlds[0])
    assert kinds(worlds[0], Cluster) == []
    answers = [outcome_of(here, "cloudhsmv2", "DescribeBackups", PLACE)["Backups"] for here in worlds]
    assert len(answers[0]) == 3
    assert answers[0] == answers[1]


def test_backups_that_are_gone_for_good(world: MakeWorld) -> None:
    """A deleted backup goes a day after it can last be restored; the last one of a cluster stays."""
    made = [
        backup(f"backup-{name}", created_at=NOW + number, ready_at=NOW + number) for number, name in enumerate("abc")
    ]
    here = world(*(evolve(each, expires_at=NOW + 7 * DAY) for each in made))
    here.clock.advance(14 * DAY + 1)
    sweep(here)
    here.clock.advance(DAY)
    sweep(here)
    assert [record.id for record in here.store.records() if isinstance(record, Backup)] == ["backup-c"]


# --- histories -----------------------------------------------------------------------------------------------------
def flapping(until: float) -> tuple[ConnectionChange, ...]:
    """Return a history of connecting each day and disconnecting at noon."""
    on, off = ConnectionState.CONNECTED, ConnectionState.DISCONNECTED
    changes: list[ConnectionChange] = []
    at = NOW
    while at < until:
        changes.append(ConnectionChange(at=at, until=at, while_state=ConnectionState.CONNECTING, then=on))
        noon = at + DAY / 2
        changes.append(ConnectionChange(at=noon, until=noon, while_state=ConnectionState.DISCONNECTING, then=off))
        at += DAY
    return tuple(changes)


def test_the_history_of_a_connection(world: MakeWorld) -> None:
    """It is cut before the last day, and what it says of that day is what it said before."""
    store = connected(*flapping(NOW + 100 * DAY))
    here = world(cluster(), store)
    here.clock.advance(90.7 * DAY)
    sweep(here)
    (cut,) = (record for record in here.store.records() if isinstance(record, CustomKeyStore))
    assert len(cut.changes) == 21  # what was so a day ago, and 20 after it, most of which are still to come
    for hours in range(-24, 24):
        at = here.clock.now() + hours * HOUR
        assert cut.connection_state(at) == store.connection_state(at)


@pytest.mark.parametrize(("hour", "orphan"), [(6, False), (18, True)])
def test_a_history_that_decides(world: MakeWorld, hour: int, orphan: bool) -> None:
    """The past of a store stays as long as it decides whether the material of a deleted key is an orphan."""
    gone = key_in_store(deletion_at=NOW + 5 * DAY + hour * HOUR)
    migration = Migration(
        before="hsm1.medium", since=NOW, done_at=NOW, rollback_until=NOW + 80 * DAY, hsm_ids=()
    )  # until then the key is not swept
    store = connected(*flapping(NOW + 100 * DAY))
    parts = (subnet(), subnet(SUBNET_B), cluster(hsms=two_hsms(), migration=migration), hsm_key())
    here = world(*parts, store, gone)
    for _ in range(100):
        here.clock.advance(DAY)
        sweep(here)
        assert in_hsms(here) == ([key_in_store().arn] if orphan or here.clock.now() < (gone.deletion_at or 0) else [])
    assert kinds(here, Key) == []
    (cut,) = (record for record in here.store.records() if isinstance(record, CustomKeyStore))
    assert len(cut.changes) < 20


def test_the_history_of_a_cluster(world: MakeWorld) -> None:
    """HSMs and outages of long ago go, and daily backups are those that there would have been."""
    outages = tuple(Outage(NOW + day * DAY, NOW + (day + 0.9) * DAY) for day in range(0, 60, 2))
    former = tuple(hsm(f"hsm-former{number}", gone_at=NOW + number * DAY, outages=outages) for number in range(30))
    standing = cluster(hsms=(hsm(outages=outages), *former), session_shortages=outages, backed_up_at=NOW + 40 * DAY)
    worlds = [world(standing), world(standing)]
    for here in worlds:
        here.clock.advance(70 * DAY)
    sweep(worlds[0])
    (cut,) = (record for record in worlds[0].store.records() if isinstance(record, Cluster))
    assert len(cut.hsms) == 1
    answers = [outcome_of(here, "cloudhsmv2", "DescribeBackups", PLACE)["Backups"] for here in worlds]
    assert len(answers[0]) == 21  # of 30 days, without those that began with an outage
    assert answers[0] == answers[1]


def test_the_outages_of_a_zone(world: MakeWorld) -> None:
    """Those that ended long ago go; one that is under way stays."""
    outages = (*(Outage(NOW + day, NOW + day + 0.5) for day in range(50)), Outage(NOW + 60))
    here = world(Zone(account=ACCOUNT, region=REGION, id="us-west-2a", outages=outages))
    here.clock.advance(3 * DAY)
    sweep(here)
    (zone,) = here.store.records()
    assert isinstance(zone, Zone)
    assert zone.outages == (Outage(NOW + 60),)


# --- when, and beside what -----------------------------------------------------------------------------------------
def expired(number: int) -> Session:
    """Return a session that is over."""
    return Session(
        account=ACCOUNT, region=GLOBAL, id=f"ASIA{number:016d}", arn="arn", user_id="id", expires_at=NOW - 2 * DAY
    )


def test_calls_that_write_sweep(world: MakeWorld) -> None:
    """Calls that create, change or delete sweep as they go; those that read, use keys or are refused do not."""
    here = world(*map(expired, range(500)))
    key_id = outcome_of(here, "kms", "CreateKey", PLACE)["KeyMetadata"]["KeyId"]
    for _ in range(20):
        for operation, members in (
            ("DescribeKey", {"KeyId": key_id}),
            ("ListKeys", {}),
            ("Encrypt", {"KeyId": key_id, "Plaintext": "aGVsbG8="}),
            ("DeleteAlias", {"AliasName": "alias/none"}),
        ):
            outcome_of(here, "kms", operation, PLACE, **members)
    assert len(kinds(here, Session)) == 500
    for number in range(400):
        outcome_of(here, "kms", "CreateAlias", PLACE, AliasName=f"alias/{number % 40}", TargetKeyId=key_id)
        outcome_of(here, "kms", "DeleteAlias", PLACE, AliasName=f"alias/{number % 40}")
    assert kinds(here, Session) == []


def test_a_clock_that_is_set_back(kms: Kms) -> None:
    """For a day after something was over the clock can go back to it; then it is gone, whatever the clock shows."""
    key_id = kms("CreateKey")["KeyMetadata"]["KeyId"]
    kms("ScheduleKeyDeletion", KeyId=key_id, PendingWindowInDays=WINDOW)
    before = kms.clock.now()
    kms.clock.advance((WINDOW + 0.9) * DAY)
    sweep(kms.world)
    kms.clock.set(before)
    assert kms("DescribeKey", KeyId=key_id)["KeyMetadata"]["KeyState"] == "PendingDeletion"
    kms.clock.advance((WINDOW + 1) * DAY)
    sweep(kms.world)
    kms.clock.set(before)
    assert outcome_of(kms.world, "kms", "DescribeKey", PLACE, KeyId=key_id)[0] == "NotFoundException"


def test_a_reset_brings_it_back(world: MakeWorld) -> None:
    """A reset brings back the records that a world began with, also those that were swept."""
    here = world(deleted_cluster(NOW))
    here.clock.advance(2 * DAY)
    sweep(here)
    assert kinds(here, Cluster) == []
    here.reset()
    assert kinds(here, Cluster) == ["Cluster"]


def writes(world: World) -> None:
    """Make as many calls as sweep once."""
    for _ in range(16):
        assert "KeyMetadata" in outcome_of(world, "kms", "CreateKey", PLACE)


def test_a_sweep_that_fails(
    world: MakeWorld, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A fault in sweeping is printed once, and no call fails with it."""
    here = world(expired(0))
    monkeypatch.setattr(here._sweeper, "_rules", {Session: Rule(sweeping.always, _fails)})  # noqa: SLF001
    for _ in range(2):
        writes(here)
    assert "failed to remove old records" in capsys.readouterr().err
    writes(here)
    assert capsys.readouterr().err == ""
    assert kinds(here, Session) == ["Session"]


def _fails(call: Any, record: Record) -> bool:
    raise LookupError("a fault")


def test_a_sweep_that_meets_a_conflict(world: MakeWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sweep that meets a conflict leaves the records for the next round, and does not try again."""
    zone = Zone(account=ACCOUNT, region=GLOBAL, id="us-west-2a")
    here = world(expired(0), zone)
    runs: list[str] = []

    def conflicting(call: Any, session: Session) -> bool:
        runs.append(session.id)
        call.lookup(Zone, zone.id)
        call.drop(session)
        here.store.run(lambda tx: tx.put(replace(zone, outages=(Outage(len(runs)),))))
        return True

    rules: dict[type[Any], Rule] = {Session: Rule(sweeping.always, conflicting)}
    monkeypatch.setattr(here._sweeper, "_rules", rules)  # noqa: SLF001
    here._sweeper.step(here.clock.now(), here.ids, here.config)  # noqa: SLF001
    assert len(runs) == 1
    assert kinds(here, Session) == ["Session"]


def test_nothing_is_swept_while_a_world_begins_anew(world: MakeWorld) -> None:
    """A reset and a snapshot meet no sweep half way: calls go on, and sweep another time."""
    here = world(expired(0))
    with here._lock:  # noqa: SLF001 - as resets and snapshots do
        for _ in range(8):
            writes(here)
        assert kinds(here, Session) == ["Session"]
    for _ in range(8):
        writes(here)
    assert kinds(here, Session) == []


@pytest.mark.parametrize("made", [lambda: (), lambda: (deleted_cluster(NOW), hsm_key(), expired(1))])
def test_nothing_left_to_do(world: MakeWorld, made: Callable[[], tuple[Record, ...]]) -> None:
    """A second sweep finds nothing more."""
    here = world(*made())
    here.clock.advance(5 * DAY)
    for _ in range(2):
        sweep(here)
    before = here.store.records()
    sweep(here)
    assert here.store.records() == before
