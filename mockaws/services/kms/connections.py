"""Connecting custom key stores, and disconnecting them.

https://docs.aws.amazon.com/kms/latest/developerguide/connect-keystore.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockaws.records.kms import ConnectionState, CustomKeyStore
from mockaws.services.facts import ANY, Permission
from mockaws.services.kms import errors, key_stores, rules
from mockaws.services.kms.resources import KEY_STORE
from mockaws.services.operation import operation

if TYPE_CHECKING:
    from mockaws.services.operation import Call, Result

CONNECTED, CONNECTING = ConnectionState.CONNECTED, ConnectionState.CONNECTING
DISCONNECTED, FAILED = ConnectionState.DISCONNECTED, ConnectionState.FAILED


@operation(ANY, Permission(action="cloudhsm:DescribeClusters"), named=KEY_STORE, quota=5)
def connect_custom_key_store(call: Call, *, custom_key_store_id: str) -> Result:
    """Begin to connect a key store; its ConnectionState shows the result.

    On a store that is connected or connecting this does nothing.
    https://docs.aws.amazon.com/kms/latest/APIReference/API_ConnectCustomKeyStore.html
    """
    record = call.get(CustomKeyStore, custom_key_store_id, missing=errors.CustomKeyStoreNotFound)
    rules.require_state(call, record, DISCONNECTED, CONNECTED, CONNECTING)
    if record.connection_state(call.now) is DISCONNECTED:
        store = key_stores.custom(record)
        store.require_connectable(call)
        call.put(store.connect(call))
    return {}


@operation(named=KEY_STORE, quota=5)
def disconnect_custom_key_store(call: Call, *, custom_key_store_id: str) -> Result:
    """Disconnect a key store; its keys are unavailable until it is connected again.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_DisconnectCustomKeyStore.html
    """
    record = call.get(CustomKeyStore, custom_key_store_id, missing=errors.CustomKeyStoreNotFound)
    rules.require_state(call, record, CONNECTED, CONNECTING, FAILED)
    call.put(key_stores.custom(record).disconnect(call))
    return {}
