"""Random bytes from KMS, or from the HSMs of a custom key store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockaws.crypto import symmetric
from mockaws.records.kms import CustomKeyStore
from mockaws.services.facts import Effect, SharedQuota
from mockaws.services.kms import errors, key_stores, recipients
from mockaws.services.operation import operation

if TYPE_CHECKING:
    from mockaws.services.operation import Call, Result


@operation(effect=Effect.USES_A_KEY, quota=SharedQuota.SYMMETRIC)
def generate_random(
    call: Call,
    *,
    number_of_bytes: int | None = None,
    custom_key_store_id: str | None = None,
    recipient: dict[str, Any] | None = None,
) -> Result:
    """Return random bytes, on request from the HSMs of a custom key store.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateRandom.html
    """
    attestation = recipients.attested(call, recipient)
    if number_of_bytes is None:
        raise errors.NumberOfBytesMissing()
    if custom_key_store_id is not None:
        store = call.get(CustomKeyStore, custom_key_store_id, missing=errors.CustomKeyStoreNotFound)
        random = key_stores.custom(store).random_bytes(call, number_of_bytes)
    else:
        random = symmetric.random_bytes(number_of_bytes)
    return recipients.secret("Plaintext", random, attestation)
