"""Removal of deleted keys with everything that belongs to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockaws.records.kms import Alias, Grant, KeyLastUsage
from mockaws.services.kms import key_stores

if TYPE_CHECKING:
    from mockaws.records.kms import Key
    from mockaws.services.operation import Call

_MOST_AT_ONCE = 64


def remove_belongings(call: Call, key: Key, most: int | None = _MOST_AT_ONCE, *, aliases: bool = True) -> bool:
    """Remove the aliases, grants and last usage of *key*; return False if more than *most* of a kind remain.

    The aliases stay if *aliases* is False.
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


def remove(call: Call, key: Key) -> None:
    """Remove a deleted key, with its material in its key store."""
    key_stores.of(call, key).delete_key(call, key)
    call.drop(key)
