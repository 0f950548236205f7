"""Clusters of HSMs. https://docs.aws.amazon.com/cloudhsm/latest/userguide/clusters.html"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockaws.records.cloudhsm import Cluster, ClusterState
from mockaws.services.cloudhsmv2 import paging, rules, views
from mockaws.services.operation import operation

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mockaws.services.operation import Call, Result

# Recorded: what AWS says beside a state, where a fixture says nothing.
_STATE_MESSAGES = {
    ClusterState.INITIALIZE_IN_PROGRESS: ("Cluster is initializing. State will change to INITIALIZED upon completion."),
    ClusterState.DELETE_IN_PROGRESS: "The cluster is being deleted.",
}


@operation
def describe_clusters(
    call: Call,
    *,
    filters: Mapping[str, Sequence[str]] | None = None,
    next_token: str | None = None,
    max_results: int = 25,
) -> Result:
    """Describe clusters of the account in the Region, deleted ones among them; filters narrow them down.

    https://docs.aws.amazon.com/cloudhsm/latest/APIReference/API_DescribeClusters.html
    """
    wanted = filters or {}
    rules.known_filters(call.operation, wanted)
    after = paging.position(call.operation, next_token, start="")
    found = [cluster for cluster in call.find(Cluster, after=after) if _matches(cluster, wanted, call.now)]
    page = found[:max_results]
    answer: Result = {"Clusters": [_described(cluster, call.now) for cluster in page]}
    if len(found) > max_results:
        answer["NextToken"] = paging.token(call.operation, page[-1].id)
    return answer


def _matches(cluster: Cluster, filters: Mapping[str, Sequence[str]], now: float) -> bool:
    values = {"clusterIds": cluster.id, "vpcIds": cluster.vpc_id, "states": cluster.state(now)}
    return all(values[name] in wanted for name, wanted in filters.items())


def _described(cluster: Cluster, now: float) -> dict[str, Any]:
    """Return what AWS shows of a cluster, in AWS's order; members that have nothing to say are left out."""
    state = cluster.state(now)
    members = {
        "BackupPolicy": "DEFAULT",
        "BackupRetentionPolicy": {"Type": "DAYS", "Value": str(cluster.backup_retention_days)},
        "ClusterId": cluster.id,
        "CreateTimestamp": cluster.created_at,
        "Hsms": [views.hsm(cluster, hsm, now) for hsm in cluster.listed_hsms(now)],
        "HsmType": cluster.hsm_type,
        "SecurityGroup": cluster.security_group,
        "State": state,
        "StateMessage": cluster.state_message(now) or _STATE_MESSAGES.get(state),
        "SubnetMapping": dict(cluster.subnets),
        "VpcId": cluster.vpc_id,
        "NetworkType": cluster.network_type,
        "Certificates": {"ClusterCertificate": cluster.cluster_certificate} if cluster.cluster_certificate else {},
        "TagList": views.tag_list(cluster.tags) or None,
        "Mode": cluster.mode,
    }
    return {name: value for name, value in members.items() if value is not None}
