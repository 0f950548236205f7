"""The keys in HSMs, without those that KMS deleted together with their KMS keys.

KMS tries to delete the material once, when the waiting period of the KMS key ends. If it cannot reach the cluster then,
the material stays as an orphan. No record changes at that moment: these functions derive the result.
https://docs.aws.amazon.com/kms/latest/developerguide/fix-keystore.html#fix-keystore-orphaned-key
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from mockaws import arns
from mockaws.records.cloudhsm import KMSUSER, HsmKey
from mockaws.records.kms import NEVER, CustomKeyStore, Key
from mockaws.services.hsm import reachability
from mockaws.services.sweeping import GRACE

if TYPE_CHECKING:
    from mockaws.records.cloudhsm import Cluster
    from mockaws.services.operation import Call

_MOST_EXAMINED = 2000


def present_keys(call: Call, cluster: Cluster) -> list[HsmKey]:
    """Return the keys in *cluster* now, KMS's and others."""
    return [key for key, deleted_at in keys_with_deletion_times(call, cluster) if call.now < deleted_at]


def keys_with_deletion_times(call: Call, cluster: Cluster) -> list[tuple[HsmKey, float]]:
    """Return the keys of *cluster*, deleted ones included, each with the moment at which KMS deleted it."""
    keys = call.tx.find(HsmKey, cluster.account, cluster.region, cluster_id=cluster.id)
    return [(key, deleted_at(call, key)) for key in keys]


def deleted_at(call: Call, hsm_key: HsmKey) -> float:
    """Return the moment at which KMS deleted *hsm_key*, NEVER if it has not."""
    key = _kms_key(call, hsm_key)
    if key is None or key.deletion_at is None or not key.is_gone(call.now):
        return NEVER
    store = call.tx.get(CustomKeyStore, key.account, key.region, key.custom_key_store_id or "")
    cluster = place_of_deletion(call, key, store) if store is not None else None
    return key.deletion_at if cluster is not None and cluster.id == hsm_key.cluster_id else NEVER


def place_of_deletion(call: Call, key: Key, store: CustomKeyStore) -> Cluster | None:
    """Return the cluster from which KMS deletes the material of *key* in *store*; None if KMS cannot reach it.

    The moment is the end of the waiting period, or now if that is earlier. Other changes at the same moment count as
    later, because a frozen clock reaches that moment before a caller can change anything.
    """
    ends = math.inf if key.deletion_at is None else key.deletion_at
    return reachability.cluster_for_deletion(call, store, min(math.nextafter(ends, 0), call.now))


def may_be_restored(call: Call, key: Key) -> bool:
    """Return True if a rollback of its cluster could restore the material of a deleted *key*."""
    store = call.tx.get(CustomKeyStore, key.account, key.region, key.custom_key_store_id or "")
    cluster = place_of_deletion(call, key, store) if store is not None else None
    return cluster is not None and cluster.migration is not None and cluster.migration.rollback(call.now) is not None


def earliest_relevant_moment(call: Call) -> float:
    """Return the earliest moment on which an answer in the account and Region can still depend.

    It is a day ago, or the deletion of the first key in a key store whose record still exists. If a store has too many
    keys to examine, all moments are relevant.
    """
    earliest = call.now - GRACE
    for store in call.find(CustomKeyStore):
        keys = call.find(Key, custom_key_store_id=store.id, limit=_MOST_EXAMINED)
        if len(keys) == _MOST_EXAMINED:
            return -math.inf
        ends = (key.deletion_at for key in keys if key.deletion_at is not None)
        earliest = min(earliest, math.nextafter(min(ends, default=math.inf), 0))
    return earliest


def _kms_key(call: Call, hsm_key: HsmKey) -> Key | None:
    """Return the KMS key of the material *hsm_key*, whose label is the KMS key's ARN; None unless kmsuser owns it."""
    arn = arns.parse(hsm_key.label)
    if arn is None or hsm_key.owner != KMSUSER:
        return None
    return call.tx.get(Key, arn.account, arn.region, arn.resource.removeprefix("key/"))
