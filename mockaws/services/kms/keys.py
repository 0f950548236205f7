"""KMS keys: creating, describing and listing them, enabling and disabling them, deleting them and cancelling that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockaws.clock import DAY
from mockaws.records import rotating
from mockaws.records.base import evolve
from mockaws.records.key_specs import ALGORITHMS_MEMBER, SYMMETRIC_DEFAULT, KeyType, KeyUsage
from mockaws.records.kms import CustomKeyStore, Key, KeyState, MultiRegion, Origin
from mockaws.services.facts import ANY, ANY_KEY, KEY, Effect, Permission
from mockaws.services.kms import (
    errors,
    key_material,
    key_states,
    key_stores,
    lookup,
    multi_region,
    paging,
    policy_documents,
    rules,
)
from mockaws.services.kms.tags import merged
from mockaws.services.operation import operation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mockaws.records.key_specs import KeySpec
    from mockaws.services.kms.key_stores.base import KeyStore
    from mockaws.services.operation import Call, Result

DEFAULT_WINDOW_IN_DAYS = 30


@operation(
    ANY,
    Permission(action="TagResource", if_given="tags"),
    quota=5,
    event_defaults={
        "bypassPolicyLockoutSafetyCheck": False,
        "description": "",
        "keySpec": "SYMMETRIC_DEFAULT",
        "keyUsage": "ENCRYPT_DECRYPT",
        "origin": "AWS_KMS",
    },
)
def create_key(
    call: Call,
    *,
    policy: str | None = None,
    description: str = "",
    key_usage: str | None = None,
    customer_master_key_spec: str | None = None,
    key_spec: str | None = None,
    origin: str = Origin.AWS_KMS,
    custom_key_store_id: str | None = None,
    bypass_policy_lockout_safety_check: bool = False,
    tags: Sequence[dict[str, str]] = (),
    multi_region: bool = False,
    xks_key_id: str | None = None,
) -> Result:
    """Create a KMS key in the caller's account and Region.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html
    """
    spec = rules.available_spec(call, rules.agreed_spec(key_spec, customer_master_key_spec))
    usage = rules.usage_of(key_usage, spec)
    key_origin = Origin(origin)
    rules.require_store_for_origin(key_origin, custom_key_store_id, xks_key_id)
    if custom_key_store_id is not None:
        _require_for_store(spec, multi_region=multi_region)
    _require_is_there(key_origin)
    rules.require_importable_spec(call, key_origin, spec)
    if policy is not None:
        policy_documents.require_acceptable(call, policy, bypass_lockout_check=bypass_policy_lockout_safety_check)
    require_quota(call, call.region)
    accepted_tags = merged(call, {}, tags)
    store = _store_of_new_key(call, custom_key_store_id)
    key_id = call.ids.multi_region_key() if multi_region else call.ids.uuid()
    key = Key(
        account=call.account,
        region=call.region,
        id=key_id,
        created_at=call.now,
        description=description,
        usage=usage,
        spec=spec.name,
        origin=key_origin,
        multi_region=MultiRegion(primary_region=call.region) if multi_region else None,
        policy=policy,
        tags=accepted_tags,
        custom_key_store_id=custom_key_store_id,
        materials=store.create_material(call, key_id, spec, key_origin),
    )
    call.put(key)
    return {"KeyMetadata": metadata(call, key)}


def _require_for_store(spec: KeySpec, *, multi_region: bool) -> None:
    """Require a symmetric encryption key of one Region, as custom key stores have no others.

    Raises UnsupportedOperationException otherwise.
    """
    if spec.name != SYMMETRIC_DEFAULT:
        raise errors.OnlySymmetricInStore()
    if multi_region:
        raise errors.NoMultiRegionInStore()


def _require_is_there(origin: Origin) -> None:
    """Require an origin that this version supports; raises UnsupportedOperationException otherwise."""
    if origin is Origin.EXTERNAL_KEY_STORE:
        raise errors.OriginNotThere(origin=origin)


def require_quota(call: Call, region: str) -> None:
    """Require that an account has fewer keys in a Region than its quota; each related multi-Region key counts.

    Raises LimitExceededException otherwise.
    """
    limit = call.config.limits.keys
    there = call.tx.count(Key, call.account, region)
    if there < limit:
        return
    beside = call.tx.find(Key, call.account, region, beside_quota="yes")
    usage = there - sum(key.manager != "CUSTOMER" or key.is_gone(call.now) for key in beside)
    if usage >= limit:
        raise errors.TooManyKeys(limit=limit, usage=usage)


def _store_of_new_key(call: Call, store_id: str | None) -> KeyStore:
    """Return the custom key store with *store_id*, KMS's own store for None.

    Raises CustomKeyStoreNotFoundException if there is no such store.
    """
    if store_id is None:
        return key_stores.AWS_KMS
    return key_stores.custom(call.get(CustomKeyStore, store_id, missing=errors.CustomKeyStoreNotFound))


@operation(KEY, effect=Effect.READS, by_alias=True, grantable=ANY_KEY, quota=2000)
def describe_key(call: Call, *, key_id: str, grant_tokens: Sequence[str] = ()) -> Result:  # noqa: ARG001
    """Describe a key.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeKey.html
    """
    return {"KeyMetadata": metadata(call, lookup.key(call, key_id))}


@operation(effect=Effect.READS, quota=500)
def list_keys(
    call: Call, *, limit: int | None = None, marker: str | None = None, resource_owners: Sequence[str] = ("SELF",)
) -> Result:
    """List the ids and ARNs of the keys in the caller's account and Region.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeys.html
    """
    page_size = paging.size(paging.KEYS, limit)
    start = paging.after(marker)
    found = []
    if "SELF" in resource_owners:
        found = paging.visible(call, Key, start, page_size + 1, lambda key: not key.is_gone(call.now))
    return paging.answer("Keys", [(key.id, {"KeyId": key.id, "KeyArn": key.arn}) for key in found], page_size)


@operation(KEY, quota=5)
def update_key_description(call: Call, *, key_id: str, description: str) -> None:
    """Change the description of a key.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_UpdateKeyDescription.html
    """
    key = lookup.key(call, key_id)
    key_states.require_allowed(call, key)
    call.put(evolve(key, description=description))


@operation(KEY, quota=5, event_has_key_arn=True)
def enable_key(call: Call, *, key_id: str) -> None:
    """Enable a key; an unavailable key is enabled when it is available again.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_EnableKey.html
    """
    key = lookup.key(call, key_id)
    key_states.require_allowed(call, key)
    multi_region.put(call, rotating.resumed(evolve(key, enabled=True), call.now))


@operation(KEY, quota=5, event_has_key_arn=True)
def disable_key(call: Call, *, key_id: str) -> None:
    """Disable a key; an unavailable key is disabled when it is available again.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_DisableKey.html
    """
    key = lookup.key(call, key_id)
    key_states.require_allowed(call, key)
    multi_region.put(call, rotating.paused(evolve(key, enabled=False)))


@operation(KEY, quota=15)
def schedule_key_deletion(call: Call, *, key_id: str, pending_window_in_days: int = DEFAULT_WINDOW_IN_DAYS) -> Result:
    """Delete a key after a waiting period of days; that of a primary key begins when its replicas are deleted.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_ScheduleKeyDeletion.html
    """
    key = lookup.key(call, key_id)
    key_states.require_allowed(call, key)
    rules.require_deletion_window(pending_window_in_days)
    scheduled = evolve(
        key,
        enabled=False,
        deletion_at=call.now + pending_window_in_days * DAY,
        pending_window_in_days=pending_window_in_days,
    )
    key = multi_region.put(call, rotating.paused(scheduled))[key.region]
    state = key_states.state(call, key)
    answer = {"KeyId": key.arn, "KeyState": state, "PendingWindowInDays": pending_window_in_days}
    return answer | ({"DeletionDate": key.deletion_at} if state is KeyState.PENDING_DELETION else {})


@operation(KEY, quota=5)
def cancel_key_deletion(call: Call, *, key_id: str) -> Result:
    """Keep a key that was scheduled for deletion; it is disabled then.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_CancelKeyDeletion.html
    """
    key = lookup.key(call, key_id)
    key_states.require_allowed(call, key)
    multi_region.put(call, evolve(key, enabled=False, deletion_at=None, pending_window_in_days=None))
    return {"KeyId": key.arn}


def metadata(call: Call, key: Key, state: KeyState | None = None) -> dict[str, Any]:
    """Return a key as DescribeKey shows it, in its present state or in *state*.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_KeyMetadata.html
    """
    state = state or key_states.state(call, key)
    usage = KeyUsage(key.usage)
    shown: dict[str, Any] = {
        "AWSAccountId": key.account,
        "KeyId": key.id,
        "Arn": key.arn,
        "CreationDate": key.created_at,
        "Enabled": state is KeyState.ENABLED,
        "Description": key.description,
        "KeyUsage": key.usage,
        "KeyState": state,
        "Origin": key.origin,
        "KeyManager": key.manager,
        "CustomerMasterKeySpec": key.spec,
        "KeySpec": key.spec,
        ALGORITHMS_MEMBER[usage]: key.key_spec.usages[usage],
        "MultiRegion": key.multi_region is not None,
    }
    if key.multi_region is not None:
        shown["MultiRegionConfiguration"] = multi_region.configuration(key, key.multi_region, call.now)
    if state is KeyState.PENDING_DELETION:
        shown["DeletionDate"] = key.deletion_at
    if state is KeyState.PENDING_REPLICA_DELETION:
        shown["PendingDeletionWindowInDays"] = key.pending_window_in_days
    if key.custom_key_store_id is not None:
        shown |= key_stores.of(call, key).describe_key()
    if key.origin is Origin.EXTERNAL and state is not KeyState.PENDING_IMPORT:
        shown |= key_material.expiration(key.materials)
    # Recorded: a replica has its material when it is not Creating any more.
    if key.materials and key.key_spec.type is KeyType.SYMMETRIC and state is not KeyState.CREATING:
        shown["CurrentKeyMaterialId"] = key.materials[-1].id
    return shown
