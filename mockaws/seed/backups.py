"""The backups that clusters begin with: one of each that is ACTIVE, just made, and the last of a deleted one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockaws.clock import DAY
from mockaws.ids import Ids
from mockaws.records.backups import Backup, BackupContents
from mockaws.records.cloudhsm import ClusterState

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mockaws.records.cloudhsm import Cluster, HsmKey
    from mockaws.seed.clusters import Described
    from mockaws.seed.draft import Draft


def read(clusters: Iterable[Described], keys: Iterable[HsmKey], draft: Draft) -> Iterator[Backup]:
    """Yield a backup of each cluster that has been backed up, with those of *keys* that lay in it then."""
    for item, cluster in clusters:
        made = _made(cluster, draft.begins_at)
        if made is None:
            if item.flag("backup_deleted"):
                message = f"{cluster.id} has no backup, as it is {cluster.state(draft.begins_at)}"
                item.wrong("backup_deleted", message, "a cluster that is ACTIVE or DELETED", relies_on=["state"])
            continue
        yield Backup(
            account=cluster.account,
            region=cluster.region,
            id=Ids(f"first backup of {cluster.id}").cloudhsm("backup"),
            cluster_id=cluster.id,
            created_at=made,
            # Whoever stops the clock in the past finds it ready, as everything else that the fixture describes.
            ready_at=cluster.created_at,
            expires_at=made + cluster.backup_retention_days * DAY,
            delete_requested_at=draft.now if item.flag("backup_deleted") else None,
            hsm_type=cluster.hsm_type,
            mode=cluster.mode,
            contents=BackupContents(
                trust_anchor=cluster.trust_anchor,
                cluster_certificate=cluster.cluster_certificate,
                users=cluster.users,
                keys=tuple(key for key in keys if key.cluster_id == cluster.id),
            ),
        )


def _made(cluster: Cluster, now: float) -> float | None:
    """Return when the last backup of a cluster was made."""
    return cluster.created_at if cluster.state(now) is ClusterState.DELETED else cluster.backed_up_at
