"""The operations on key policies. Every key has one policy, named `default`.

A key that Resource Access Manager shares has a second one, AWS_RAM; no keys are shared here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockaws.records.base import evolve
from mockaws.services.facts import KEY, Effect
from mockaws.services.kms import errors, key_states, lookup, paging, policy_documents
from mockaws.services.operation import operation

if TYPE_CHECKING:
    from mockaws.services.operation import Call, Result

NAME = "default"
_RAM = "AWS_RAM"


@operation(KEY, effect=Effect.READS, on_aws_managed=True, quota=1000)
def get_key_policy(call: Call, *, key_id: str, policy_name: str = NAME) -> Result:
    """Return the policy of a key, as its author wrote it.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyPolicy.html
    """
    key = lookup.key(call, key_id)
    _require_name(policy_name)
    return {"Policy": policy_documents.of(key), "PolicyName": NAME}


@operation(KEY, quota=15, event_defaults={"bypassPolicyLockoutSafetyCheck": False})
def put_key_policy(
    call: Call,
    *,
    key_id: str,
    policy: str,
    policy_name: str = NAME,
    bypass_policy_lockout_safety_check: bool = False,
) -> None:
    """Replace a key's policy.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html
    """
    key = lookup.key(call, key_id)
    key_states.require_allowed(call, key)
    if policy_name == _RAM:
        raise errors.PolicyOfRam()
    _require_name(policy_name)
    policy_documents.require_acceptable(call, policy, bypass_lockout_check=bypass_policy_lockout_safety_check)
    call.put(evolve(key, policy=policy))


@operation(KEY, effect=Effect.READS, on_aws_managed=True, quota=100)
def list_key_policies(call: Call, *, key_id: str, limit: int | None = None, marker: str | None = None) -> Result:
    """List the names of a key's policies.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeyPolicies.html
    """
    lookup.key(call, key_id)
    return paging.of_values("PolicyNames", [(NAME, NAME)], paging.KEY_POLICIES, limit, marker)


def _require_name(policy_name: str) -> None:
    """Require the name of the only policy; raises NotFoundException otherwise."""
    if policy_name != NAME:
        raise errors.NoSuchPolicy()
