"""Custom key stores: keys of KMS whose material lies outside KMS, with the customer.

https://docs.aws.amazon.com/kms/latest/developerguide/key-store-overview.html#custom-key-store-overview
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockaws.records.kms import ConnectionState, CustomKeyStore, Key
from mockaws.records.world import ConnectRelaxation, DeleteRelaxation
from mockaws.services.facts import ANY, Effect, Permission
from mockaws.services.kms import deleted_keys, errors, key_stores, paging, rules
from mockaws.services.kms.key_stores.cloudhsm import CloudHsm
from mockaws.services.kms.resources import KEY_STORE, KEY_STORE_BY_NAME
from mockaws.services.operation import operation

if TYPE_CHECKING:
    from mockaws.services.operation import Call, Result


@operation(ANY, Permission(action="cloudhsm:DescribeClusters"), named=KEY_STORE_BY_NAME, quota=5)
def create_custom_key_store(
    call: Call,
    *,
    custom_key_store_name: str,
    cloud_hsm_cluster_id: str | None = None,
    trust_anchor_certificate: str | None = None,
    key_store_password: str | None = None,
    custom_key_store_type: str = CloudHsm.TYPE,
    xks_proxy_uri_endpoint: str | None = None,
    xks_proxy_uri_path: str | None = None,
    xks_proxy_vpc_endpoint_service_name: str | None = None,
    xks_proxy_vpc_endpoint_service_owner: str | None = None,
    xks_proxy_authentication_credential: dict[str, str] | None = None,
    xks_proxy_connectivity: str | None = None,
) -> Result:
    """Create a key store, which is disconnected; the same request again creates no other.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateCustomKeyStore.html
    """
    store_type = key_stores.TYPES.get(custom_key_store_type)
    if store_type is None:
        raise errors.ExternalKeyStoreNotThere()
    store = store_type.new(
        call,
        {
            "custom_key_store_name": custom_key_store_name,
            "cloud_hsm_cluster_id": cloud_hsm_cluster_id,
            "trust_anchor_certificate": trust_anchor_certificate,
            "key_store_password": key_store_password,
            "xks_proxy_uri_endpoint": xks_proxy_uri_endpoint,
            "xks_proxy_uri_path": xks_proxy_uri_path,
            "xks_proxy_vpc_endpoint_service_name": xks_proxy_vpc_endpoint_service_name,
            "xks_proxy_vpc_endpoint_service_owner": xks_proxy_vpc_endpoint_service_owner,
            "xks_proxy_authentication_credential": xks_proxy_authentication_credential,
            "xks_proxy_connectivity": xks_proxy_connectivity,
        },
    )
    existing_stores = call.find(CustomKeyStore)
    for existing in existing_stores:
        if existing.name == custom_key_store_name:
            if store.is_retry(call, existing):
                return {"CustomKeyStoreId": existing.id}
            raise errors.CustomKeyStoreNameInUse()
    limit = call.config.limits.custom_key_stores
    if len(existing_stores) >= limit:
        raise errors.TooManyCustomKeyStores(limit=limit)
    store.require_creatable(call, existing_stores)
    connects = call.config.relaxations.connect is ConnectRelaxation.ON_CREATE
    call.put(store.connect(call) if connects else store.record)
    return {"CustomKeyStoreId": store.record.id}


@operation(named=KEY_STORE, effect=Effect.READS, quota=5)
def describe_custom_key_stores(
    call: Call,
    *,
    custom_key_store_id: str | None = None,
    custom_key_store_name: str | None = None,
    limit: int | None = None,
    marker: str | None = None,
) -> Result:
    """Describe one key store, by its id or by its name, or all of the account in the Region.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeCustomKeyStores.html
    """
    if custom_key_store_id is not None and custom_key_store_name is not None:
        raise errors.IdOrNameNotBoth()
    start = paging.after(marker)
    page_size = paging.size(paging.CUSTOM_KEY_STORES, limit)
    if custom_key_store_id is not None:
        stores = [call.get(CustomKeyStore, custom_key_store_id, missing=errors.CustomKeyStoreNotFound)]
    elif custom_key_store_name is not None:
        stores = list(call.find(CustomKeyStore, name=custom_key_store_name))
        if not stores:
            raise errors.CustomKeyStoreNotFound()
    else:
        stores = list(call.find(CustomKeyStore, after=start, limit=page_size + 1))
    return paging.answer("CustomKeyStores", [(store.id, _shown(store, call.now)) for store in stores], page_size)


@operation(ANY, Permission(action="cloudhsm:DescribeClusters"), named=KEY_STORE, quota=5)
def update_custom_key_store(
    call: Call,
    *,
    custom_key_store_id: str,
    new_custom_key_store_name: str | None = None,
    key_store_password: str | None = None,
    cloud_hsm_cluster_id: str | None = None,
    xks_proxy_uri_endpoint: str | None = None,
    xks_proxy_uri_path: str | None = None,
    xks_proxy_vpc_endpoint_service_name: str | None = None,
    xks_proxy_vpc_endpoint_service_owner: str | None = None,
    xks_proxy_authentication_credential: dict[str, str] | None = None,
    xks_proxy_connectivity: str | None = None,
) -> Result:
    """Change the name of a key store, or how KMS connects to it.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_UpdateCustomKeyStore.html
    """
    record = call.get(CustomKeyStore, custom_key_store_id, missing=errors.CustomKeyStoreNotFound)
    changed = key_stores.custom(record).update(
        call,
        {
            "new_custom_key_store_name": new_custom_key_store_name,
            "key_store_password": key_store_password,
            "cloud_hsm_cluster_id": cloud_hsm_cluster_id,
            "xks_proxy_uri_endpoint": xks_proxy_uri_endpoint,
            "xks_proxy_uri_path": xks_proxy_uri_path,
            "xks_proxy_vpc_endpoint_service_name": xks_proxy_vpc_endpoint_service_name,
            "xks_proxy_vpc_endpoint_service_owner": xks_proxy_vpc_endpoint_service_owner,
            "xks_proxy_authentication_credential": xks_proxy_authentication_credential,
            "xks_proxy_connectivity": xks_proxy_connectivity,
        },
    )
    call.put(changed)
    return {}


@operation(named=KEY_STORE, quota=5)
def delete_custom_key_store(call: Call, *, custom_key_store_id: str) -> Result:
    """Delete a disconnected key store without keys; keys that are pending deletion count as keys.

    Under the relaxation of these rules, the same store can be created again at once.
    https://docs.aws.amazon.com/kms/latest/APIReference/API_DeleteCustomKeyStore.html
    """
    store = call.get(CustomKeyStore, custom_key_store_id, missing=errors.CustomKeyStoreNotFound)
    keys = call.find(Key, custom_key_store_id=store.id)
    remaining = [key for key in keys if not key.is_gone(call.now)]
    relaxed = call.config.relaxations.delete_custom_key_store is DeleteRelaxation.WITH_PENDING_KEYS
    if relaxed:
        if any(key.deletion_at is None for key in remaining):
            raise errors.CustomKeyStoreHasKeys()
        key_stores.custom(store).undo_connecting(call)
    else:
        if remaining:
            raise errors.CustomKeyStoreHasKeys()
        rules.require_state(call, store, ConnectionState.DISCONNECTED)
    for key in keys:
        deleted_keys.remove_belongings(call, key, None, aliases=not relaxed)
        deleted_keys.remove(call, key)
    call.drop(store)
    return {}


def _shown(record: CustomKeyStore, now: float) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "CustomKeyStoreId": record.id,
        "CustomKeyStoreName": record.name,
        **key_stores.custom(record).describe(),
        "ConnectionState": record.connection_state(now),
        "CreationDate": record.created_at,
    }
    error_code = record.connection_error_code(now)
    return shown if error_code is None else shown | {"ConnectionErrorCode": error_code}
