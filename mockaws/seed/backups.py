"""The backups that clusters begin with: of each one that is at work, one that was just made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockaws.clock import DAY
from mockaws.ids import Ids
from mockaws.records.backups import Backup, BackupContents
from mockaws.records.cloudhsm import HsmKey

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mockaws.records.base import Record
    from mockaws.seed.clusters import Described


def read(clusters: Iterable[Described], records: Iterable[Record]) -> Iterator[Backup]:
    """Yield a backup of each cluster that has been backed up, with those of *records* that lie in it."""
    keys = [record for record in records if isinstance(record, HsmKey)]
    for _, cluster in clusters:
        if cluster.backed_up_at is None:
            continue
        yield Backup(
            account=cluster.account,
            region=cluster.region,
            id=Ids(f"first backup of {cluster.id}").cloudhsm("backup"),
            cluster_id=cluster.id,
            created_at=cluster.backed_up_at,
            # Whoever stops the clock in the past finds it ready, as everything else that the fixture describes.
            ready_at=cluster.created_at,
            expires_at=cluster.backed_up_at + cluster.backup_retention_days * DAY,
            hsm_type=cluster.hsm_type,
            mode=cluster.mode,
            contents=BackupContents(
                trust_anchor=cluster.trust_anchor,
                cluster_certificate=cluster.cluster_certificate,
                users=cluster.users,
                keys=tuple(key for key in keys if key.cluster_id == cluster.id),
            ),
        )
