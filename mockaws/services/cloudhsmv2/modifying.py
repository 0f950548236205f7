"""Changes of clusters: the retention of their backups, and the type of their HSMs.

https://docs.aws.amazon.com/cloudhsm/latest/userguide/manage-backup-retention.html
https://docs.aws.amazon.com/cloudhsm/latest/userguide/hsm-migration.html
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mockaws.clock import DAY
from mockaws.records.base import evolve
from mockaws.records.cloudhsm import ClusterState, Migration
from mockaws.services.cloudhsmv2 import changing, errors, lookup, rules, shapes
from mockaws.services.cloudhsmv2.resources import CLUSTER
from mockaws.services.hsm import backups
from mockaws.services.operation import operation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockaws.records.cloudhsm import Cluster
    from mockaws.services.operation import Call, Result


@operation(CLUSTER)
def modify_cluster(
    call: Call,
    *,
    cluster_id: str,
    hsm_type: str | None = None,
    backup_retention_policy: Mapping[str, str] | None = None,
) -> Result:
    """Change the backup retention of a cluster, or its HSM type, which can be rolled back within a day.

    https://docs.aws.amazon.com/cloudhsm/latest/APIReference/API_ModifyCluster.html
    """
    cluster = lookup.cluster(call, cluster_id)
    if hsm_type is None and backup_retention_policy is None:
        raise errors.NothingToModify()
    rules.require_modifiable(cluster, call.now)
    if backup_retention_policy is not None:
        cluster = backups.change_retention(call, cluster, rules.retention_days(backup_retention_policy))
    if hsm_type is not None:
        rules.require_known_type(hsm_type, cluster.mode)
        rules.require_migratable(cluster, hsm_type, call.now)
        cluster = _migrated(call, cluster, hsm_type)
    return {"Cluster": shapes.cluster(cluster, call.now)}


def _migrated(call: Call, cluster: Cluster, hsm_type: str) -> Cluster:
    """Begin to move the HSMs of a cluster to another type, one after the other. A rollback loses later contents."""
    forward = hsm_type == rules.MIGRATIONS.get(cluster.hsm_type)
    rollback_until = call.now + DAY if forward or cluster.migration is None else cluster.migration.rollback_until
    others = [hsm.id for hsm in cluster.listed_hsms(call.now) if cluster.hsm_type_of(hsm, call.now) != hsm_type]
    seconds = call.config.timing.modify_cluster * max(1, len(others))
    settled, _ = backups.take(call, cluster)
    if not forward:
        settled = backups.roll_back(call, settled, hsm_type)
    migrated = evolve(
        settled,
        hsm_type=hsm_type,
        hsms=tuple(replace(hsm, hsm_type=hsm_type) for hsm in settled.hsms),
        migration=Migration(
            before=settled.hsm_type,
            since=call.now,
            done_at=call.now + seconds,
            rollback_until=rollback_until,
            hsm_ids=tuple(others),
        ),
    )
    meanwhile = ClusterState.MODIFY_IN_PROGRESS if forward else ClusterState.ROLLBACK_IN_PROGRESS
    return changing.begin(call, migrated, meanwhile, ClusterState.ACTIVE, seconds)
