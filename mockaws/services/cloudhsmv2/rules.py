"""The rules of CloudHSM v2: one function and one error each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockaws import arns, regions
from mockaws.records.backups import BackupState
from mockaws.records.cloudhsm import ClusterState
from mockaws.records.outages import out
from mockaws.services import tags
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
# The modes of each HSM type.
# https://docs.aws.amazon.com/cloudhsm/latest/userguide/cluster-hsm-types.html
MODES: Mapping[str, Collection[str]] = {"hsm1.medium": ("FIPS",), "hsm2m.medium": ("FIPS", "NON_FIPS")}
# The successor of each HSM type. A change to it can be rolled back within a day.
# https://docs.aws.amazon.com/cloudhsm/latest/userguide/hsm-migration.html
MIGRATIONS: Mapping[str, str] = {"hsm1.medium": "hsm2m.medium"}
# The filters of each operation with their permitted values; None if the values are ids.
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


def require_known_filters(operation: str, filters: Mapping[str, Collection[str]]) -> None:
    """Require filters of the operation, with permitted values. Raises CloudHsmInvalidRequestException."""
    known = FILTERS[operation]
    for name, values in filters.items():
        if name not in known:
            raise errors.UnknownFilter(name=name, operation=operation, known=", ".join(known))
        possible = known[name]
        for value in values:
            if possible is not None and value not in possible:
                raise errors.UnknownFilterValue(value=value, name=name, known=", ".join(possible))


def require_known_type(hsm_type: str, mode: str) -> None:
    """Require a known HSM type, and one of its modes. Raises CloudHsmInvalidRequestException."""
    if hsm_type not in MODES:
        raise errors.UnknownHsmType()
    if mode not in MODES[hsm_type]:
        raise errors.ModeNotOfType(mode=mode, type=hsm_type)


def retention_days(policy: Mapping[str, str]) -> int:
    """Return the days of a retention policy.

    Raises CloudHsmInvalidRequestException unless it has all members and 7 to 379 days.
    """
    for member in ("Type", "Value"):
        required_member(f"BackupRetentionPolicy.{member}", policy.get(member))
    days = int(policy["Value"])
    if days not in RETENTION_DAYS:
        raise errors.RetentionOutOfRange(days=days, least=RETENTION_DAYS[0], most=RETENTION_DAYS[-1])
    return days


def require_one_vpc(subnets: Iterable[Subnet]) -> None:
    """Require that all subnets are in one VPC. Raises CloudHsmInvalidRequestException."""
    vpcs = sorted({subnet.vpc_id for subnet in subnets})
    if len(vpcs) > 1:
        raise errors.SeveralVpcs(vpcs=", ".join(vpcs))


def require_one_subnet_per_zone(subnets: Iterable[Subnet]) -> None:
    """Require at most one subnet in each Availability Zone. Raises CloudHsmInvalidRequestException."""
    first: dict[str, Subnet] = {}
    for subnet in subnets:
        if subnet.zone in first:
            raise errors.SubnetsInOneZone(zone=subnet.zone, one=first[subnet.zone].id, other=subnet.id)
        first[subnet.zone] = subnet


def require_restorable_to(backup: Backup, hsm_type: str, mode: str) -> None:
    """Require the mode of the backup, and its HSM type or the successor of that type.

    Raises CloudHsmInvalidRequestException.
    """
    if hsm_type not in {backup.hsm_type, MIGRATIONS.get(backup.hsm_type)} or mode != backup.mode:
        raise errors.BackupOfOtherKind(
            id=backup.id, backup_type=backup.hsm_type, backup_mode=backup.mode, type=hsm_type, mode=mode
        )


def require_cluster_quota(clusters: Iterable[Cluster], limit: int, now: float) -> None:
    """Require fewer than *limit* clusters in the Region. Deleted ones do not count. Raises CloudHsmServiceException."""
    if sum(not cluster.is_deleted(now) for cluster in clusters) >= limit:
        raise errors.TooManyClusters(limit=limit)


def first_hsm_certificates(cluster: Cluster, now: float) -> HsmCertificates:
    """Return the certificates of the first HSM, with the signing request, for the initialization.

    Raises CloudHsmInvalidRequestException unless the cluster is UNINITIALIZED and its first HSM is ACTIVE.
    """
    if cluster.state(now) is not ClusterState.UNINITIALIZED:
        raise errors.ClusterCannotBe(cluster=cluster.id, state=cluster.state(now), changed="initialized")
    identity = cluster.identity(now)
    if identity is None:
        raise errors.NoRequestYet(cluster=cluster.id)
    return identity


def require_modifiable(cluster: Cluster, now: float) -> None:
    """Require a cluster that is not being deleted. Raises CloudHsmInvalidRequestException."""
    if cluster.state(now) is ClusterState.DELETE_IN_PROGRESS:
        raise errors.ClusterCannotBe(cluster=cluster.id, state=cluster.state(now), changed="modified")


def require_migratable(cluster: Cluster, hsm_type: str, now: float) -> None:
    """Require an active cluster with room for an HSM, and the successor of its HSM type or a rollback within a day.

    Raises CloudHsmInvalidRequestException.

    https://docs.aws.amazon.com/cloudhsm/latest/userguide/hsm-migration.html
    """
    state, is_rollback = cluster.state(now), _may_roll_back(cluster, hsm_type, now)
    if state is not ClusterState.ACTIVE and not (is_rollback and state is ClusterState.MODIFY_IN_PROGRESS):
        raise errors.ClusterCannotBe(cluster=cluster.id, state=state, changed="modified")
    if hsm_type != MIGRATIONS.get(cluster.hsm_type) and not is_rollback:
        raise errors.NoMigration(cluster=cluster.id, own=cluster.hsm_type, wanted=hsm_type)
    if len(cluster.listed_hsms(now)) >= HSMS_PER_CLUSTER:
        raise errors.ClusterFull(cluster=cluster.id, limit=HSMS_PER_CLUSTER)


def _may_roll_back(cluster: Cluster, hsm_type: str, now: float) -> bool:
    migration = cluster.migration
    return migration is not None and migration.before == hsm_type and migration.rollback(now) is not None


def require_deletable(cluster: Cluster, now: float) -> None:
    """Require a cluster without HSMs, and without a change under way. Raises CloudHsmInvalidRequestException."""
    if cluster.listed_hsms(now):
        hsms = ", ".join(f"{hsm.id} ({hsm.state(now)})" for hsm in cluster.listed_hsms(now))
        raise errors.ClusterHasHsms(cluster=cluster.id, hsms=hsms)
    if cluster.state(now) in _UNDER_WAY:
        raise errors.ClusterCannotBe(cluster=cluster.id, state=cluster.state(now), changed="deleted")


def require_no_hsm_before_activation(cluster: Cluster, now: float) -> None:
    """Require that a cluster has no HSM yet, unless it was activated.

    All later HSMs are copies of the activated first one. Raises CloudHsmInvalidRequestException.
    """
    if cluster.state(now) in _BEFORE_ACTIVATION and cluster.listed_hsms(now):
        raise errors.NotYetActivated(cluster=cluster.id)


def require_hsm_can_be_added(cluster: Cluster, now: float) -> None:
    """Require a cluster without a change under way, and with room for another HSM.

    Raises CloudHsmInvalidRequestException.
    """
    state = cluster.state(now)
    if state not in _TAKES_HSMS:
        raise errors.ClusterTakesNoHsm(cluster=cluster.id, state=state)
    if len(cluster.listed_hsms(now)) >= HSMS_PER_CLUSTER:
        raise errors.ClusterFull(cluster=cluster.id, limit=HSMS_PER_CLUSTER)


def require_hsm_can_be_deleted(cluster: Cluster, now: float) -> None:
    """Require a cluster that is neither being initialized nor changing its HSM type.

    Raises CloudHsmInvalidRequestException.
    """
    if cluster.state(now) in _LOSES_NO_HSM:
        raise errors.ClusterLosesNoHsm(cluster=cluster.id, state=cluster.state(now))


def require_hsm_quota(clusters: Iterable[Cluster], limit: int, now: float) -> None:
    """Require fewer than *limit* HSMs in the Region. Raises CloudHsmServiceException."""
    if sum(len(cluster.listed_hsms(now)) for cluster in clusters) >= limit:
        raise errors.TooManyHsms(limit=limit)


def require_zone_available(zone: Zone | None, now: float) -> None:
    """Require an Availability Zone that works. Raises CloudHsmServiceException."""
    if zone is not None and out(zone.outages, now):
        raise errors.ZoneOut(zone=zone.id)


def subnet_id_in_zone(cluster: Cluster, zone: str) -> str:
    """Return the id of the cluster's subnet in a zone. Raises CloudHsmInvalidRequestException if it has none there."""
    if zone not in cluster.subnets:
        raise errors.ZoneWithoutSubnet(cluster=cluster.id, zone=zone, zones=", ".join(sorted(cluster.subnets)))
    return cluster.subnets[zone]


