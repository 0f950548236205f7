"""The keys in the HSMs of a cluster. https://docs.aws.amazon.com/cloudhsm/latest/userguide/manage-keys.html"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockaws.crypto import symmetric
from mockaws.records.cloudhsm import HsmKey, hsm_key_id
from mockaws.services.hsm import backups

if TYPE_CHECKING:
    from mockaws.records.cloudhsm import Cluster
    from mockaws.services.operation import Call


def create(call: Call, cluster: Cluster, *, label: str, owner: str) -> HsmKey:
    """Make an AES key of 256 bits in *cluster*, which the user *owner* owns."""
    backups.settle(call, cluster)
    key = HsmKey(
        account=cluster.account,
        region=cluster.region,
        id=hsm_key_id(cluster.id, call.ids.hexadecimal(16)),
        cluster_id=cluster.id,
        label=label,
        owner=owner,
        material=symmetric.new_material(),
        created_at=call.now,
    )
    call.put(key)
    return key


def labelled(call: Call, cluster: Cluster, label: str) -> HsmKey | None:
    """Return the key in *cluster* that has *label*."""
    keys = call.tx.find(HsmKey, cluster.account, cluster.region, label=label)
    return next((key for key in keys if key.cluster_id == cluster.id), None)


def delete(call: Call, cluster: Cluster, key: HsmKey) -> None:
    """Delete *key*; backups that were made before keep it."""
    backups.settle(call, cluster)
    call.drop(key)
