"""The rules of CloudHSM v2, each a sentence, a function and an error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockaws.records.cloudhsm import ClusterState
from mockaws.services.cloudhsmv2 import errors

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from mockaws.records.cloudhsm import Cluster, Subnet

# https://docs.aws.amazon.com/cloudhsm/latest/userguide/limits.html
HSMS_PER_CLUSTER = 28
FILTERS = ("clusterIds", "vpcIds", "states")

_RESERVED = "aws:"
_BEFORE_ACTIVATION = {ClusterState.UNINITIALIZED, ClusterState.INITIALIZE_IN_PROGRESS, ClusterState.INITIALIZED}
_TAKES_HSMS = {ClusterState.UNINITIALIZED, ClusterState.INITIALIZED, ClusterState.ACTIVE, ClusterState.DEGRADED}


def known_filters(filters: Mapping[str, Collection[str]]) -> None:
    """Clusters are filtered by id, VPC and state, and a state must be one."""
    for name in filters:
        if name not in FILTERS:
            raise errors.UnknownFilter(name=name, known=", ".join(FILTERS))
    for state in filters.get("states", ()):
        if state not in set(ClusterState):
            raise errors.UnknownState(state=state)


def one_hsm_before_activation(cluster: Cluster, now: float) -> None:
    """A cluster that was not activated has at most one HSM: the others are copies of what activation makes of it."""
    if cluster.state(now) in _BEFORE_ACTIVATION and cluster.listed_hsms(now):
        raise errors.NotYetActivated(cluster=cluster.id)


def takes_hsms(cluster: Cluster, now: float) -> None:
    """A cluster takes HSMs when nothing is under way with it and it has room."""
    state = cluster.state(now)
    if state not in _TAKES_HSMS:
        raise errors.ClusterTakesNoHsm(cluster=cluster.id, state=state)
    if len(cluster.listed_hsms(now)) >= HSMS_PER_CLUSTER:
        raise errors.ClusterFull(cluster=cluster.id, limit=HSMS_PER_CLUSTER)


def subnet_in_zone(cluster: Cluster, zone: str) -> str:
    """An HSM stands in a zone in which the cluster has a subnet."""
    if zone not in cluster.subnets:
        raise errors.ZoneWithoutSubnet(cluster=cluster.id, zone=zone, zones=", ".join(sorted(cluster.subnets)))
    return cluster.subnets[zone]


def free_addresses(subnet: Subnet) -> None:
    """An HSM takes an address of its subnet."""
    if subnet.free_addresses < 1:
        raise errors.SubnetFull(subnet=subnet.id)


def one_selector(**selectors: str | None) -> tuple[str, str]:
    """An HSM to delete is told by its id, or its network interface's id, or its address."""
    given = [(member, value) for member, value in selectors.items() if value is not None]
    if len(given) != 1:
        raise errors.OneSelector()
    return given[0]


def distinct_tag_keys(keys: Collection[str]) -> None:
    """A request names each tag key once."""
    if len(set(keys)) < len(keys):
        raise errors.DuplicateTagKeys()


def own_tag_keys(keys: Iterable[str]) -> None:
    """Tag keys that begin with `aws:`, in any letter case, are AWS's."""
    if any(key.lower().startswith(_RESERVED) for key in keys):
        raise errors.ReservedTagKey()


def tag_limit(resource_id: str, tags: Collection[str], limit: int) -> None:
    """A resource has at most as many tags as the limit says."""
    if len(tags) > limit:
        raise errors.TooManyTags(id=resource_id, limit=limit)
