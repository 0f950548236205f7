"""Backups of CloudHSM clusters, with all users and keys of the HSMs."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar

from mockaws import arns
from mockaws.clock import DAY
from mockaws.records.base import Record, evolve

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mockaws.records.cloudhsm import HsmKey, HsmUser

DAYS_PENDING_DELETION = 7
_RETIRING_TYPE = "hsm1.medium"


class BackupState(StrEnum):
    """The states of a backup; https://docs.aws.amazon.com/cloudhsm/latest/APIReference/API_Backup.html."""

    CREATE_IN_PROGRESS = "CREATE_IN_PROGRESS"
    READY = "READY"
    DELETED = "DELETED"
    PENDING_DELETION = "PENDING_DELETION"


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupContents:
    """The contents of the HSMs at a backup: users with their passwords, keys, and the certificates of the owner.

    Successive backups of unchanged contents share one instance.
    """

    trust_anchor: str | None
    cluster_certificate: str | None
    users: tuple[HsmUser, ...]
    keys: tuple[HsmKey, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup(Record):
    """A backup of a cluster, or a copy of one in another Region.

    It is CREATE_IN_PROGRESS until *ready_at*. *delete_requested_at* is the moment of its deletion, by its owner or by
    CloudHSM, which can be undone for seven days. At *expires_at* CloudHSM deletes it, unless it is the cluster's last
    one; a copy has none. See `retained`.
    """

    INDEXED: ClassVar = ("cluster_id", "source_backup_id")

    cluster_id: str
    created_at: float
    ready_at: float
    copied_at: float | None = None
    source_region: str | None = None
    source_backup_id: str | None = None
    source_cluster_id: str | None = None
    never_expires: bool = False
    expires_at: float | None = None
    delete_requested_at: float | None = None
    hsm_type: str
    mode: str
    contents: BackupContents = field(repr=False)
    policy: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def arn(self) -> str:
        """The backup's ARN."""
        return arns.cloudhsm(self.region, self.account, "backup", self.id)

    @property
    def deleted_at(self) -> float | None:
        """The moment at which a backup that is pending deletion is gone for good, None for any other."""
        return None if self.delete_requested_at is None else self.delete_requested_at + DAYS_PENDING_DELETION * DAY

    def state(self, now: float) -> BackupState:
        """Return the state that DescribeBackups shows at *now*."""
        if self.deleted_at is not None and now >= self.deleted_at:
            return BackupState.DELETED
        if self.delete_requested_at is not None and now >= self.delete_requested_at:
            return BackupState.PENDING_DELETION
        return BackupState.CREATE_IN_PROGRESS if now < self.ready_at else BackupState.READY


def retained(backups: Iterable[Backup], now: float) -> list[Backup]:
    """Return the backups of one cluster, with those deleted that retention has ended by *now*, newest first.

    An expired backup is pending deletion as soon as a newer one is ready. CloudHSM does not delete a cluster's last
    backup, nor its last one of hsm1.medium after a change of the type. Copies from other Regions belong to no cluster
    and stay.
    https://docs.aws.amazon.com/cloudhsm/latest/userguide/manage-backup-retention.html
    """
    found: list[Backup] = []
    newer_ready_at = newer_retiring_ready_at = math.inf
    for backup in sorted(backups, key=age, reverse=True):
        if backup.delete_requested_at is not None or backup.expires_at is None:
            found.append(backup)
            continue
        retiring = backup.hsm_type == _RETIRING_TYPE
        ends_at = max(backup.expires_at, newer_retiring_ready_at if retiring else newer_ready_at)
        over = not backup.never_expires and ends_at <= now
        found.append(evolve(backup, delete_requested_at=ends_at) if over else backup)
        newer_ready_at = min(newer_ready_at, backup.ready_at)
        if retiring:
            newer_retiring_ready_at = min(newer_retiring_ready_at, backup.ready_at)
    return found


def age(backup: Backup) -> tuple[float, str]:
    """Return the sort key of a backup: its time of creation, then its id."""
    return backup.created_at, backup.id
