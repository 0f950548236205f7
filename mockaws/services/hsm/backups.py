"""Backups of the contents of HSMs: their schedule, their retention, and restores.

CloudHSM makes one at least once a day, at the activation of the cluster, and when an HSM is added or removed. A change
of users, keys or the cluster calls `make_due` first, so that backups due before it have the earlier contents.
https://docs.aws.amazon.com/cloudhsm/latest/userguide/backups.html
"""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING

from mockaws import arns
from mockaws.clock import DAY
from mockaws.crypto.pem import is_same_certificate
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


def is_history_shared(one: Cluster, other: Cluster) -> bool:
    """Return True if two clusters share a backup history: then they have the same cluster certificate."""
    return one.cluster_certificate is not None and is_same_certificate(
        one.cluster_certificate, other.cluster_certificate
    )


def make_due(call: Call, cluster: Cluster) -> Cluster:
    """Make the daily backups of *cluster* that are due; return the changed cluster."""
    due = list(_due(call, cluster))
    if not due:
        return cluster
    keys = kms_keys.keys_with_deletion_times(call, cluster)
    contents = _contents(cluster, keys, due[0])
    for moment in due:
        changed = _contents(cluster, keys, moment)
        contents = contents if changed == contents else changed
        # The id follows from the moment, so it does not depend on the number of steps in which the clock advanced.
        ids = Ids(f"{cluster.account}:{cluster.region}:{cluster.id}:{moment}")
        call.put(_backup(call, cluster, contents, moment, ids))
    settled = evolve(cluster, backed_up_at=due[0])
    call.put(settled)
    return settled


def take(call: Call, cluster: Cluster) -> tuple[Cluster, Backup]:
    """Make a backup of *cluster* now; return the changed cluster and the backup."""
    settled = make_due(call, cluster)
    contents = _contents(settled, kms_keys.keys_with_deletion_times(call, settled), call.now)
    backup = _backup(call, settled, contents, call.now, call.ids)
    call.put(backup)
    settled = evolve(settled, backed_up_at=call.now)
    call.put(settled)
    return settled, backup


def change_retention(call: Call, cluster: Cluster, days: int) -> Cluster:
    """Set the retention of all backups of *cluster*, existing ones included; return the changed cluster."""
    settled = evolve(make_due(call, cluster), backup_retention_days=days)
    call.put(settled)
    for backup in after_retention(call, call.tx.find(Backup, cluster.account, cluster.region, cluster_id=cluster.id)):
        if backup.expires_at is not None:
            call.put(with_a_day_of_grace(evolve(backup, expires_at=backup.created_at + days * DAY), call.now))
    return settled


def with_a_day_of_grace(backup: Backup, now: float) -> Backup:
    """Return *backup*, to which retention applies in a day at the earliest.

    CloudHSM's guide says to extend the retention of a restored backup before it is deleted again. A delay of one day
    gives users the time for that.
    """
    if backup.expires_at is None:
        return backup
    return evolve(backup, expires_at=max(backup.expires_at, now + DAY))


def owned(call: Call) -> list[Backup]:
    """Return all backups of the caller's account in the Region, oldest first."""
    for cluster in call.find(Cluster):
        make_due(call, cluster)
    found = sorted(call.find(Backup), key=lambda backup: backup.cluster_id)
    groups = groupby(found, lambda backup: backup.cluster_id)
    return sorted((backup for _, group in groups for backup in after_retention(call, group)), key=age)


def find(call: Call, backup_id: str, account: str | None = None) -> Backup | None:
    """Return a backup of the caller's account, or of another one, in the Region; None if it does not exist.

    Every change of a backup begins with this, so that retention is applied first.
    """
    backup = call.tx.get(Backup, account or call.account, call.region, backup_id)
    if backup is None:
        return None
    cluster = call.tx.get(Cluster, backup.account, backup.region, backup.cluster_id)
    if cluster is not None:
        make_due(call, cluster)
    group = call.tx.find(Backup, backup.account, backup.region, cluster_id=backup.cluster_id)
    return next((each for each in after_retention(call, group) if each.id == backup_id), None)


