"""The key stores of KMS: its own, and those that customers create."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockaws.records.kms import CustomKeyStore
from mockaws.services.kms.key_stores.aws_kms import AwsKms
from mockaws.services.kms.key_stores.cloudhsm import CloudHsm

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockaws.records.kms import Key
    from mockaws.services.kms.key_stores.base import CustomStore, KeyStore
    from mockaws.services.operation import Call

TYPES: Mapping[str, type[CustomStore]] = {CloudHsm.TYPE: CloudHsm}
"""The types of custom key stores, under AWS's names."""

AWS_KMS = AwsKms()


def record_of(call: Call, key: Key) -> CustomKeyStore | None:
    """Return the custom key store of *key*, None for a key in KMS itself."""
    if key.custom_key_store_id is None:
        return None
    return call.tx.get(CustomKeyStore, key.account, key.region, key.custom_key_store_id)


def of(call: Call, key: Key) -> KeyStore:
    """Return the key store in which *key* lies."""
    record = record_of(call, key)
    if record is None:
        assert key.custom_key_store_id is None  # a store outlives its keys
        return AWS_KMS
    return custom(record)


def custom(record: CustomKeyStore) -> CustomStore:
    """Return the custom key store of a record."""
    return CloudHsm(record)
