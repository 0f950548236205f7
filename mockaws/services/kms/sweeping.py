"""Sweeping of deleted keys with all that belongs to them, and of the histories of key stores."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockaws.records.kms import Alias, CustomKeyStore, Grant, Key, KeyLastUsage, RetirableGrant
from mockaws.records.world import DeleteRelaxation
from mockaws.services.hsm import kms_keys
from mockaws.services.kms import deleted_keys, key_stores
from mockaws.services.sweeping import GRACE, LONG, Rule, Rules, always

if TYPE_CHECKING:
    from mockaws.records.base import Record
    from mockaws.services.operation import Call


def _key_is_over(key: Key, now: float) -> bool:
    return key.is_gone(now - GRACE)


def _sweep_key(call: Call, key: Key) -> bool:
    """Remove a deleted key after everything that belongs to it, which may take several sweeps.

    A key with aliases stays if a relaxation of AWS's rules keeps aliases longer than keys. So does a key whose material
    can come back, as in a cluster that can be rolled back.
    """
    if _aliases_stay(call) and call.tx.find(Alias, key.account, key.region, target_key_id=key.id, limit=1):
        return False
    if key_stores.of(call, key).may_get_key_back(call, key):
        return False
    if deleted_keys.remove_belongings(call, key):
        deleted_keys.remove(call, key)
    return True


def _alias_may_be_over(alias: Alias, now: float) -> bool:  # noqa: ARG001 - a Rule's signature
    return alias.target_key_id is not None


def _sweep_alias(call: Call, alias: Alias) -> bool:
    return not _aliases_stay(call) and _sweep_of_key(call, alias, alias.target_key_id or "")


def _sweep_grant(call: Call, grant: Grant) -> bool:
    if not _is_over(call, grant, grant.key_id):
        return False
    for record in grant.records:
        call.drop(record)
    return True


def _sweep_entry(call: Call, entry: RetirableGrant) -> bool:
    if call.tx.get(Grant, entry.key_account, entry.region, entry.id) is not None:
        return False
    call.drop(entry)
    return True


def _sweep_usage(call: Call, usage: KeyLastUsage) -> bool:
    return _sweep_of_key(call, usage, usage.id)


def _sweep_of_key(call: Call, record: Record, key_id: str) -> bool:
    """Remove a record that belongs to a deleted key."""
    if not _is_over(call, record, key_id):
        return False
    call.drop(record)
    return True


def _is_over(call: Call, record: Record, key_id: str) -> bool:
    key = call.tx.get(Key, record.account, record.region, key_id)
    return key is None or _key_is_over(key, call.now)


def _aliases_stay(call: Call) -> bool:
    """Return True if aliases of deleted keys can be given to other keys: see UpdateAlias."""
    return call.config.relaxations.delete_custom_key_store is DeleteRelaxation.WITH_PENDING_KEYS


def _has_a_long_history(store: CustomKeyStore, now: float) -> bool:  # noqa: ARG001 - a Rule's signature
    return len(store.changes) + len(store.earlier_clusters) > LONG


def _sweep_history(call: Call, store: CustomKeyStore) -> bool:
    shorter = store.since(kms_keys.earliest_relevant_moment(call))
    if len(store.changes) + len(store.earlier_clusters) - len(shorter.changes) - len(shorter.earlier_clusters) < LONG:
        return False
    call.put(shorter)
    return True


RULES: Rules = {
    Alias: Rule(_alias_may_be_over, _sweep_alias),
    Grant: Rule(always, _sweep_grant),
    RetirableGrant: Rule(always, _sweep_entry),
    KeyLastUsage: Rule(always, _sweep_usage),
    Key: Rule(_key_is_over, _sweep_key),
    CustomKeyStore: Rule(_has_a_long_history, _sweep_history),
}
