"""AWS's JSON shapes of clusters, HSMs, backups and tags, without empty members."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockaws.records.backups import BackupState
from mockaws.records.cloudhsm import ClusterState, HsmState
from mockaws.services.cloudhsmv2 import addresses

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockaws.records.backups import Backup
    from mockaws.records.cloudhsm import Cluster, Hsm

# Recorded: AWS's StateMessage of a state, unless the cluster's history has another.
STATE_MESSAGES = {
    ClusterState.INITIALIZE_IN_PROGRESS: "Cluster is initializing. State will change to INITIALIZED upon completion.",
    ClusterState.DELETE_IN_PROGRESS: "The cluster is being deleted.",
}


def cluster(shown: Cluster, now: float) -> dict[str, Any]:
    """Return the shape Cluster, in AWS's order.

    Recorded: a cluster in creation has no security group.
    """
    state = shown.state(now)
    members = {
        "BackupPolicy": "DEFAULT",
        "BackupRetentionPolicy": {"Type": "DAYS", "Value": str(shown.backup_retention_days)},
        "ClusterId": shown.id,
        "CreateTimestamp": shown.created_at,
        "Hsms": [hsm(shown, one, now) for one in shown.listed_hsms(now)],
        "HsmType": shown.hsm_type,
        "HsmTypeRollbackExpiration": shown.migration.rollback(now) if shown.migration else None,
        "SecurityGroup": None if state is ClusterState.CREATE_IN_PROGRESS else shown.security_group,
        "SourceBackupId": shown.source_backup_id,
        "State": state,
        "StateMessage": shown.state_message(now) or STATE_MESSAGES.get(state),
        "SubnetMapping": dict(shown.subnets),
        "VpcId": shown.vpc_id,
        "NetworkType": shown.network_type,
        "Certificates": certificates(shown, now),
        "TagList": tag_list(shown.tags) or None,
        "Mode": shown.mode,
    }
    return _without_none(members)


def certificates(shown: Cluster, now: float) -> dict[str, str]:
    """Return the shape Certificates: those of the first HSM until the cluster is initialized, then its own.

    https://docs.aws.amazon.com/cloudhsm/latest/APIReference/API_Certificates.html
    """
    if shown.state(now) is not ClusterState.UNINITIALIZED:
        return {"ClusterCertificate": shown.cluster_certificate} if shown.cluster_certificate else {}
    identity = shown.identity(now)
    if identity is None:
        return {}
    return {
        "ClusterCsr": identity.cluster_csr,
        "HsmCertificate": identity.hsm,
        "AwsHardwareCertificate": identity.aws_hardware,
        "ManufacturerHardwareCertificate": identity.manufacturer_hardware,
    }


def hsm(of: Cluster, shown: Hsm, now: float) -> dict[str, Any]:
    """Return the shape Hsm of DescribeClusters.

    Terraform's provider confuses HSMs without a network interface, so each HSM always has one.
    """
    return _place(of, shown, now) | _without_none({"State": shown.state(now), "StateMessage": shown.state_message(now)})


def new_hsm(of: Cluster, shown: Hsm, now: float) -> dict[str, Any]:
    """Return the shape Hsm of CreateHsm, which is in creation even if that takes no time."""
    return _place(of, shown, now) | {"State": HsmState.CREATE_IN_PROGRESS}


def backup(shown: Backup, now: float) -> dict[str, Any]:
    """Return the shape Backup.

    A backup without tags has an empty TagList, as AWS's documentation prints it; a cluster without tags has none.
    """
    state = shown.state(now)
    members = {
        "BackupId": shown.id,
        "BackupArn": shown.arn,
        "BackupState": state,
        "ClusterId": shown.cluster_id,
        "CreateTimestamp": shown.created_at,
        "CopyTimestamp": shown.copied_at,
        "NeverExpires": shown.never_expires,
        "SourceRegion": shown.source_region,
        "SourceBackup": shown.source_backup_id,
        "SourceCluster": shown.source_cluster_id,
        "DeleteTimestamp": shown.deleted_at if state is BackupState.PENDING_DELETION else None,
        "TagList": tag_list(shown.tags),
        "HsmType": shown.hsm_type,
        "Mode": shown.mode,
    }
    return {name: value for name, value in members.items() if value is not None}


def destination_backup(copy: Backup) -> dict[str, Any]:
    """Return the shape DestinationBackup, the source of a copy. The answer of AWS lacks the copy's own id."""
    return {
        "CreateTimestamp": copy.created_at,
        "SourceRegion": copy.source_region,
        "SourceBackup": copy.source_backup_id,
        "SourceCluster": copy.source_cluster_id,
    }


def tag_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Return the shape TagList, sorted by key."""
    return [{"Key": key, "Value": value} for key, value in sorted(tags.items())]


def _place(of: Cluster, shown: Hsm, now: float) -> dict[str, Any]:
    members = {
        "AvailabilityZone": shown.zone,
        "ClusterId": of.id,
        "SubnetId": shown.subnet_id,
        "EniId": shown.eni_id,
        "EniIp": shown.eni_ip,
        "EniIpV6": addresses.ipv6_address(shown) if of.network_type == "DUALSTACK" else None,
        "HsmId": shown.id,
        "HsmType": of.hsm_type_of(shown, now),
    }
    return _without_none(members)


def _without_none(members: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}
