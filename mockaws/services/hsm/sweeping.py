"""Removal of deleted clusters with their keys, of backups, and of old history of clusters, subnets and zones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockaws.records import outages
from mockaws.records.backups import Backup
from mockaws.records.base import evolve
from mockaws.records.cloudhsm import Cluster, HsmKey, Subnet, Zone
from mockaws.records.kms import CustomKeyStore
from mockaws.services.hsm import backups, kms_keys
from mockaws.services.sweeping import GRACE, LONG, Rule, Rules, always

if TYPE_CHECKING:
    from mockaws.services.operation import Call


def _cluster_may_be_over(cluster: Cluster, now: float) -> bool:
    return _is_deleted(cluster, now) or _length(cluster) > LONG


def _is_deleted(cluster: Cluster, now: float) -> bool:
    """Return True if a cluster was deleted long ago. One that a fixture describes as DELETED stays for good."""
    return len(cluster.changes) > 1 and cluster.is_deleted(now - GRACE)


def _sweep_cluster(call: Call, cluster: Cluster) -> bool:
    """Remove a deleted cluster after its last daily backups were made, or cut its history.

    A deleted cluster stays as long as a key store refers to it, because its relation to other clusters still matters.
    """
    if not _is_deleted(cluster, call.now):
        return _cut_history(call, cluster)
    stores = call.tx.find(CustomKeyStore, cluster.account, cluster.region)
    for store in stores:
        if cluster.id in {store.cluster_id, *(earlier.cluster_id for earlier in store.earlier_clusters)}:
            return False
    call.drop(backups.make_due(call, cluster))
    return True


def _cut_history(call: Call, cluster: Cluster) -> bool:
    moment = kms_keys.earliest_relevant_moment(call)
    if cluster.backed_up_at is not None:
        moment = min(moment, cluster.backed_up_at)  # due daily backups depend on each day since then
    shorter = cluster.since(moment)
    if _length(cluster) - _length(shorter) < LONG:
        return False
    call.put(shorter)
    return True


def _length(cluster: Cluster) -> int:
    histories = (cluster.changes, cluster.hsms, cluster.security_group_outages, cluster.session_shortages)
    return sum(map(len, histories)) + sum(len(hsm.outages) for hsm in cluster.hsms)


def _sweep_hsm_key(call: Call, key: HsmKey) -> bool:
    if call.tx.get(Cluster, key.account, key.region, key.cluster_id) is not None:
        return False
    call.drop(key)
    return True


def _backup_may_be_over(backup: Backup, now: float) -> bool:
    if backup.deleted_at is not None:
        return now >= backup.deleted_at + GRACE
    return backup.expires_at is not None and not backup.never_expires and now >= backup.expires_at + GRACE


def _sweep_backup(call: Call, backup: Backup) -> bool:
    """Record the end of backups by retention, and remove those that are deleted for good."""
    before = call.tx.find(Backup, backup.account, backup.region, cluster_id=backup.cluster_id)
    return len(list(backups.after_retention(call, before))) < len(before)


def _has_many_outages(record: Subnet | Zone, now: float) -> bool:  # noqa: ARG001 - a Rule's signature
    return len(record.outages) > LONG


def _sweep_outages(call: Call, record: Subnet | Zone) -> bool:
    kept = outages.since(record.outages, kms_keys.earliest_relevant_moment(call))
    if len(record.outages) - len(kept) < LONG:
        return False
    call.put(evolve(record, outages=kept))
    return True


RULES: Rules = {
    Cluster: Rule(_cluster_may_be_over, _sweep_cluster),
    HsmKey: Rule(always, _sweep_hsm_key),
    Backup: Rule(_backup_may_be_over, _sweep_backup),
    Subnet: Rule(_has_many_outages, _sweep_outages),
    Zone: Rule(_has_many_outages, _sweep_outages),
}
