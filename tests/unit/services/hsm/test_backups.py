"""Backups of the contents of HSMs: schedule, retention and restores.

https://docs.aws.amazon.com/cloudhsm/latest/userguide/manage-backups.html
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockaws.clock import DAY, HOUR, MINUTE
from mockaws.model.errors import AWSError
from mockaws.records.backups import Backup
from mockaws.records.base import evolve
from mockaws.records.cloudhsm import Cluster, ClusterChange, ClusterState, HsmKey, HsmUser
from mockaws.records.outages import begun, ended
from mockaws.records.world import Timing, WorldConfig
from mockaws.services.cloudhsmv2 import errors
from mockaws.services.hsm import backups, keys, users
from mockaws.worlds.world import World
from tests.inside import inside
from tests.samples import ACCOUNT, BACKUP, BROKEN, CLUSTER, NOW, REGION, backup, being, cluster, hsm

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockaws.records.base import Record
    from mockaws.services.operation import Call
    from tests.kinds import MakeWorld

OTHER_ACCOUNT = "444455556666"
KMSUSER = HsmUser(name="kmsuser", role="crypto-user", password="kmsPswd123", logged_in=True, failed_logins=2)


def at_work(**changes: Any) -> Cluster:
    """Return a cluster with an HSM and a user, backed up now."""
    fields: dict[str, Any] = {"hsms": (hsm(),), "users": (KMSUSER,), "backed_up_at": NOW}
    return cluster(**fields | changes)


def current(call: Call) -> Cluster:
    """Return the cluster as it is."""
    return call.get(Cluster, CLUSTER, errors.ClusterNotFound)


def days(here: World) -> list[float]:
    """Return how many days after the beginning the backups were made that there are."""
    return [(made.created_at - NOW) / DAY for made in inside(here, backups.owned)]


def test_one_a_day(world: MakeWorld) -> None:
    """A cluster is backed up every 24 hours after its last backup."""
    here = world(at_work(), backup())
    assert days(here) == [0]
    here.clock.advance(DAY - 1)
    assert days(here) == [0]
    here.clock.advance(1)
    assert days(here) == [0, 1]
    here.clock.advance(3.5 * DAY)
    assert days(here) == [0, 1, 2, 3, 4]


def test_one_on_demand_begins_the_day_anew(world: MakeWorld) -> None:
    """At least every 24 hours: the next daily backup is due a day after the last one, whatever that was made for."""
    here = world(at_work(), backup())
    here.clock.advance(36 * HOUR)
    settled, made = inside(here, lambda call: backups.take(call, current(call)))
    assert settled.backed_up_at == made.created_at == NOW + 36 * HOUR
    assert days(here) == [0, 1, 1.5]
    here.clock.advance(DAY)
    assert days(here) == [0, 1, 1.5, 2.5]


@pytest.mark.parametrize(
    "changes",
    [
        {"hsms": ()},
        {"hsms": (hsm(outages=BROKEN),)},
        {"changes": being(ClusterState.INITIALIZED)},
        {"changes": being(ClusterState.DELETED)},
        {"backed_up_at": None},
    ],
)
def test_no_backup_without_an_hsm_that_was_activated(world: MakeWorld, changes: dict[str, Any]) -> None:
    """A cluster that was not activated, has no working HSM, or is deleted, is not backed up."""
    here = world(at_work(**changes))
    here.clock.advance(5 * DAY)
    assert days(here) == []


@pytest.mark.parametrize("state", [ClusterState.DEGRADED, ClusterState.MODIFY_IN_PROGRESS])
def test_whatever_else_is_under_way(world: MakeWorld, state: ClusterState) -> None:
    """A cluster that is degraded, or changes its HSM type, is backed up while one of its HSMs works."""
    here = world(at_work(changes=being(state)))
    here.clock.advance(DAY)
    assert days(here) == [1]


def test_a_backup_takes_a_while(world: MakeWorld) -> None:
    """It is CREATE_IN_PROGRESS for as long as `timing` says."""
    here = world(at_work(), timing=Timing(create_backup=10 * MINUTE))
    here.clock.advance(DAY + 1)
    (made,) = inside(here, backups.owned)
    assert made.state(here.clock.now()) == "CREATE_IN_PROGRESS"
    assert made.state(NOW + DAY + 10 * MINUTE) == "READY"


def test_what_was_due_does_not_hold_what_came_later(world: MakeWorld) -> None:
    """A key that was made, or a password that was changed, after a backup was due is not in that backup."""
    here = world(at_work(), backup())
    here.clock.advance(DAY + 1)
    inside(here, lambda call: keys.create(call, current(call), label="late", owner="kmsuser"))
    inside(here, lambda call: users.set_password(call, current(call), current(call).users[0], "anotherPassword"))
    here.clock.advance(DAY)
    _, second, third = inside(here, backups.owned)
    assert (second.contents.keys, second.contents.users[0].password) == ((), "kmsPswd123")
    assert [key.label for key in third.contents.keys] == ["late"]
    assert third.contents.users[0].password == "anotherPassword"


def test_a_key_that_was_deleted_is_in_the_backups_before(world: MakeWorld) -> None:
    """Deleting a key does not reach into backups."""
    here = world(at_work(), backup())
    key = inside(here, lambda call: keys.create(call, current(call), label="one", owner="kmsuser"))
    here.clock.advance(1.5 * DAY)
    inside(here, lambda call: keys.delete(call, current(call), key))
    inside(here, lambda call: backups.take(call, current(call)))
    assert [len(made.contents.keys) for made in inside(here, backups.owned)] == [0, 1, 0]


def test_years_at_once(world: MakeWorld) -> None:
    """After years there are the backups of the retention and of the seven days after it, with what they hold once."""
    here = world(at_work(backup_retention_days=379), backup())
    here.clock.advance(5 * 365 * DAY)
    made = inside(here, backups.owned)
    assert [each.state(here.clock.now()) for each in made] == ["PENDING_DELETION"] * 7 + ["READY"] * 379
    assert len({id(each.contents) for each in made}) == 1


def test_what_is_gone_is_not_kept(world: MakeWorld) -> None:
    """A backup that is deleted for good leaves no record."""
    here = world(at_work(backup_retention_days=7), backup(expires_at=NOW + 7 * DAY))
    for _ in range(40):
        here.clock.advance(DAY)
        inside(here, backups.owned)
    assert inside(here, lambda call: len(call.find(Backup))) == 14


def test_the_last_backup_of_a_cluster_that_stopped(world: MakeWorld) -> None:
    """The last backup stays, even if no call came since long before it was made."""
    here = world(at_work(), backup())
    inside(
        here,
        lambda call: call.put(current(call).changed(ClusterChange(at=NOW + 3.5 * DAY, state=ClusterState.DELETED))),
    )
    here.clock.advance(2000 * DAY)
    assert days(here) == [3]


def test_backups_outlive_their_cluster(world: MakeWorld) -> None:
    """The backups of a deleted cluster stay, under the retention that it had at last."""
    here = world(
        at_work(changes=being(ClusterState.DELETED), backup_retention_days=7), backup(expires_at=NOW + 7 * DAY)
    )
    inside(here, lambda call: call.put(backup("backup-bbbbbbbbbbb", created_at=NOW + 1, expires_at=NOW + 7 * DAY + 1)))
    here.clock.advance(6 * DAY)
    assert [made.state(here.clock.now()) for made in inside(here, backups.owned)] == ["READY", "READY"]
    here.clock.advance(2 * DAY)
    assert [made.state(here.clock.now()) for made in inside(here, backups.owned)] == ["PENDING_DELETION", "READY"]


def test_a_changed_retention(world: MakeWorld) -> None:
    """Retention is the cluster's: a change holds for the backups that are there, a day later at the earliest."""
    here = world(at_work(), backup())
    here.clock.advance(30 * DAY)
    inside(here, lambda call: backups.change_retention(call, current(call), 7))
    assert {made.state(here.clock.now()) for made in inside(here, backups.owned)} == {"READY"}
    here.clock.advance(DAY)
    assert inside(here, current).backup_retention_days == 7
    ready = [made for made in inside(here, backups.owned) if made.state(here.clock.now()) == "READY"]
    assert len(ready) == 7
    inside(here, lambda call: backups.change_retention(call, current(call), 90))
    here.clock.advance(80 * DAY)
    ready = [made for made in inside(here, backups.owned) if made.state(here.clock.now()) == "READY"]
    assert ready[0].created_at == NOW + 25 * DAY


