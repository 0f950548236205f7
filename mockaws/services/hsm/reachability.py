"""The parts of a cluster that KMS can reach, now or in the past."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockaws.records.cloudhsm import Cluster, Subnet
from mockaws.records.connecting import zones_in_reach
from mockaws.records.kms import ConnectionState

if TYPE_CHECKING:
    from mockaws.records.kms import CustomKeyStore
    from mockaws.services.operation import Call


def recorded_subnets(call: Call, cluster: Cluster) -> list[Subnet | None]:
    """Return the subnets of *cluster*, None for each that does not exist."""
    return [call.tx.get(Subnet, cluster.account, cluster.region, subnet_id) for subnet_id in cluster.subnets.values()]


def zones(call: Call, cluster: Cluster, at: float) -> set[str]:
    """Return the zones in which KMS can reach a working HSM of *cluster* at a moment."""
    return zones_in_reach(cluster, recorded_subnets(call, cluster), at)


def cluster_for_deletion(call: Call, store: CustomKeyStore, at: float) -> Cluster | None:
    """Return the cluster from which KMS can delete a key of *store* at a moment; None if it cannot.

    KMS needs a connected store, a reachable HSM, a free session, and a cluster that is not changing its HSM type.
    """
    if store.connection_state(at) is not ConnectionState.CONNECTED:
        return None
    cluster = call.tx.get(Cluster, store.account, store.region, store.cluster_id_at(at))
    if (
        cluster is None
        or cluster.is_short_of_sessions(at)
        or cluster.has_limited_writes(at)
        or not zones(call, cluster, at)
    ):
        return None
    return cluster
