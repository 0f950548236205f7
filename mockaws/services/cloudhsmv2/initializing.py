"""Initialization of clusters: the signer of the first HSM's key owns the cluster.

https://docs.aws.amazon.com/cloudhsm/latest/userguide/initialize-cluster.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockaws.records.base import evolve
from mockaws.records.cloudhsm import UNACTIVATED_USERS, ClusterState
from mockaws.services.cloudhsmv2 import changing, lookup, ownership, rules, shapes
from mockaws.services.cloudhsmv2.resources import CLUSTER
from mockaws.services.operation import operation

if TYPE_CHECKING:
    from mockaws.services.operation import Call, Result


@operation(CLUSTER)
def initialize_cluster(call: Call, *, cluster_id: str, signed_cert: str, trust_anchor: str) -> Result:
    """Claim a cluster with a certificate of its first HSM's key, and the self-signed certificate of its issuer.

    https://docs.aws.amazon.com/cloudhsm/latest/APIReference/API_InitializeCluster.html
    """
    cluster = lookup.cluster(call, cluster_id)
    identity = rules.first_hsm_certificates(cluster, call.now)
    ownership.require_owner_certificates(cluster.id, identity.cluster_csr, signed_cert, trust_anchor, call.now)
    owned = evolve(cluster, cluster_certificate=signed_cert, trust_anchor=trust_anchor, users=UNACTIVATED_USERS)
    begun = changing.begin(
        call,
        owned,
        ClusterState.INITIALIZE_IN_PROGRESS,
        ClusterState.INITIALIZED,
        call.config.timing.initialize_cluster,
    )
    shown = shapes.cluster(begun, call.now)
    return {member: shown[member] for member in ("State", "StateMessage")}
