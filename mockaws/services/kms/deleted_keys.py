"""Removal of deleted keys and all that belongs to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockaws.records.kms import Alias, CustomKeyStore, Grant, KeyLastUsage
from mockaws.services.hsm import keys as hsm_keys
from mockaws.services.hsm import kms_keys

if TYPE_CHECKING:
    from mockaws.records.kms import Key
    from mockaws.services.operation import Call

_MOST_AT_ONCE = 64


def drop_belongings(call: Call, key: Key, most: int | None = _MOST_AT_ONCE, *, aliases: bool = True) -> bool:
    """Remove the aliases, grants and last usage of *key*; return False if more than *most* of a kind are still there.

    Without *aliases* these stay.
    """
    found = call.tx.find(Alias, key.account, key.region, target_key_id=key.id, limit=most) if aliases else ()
    for alias in found:
        call.drop(alias)
    grants = call.tx.find(Grant, key.account, key.region, key_id=key.id, limit=most)
    for grant in grants:
        for record in grant.records:
            call.drop(record)
    usage = call.tx.get(KeyLastUsage, key.account, key.region, key.id)
    if usage is not None:
        call.drop(usage)
    return most is None or max(len(found), len(grants)) < most


def bury(call: Call, key: Key) -> None:
    """Remove a deleted key, with its material in the HSMs of its key store; an orphan stays in the cluster."""
    store = call.tx.get(CustomKeyStore, key.account, key.region, key.custom_key_store_id or "")
    cluster = kms_keys.place_of_deletion(call, key, store) if store is not None else None
    if cluster is not None:
        hsm_key = hsm_keys.labelled(call, cluster, key.arn)
        if hsm_key is not None:
            hsm_keys.delete(call, cluster, hsm_key)
    call.drop(key)