def refused(work: Callable[[], Any]) -> str:
    """Return the sentence that *work* is refused with."""
    with pytest.raises(AWSError) as error:
        work()
    return error.value.message


def restorable(call: Call, wanted: str) -> Backup:
    """Return the backup to make a cluster from."""
    return backups.restorable(call, wanted, missing=errors.BackupNotFound, not_ready=errors.BackupNotReady)


@pytest.mark.parametrize("wanted", [BACKUP, backup().arn])
def test_ones_own_backup_is_restored_by_id_or_arn(world: MakeWorld, wanted: str) -> None:
    """SourceBackupId is the id or the ARN of a backup of one's own."""
    assert inside(world(backup()), lambda call: restorable(call, wanted)) == backup()


SHARED = backup(
    policy=(
        '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": "444455556666"}, '
        f'"Action": ["cloudhsm:CreateCluster"], "Resource": "{backup().arn}"}}}}'
    )
)


def test_a_backup_of_another_account(world: MakeWorld) -> None:
    """Another account's backup is restored by its full ARN, where its resource policy allows CreateCluster."""
    here = world(SHARED)
    assert inside(here, lambda call: restorable(call, SHARED.arn), account=OTHER_ACCOUNT) == SHARED
    for account, wanted in ((OTHER_ACCOUNT, BACKUP), ("777788889999", SHARED.arn)):
        sentence = refused(lambda: inside(here, lambda call: restorable(call, wanted), account=account))  # noqa: B023
        assert sentence == f"Backup '{wanted}' does not exist"
    here = world(backup())
    refused(lambda: inside(here, lambda call: restorable(call, SHARED.arn), account=OTHER_ACCOUNT))


