"""Clusters of HSMs. https://docs.aws.amazon.com/cloudhsm/latest/userguide/clusters.html"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from mockaws.clock import HOUR
from mockaws.records.cloudhsm import Cluster, ClusterState
from mockaws.services.cloudhsmv2 import changing, errors, lookup, paging, rules, shapes
from mockaws.services.cloudhsmv2.resources import CLUSTER, SOURCE_BACKUP
from mockaws.services.facts import Effect
from mockaws.services.hsm import backups, network
from mockaws.services.operation import operation

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mockaws.records.backups import Backup
    from mockaws.services.operation import Call, Result

# AWS lists a deleted cluster for some time, whose length is not documented.
_DELETED_LISTED = HOUR
_DEFAULT_RETENTION = {"Type": "DAYS", "Value": "90"}


@operation(SOURCE_BACKUP, cross_account=True)
def create_cluster(
    call: Call,
    *,
    hsm_type: str,
    subnet_ids: Sequence[str],
    mode: str | None = None,
    network_type: str = "IPV4",
    backup_retention_policy: Mapping[str, str] | None = None,
    source_backup_id: str | None = None,
    tag_list: Sequence[dict[str, str]] = (),
) -> Result:
    """Create a cluster in subnets of a VPC. One from a backup needs neither initialization nor activation.

    https://docs.aws.amazon.com/cloudhsm/latest/APIReference/API_CreateCluster.html
    """
    rules.require_known_type(hsm_type, mode or "FIPS")
    days = rules.retention_days(_DEFAULT_RETENTION if backup_retention_policy is None else backup_retention_policy)
    subnets = [lookup.subnet(call, subnet_id) for subnet_id in subnet_ids]
    rules.require_one_vpc(subnets)
    rules.require_one_subnet_per_zone(subnets)
    rules.require_distinct_tag_keys([tag["Key"] for tag in tag_list])
    rules.require_unreserved_tag_keys(tag["Key"] for tag in tag_list)
    rules.require_initial_tag_quota(tag_list, call.config.limits.tags_per_resource)
    backup = _backup(call, source_backup_id, hsm_type, mode) if source_backup_id is not None else None
    rules.require_cluster_quota(call.find(Cluster), call.config.limits.clusters, call.now)
    cluster_id = call.once("cluster id", partial(call.ids.cloudhsm, "cluster"))
    cluster = Cluster(
        account=call.account,
        region=call.region,
        id=cluster_id,
        changes=(),
        hsm_type=hsm_type,
        mode=mode or (backup.mode if backup else "FIPS"),
        network_type=network_type,
        created_at=call.now,
        vpc_id=subnets[0].vpc_id,
        subnets={subnet.zone: subnet.id for subnet in subnets},
        security_group=network.create_security_group(call, cluster_id, subnets),
        backup_retention_days=days,
        tags={tag["Key"]: tag["Value"] for tag in tag_list},
    )
    if backup is not None:
        cluster = backups.restore(call, backup, cluster)
    then = ClusterState.ACTIVE if backup else ClusterState.UNINITIALIZED
    begun = changing.begin(call, cluster, ClusterState.CREATE_IN_PROGRESS, then, call.config.timing.create_cluster)
    return {"Cluster": shapes.cluster(begun, call.now)}


@operation(effect=Effect.READS)
def describe_clusters(
    call: Call,
    *,
    filters: Mapping[str, Sequence[str]] | None = None,
    next_token: str | None = None,
    max_results: int = 25,
) -> Result:
    """Describe the clusters in the Region that match the filters, with those deleted in the last hour.

    https://docs.aws.amazon.com/cloudhsm/latest/APIReference/API_DescribeClusters.html
    """
    wanted = filters or {}
    rules.require_known_filters(call.operation, wanted)
    after = paging.position(call.operation, next_token, start="")
    found = [
        cluster
        for cluster in call.find(Cluster, after=after)
        if _is_listed(cluster, call.now) and _is_match(cluster, wanted, call.now)
    ]
    page = found[:max_results]
    answer: Result = {"Clusters": [shapes.cluster(cluster, call.now) for cluster in page]}
    if len(found) > max_results:
        answer["NextToken"] = paging.token(call.operation, page[-1].id)
    return answer


@operation(CLUSTER)
def delete_cluster(call: Call, *, cluster_id: str) -> Result:
    """Delete a cluster without HSMs. Its backups stay.

    https://docs.aws.amazon.com/cloudhsm/latest/APIReference/API_DeleteCluster.html
    """
    cluster = lookup.cluster(call, cluster_id)
    rules.require_deletable(cluster, call.now)
    if cluster.state(call.now) is ClusterState.DELETE_IN_PROGRESS:
        return {"Cluster": shapes.cluster(cluster, call.now)}
    timing = call.config.timing
    leaving = changing.begin(
        call, cluster, ClusterState.DELETE_IN_PROGRESS, ClusterState.DELETED, timing.delete_cluster
    )
    network.delete_security_group(call, cluster)
    return {"Cluster": shapes.cluster(leaving, call.now)}


def _backup(call: Call, wanted: str, hsm_type: str, mode: str | None) -> Backup:
    """Return the backup for a new cluster. It also supplies the mode if the caller gives none."""
    backup = backups.restorable(call, wanted, missing=errors.BackupNotFound, not_ready=errors.BackupNotReady)
    rules.require_restorable_to(backup, hsm_type, mode or backup.mode)
    return backup


def _is_listed(cluster: Cluster, now: float) -> bool:
    """Return True if DescribeClusters shows a cluster. It always shows one that a fixture describes as DELETED."""
    return len(cluster.changes) == 1 or not cluster.is_deleted(now - _DELETED_LISTED)


def _is_match(cluster: Cluster, filters: Mapping[str, Sequence[str]], now: float) -> bool:
    values = {"clusterIds": cluster.id, "vpcIds": cluster.vpc_id, "states": cluster.state(now)}
    return all(values[name] in wanted for name, wanted in filters.items())