def require_free_address(subnet: Subnet) -> None:
    """Require a free address in the subnet. Raises CloudHsmInvalidRequestException."""
    if subnet.free_addresses < 1:
        raise errors.SubnetFull(subnet=subnet.id)


def require_security_group(call: Call, cluster: Cluster) -> None:
    """Require the cluster's security group, for the network interface of an HSM.

    Raises CloudHsmInvalidRequestException.
    """
    if not network.has_security_group(call, cluster):
        raise errors.SecurityGroupNotFound(group=cluster.security_group, cluster=cluster.id)


def hsm_selector(**selectors: str | None) -> tuple[str, str]:
    """Return the only selector of an HSM: its id, its network interface's id, or its address.

    Raises CloudHsmInvalidRequestException unless there is exactly one.
    """
    given = [(member, value) for member, value in selectors.items() if value is not None]
    if len(given) != 1:
        raise errors.OneSelector()
    return given[0]


def require_ready(backup: Backup, now: float) -> None:
    """Require a backup that is READY, to copy, share or delete it. Raises CloudHsmInvalidRequestException."""
    state = backup.state(now)
    if state is not BackupState.READY:
        raise errors.BackupNotReady(id=backup.id, state=state)


def require_pending_deletion(backup: Backup, now: float) -> None:
    """Require a backup that is PENDING_DELETION, to restore it. Raises CloudHsmInvalidRequestException."""
    state = backup.state(now)
    if state is not BackupState.PENDING_DELETION:
        raise errors.BackupNotPendingDeletion(id=backup.id, state=state)