def restorable(
    call: Call, wanted: str, *, missing: Callable[..., AWSError], not_ready: Callable[..., AWSError]
) -> Backup:
    """Return a backup to create a cluster from: the caller's own by id or ARN, or a shared one by its ARN.

    Raises *missing*, with the id, if there is none that the caller may restore. Raises *not_ready*, with the id and the
    state, if it is not READY.
    """
    arn = arns.parse(wanted)
    account = arn.account if arn is not None else call.account
    backup = find(call, wanted.rpartition("/")[2], account)
    if backup is None or (arn is not None and wanted != backup.arn):
        raise missing(id=wanted)
    if account != call.account and not sharing.is_allowed(backup, call.caller, sharing.CREATE_CLUSTER):
        raise missing(id=wanted)
    state = backup.state(call.now)
    if state is not BackupState.READY:
        raise not_ready(id=backup.id, state=state)
    return backup


def restore(call: Call, backup: Backup, cluster: Cluster) -> Cluster:
    """Restore the contents of *backup* to the HSMs of the new *cluster*; return the changed cluster.

    It gets the users with their former passwords, logged out, and the certificates by which KMS recognizes related
    clusters. Its backup retention is its own.
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
        users=_logged_out_users(contents),
        trust_anchor=contents.trust_anchor,
        cluster_certificate=contents.cluster_certificate,
        source_backup_id=backup.id,
    )
    call.put(restored)
    return restored


def roll_back(call: Call, cluster: Cluster, hsm_type: str) -> Cluster:
    """Restore the contents of the latest backup of *hsm_type* to *cluster*; return the changed cluster.

    Later contents are lost. If all those backups were deleted, the contents stay.
    https://docs.aws.amazon.com/cloudhsm/latest/userguide/hsm-migration.html
    """
    made = call.tx.find(Backup, cluster.account, cluster.region, cluster_id=cluster.id)
    latest = max(
        (backup for backup in after_retention(call, made) if backup.hsm_type == hsm_type), key=age, default=None
    )
    if latest is None:
        return cluster
    for key in call.tx.find(HsmKey, cluster.account, cluster.region, cluster_id=cluster.id):
        call.drop(key)
    for key in latest.contents.keys:
        call.put(key)
    back = evolve(cluster, users=_logged_out_users(latest.contents))
    call.put(back)
    return back


def _logged_out_users(contents: BackupContents) -> tuple[HsmUser, ...]:
    return tuple(replace(user, logged_in=False) for user in contents.users)


def _due(call: Call, cluster: Cluster) -> Iterator[float]:
    """Yield the moments of due daily backups, latest first, as far as their backups can still exist."""
    if cluster.backed_up_at is None:
        return
    # No backup is due after the last HSM is gone.
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
        newer_ready_at = moment + call.config.timing.create_backup


def after_retention(call: Call, backups: Iterable[Backup]) -> Iterator[Backup]:
    """Yield the backups of one cluster as they are now. Record those that retention has ended, and drop deleted ones.

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


def contents_of(cluster: Cluster, keys: Iterable[HsmKey]) -> BackupContents:
    """Return the contents of a backup of *cluster*, which holds *keys*."""
    return BackupContents(
        trust_anchor=cluster.trust_anchor,
        cluster_certificate=cluster.cluster_certificate,
        users=cluster.users,
        keys=tuple(keys),
    )


def of_cluster(
    cluster: Cluster, contents: BackupContents, *, backup_id: str, created_at: float, ready_at: float
) -> Backup:
    """Return a new backup of *cluster*, which expires as the cluster's retention says."""
    return Backup(
        account=cluster.account,
        region=cluster.region,
        id=backup_id,
        cluster_id=cluster.id,
        created_at=created_at,
        ready_at=ready_at,
        expires_at=created_at + cluster.backup_retention_days * DAY,
        hsm_type=cluster.hsm_type,
        mode=cluster.mode,
        contents=contents,
    )


def _contents(cluster: Cluster, keys: Sequence[tuple[HsmKey, float]], moment: float) -> BackupContents:
    """Return the contents of *cluster* at *moment*, with those of *keys* that KMS has not deleted by then."""
    return contents_of(cluster, (key for key, deleted_at in keys if moment < deleted_at))


def _backup(call: Call, cluster: Cluster, contents: BackupContents, moment: float, ids: Ids) -> Backup:
    ready_at = moment + call.config.timing.create_backup
    return of_cluster(cluster, contents, backup_id=ids.cloudhsm("backup"), created_at=moment, ready_at=ready_at)
