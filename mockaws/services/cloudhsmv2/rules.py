"""The rules of CloudHSM v2, each a sentence, a function and an error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockaws import arns, regions
from mockaws.records.backups import BackupState
from mockaws.records.cloudhsm import ClusterState
from mockaws.records.outages import out
from mockaws.services.cloudhsmv2 import errors
from mockaws.services.hsm import network

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from mockaws.records.backups import Backup
    from mockaws.records.cloudhsm import Cluster, HsmCertificates, Subnet, Zone
    from mockaws.services.operation import Call

# https://docs.aws.amazon.com/cloudhsm/latest/userguide/limits.html
HSMS_PER_CLUSTER = 28
RETENTION_DAYS = range(7, 380)
# The modes that the HSMs of a type can run in.
# https://docs.aws.amazon.com/cloudhsm/latest/userguide/cluster-hsm-types.html
MODES: Mapping[str, Collection[str]] = {"hsm1.medium": ("FIPS",), "hsm2m.medium": ("FIPS", "NON_FIPS")}
# What the HSMs of a cluster can be changed to, and back from within a day.
# https://docs.aws.amazon.com/cloudhsm/latest/userguide/hsm-migration.html
MIGRATIONS: Mapping[str, str] = {"hsm1.medium": "hsm2m.medium"}
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
_UNDER_WAY = {
    ClusterState.CREATE_IN_PROGRESS,
    ClusterState.INITIALIZE_IN_PROGRESS,
    ClusterState.UPDATE_IN_PROGRESS,
    ClusterState.MODIFY_IN_PROGRESS,
    ClusterState.ROLLBACK_IN_PROGRESS,
}
_TAKES_HSMS = {ClusterState.UNINITIALIZED, ClusterState.ACTIVE, ClusterState.DEGRADED}
_LOSES_NO_HSM = {
    ClusterState.INITIALIZE_IN_PROGRESS,
    ClusterState.MODIFY_IN_PROGRESS,
    ClusterState.ROLLBACK_IN_PROGRESS,
}


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


def known_type(hsm_type: str, mode: str) -> None:
    """There are two types of HSMs, of which one runs in FIPS mode only."""
    if hsm_type not in MODES:
        raise errors.UnknownHsmType()
    if mode not in MODES[hsm_type]:
        raise errors.ModeNotOfType(mode=mode, type=hsm_type)


def retention_days(policy: Mapping[str, str]) -> int:
    """Backups are kept for 7 to 379 days."""
    for member in ("Type", "Value"):
        given(f"BackupRetentionPolicy.{member}", policy.get(member))
    days = int(policy["Value"])
    if days not in RETENTION_DAYS:
        raise errors.RetentionOutOfRange(days=days, least=RETENTION_DAYS[0], most=RETENTION_DAYS[-1])
    return days


def one_vpc(subnets: Iterable[Subnet]) -> None:
    """The subnets of a cluster lie in one VPC."""
    vpcs = sorted({subnet.vpc_id for subnet in subnets})
    if len(vpcs) > 1:
        raise errors.SeveralVpcs(vpcs=", ".join(vpcs))


def one_subnet_in_a_zone(subnets: Iterable[Subnet]) -> None:
    """A cluster has at most one subnet in each Availability Zone."""
    first: dict[str, Subnet] = {}
    for subnet in subnets:
        if subnet.zone in first:
            raise errors.SubnetsInOneZone(zone=subnet.zone, one=first[subnet.zone].id, other=subnet.id)
        first[subnet.zone] = subnet


def restored_as_it_was(backup: Backup, hsm_type: str, mode: str) -> None:
    """A backup is restored to HSMs of the type and the mode that it was made in, or of the type that came after."""
    if hsm_type not in {backup.hsm_type, MIGRATIONS.get(backup.hsm_type)} or mode != backup.mode:
        raise errors.BackupOfOtherKind(
            id=backup.id, backup_type=backup.hsm_type, backup_mode=backup.mode, type=hsm_type, mode=mode
        )


def clusters_left(clusters: Iterable[Cluster], limit: int, now: float) -> None:
    """An account has at most as many clusters in a Region as the limit says; deleted ones do not count."""
    if sum(not cluster.deleted(now) for cluster in clusters) >= limit:
        raise errors.TooManyClusters(limit=limit)


def can_be_initialized(cluster: Cluster, now: float) -> HsmCertificates:
    """A cluster is initialized once, when it waits for that and its first HSM has made a request for a certificate."""
    if cluster.state(now) is not ClusterState.UNINITIALIZED:
        raise errors.ClusterCannotBe(cluster=cluster.id, state=cluster.state(now), changed="initialized")
    identity = cluster.identity(now)
    if identity is None:
        raise errors.NoRequestYet(cluster=cluster.id)
    return identity


def can_be_modified(cluster: Cluster, now: float) -> None:
    """How long backups are kept can be changed until the cluster is deleted."""
    if cluster.state(now) is ClusterState.DELETE_IN_PROGRESS:
        raise errors.ClusterCannotBe(cluster=cluster.id, state=cluster.state(now), changed="modified")


def can_be_migrated(cluster: Cluster, hsm_type: str, now: float) -> None:
    """An active cluster with room for another HSM goes to the newer type of HSMs; it can go back for a day.

    https://docs.aws.amazon.com/cloudhsm/latest/userguide/hsm-migration.html
    """
    state, goes_back = cluster.state(now), _can_go_back(cluster, hsm_type, now)
    if state is not ClusterState.ACTIVE and not (goes_back and state is ClusterState.MODIFY_IN_PROGRESS):
        raise errors.ClusterCannotBe(cluster=cluster.id, state=state, changed="modified")
    if hsm_type != MIGRATIONS.get(cluster.hsm_type) and not goes_back:
        raise errors.NoMigration(cluster=cluster.id, own=cluster.hsm_type, wanted=hsm_type)
    if len(cluster.listed_hsms(now)) >= HSMS_PER_CLUSTER:
        raise errors.ClusterFull(cluster=cluster.id, limit=HSMS_PER_CLUSTER)


def _can_go_back(cluster: Cluster, hsm_type: str, now: float) -> bool:
    migration = cluster.migration
    return migration is not None and migration.before == hsm_type and migration.rollback(now) is not None


def can_be_deleted(cluster: Cluster, now: float) -> None:
    """A cluster is deleted when its HSMs are gone and nothing is under way with it."""
    if cluster.listed_hsms(now):
        hsms = ", ".join(f"{hsm.id} ({hsm.state(now)})" for hsm in cluster.listed_hsms(now))
        raise errors.ClusterHasHsms(cluster=cluster.id, hsms=hsms)
    if cluster.state(now) in _UNDER_WAY:
        raise errors.ClusterCannotBe(cluster=cluster.id, state=cluster.state(now), changed="deleted")


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


def loses_hsms(cluster: Cluster, now: float) -> None:
    """HSMs stay while the cluster is being initialized, or changed to another type."""
    if cluster.state(now) in _LOSES_NO_HSM:
        raise errors.ClusterLosesNoHsm(cluster=cluster.id, state=cluster.state(now))


def hsms_left(clusters: Iterable[Cluster], limit: int, now: float) -> None:
    """An account has at most as many HSMs in a Region as the limit says."""
    if sum(len(cluster.listed_hsms(now)) for cluster in clusters) >= limit:
        raise errors.TooManyHsms(limit=limit)


def zone_works(zone: Zone | None, now: float) -> None:
    """No HSM can be created in an Availability Zone that has failed."""
    if zone is not None and out(zone.outages, now):
        raise errors.ZoneOut(zone=zone.id)


def subnet_in_zone(cluster: Cluster, zone: str) -> str:
    """An HSM stands in a zone in which the cluster has a subnet."""
    if zone not in cluster.subnets:
        raise errors.ZoneWithoutSubnet(cluster=cluster.id, zone=zone, zones=", ".join(sorted(cluster.subnets)))
    return cluster.subnets[zone]


def free_addresses(subnet: Subnet) -> None:
    """An HSM takes an address of its subnet."""
    if subnet.free_addresses < 1:
        raise errors.SubnetFull(subnet=subnet.id)


def security_group_there(call: Call, cluster: Cluster) -> None:
    """The network interface of an HSM is put into the cluster's security group."""
    if not network.security_group_there(call, cluster):
        raise errors.SecurityGroupNotFound(group=cluster.security_group, cluster=cluster.id)


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
    """A policy of a resource, or of retention, has all of its members, although the model does not require them."""
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
    """A cluster, or a copy of a backup, begins with at most as many tags as a resource can have."""
    if len(tags) > limit:
        raise errors.TooManyTagsGiven(limit=limit)
