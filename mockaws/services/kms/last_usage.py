"""The last usage of keys. https://docs.aws.amazon.com/kms/latest/developerguide/monitoring-key-last-usage.html"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockaws.ids import event_id
from mockaws.records.kms import KeyLastUsage
from mockaws.services.facts import KEY, Effect
from mockaws.services.kms import lookup
from mockaws.services.operation import operation

if TYPE_CHECKING:
    from mockaws.services.operation import Call, Result


@operation(KEY, effect=Effect.READS, on_aws_managed=True, quota=5)
def get_key_last_usage(call: Call, *, key_id: str) -> Result:
    """Return the last successful cryptographic operation with a key; it is tracked from its creation on.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyLastUsage.html
    """
    key = lookup.key(call, key_id)
    return {
        "KeyId": key.id,
        "KeyLastUsage": _shown(call.tx.get(KeyLastUsage, key.account, key.region, key.id)),
        "TrackingStartDate": key.created_at,
        "KeyCreationDate": key.created_at,
    }


def _shown(usage: KeyLastUsage | None) -> dict[str, Any]:
    if usage is None:
        return {}
    return {
        "Operation": usage.operation,
        "Timestamp": usage.used_at,
        "CloudTrailEventId": event_id(usage.request_id),
        "KmsRequestId": usage.request_id,
    }
