"""Changes of clusters that take their time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockaws.records.cloudhsm import ClusterChange

if TYPE_CHECKING:
    from mockaws.records.cloudhsm import Cluster, ClusterState
    from mockaws.services.operation import Call


def begin(call: Call, cluster: Cluster, meanwhile: ClusterState, then: ClusterState, seconds: float) -> Cluster:
    """Put *cluster*, in a state *meanwhile* and in another *then*, when so many *seconds* are over.

    Return it as the call's answer shows it: under way, however soon it is done.
    """
    begun = cluster.changed(ClusterChange(at=call.now, state=meanwhile))
    call.put(begun.changed(ClusterChange(at=call.now + seconds, state=then)))
    return begun
