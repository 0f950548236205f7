"""Backups of what lies in the HSMs: when they are made, and what of them a new cluster gets.

CloudHSM makes one at least once a day, when the cluster is activated, and when an HSM comes or goes. Whoever changes
users or keys calls `settle` first, so that a backup that was due before holds what was there before.
https://docs.aws.amazon.com/cloudhsm/latest/userguide/backups.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockaws.clock import DAY
from mockaws.records.backups import DAYS_PENDING_DELETION, Backup, BackupContents
from mockaws.records.base import evolve
from mockaws.records.cloudhsm import ClusterState
from mockaws.services.hsm import kms_keys

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mockaws.records.cloudhsm import Cluster, HsmKey
    from mockaws.services.operation import Call


def settle(call: Call, cluster: Cluster) -> Cluster:
    """Make the daily backups of *cluster* that have become due; return the cluster as it is then."""
    due = list(_due(cluster, call.now))
    if not due:
        return cluster
    keys = kms_keys.with_ends(call, cluster)
    contents = _contents(cluster, keys, due[0])
    for moment in due:
        changed = _contents(cluster, keys, moment)
        contents = contents if changed == contents else changed
        call.put(_backup(call, cluster, contents, moment))
    settled = evolve(cluster, backed_up_at=due[-1])
    call.put(settled)
    return settled


def take(call: Call, cluster: Cluster) -> tuple[Cluster, Backup]:
    """Back *cluster* up now; return it as it is then, and the backup."""
    settled = settle(call, cluster)
    contents = _contents(settled, kms_keys.with_ends(call, settled), call.now)
    backup = _backup(call, settled, contents, call.now)
    call.put(backup)
    settled = evolve(settled, backed_up_at=call.now)
    call.put(settled)
    return settled, backup


def _due(cluster: Cluster, now: float) -> Iterator[float]:
    """Yield the moments of the daily backups since the last one, as far as any of them can still be there."""
    if cluster.backed_up_at is None:
        return
    kept = now - (cluster.backup_retention_days + DAYS_PENDING_DELETION) * DAY
    missed = max(0.0, (kept - cluster.backed_up_at) // DAY)
    moment = cluster.backed_up_at + (missed + 1) * DAY
    while moment <= now:
        if cluster.state(moment) is ClusterState.ACTIVE and cluster.active_hsms(moment):
            yield moment
        moment += DAY


def _contents(cluster: Cluster, keys: Sequence[tuple[HsmKey, float]], moment: float) -> BackupContents:
    """Return what lies in *cluster* at *moment*, of *keys* those that KMS has not deleted by then."""
    return BackupContents(
        trust_anchor=cluster.trust_anchor,
        cluster_certificate=cluster.cluster_certificate,
        users=cluster.users,
        keys=tuple(key for key, deleted_at in keys if moment < deleted_at),
    )


def _backup(call: Call, cluster: Cluster, contents: BackupContents, moment: float) -> Backup:
    return Backup(
        account=cluster.account,
        region=cluster.region,
        id=call.ids.cloudhsm("backup"),
        cluster_id=cluster.id,
        created_at=moment,
        ready_at=moment + call.terms.timing.create_backup,
        hsm_type=cluster.hsm_type,
        mode=cluster.mode,
        contents=contents,
    )