@pytest.mark.parametrize(
    "wanted", ["backup-bbbbbbbbbbb", SHARED.arn.replace(REGION, "us-east-1"), SHARED.arn.replace(BACKUP, "backup-7")]
)
def test_a_backup_that_is_not_there(world: MakeWorld, wanted: str) -> None:
    """A backup is not found in another Region than its own, nor under another id."""
    sentence = refused(lambda: inside(world(backup()), lambda call: restorable(call, wanted)))
    assert sentence == f"Backup '{wanted}' does not exist"


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({"ready_at": NOW + 1}, "CREATE_IN_PROGRESS"),
        ({"delete_requested_at": NOW}, "PENDING_DELETION"),
    ],
)
def test_a_backup_that_is_not_ready(world: MakeWorld, changes: dict[str, Any], state: str) -> None:
    """Only a READY backup is restored."""
    sentence = refused(lambda: inside(world(backup(**changes)), lambda call: restorable(call, BACKUP)))
    assert sentence == f"Backup '{BACKUP}' is in state {state}, not READY"


def test_what_a_new_cluster_gets(world: MakeWorld) -> None:
    """A cluster from a backup has its users, passwords, keys and certificates. All users are logged out."""
    here = world(at_work(), cluster("cluster-bbbbbbbbbbb", trust_anchor=None, cluster_certificate=None))
    key = inside(here, lambda call: keys.create(call, current(call), label="one", owner="kmsuser"))
    _, made = inside(here, lambda call: backups.take(call, current(call)))

    def restored(call: Call) -> Cluster:
        return backups.restore(call, made, call.get(Cluster, "cluster-bbbbbbbbbbb", errors.ClusterNotFound))

    new = inside(here, restored)
    assert inside(here, lambda call: call.lookup(Cluster, "cluster-bbbbbbbbbbb")) == new
    assert (new.source_backup_id, new.backed_up_at) == (made.id, None)
    assert (new.trust_anchor, new.cluster_certificate) == (at_work().trust_anchor, at_work().cluster_certificate)
    assert new.users == (HsmUser(name="kmsuser", role="crypto-user", password="kmsPswd123", failed_logins=2),)
    twin = inside(here, lambda call: keys.labelled(call, new, "one"))
    assert twin is not None
    assert (twin.reference, twin.material, twin.owner) == (key.reference, key.material, key.owner)
    assert twin.id != key.id
    assert len(inside(here, lambda call: call.find(HsmKey))) == 2