def require_other_region(backup: Backup, region: str) -> None:
    """Require another Region than the backup's own. Raises CloudHsmInvalidRequestException."""
    if region == backup.region:
        raise errors.CopyToSameRegion(id=backup.id, region=region)


def require_known_region(region: str) -> None:
    """Require a Region of AWS. Raises CloudHsmInvalidRequestException."""
    if region not in regions.REGIONS:
        raise errors.RegionNotThere(region=region)


def require_same_partition(backup: Backup, region: str) -> None:
    """Require a Region in the backup's partition, such as `aws` or `aws-us-gov`.

    Raises CloudHsmInvalidRequestException.
    """
    if arns.partition(region) != arns.partition(backup.region):
        raise errors.CopyToOtherPartition(id=backup.id, own=backup.region, region=region)


def required_member(member: str, value: str | None) -> str:
    """Return the value of a member that the service requires, although its model does not.

    Raises CloudHsmInvalidRequestException if it is absent.
    """
    if value is None:
        raise errors.MemberMissing(member=member)
    return value


def require_distinct_tag_keys(keys: Collection[str]) -> None:
    """Require distinct tag keys. Raises CloudHsmTagException."""
    if len(set(keys)) < len(keys):
        raise errors.DuplicateTagKeys()


def require_unreserved_tag_keys(keys: Iterable[str]) -> None:
    """Require tag keys that are not reserved for AWS. Raises CloudHsmTagException."""
    if any(map(tags.is_reserved_key, keys)):
        raise errors.ReservedTagKey()


def require_tag_quota(resource_id: str, given: Collection[str], limit: int) -> None:
    """Require at most *limit* tags of a resource. Raises CloudHsmResourceLimitExceededException."""
    if len(given) > limit:
        raise errors.TooManyTags(id=resource_id, limit=limit)


def require_initial_tag_quota(given: Collection[object], limit: int) -> None:
    """Require at most *limit* tags of a new cluster or copy of a backup. Raises CloudHsmTagException."""
    if len(given) > limit:
        raise errors.TooManyTagsGiven(limit=limit)
