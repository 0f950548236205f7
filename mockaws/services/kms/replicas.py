"""Replicas of multi-Region keys, and which of the related keys is the primary one.

https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-overview.html
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mockaws.records.base import evolve
from mockaws.records.kms import Key, KeyState, Origin, ReplicaKey, Transition
from mockaws.services.kms import (
    deleted_keys,
    errors,
    key_states,
    keys,
    lookup,
    material,
    multi_region,
    policy_documents,
    rules,
)
from mockaws.services.kms.tags import merged
from mockaws.services.operation import operation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mockaws.services.operation import Call, Result


@operation
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
    """Create a replica of a multi-Region primary key in another Region; it has a policy, tags and so on of its own.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_ReplicateKey.html
    """
    primary = lookup.key(call, key_id)
    related = rules.primary_key(primary)
    key_states.check(call, primary)
    rules.not_in_region_of(primary, replica_region)
    rules.in_partition_of(primary, replica_region)
    rules.region_there(replica_region)
    _make_room(call, primary, replica_region)
    if policy is not None:
        policy_documents.check(call, policy, bypass_lockout_check=bypass_policy_lockout_safety_check)
    keys.check_quota(call, replica_region)
    replica = Key(
        account=primary.account,
        region=replica_region,
        id=primary.id,
        created_at=call.now,
        description=description,
        usage=primary.usage,
        spec=primary.spec,
        origin=primary.origin,
        transition=Transition(state=KeyState.CREATING, until=call.now + call.terms.timing.replicate),
        policy=policy,
        tags=merged(call, {}, tags),
    )
    call.put(replica)
    changed = replace(related, replicas=(*related.replicas, ReplicaKey(region=replica_region)))
    replica = multi_region.put(call, evolve(primary, multi_region=changed))[replica_region]
    # Recorded: the new key is Creating, however soon that is over, with the expiration of the primary key's material;
    # and without tags the answer has no ReplicaTags.
    metadata = keys.metadata(call, replica, KeyState.CREATING)
    if primary.origin is Origin.EXTERNAL:
        metadata |= material.expiration(primary.materials)
    answer = {
        "ReplicaKeyMetadata": metadata,
        "ReplicaPolicy": policy_documents.of(replica),
    }
    return answer | ({"ReplicaTags": tags} if tags else {})


@operation
def update_primary_region(call: Call, *, key_id: str, primary_region: str) -> None:
    """Make a replica the primary key, and the primary key a replica.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_UpdatePrimaryRegion.html
    """
    primary = lookup.key(call, key_id)
    related = rules.primary_key(primary, otherwise=errors.NotPrimaryToReplace)
    key_states.check(call, primary)
    if primary_region == primary.region:
        return  # recorded: it is no mistake, and the key is not Updating
    successor = lookup.existing(call, primary.account, primary.id, primary_region)
    if successor is None:
        raise errors.NoReplicaInRegion(id=primary.id)
    key_states.check(call, successor)
    updating = Transition(state=KeyState.UPDATING, until=call.now + call.terms.timing.update_primary_region)
    call.put(evolve(successor, transition=updating))
    changed = replace(related, primary_region=primary_region)
    multi_region.put(call, evolve(primary, transition=updating, multi_region=changed))


def _make_room(call: Call, primary: Key, region: str) -> None:
    """There is one related key in a Region; what belonged to a deleted one does not come back with its id."""
    former = call.tx.get(Key, primary.account, region, primary.id)
    if former is None:
        return
    if not former.gone(call.now):
        raise errors.ReplicaExists()
    deleted_keys.drop_belongings(call, former, None)
