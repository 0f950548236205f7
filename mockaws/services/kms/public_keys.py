"""The public half of a key pair. https://docs.aws.amazon.com/kms/latest/developerguide/download-public-key.html"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockaws.records.key_specs import ALGORITHMS_MEMBER, KeyType, KeyUsage
from mockaws.services.facts import KEY, Effect
from mockaws.services.kms import errors, key_material, key_states, lookup
from mockaws.services.kms.grant_tokens import require_grants
from mockaws.services.operation import operation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mockaws.services.operation import Call, Result


@operation(KEY, effect=Effect.READS, by_alias=True, grantable=KeyType.ASYMMETRIC, quota=2000)
def get_public_key(call: Call, *, key_id: str, grant_tokens: Sequence[str] = ()) -> Result:
    """Return the public key of a key pair.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_GetPublicKey.html
    """
    require_grants(call, grant_tokens)
    key = lookup.key(call, key_id)
    key_states.require_allowed(call, key)
    if key.key_spec.type is not KeyType.ASYMMETRIC:
        raise errors.NoPublicKey()
    usage = KeyUsage(key.usage)
    return {
        "KeyId": key.arn,
        "PublicKey": key_material.key_pair(key).public_der,
        "CustomerMasterKeySpec": key.spec,
        "KeySpec": key.spec,
        "KeyUsage": key.usage,
        ALGORITHMS_MEMBER[usage]: key.key_spec.usages[usage],
    }
