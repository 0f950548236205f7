"""Connecting custom key stores to their clusters, and disconnecting them.

https://docs.aws.amazon.com/kms/latest/developerguide/connect-keystore.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockaws.records.base import evolve
from mockaws.records.cloudhsm import KMSUSER
from mockaws.records.connecting import connection_error
from mockaws.records.kms import ConnectionChange, ConnectionState, CustomKeyStore
from mockaws.services.hsm import network, users
from mockaws.services.kms import errors, material, rules
from mockaws.services.operation import operation

if TYPE_CHECKING:
    from mockaws.services.operation import Call, Result

CONNECTED, CONNECTING = ConnectionState.CONNECTED, ConnectionState.CONNECTING
DISCONNECTED, DISCONNECTING = ConnectionState.DISCONNECTED, ConnectionState.DISCONNECTING
FAILED = ConnectionState.FAILED


@operation
def connect_custom_key_store(call: Call, *, custom_key_store_id: str) -> Result:
    """Begin to connect a store to its cluster; whether that succeeds shows in its ConnectionState.

    On a store that is connected or connecting this does nothing.
    https://docs.aws.amazon.com/kms/latest/APIReference/API_ConnectCustomKeyStore.html
    """
    store = call.get(CustomKeyStore, custom_key_store_id, missing=errors.CustomKeyStoreNotFound)
    rules.in_state(call, store, DISCONNECTED, CONNECTED, CONNECTING)
    if store.connection_state(call.now) is DISCONNECTED:
        cluster = material.cluster_of(call, store)
        if cluster is not None and not cluster.deleted(call.now):
            rules.cluster_active(cluster, call.now)
            rules.cluster_configured(call, cluster)
        call.put(begin(call, store))
    return {}


@operation
def disconnect_custom_key_store(call: Call, *, custom_key_store_id: str) -> Result:
    """Disconnect a store from its cluster; its keys are unavailable until it is connected again.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_DisconnectCustomKeyStore.html
    """
    store = call.get(CustomKeyStore, custom_key_store_id, missing=errors.CustomKeyStoreNotFound)
    rules.in_state(call, store, CONNECTED, CONNECTING, FAILED)
    change = ConnectionChange(
        at=call.now,
        until=call.now + call.terms.timing.disconnect,
        while_state=DISCONNECTING,
        then=DISCONNECTED,
    )
    call.put(evolve(store, changes=(*store.changes, change)))
    return {}


def begin(call: Call, store: CustomKeyStore) -> CustomKeyStore:
    """Return *store* with a connection attempt begun; KMS changes kmsuser's password as soon as it is in.

    https://docs.aws.amazon.com/kms/latest/developerguide/connect-keystore.html
    """
    cluster = material.cluster_of(call, store)
    subnets = network.subnets(call, cluster) if cluster is not None else []
    error_code = connection_error(cluster, subnets, store.password, call.now)
    kmsuser = cluster.user(KMSUSER) if cluster is not None else None
    if cluster is not None and kmsuser is not None and error_code == "INVALID_CREDENTIALS":
        users.note_wrong_password(call, cluster, kmsuser)
    change = ConnectionChange(
        at=call.now,
        until=call.now + call.terms.timing.connect,
        while_state=CONNECTING,
        then=FAILED if error_code else CONNECTED,
        error_code=error_code,
    )
    connecting = evolve(store, changes=(*store.changes, change))
    if error_code is not None:
        return connecting
    password = call.ids.password()
    change_password(call, store, password)
    return evolve(connecting, password=password)


def change_password(call: Call, store: CustomKeyStore, password: str) -> None:
    """Change kmsuser's password in the cluster of *store*, if KMS knows the one before."""
    cluster = material.cluster_of(call, store)
    kmsuser = cluster.user(KMSUSER) if cluster is not None else None
    if cluster is not None and kmsuser is not None and kmsuser.password == store.password:
        users.set_password(call, cluster, kmsuser, password)
