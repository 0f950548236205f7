"""Automatic rotation. https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from mockaws.clock import DAY
from mockaws.records.base import evolve
from mockaws.records.kms import Origin
from mockaws.services.kms import key_states, lookup, multi_region, rules
from mockaws.services.operation import operation

if TYPE_CHECKING:
    from mockaws.records.kms import Key
    from mockaws.services.operation import Call, Result

DEFAULT_PERIOD_IN_DAYS = 365


@operation
def enable_key_rotation(call: Call, *, key_id: str, rotation_period_in_days: int = DEFAULT_PERIOD_IN_DAYS) -> None:
    """Have the material of a key rotated every so many days; called again it changes the period.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_EnableKeyRotation.html
    """
    key = _rotatable(call, key_id)
    rules.no_replica(key)
    multi_region.put(call, evolve(key, rotation_period_in_days=rotation_period_in_days, rotation_enabled_at=call.now))


@operation
def disable_key_rotation(call: Call, *, key_id: str) -> None:
    """Leave the material of a key as it is from now on.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_DisableKeyRotation.html
    """
    key = _rotatable(call, key_id)
    rules.no_replica(key)
    multi_region.put(call, evolve(key, rotation_period_in_days=None, rotation_enabled_at=None))


@operation
def get_key_rotation_status(call: Call, *, key_id: str) -> Result:
    """Tell whether a key is rotated, and when next.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyRotationStatus.html
    """
    key = _rotatable(call, key_id)
    if key.rotation_period_in_days is None or key.rotation_enabled_at is None:
        return {"KeyId": key.id, "KeyRotationEnabled": False}
    if key.deletion_at is not None:
        return {"KeyId": key.id, "KeyRotationEnabled": False}
    return {
        "KeyId": key.id,
        "KeyRotationEnabled": True,
        "RotationPeriodInDays": key.rotation_period_in_days,
        "NextRotationDate": _next(key.rotation_enabled_at, key.rotation_period_in_days * DAY, call.now),
    }


def _rotatable(call: Call, key_id: str) -> Key:
    """Return the key, whose origin must be one that KMS can rotate."""
    key = lookup.key(call, key_id)
    rules.origin_is(key, Origin.AWS_KMS)
    key_states.check(call, key)
    return key


def _next(enabled_at: float, period: float, now: float) -> float:
    """Return the first moment after *now* that lies a whole number of periods after the rotation was enabled."""
    return enabled_at + period * (math.floor((now - enabled_at) / period) + 1)
