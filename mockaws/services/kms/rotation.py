"""Rotation of keys, automatic and on demand; `records.rotating` has its effects as the clock advances.

https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockaws.clock import MINUTE
from mockaws.records import rotating
from mockaws.records.base import evolve
from mockaws.records.key_specs import KeyType
from mockaws.records.kms import AutomaticRotation, Key, KeyState, Origin, RotationType
from mockaws.services.facts import KEY, Effect
from mockaws.services.kms import errors, key_material, key_states, lookup, multi_region, paging, rules
from mockaws.services.operation import operation

if TYPE_CHECKING:
    from mockaws.records.kms import KeyMaterial
    from mockaws.services.operation import Call, Result

DEFAULT_PERIOD_IN_DAYS = 365
# In this time before an automatic rotation, no rotation on demand can begin.
_NEAR = 20 * MINUTE


@operation(KEY, quota=15, event_has_key_arn=True)
def enable_key_rotation(call: Call, *, key_id: str, rotation_period_in_days: int | None = None) -> None:
    """Rotate the material of a key periodically; a later call changes the period in days.

    The days count from the change; without one the next rotation stays on its date (recorded).
    https://docs.aws.amazon.com/kms/latest/APIReference/API_EnableKeyRotation.html
    """
    key = _with_rotation(call, key_id)
    rules.require_rotatable(key)
    rules.require_no_replica(call, key)
    former = None if key.rotation is None else key.rotation.period_in_days
    period = rotation_period_in_days or former or DEFAULT_PERIOD_IN_DAYS
    if period != former:
        rotation = AutomaticRotation(period_in_days=period, counts_from=call.now)
        multi_region.put(call, evolve(key, rotation=rotation))


@operation(KEY, quota=5)
def disable_key_rotation(call: Call, *, key_id: str) -> None:
    """Stop the automatic rotation of a key.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_DisableKeyRotation.html
    """
    key = _with_rotation(call, key_id)
    rules.require_no_replica(call, key)
    multi_region.put(call, evolve(key, rotation=None))


@operation(KEY, effect=Effect.READS, cross_account=True, quota=1000)
def get_key_rotation_status(call: Call, *, key_id: str) -> Result:
    """Return the automatic rotation of a key, and the date of the next one.

    AWS does not return it for its own keys. It does for a primary key that waits for the deletion of its replicas
    (recorded).
    https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyRotationStatus.html
    """
    key = lookup.key(call, key_id)
    rules.require_origin(key, Origin.AWS_KMS, Origin.EXTERNAL)
    key_states.require_allowed(call, key)
    shown: dict[str, Any] = {"KeyId": key.arn, "KeyRotationEnabled": False}
    is_shown = key.manager == "CUSTOMER" and key_states.state(call, key) is not KeyState.PENDING_DELETION
    if is_shown and key.rotation is not None:
        shown |= {
            "KeyRotationEnabled": True,
            "RotationPeriodInDays": key.rotation.period_in_days,
            "NextRotationDate": key.rotation.next_at,
        }
    if key.on_demand_rotation is not None:
        shown["OnDemandRotationStartDate"] = key.on_demand_rotation.started_at
    return shown


@operation(KEY, quota=5)
def rotate_key_on_demand(call: Call, *, key_id: str) -> Result:
    """Rotate the material of a key now, to new material of KMS or to the imported next material.

    Another call while a rotation is under way changes nothing (recorded).
    https://docs.aws.amazon.com/kms/latest/APIReference/API_RotateKeyOnDemand.html
    """
    key = lookup.key(call, key_id)
    rules.require_origin(key, Origin.AWS_KMS, Origin.EXTERNAL)
    key_states.require_allowed(call, key)
    rules.require_rotatable(key)
    rules.require_no_replica(call, key)
    if key.on_demand_rotation is not None:
        return {"KeyId": key.arn}
    _require_no_automatic_rotation(call, key)
    next_material = _imported(call, key) if key.origin is Origin.EXTERNAL else key_material.new(call, key.key_spec)
    _require_quota(call, key)
    rotation = rotating.begun(key, next_material, call.now, call.now + call.config.timing.rotate_key_on_demand)
    multi_region.put(call, rotating.settled(rotation, call.now))
    return {"KeyId": key.arn}


@operation(KEY, effect=Effect.READS, on_aws_managed=True, quota=100)
def list_key_rotations(
    call: Call,
    *,
    key_id: str,
    include_key_material: str | None = None,
    limit: int | None = None,
    marker: str | None = None,
) -> Result:
    """List the past rotations of a key, or all its key materials.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeyRotations.html
    """
    key = lookup.key(call, key_id)
    rules.require_origin(key, Origin.AWS_KMS, Origin.EXTERNAL)
    if include_key_material is not None:
        rules.require_listable_materials(key)
    entries = [
        _entry(key, generation, state)
        for generation, state in _generations(call, key)
        if generation.rotated_at is not None or include_key_material == "ALL_KEY_MATERIAL"
    ]
    numbered = [(f"{number:09}", entry) for number, entry in enumerate(entries)]
    return paging.of_values("Rotations", numbered, paging.KEY_ROTATIONS, limit, marker)


def _with_rotation(call: Call, key_id: str) -> Key:
    """Return the key; raises UnsupportedOperationException if KMS cannot rotate its origin automatically."""
    key = lookup.key(call, key_id)
    rules.require_origin(key, Origin.AWS_KMS)
    key_states.require_allowed(call, key)
    return key


def _require_no_automatic_rotation(call: Call, key: Key) -> None:
    """Require that no automatic rotation is due soon; it comes first; raises ConflictException otherwise."""
    if key.rotation is not None and key.rotation.next_at <= call.now + _NEAR:
        raise errors.AutomaticRotationIsNear()


def _require_quota(call: Call, key: Key) -> None:
    done = sum(generation.rotation_type is RotationType.ON_DEMAND for generation in key.materials)
    if done >= call.config.limits.on_demand_rotations_per_key:
        raise errors.TooManyOnDemandRotations(arn=key.arn)


def _imported(call: Call, key: Key) -> KeyMaterial:
    """Return the material that was imported to be rotated to; all related keys must have it.

    If it has expired meanwhile, the key is pending import after the rotation.
    """
    pending = key.pending_material
    if pending is None:
        raise errors.NoMaterialPendingRotation(arn=key.arn)
    if not _imported_everywhere(call, key):
        raise errors.MaterialNotInEveryRegion()
    return pending


def _generations(call: Call, key: Key) -> list[tuple[KeyMaterial, str]]:
    """Return the generations of a key's material, oldest first, each with AWS's word for its state.

    New material of KMS for a rotation under way is not shown before its end. Keys of other specs have none (recorded).
    """
    if key.key_spec.type is not KeyType.SYMMETRIC:
        return []
    found = [
        (generation, "CURRENT" if generation is key.materials[-1] else "NON_CURRENT") for generation in key.materials
    ]
    pending = key.pending_material
    if key.origin is Origin.EXTERNAL and pending is not None:
        everywhere = _imported_everywhere(call, key)
        found.append((pending, "PENDING_ROTATION" if everywhere else "PENDING_MULTI_REGION_IMPORT_AND_ROTATION"))
    return found


def _imported_everywhere(call: Call, key: Key) -> bool:
    """Return True if the pending material of *key* has been imported into all related keys."""
    if key.multi_region is None:
        return True
    regions = {key.multi_region.primary_region, *(replica.region for replica in key.multi_region.replicas)}
    related = (call.tx.get(Key, key.account, region, key.id) for region in regions)
    return all(
        other.pending_material is not None and other.pending_material.is_held
        for other in related
        if other is not None and not other.is_gone(call.now)
    )


def _entry(key: Key, generation: KeyMaterial, state: str) -> dict[str, Any]:
    """Return a generation as AWS lists it; expired imported material is listed until it is deleted.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_RotationsListEntry.html
    """
    shown: dict[str, Any] = {"KeyId": key.arn, "KeyMaterialId": generation.id}
    if generation.description is not None:
        shown["KeyMaterialDescription"] = generation.description
    if key.origin is Origin.EXTERNAL:
        shown["ImportState"] = "IMPORTED" if generation.is_held else "PENDING_IMPORT"
    shown["KeyMaterialState"] = state
    if key.origin is Origin.EXTERNAL:
        shown |= key_material.expiration([generation])
    if generation.rotated_at is not None:
        shown |= {"RotationDate": generation.rotated_at, "RotationType": generation.rotation_type}
    return shown
