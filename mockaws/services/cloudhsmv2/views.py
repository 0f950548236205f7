"""What AWS shows of clusters, HSMs, backups and tags; members that have nothing to say are left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockaws.records.backups import BackupState
from mockaws.records.cloudhsm import ClusterState, HsmState
from mockaws.services.cloudhsmv2 import addresses

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockaws.records.backups import Backup
    from mockaws.records.cloudhsm import Cluster, Hsm

# Recorded: what AWS says beside a state, where a cluster's history says nothing else.
STATE_MESSAGES = {
    ClusterState.INITIALIZE_IN_PROGRESS: "Cluster is initializing. State will change to INITIALIZED upon completion.",
    ClusterState.DELETE_IN_PROGRESS: "The cluster is being deleted.",
}


def cluster(shown: Cluster, now: float) -> dict[str, Any]:
    """Return what AWS shows of a cluster, in AWS's order.

    Recorded: a cluster has no security group yet while it is being created.
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
    return _said(members)


def certificates(shown: Cluster, now: float) -> dict[str, str]:
    """Return the certificates of a cluster: those of its first HSM until it is initialized, then its own.

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
    """Return what DescribeClusters shows of an HSM.

    Terraform's provider takes an HSM without a network interface for any HSM it looks for, so each has one always.
    """
    return _place(of, shown, now) | _said({"State": shown.state(now), "StateMessage": shown.state_message(now)})


def new_hsm(of: Cluster, shown: Hsm, now: float) -> dict[str, Any]:
    """Return what CreateHsm answers: an HSM under way, however soon it is there."""
    return _place(of, shown, now) | {"State": HsmState.CREATE_IN_PROGRESS}


def backup(shown: Backup, now: float) -> dict[str, Any]:
    """Return what DescribeBackups shows of a backup.

    Unlike a cluster without tags, a backup without any has an empty TagList, as AWS's documentation prints it.
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
    """Return what CopyBackupToRegion answers: where the copy comes from. Its own id is found in its own Region."""
    return {
        "CreateTimestamp": copy.created_at,
        "SourceRegion": copy.source_region,
        "SourceBackup": copy.source_backup_id,
        "SourceCluster": copy.source_cluster_id,
    }


def tag_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Return tags in the order of their keys."""
    return [{"Key": key, "Value": value} for key, value in sorted(tags.items())]


def _place(of: Cluster, shown: Hsm, now: float) -> dict[str, Any]:
    members = {
        "AvailabilityZone": shown.zone,
        "ClusterId": of.id,
        "SubnetId": shown.subnet_id,
        "EniId": shown.eni_id,
        "EniIp": shown.eni_ip,
        "EniIpV6": addresses.ipv6(shown) if of.network_type == "DUALSTACK" else None,
        "HsmId": shown.id,
        "HsmType": of.hsm_type_of(shown, now),
    }
    return _said(members)


def _said(members: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}
