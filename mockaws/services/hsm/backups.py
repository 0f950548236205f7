"""Backups of what lies in the HSMs: when they are made, how long they are kept, and what a new cluster gets of them.

CloudHSM makes one at least once a day, when the cluster is activated, and when an HSM comes or goes. Whoever changes
users, keys or the cluster calls `settle` first, so that a backup that was due before holds what was there before.
https://docs.aws.amazon.com/cloudhsm/latest/userguide/backups.html
"""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING

from mockaws import arns
from mockaws.clock import DAY
from mockaws.ids import Ids
from mockaws.records.backups import DAYS_PENDING_DELETION, Backup, BackupContents, BackupState, age, retained
from mockaws.records.base import evolve
from mockaws.records.cloudhsm import Cluster, ClusterState, HsmKey, hsm_key_id
from mockaws.services.hsm import kms_keys, sharing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from mockaws.model.errors import AWSError
    from mockaws.records.cloudhsm import HsmUser
    from mockaws.services.operation import Call

_BACKED_UP = {
    ClusterState.ACTIVE,
    ClusterState.UPDATE_IN_PROGRESS,
    ClusterState.MODIFY_IN_PROGRESS,
    ClusterState.ROLLBACK_IN_PROGRESS,
    ClusterState.DEGRADED,
}


def settle(call: Call, cluster: Cluster) -> Cluster:
    """Make the daily backups of *cluster* that have become due; return the cluster as it is then."""
    due = list(_due(call, cluster))
    if not due:
        return cluster
    keys = kms_keys.with_ends(call, cluster)
    contents = _contents(cluster, keys, due[0])
    for moment in due:
        changed = _contents(cluster, keys, moment)
        contents = contents if changed == contents else changed
        # The same id whenever somebody looks, so that it does not matter in how many steps the clock was moved.
        ids = Ids(f"{cluster.account}:{cluster.region}:{cluster.id}:{moment}")
        call.put(_backup(call, cluster, contents, moment, ids))
    settled = evolve(cluster, backed_up_at=due[0])
    call.put(settled)
    return settled


def take(call: Call, cluster: Cluster) -> tuple[Cluster, Backup]:
    """Back *cluster* up now; return it as it is then, and the backup."""
    settled = settle(call, cluster)
    contents = _contents(settled, kms_keys.with_ends(call, settled), call.now)
    backup = _backup(call, settled, contents, call.now, call.ids)
    call.put(backup)
    settled = evolve(settled, backed_up_at=call.now)
    call.put(settled)
    return settled, backup


def change_retention(call: Call, cluster: Cluster, days: int) -> Cluster:
    """Keep the backups of *cluster*, those that are there among them, for *days*; return the cluster as it is then."""
    settled = evolve(settle(call, cluster), backup_retention_days=days)
    call.put(settled)
    for backup in kept(call, call.tx.find(Backup, cluster.account, cluster.region, cluster_id=cluster.id)):
        if backup.expires_at is not None:
            call.put(spared(evolve(backup, expires_at=backup.created_at + days * DAY), call.now))
    return settled


def spared(backup: Backup, now: float) -> Backup:
    """Return *backup*, to which its retention applies in a day at the earliest.

    CloudHSM tells its users to change the retention before they restore what it had deleted, as that is deleted again;
    so that there is something to be quicker than, it looks once a day here.
    """
    if backup.expires_at is None:
        return backup
    return evolve(backup, expires_at=max(backup.expires_at, now + DAY))


def owned(call: Call) -> list[Backup]:
    """Return all backups of the caller's account in the Region, oldest first."""
    for cluster in call.find(Cluster):
        settle(call, cluster)
    found = sorted(call.find(Backup), key=lambda backup: backup.cluster_id)
    groups = groupby(found, lambda backup: backup.cluster_id)
    return sorted((backup for _, group in groups for backup in kept(call, group)), key=age)


def find(call: Call, backup_id: str, account: str | None = None) -> Backup | None:
    """Return a backup of the caller's account, or another, in the Region; None where it is not there, or not any more.

    A change of a backup begins with this, so that retention has done before what was due before.
    """
    backup = call.tx.get(Backup, account or call.account, call.region, backup_id)
    if backup is None:
        return None
    cluster = call.tx.get(Cluster, backup.account, backup.region, backup.cluster_id)
    if cluster is not None:
        settle(call, cluster)
    group = call.tx.find(Backup, backup.account, backup.region, cluster_id=backup.cluster_id)
    return next((each for each in kept(call, group) if each.id == backup_id), None)


def restorable(
    call: Call, wanted: str, *, missing: Callable[..., AWSError], not_ready: Callable[..., AWSError]
) -> Backup:
    """Return the backup to make a cluster from: the caller's own by id or ARN, or by its ARN one shared with it.

    Raises *missing*, told the id, where there is none that the caller may restore, and *not_ready*, told the id and
    the state, where it is not READY.
    """
    arn = arns.parse(wanted)
    account = arn.account if arn is not None else call.account
    backup = find(call, wanted.rpartition("/")[2], account)
    if backup is None or (arn is not None and wanted != backup.arn):
        raise missing(id=wanted)
    if account != call.account and not sharing.allows(backup, call.caller, sharing.CREATE_CLUSTER):
        raise missing(id=wanted)
    state = backup.state(call.now)
    if state is not BackupState.READY:
        raise not_ready(id=backup.id, state=state)
    return backup


