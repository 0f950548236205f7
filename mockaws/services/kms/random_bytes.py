"""Random bytes from KMS, or from the HSMs of a custom key store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockaws.crypto import symmetric
from mockaws.records.kms import CustomKeyStore
from mockaws.services.kms import errors, material, recipients, rules
from mockaws.services.operation import operation

if TYPE_CHECKING:
    from mockaws.services.operation import Call, Result


@operation
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
        rules.connected(call, store)
        material.answering(call, store, otherwise=errors.StoreDoesNotAnswer)
    return recipients.secret("Plaintext", symmetric.random_bytes(number_of_bytes), attestation)
