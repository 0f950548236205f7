"""Changes of clusters that take time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockaws.records.cloudhsm import ClusterChange

if TYPE_CHECKING:
    from mockaws.records.cloudhsm import Cluster, ClusterState
    from mockaws.services.operation import Call


def begin(call: Call, cluster: Cluster, meanwhile: ClusterState, then: ClusterState, seconds: float) -> Cluster:
    """Put *cluster* into the state *meanwhile*, and schedule the state *then* after *seconds*.

    Return it in the state *meanwhile*, which the call's answer shows even if the change takes no time.
    """
    begun = cluster.changed(ClusterChange(at=call.now, state=meanwhile))
    call.put(begun.changed(ClusterChange(at=call.now + seconds, state=then)))
    return begun
