"""The resources that a request names."""

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
    """Return a cluster that was not deleted. Raises *missing*, with the id, if there is none."""
    found = call.get(Cluster, cluster_id, missing)
    if found.is_deleted(call.now):
        raise missing(id=cluster_id)
    return found


def subnet(call: Call, subnet_id: str) -> Subnet:
    """Return a subnet that exists. Raises CloudHsmInvalidRequestException if there is none."""
    found = network.subnet(call, subnet_id)
    if found is None or not found.exists(call.now):
        raise errors.SubnetNotFound(subnet=subnet_id)
    return found


def backup(
    call: Call, backup_id: str, missing: Callable[..., AWSError] = errors.BackupNotFound, named: str | None = None
) -> Backup:
    """Return a backup of the caller's account that is not deleted for good.

    Raises *missing* if there is none, with *named*, the caller's name for it, else with the id.
    """
    found = backups.find(call, backup_id)
    if found is None:
        raise missing(id=named or backup_id)
    return found


def resource(call: Call, resource_id: str) -> Cluster | Backup:
    """Return a resource with tags: a cluster or a backup. Raises CloudHsmResourceNotFoundException."""
    if resource_id.startswith("backup-"):
        return backup(call, resource_id, errors.ResourceNotFound)
    return cluster(call, resource_id, errors.ResourceNotFound)