def restore(call: Call, backup: Backup, cluster: Cluster) -> Cluster:
    """Put what is in *backup* into the HSMs of the new *cluster*; return the cluster as it is then.

    It has the users with their passwords of then, none of them logged in, and the certificates by which KMS knows that
    the clusters are related. How long its own backups are kept is for whoever makes the cluster to say.
    https://docs.aws.amazon.com/cloudhsm/latest/userguide/create-cluster-from-backup.html
    """
    contents = backup.contents
    for key in contents.keys:
        digits = key.reference.removeprefix("0x")
        call.put(
            evolve(
                key,
                account=cluster.account,
                region=cluster.region,
                id=hsm_key_id(cluster.id, digits),
                cluster_id=cluster.id,
            )
        )
    restored = evolve(
        cluster,
        users=_nobody_logged_in(contents),
        trust_anchor=contents.trust_anchor,
        cluster_certificate=contents.cluster_certificate,
        source_backup_id=backup.id,
    )
    call.put(restored)
    return restored


def roll_back(call: Call, cluster: Cluster, hsm_type: str) -> Cluster:
    """Put what is in the latest backup of *hsm_type* into the HSMs of *cluster* again; return it as it is then.

    What was made since is lost. Where somebody has deleted those backups, everything stays.
    https://docs.aws.amazon.com/cloudhsm/latest/userguide/hsm-migration.html
    """
    made = call.tx.find(Backup, cluster.account, cluster.region, cluster_id=cluster.id)
    latest = max((backup for backup in kept(call, made) if backup.hsm_type == hsm_type), key=age, default=None)
    if latest is None:
        return cluster
    for key in call.tx.find(HsmKey, cluster.account, cluster.region, cluster_id=cluster.id):
        call.drop(key)
    for key in latest.contents.keys:
        call.put(key)
    back = evolve(cluster, users=_nobody_logged_in(latest.contents))
    call.put(back)
    return back


def _nobody_logged_in(contents: BackupContents) -> tuple[HsmUser, ...]:
    return tuple(replace(user, logged_in=False) for user in contents.users)


def _due(call: Call, cluster: Cluster) -> Iterator[float]:
    """Yield when daily backups were due since the last one, latest first, as far as any of them can still be there."""
    if cluster.backed_up_at is None:
        return
    # Where the HSMs are gone since long ago, nothing can have been due since then.
    until = min(call.now, max((math.inf if hsm.gone_at is None else hsm.gone_at for hsm in cluster.hsms), default=0.0))
    newer_ready_at = None
    for days in range(int((until - cluster.backed_up_at) // DAY), 0, -1):
        moment = cluster.backed_up_at + days * DAY
        if cluster.state(moment) not in _BACKED_UP or not cluster.active_hsms(moment):
            continue
        expired_at = moment + cluster.backup_retention_days * DAY
        if newer_ready_at is not None and max(expired_at, newer_ready_at) + DAYS_PENDING_DELETION * DAY <= call.now:
            return
        yield moment
        newer_ready_at = moment + call.terms.timing.create_backup


def kept(call: Call, backups: Iterable[Backup]) -> Iterator[Backup]:
    """Yield the backups of one cluster as they are now; note which of them retention ended, drop what is gone for good.

    https://docs.aws.amazon.com/cloudhsm/latest/userguide/delete-restore-backup.html
    """
    before = {backup.id: backup for backup in backups}
    for backup in retained(before.values(), call.now):
        if backup.state(call.now) is BackupState.DELETED:
            call.drop(backup)
            continue
        if backup is not before[backup.id]:
            call.put(backup)
        yield backup


def _contents(cluster: Cluster, keys: Sequence[tuple[HsmKey, float]], moment: float) -> BackupContents:
    """Return what lies in *cluster* at *moment*, of *keys* those that KMS has not deleted by then."""
    return BackupContents(
        trust_anchor=cluster.trust_anchor,
        cluster_certificate=cluster.cluster_certificate,
        users=cluster.users,
        keys=tuple(key for key, deleted_at in keys if moment < deleted_at),
    )


def _backup(call: Call, cluster: Cluster, contents: BackupContents, moment: float, ids: Ids) -> Backup:
    return Backup(
        account=cluster.account,
        region=cluster.region,
        id=ids.cloudhsm("backup"),
        cluster_id=cluster.id,
        created_at=moment,
        ready_at=moment + call.terms.timing.create_backup,
        expires_at=moment + cluster.backup_retention_days * DAY,
        hsm_type=cluster.hsm_type,
        mode=cluster.mode,
        contents=contents,
    )
