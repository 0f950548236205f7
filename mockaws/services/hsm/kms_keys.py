"""Which keys lie in the HSMs, once KMS has deleted those whose KMS keys are gone.

KMS tries once, when the waiting period of a key is over. Where it does not reach the cluster at that moment the key
stays, an orphan. Nothing happens in the records at that moment, so whoever looks at the keys of a cluster asks here.
https://docs.aws.amazon.com/kms/latest/developerguide/fix-keystore.html#fix-keystore-orphaned-key
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from mockaws import arns
from mockaws.records.cloudhsm import KMSUSER, HsmKey
from mockaws.records.kms import NEVER, CustomKeyStore, Key
from mockaws.services.hsm import reach
from mockaws.services.sweeping import GRACE

if TYPE_CHECKING:
    from mockaws.records.cloudhsm import Cluster
    from mockaws.services.operation import Call

_MOST_LOOKED_AT = 2000


def there(call: Call, cluster: Cluster) -> list[HsmKey]:
    """Return the keys that lie in *cluster* now, KMS's and all others."""
    return [key for key, deleted_at in with_ends(call, cluster) if call.now < deleted_at]


def with_ends(call: Call, cluster: Cluster) -> list[tuple[HsmKey, float]]:
    """Return the keys of *cluster*, those that KMS has deleted among them, and when it deleted each."""
    keys = call.tx.find(HsmKey, cluster.account, cluster.region, cluster_id=cluster.id)
    return [(key, deleted_at(call, key)) for key in keys]


def deleted_at(call: Call, hsm_key: HsmKey) -> float:
    """Return when KMS deleted *hsm_key*, NEVER where it has not."""
    key = _kms_key(call, hsm_key)
    if key is None or key.deletion_at is None or not key.gone(call.now):
        return NEVER
    store = call.tx.get(CustomKeyStore, key.account, key.region, key.custom_key_store_id or "")
    cluster = place_of_deletion(call, key, store) if store is not None else None
    return key.deletion_at if cluster is not None and cluster.id == hsm_key.cluster_id else NEVER


def place_of_deletion(call: Call, key: Key, store: CustomKeyStore) -> Cluster | None:
    """Return the cluster in which KMS deletes the material of *key* in *store*; None where it does not reach it.

    That is so when the waiting period ends, or now while it has not. Whatever else is done at the moment when it ends
    comes afterwards: a clock that stands still is moved to that moment first.
    """
    ends = math.inf if key.deletion_at is None else key.deletion_at
    return reach.cluster_for_deletion(call, store, min(math.nextafter(ends, 0), call.now))


def can_come_back(call: Call, key: Key) -> bool:
    """Return True if the cluster that a deleted *key* was deleted in can be rolled back to what lay there before."""
    store = call.tx.get(CustomKeyStore, key.account, key.region, key.custom_key_store_id or "")
    cluster = place_of_deletion(call, key, store) if store is not None else None
    return cluster is not None and cluster.migration is not None and cluster.migration.rollback(call.now) is not None


def earliest_asked(call: Call) -> float:
    """Return the earliest moment of which anything can still be asked in the account and Region under way.

    That is a day ago, or when the first of the deleted keys in key stores was deleted of which there are records. Where
    a store has too many keys to look at, everything can still be asked.
    """
    earliest = call.now - GRACE
    for store in call.find(CustomKeyStore):
        keys = call.find(Key, custom_key_store_id=store.id, limit=_MOST_LOOKED_AT)
        if len(keys) == _MOST_LOOKED_AT:
            return -math.inf
        ends = (key.deletion_at for key in keys if key.deletion_at is not None)
        earliest = min(earliest, math.nextafter(min(ends, default=math.inf), 0))
    return earliest


def _kms_key(call: Call, hsm_key: HsmKey) -> Key | None:
    """Return the KMS key that *hsm_key* is the material of: kmsuser owns it, and its label is the ARN."""
    arn = arns.parse(hsm_key.label)
    if arn is None or hsm_key.owner != KMSUSER:
        return None
    return call.tx.get(Key, arn.account, arn.region, arn.resource.removeprefix("key/"))