class Step(NamedTuple):
    """A step: the hours that pass, the action, and the index of the backup that it affects."""

    hours: int
    what: str
    which: int = 0


def act(here: World, step: Step) -> None:
    """Do a step, if it is possible."""
    here.clock.advance(step.hours * HOUR)
    inside(here, lambda call: _CHANGES[step.what](call, step.which))


def change_cluster(call: Call, what: str) -> None:
    """Do something to the cluster, or its HSM."""
    settled = backups.make_due(call, current(call))
    (only,) = settled.hsms
    match what:
        case "take":
            backups.take(call, settled)
        case "shorten":
            backups.change_retention(call, settled, 7)
        case "lengthen":
            backups.change_retention(call, settled, 30)
        case "break":
            call.put(settled.with_hsm(replace(only, outages=begun(only.outages, call.now))))
        case "mend":
            call.put(settled.with_hsm(replace(only, outages=ended(only.outages, call.now))))


def change_backup(call: Call, which: int, state: str, **changes: Any) -> None:
    """Change one of the backups that are in *state*, if there are any."""
    there = [each for each in backups.owned(call) if each.state(call.now) == state]
    if there:
        call.put(backups.with_a_day_of_grace(evolve(there[which % len(there)], **changes), call.now))


_CHANGES: dict[str, Callable[[Call, int], None]] = {
    "nothing": lambda _, __: None,
    "delete": lambda call, which: change_backup(call, which, "READY", delete_requested_at=call.now),
    "restore": lambda call, which: change_backup(
        call, which, "PENDING_DELETION", delete_requested_at=None, ready_at=call.now
    ),
    "exempt": lambda call, which: change_backup(call, which, "READY", never_expires=True),
    "subject": lambda call, which: change_backup(call, which, "READY", never_expires=False),
    "take": lambda call, _: change_cluster(call, "take"),
    "shorten": lambda call, _: change_cluster(call, "shorten"),
    "lengthen": lambda call, _: change_cluster(call, "lengthen"),
    "break": lambda call, _: change_cluster(call, "break"),
    "mend": lambda call, _: change_cluster(call, "mend"),
}
STEPS = st.lists(
    st.builds(Step, st.integers(0, 24 * 25), st.sampled_from(sorted(_CHANGES)), st.integers(0, 40)),
    min_size=1,
    max_size=12,
)


def shown(here: World) -> list[tuple[str, float, str, float | None]]:
    """Return what there is to see of the backups."""
    now = here.clock.now()
    return [(each.id, each.created_at, each.state(now), each.deleted_at) for each in inside(here, backups.owned)]


def small_world(*records: Record) -> World:
    """Return a world in which a backup takes an hour."""
    here = World.holding(
        WorldConfig(account=ACCOUNT, region=REGION, timing=Timing(create_backup=HOUR)), records, id_seed="tests"
    )
    here.clock.freeze(NOW)
    return here


@given(STEPS, st.lists(st.integers(1, 23 * 20), max_size=3))
def test_however_the_clock_is_advanced(steps: list[Step], looks: list[int]) -> None:
    """The same backups are there in the same states, whether the clock was advanced in one step or in many."""
    seldom, often = (small_world(at_work(backup_retention_days=7), backup(expires_at=NOW + 7 * DAY)) for _ in range(2))
    for step in steps:
        act(seldom, step)
        rest = step.hours
        for hours in looks:
            often.clock.advance(min(rest, hours) * HOUR)
            inside(often, backups.owned)
            rest -= min(rest, hours)
        act(often, step._replace(hours=rest))
    for here in (seldom, often):
        here.clock.advance(3 * DAY)
    assert shown(seldom) == shown(often)
