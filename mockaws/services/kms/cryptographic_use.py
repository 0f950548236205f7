"""The checks that all cryptographic operations make of a key before they use it.

A use counts for GetKeyLastUsage if the operation succeeds: a refused call leaves no note.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockaws.records.kms import KeyLastUsage
from mockaws.services.kms import errors, key_states, lookup

if TYPE_CHECKING:
    from mockaws.records.key_specs import KeyUsage
    from mockaws.records.kms import Key
    from mockaws.services.facts import Resource
    from mockaws.services.operation import Call


def key(call: Call, key_id: str, usage: KeyUsage, algorithm: str, resource: Resource | None = None) -> Key:
    """Return the key that *key_id* identifies, if it can be used now for *usage* with *algorithm*.

    *resource* says which of the operation's keys it is, if there are several.
    """
    found = lookup.key(call, key_id, resource)
    require_usable(call, found, usage, algorithm)
    return found


def require_usable(call: Call, key: Key, usage: KeyUsage, algorithm: str) -> None:
    """Require a key for *usage* that can be used now and has *algorithm*, in the order in which AWS was seen to check.

    Raises InvalidKeyUsageException, DisabledException or KMSInvalidStateException.
    """
    if key.usage != usage:
        raise errors.UsageNotValid(arn=key.arn, usage=key.usage, operation=call.operation)
    key_states.require_allowed(call, key)
    if algorithm not in key.key_spec.usages[usage]:
        raise errors.AlgorithmNotOfSpec(algorithm=algorithm, spec=key.spec)
    # A note, because two uses of a key at the same time must not conflict.
    call.tx.note(
        KeyLastUsage(
            account=key.account,
            region=key.region,
            id=key.id,
            operation=call.operation,
            used_at=call.now,
            request_id=call.request_id,
        )
    )
