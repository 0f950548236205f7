"""Finding what a request names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockaws.records.cloudhsm import Cluster
from mockaws.services.cloudhsmv2 import errors
from mockaws.services.hsm import backups, network

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockaws.model.errors import AWSError
    from mockaws.records.backups import Backup
    from mockaws.records.cloudhsm import Subnet
    from mockaws.services.operation import Call


def cluster(call: Call, cluster_id: str, missing: Callable[..., AWSError] = errors.ClusterNotFound) -> Cluster:
    """Return a cluster that was not deleted; DescribeClusters alone still shows the others."""
    found = call.get(Cluster, cluster_id, missing)
    if found.deleted(call.now):
        raise missing(id=cluster_id)
    return found


def subnet(call: Call, subnet_id: str) -> Subnet:
    """Return a subnet that nobody has deleted."""
    found = network.subnet(call, subnet_id)
    if found is None or not found.there(call.now):
        raise errors.SubnetNotFound(subnet=subnet_id)
    return found


def backup(
    call: Call, backup_id: str, missing: Callable[..., AWSError] = errors.BackupNotFound, named: str | None = None
) -> Backup:
    """Return a backup of the caller's account that is not gone for good; *named* is what the caller calls it."""
    found = backups.find(call, backup_id)
    if found is None:
        raise missing(id=named or backup_id)
    return found


def resource(call: Call, resource_id: str) -> Cluster | Backup:
    """Return what has tags: a cluster or a backup."""
    if resource_id.startswith("backup-"):
        return backup(call, resource_id, errors.ResourceNotFound)
    return cluster(call, resource_id, errors.ResourceNotFound)
