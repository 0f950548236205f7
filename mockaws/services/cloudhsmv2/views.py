"""What AWS shows of an HSM, of a backup and of tags; members that have nothing to say are left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockaws.records.backups import BackupState
from mockaws.records.cloudhsm import HsmState

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockaws.records.backups import Backup
    from mockaws.records.cloudhsm import Cluster, Hsm


def hsm(cluster: Cluster, shown: Hsm, now: float) -> dict[str, Any]:
    """Return what DescribeClusters shows of an HSM.

    Terraform's provider takes an HSM without a network interface for any HSM it looks for, so each has one always.
    """
    members = _place(cluster, shown) | {"State": shown.state(now), "StateMessage": shown.state_message(now)}
    return {name: value for name, value in members.items() if value is not None}


def new_hsm(cluster: Cluster, shown: Hsm) -> dict[str, Any]:
    """Return what CreateHsm answers: an HSM under way, however soon it is there."""
    return _place(cluster, shown) | {"State": HsmState.CREATE_IN_PROGRESS}


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


def _place(cluster: Cluster, shown: Hsm) -> dict[str, Any]:
    return {
        "AvailabilityZone": shown.zone,
        "ClusterId": cluster.id,
        "SubnetId": shown.subnet_id,
        "EniId": shown.eni_id,
        "EniIp": shown.eni_ip,
        "HsmId": shown.id,
        "HsmType": shown.hsm_type,
    }
