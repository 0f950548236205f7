"""The public half of a key pair, which anybody may have. https://docs.aws.amazon.com/kms/latest/developerguide/download-public-key.html"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockaws.records.key_specs import ALGORITHMS_MEMBER, KeyType, KeyUsage
from mockaws.services.kms import errors, key_states, lookup, material, tokens
from mockaws.services.operation import operation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mockaws.services.operation import Call, Result


@operation
def get_public_key(call: Call, *, key_id: str, grant_tokens: Sequence[str] = ()) -> Result:
    """Return the public key of a key pair.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_GetPublicKey.html
    """
    tokens.check(call, grant_tokens)
    key = lookup.key(call, key_id)
    key_states.check(call, key)
    if key.key_spec.type is not KeyType.ASYMMETRIC:
        raise errors.NoPublicKey()
    usage = KeyUsage(key.usage)
    return {
        "KeyId": key.arn,
        "PublicKey": material.key_pair(call, key).public_der,
        "CustomerMasterKeySpec": key.spec,
        "KeySpec": key.spec,
        "KeyUsage": key.usage,
        ALGORITHMS_MEMBER[usage]: key.key_spec.usages[usage],
    }
