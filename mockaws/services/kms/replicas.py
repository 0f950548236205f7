"""Replicas of multi-Region keys, and changes of the primary key.

https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-overview.html
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mockaws.records.base import evolve
from mockaws.records.kms import Key, KeyState, Origin, ReplicaKey, Transition
from mockaws.services.facts import KEY, Permission, QuotaInOtherRegion
from mockaws.services.kms import (
    deleted_keys,
    errors,
    key_material,
    key_states,
    keys,
    lookup,
    multi_region,
    policy_documents,
    rules,
)
from mockaws.services.kms.tags import merged
from mockaws.services.operation import operation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mockaws.services.operation import Call, Result


@operation(
    KEY,
    Permission(action="CreateKey", region_in="replica_region"),
    Permission(action="TagResource", if_given="tags", region_in="replica_region"),
    quota=5,
    quota_in_other_region=QuotaInOtherRegion("CreateKey", 5, "replica_region", cost=2),
    event_defaults={"bypassPolicyLockoutSafetyCheck": False, "description": ""},
)
def replicate_key(
    call: Call,
    *,
    key_id: str,
    replica_region: str,
    policy: str | None = None,
    bypass_policy_lockout_safety_check: bool = False,
    description: str = "",
    tags: Sequence[dict[str, str]] = (),
) -> Result:
    """Create a replica of a multi-Region primary key in another Region, with its own policy and tags.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_ReplicateKey.html
    """
    primary = lookup.key(call, key_id)
    related = rules.primary_key(primary)
    key_states.require_allowed(call, primary)
    rules.require_other_region(primary, replica_region)
    rules.require_same_partition(primary, replica_region)
    rules.require_existing_region(replica_region)
    _require_no_replica_in(call, primary, replica_region)
    _remove_remains(call, primary, replica_region)
    if policy is not None:
        policy_documents.require_acceptable(call, policy, bypass_lockout_check=bypass_policy_lockout_safety_check)
    keys.require_quota(call, replica_region)
    replica = Key(
        account=primary.account,
        region=replica_region,
        id=primary.id,
        created_at=call.now,
        description=description,
        usage=primary.usage,
        spec=primary.spec,
        origin=primary.origin,
        transition=Transition(state=KeyState.CREATING, until=call.now + call.config.timing.replicate),
        policy=policy,
        tags=merged(call, {}, tags),
    )
    call.put(replica)
    changed = replace(related, replicas=(*related.replicas, ReplicaKey(region=replica_region)))
    replica = multi_region.put(call, evolve(primary, multi_region=changed))[replica_region]
    # Recorded: the new key is Creating, even if only for a moment, and has the expiration of the primary key's
    # material. Without tags the answer has no ReplicaTags.
    metadata = keys.metadata(call, replica, KeyState.CREATING)
    if primary.origin is Origin.EXTERNAL:
        metadata |= key_material.expiration(primary.materials)
    answer = {
        "ReplicaKeyMetadata": metadata,
        "ReplicaPolicy": policy_documents.of(replica),
    }
    return answer | ({"ReplicaTags": tags} if tags else {})


@operation(
    KEY,
    Permission(KEY, region_in="primary_region"),
    quota=5,
    quota_in_other_region=QuotaInOtherRegion("UpdatePrimaryRegion", 5, "primary_region"),
)
def update_primary_region(call: Call, *, key_id: str, primary_region: str) -> None:
    """Make a replica the primary key, and the primary key a replica.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_UpdatePrimaryRegion.html
    """
    primary = lookup.key(call, key_id)
    related = rules.primary_key(primary, otherwise=errors.NotPrimaryToReplace)
    key_states.require_allowed(call, primary)
    if primary_region == primary.region:
        return  # recorded: this is no error, and the key is not Updating
    successor = lookup.existing(call, primary.account, primary.id, primary_region)
    if successor is None:
        raise errors.NoReplicaInRegion(id=primary.id)
    key_states.require_allowed(call, successor)
    updating = Transition(state=KeyState.UPDATING, until=call.now + call.config.timing.update_primary_region)
    call.put(evolve(successor, transition=updating))
    changed = replace(related, primary_region=primary_region)
    multi_region.put(call, evolve(primary, transition=updating, multi_region=changed))


def _require_no_replica_in(call: Call, primary: Key, region: str) -> None:
    """Require that *region* has none of the related keys; raises AlreadyExistsException otherwise."""
    if lookup.existing(call, primary.account, primary.id, region) is not None:
        raise errors.ReplicaExists()


def _remove_remains(call: Call, primary: Key, region: str) -> None:
    """Remove the aliases and grants of a deleted replica: they do not come back with its id."""
    former = call.tx.get(Key, primary.account, region, primary.id)
    if former is not None:
        deleted_keys.remove_belongings(call, former, None)
