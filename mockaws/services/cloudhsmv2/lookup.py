"""Finding what a request names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockaws.records.cloudhsm import Cluster, Subnet
from mockaws.services.cloudhsmv2 import errors

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockaws.model.errors import AWSError
    from mockaws.services.operation import Call


def cluster(call: Call, cluster_id: str, missing: Callable[..., AWSError] = errors.ClusterNotFound) -> Cluster:
    """Return a cluster that was not deleted; DescribeClusters alone still shows the others."""
    found = call.get(Cluster, cluster_id, missing)
    if found.deleted(call.now):
        raise missing(id=cluster_id)
    return found


def subnet(call: Call, subnet_id: str) -> Subnet:
    """Return a subnet that nobody has deleted."""
    found = call.lookup(Subnet, subnet_id)
    if found is None or not found.there(call.now):
        raise errors.SubnetNotFound(subnet=subnet_id)
    return found
