"""What all cryptographic operations ask of a key before they use it.

A use counts for GetKeyLastUsage when the operation succeeds: what a refused call has put is undone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockaws.records.kms import KeyLastUsage
from mockaws.services.kms import errors, key_states, lookup

if TYPE_CHECKING:
    from mockaws.records.key_specs import KeyUsage
    from mockaws.records.kms import Key
    from mockaws.services.operation import Call


def key(call: Call, key_id: str, usage: KeyUsage, algorithm: str, action: str | None = None) -> Key:
    """Return the key that *key_id* identifies, if it may be used now, for *usage* with *algorithm*.

    *action* is what policies call the operation, where that is not plain from its name.
    """
    found = lookup.key(call, key_id, action)
    check(call, found, usage, algorithm)
    return found


def check(call: Call, key: Key, usage: KeyUsage, algorithm: str) -> None:
    """Refuse a key that is for something else, that may not be used now, or that does not have *algorithm*.

    In this order, as AWS was seen to. Raises DisabledException, KMSInvalidStateException, InvalidKeyUsageException.
    """
    if key.usage != usage:
        raise errors.UsageNotValid(arn=key.arn, usage=key.usage, operation=call.operation)
    key_states.check(call, key)
    if algorithm not in key.key_spec.usages[usage]:
        raise errors.AlgorithmNotOfSpec(algorithm=algorithm, spec=key.spec)
    # Not by `call.put`: using keys makes a world no larger, so that there is nothing to sweep behind it.
    call.tx.put(
        KeyLastUsage(
            account=key.account,
            region=key.region,
            id=key.id,
            operation=call.operation,
            used_at=call.now,
            request_id=call.request_id,
        )
    )


def stop_dry_run(*, dry_run: bool) -> None:
    """End a call that would have succeeded but asked not to.

    https://docs.aws.amazon.com/kms/latest/developerguide/testing-permissions.html
    """
    if dry_run:
        raise errors.DryRun()
