"""The rules of CloudHSM v2, each a sentence, a function and an error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockaws import arns, regions
from mockaws.records.backups import BackupState
from mockaws.records.cloudhsm import ClusterState
from mockaws.services.cloudhsmv2 import errors

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from mockaws.records.backups import Backup
    from mockaws.records.cloudhsm import Cluster, Subnet

# https://docs.aws.amazon.com/cloudhsm/latest/userguide/limits.html
HSMS_PER_CLUSTER = 28
# The filters of each operation, and which values they can have; None where these are ids.
FILTERS: Mapping[str, Mapping[str, Collection[str] | None]] = {
    "DescribeClusters": {"clusterIds": None, "vpcIds": None, "states": list(ClusterState)},
    "DescribeBackups": {
        "backupIds": None,
        "sourceBackupIds": None,
        "clusterIds": None,
        "states": list(BackupState),
        "neverExpires": ["true", "false"],
    },
}

_RESERVED = "aws:"
_BEFORE_ACTIVATION = {ClusterState.UNINITIALIZED, ClusterState.INITIALIZE_IN_PROGRESS, ClusterState.INITIALIZED}
_TAKES_HSMS = {ClusterState.UNINITIALIZED, ClusterState.INITIALIZED, ClusterState.ACTIVE, ClusterState.DEGRADED}


def known_filters(operation: str, filters: Mapping[str, Collection[str]]) -> None:
    """An operation has certain filters, and a state, or a yes or no, must be one."""
    known = FILTERS[operation]
    for name, values in filters.items():
        if name not in known:
            raise errors.UnknownFilter(name=name, operation=operation, known=", ".join(known))
        possible = known[name]
        for value in values:
            if possible is not None and value not in possible:
                raise errors.UnknownFilterValue(value=value, name=name, known=", ".join(possible))


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


def ready(backup: Backup, now: float) -> None:
    """A backup is copied, shared and deleted when it is READY."""
    state = backup.state(now)
    if state is not BackupState.READY:
        raise errors.BackupNotReady(id=backup.id, state=state)


def pending_deletion(backup: Backup, now: float) -> None:
    """A backup is restored while it is PENDING_DELETION."""
    state = backup.state(now)
    if state is not BackupState.PENDING_DELETION:
        raise errors.BackupNotPendingDeletion(id=backup.id, state=state)


def other_region(backup: Backup, region: str) -> None:
    """A backup is copied to another Region than its own."""
    if region == backup.region:
        raise errors.CopyToSameRegion(id=backup.id, region=region)


def region_there(region: str) -> None:
    """A backup is copied to a Region that AWS has."""
    if region not in regions.REGIONS:
        raise errors.RegionNotThere(region=region)


def in_partition_of(backup: Backup, region: str) -> None:
    """A backup stays in its partition: AWS's ordinary Regions and those for the government of the USA are apart."""
    if arns.partition(region) != arns.partition(backup.region):
        raise errors.CopyToOtherPartition(id=backup.id, own=backup.region, region=region)


def given(member: str, value: str | None) -> str:
    """A resource policy is of something and says something, although the model does not require either."""
    if value is None:
        raise errors.MemberMissing(member=member)
    return value


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


def given_tags_limit(tags: Collection[object], limit: int) -> None:
    """A copy of a backup begins with at most as many tags as a resource can have."""
    if len(tags) > limit:
        raise errors.TooManyTagsGiven(limit=limit)
