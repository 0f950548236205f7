"""Custom key stores: keys of KMS whose material lies in a CloudHSM cluster of the customer.

https://docs.aws.amazon.com/kms/latest/developerguide/keystore-cloudhsm.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockaws.crypto.pem import same_certificate
from mockaws.records.base import evolve
from mockaws.records.cloudhsm import Cluster
from mockaws.records.kms import ConnectionState, CustomKeyStore, Key
from mockaws.records.world import ConnectRelaxation, DeleteRelaxation
from mockaws.services.kms import connections, deleted_keys, errors, paging, rules
from mockaws.services.operation import operation

if TYPE_CHECKING:
    from mockaws.services.operation import Call, Result

AWS_CLOUDHSM = "AWS_CLOUDHSM"
CONNECTED, DISCONNECTED, FAILED = ConnectionState.CONNECTED, ConnectionState.DISCONNECTED, ConnectionState.FAILED


@operation
def create_custom_key_store(
    call: Call,
    *,
    custom_key_store_name: str,
    cloud_hsm_cluster_id: str | None = None,
    trust_anchor_certificate: str | None = None,
    key_store_password: str | None = None,
    custom_key_store_type: str = AWS_CLOUDHSM,
    xks_proxy_uri_endpoint: str | None = None,
    xks_proxy_uri_path: str | None = None,
    xks_proxy_vpc_endpoint_service_name: str | None = None,
    xks_proxy_vpc_endpoint_service_owner: str | None = None,
    xks_proxy_authentication_credential: dict[str, str] | None = None,
    xks_proxy_connectivity: str | None = None,
) -> Result:
    """Create a key store on a CloudHSM cluster; it is disconnected. The same request twice makes one store.

    The password is not tried: a wrong one shows when the store is connected.
    https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateCustomKeyStore.html
    """
    if custom_key_store_type != AWS_CLOUDHSM:
        raise errors.ExternalKeyStoreNotThere()
    _no_xks_parameters(
        XksProxyUriEndpoint=xks_proxy_uri_endpoint,
        XksProxyUriPath=xks_proxy_uri_path,
        XksProxyVpcEndpointServiceName=xks_proxy_vpc_endpoint_service_name,
        XksProxyVpcEndpointServiceOwner=xks_proxy_vpc_endpoint_service_owner,
        XksProxyAuthenticationCredential=xks_proxy_authentication_credential,
        XksProxyConnectivity=xks_proxy_connectivity,
    )
    if cloud_hsm_cluster_id is None or trust_anchor_certificate is None or key_store_password is None:
        raise errors.CloudHsmParametersMissing(
            missing=_names(
                CloudHsmClusterId=cloud_hsm_cluster_id is None,
                KeyStorePassword=key_store_password is None,
                TrustAnchorCertificate=trust_anchor_certificate is None,
            )
        )
    store = CustomKeyStore(
        account=call.account,
        region=call.region,
        id=call.ids.custom_key_store(),
        name=custom_key_store_name,
        cluster_id=cloud_hsm_cluster_id,
        password=key_store_password,
        given_password=key_store_password,
        trust_anchor=trust_anchor_certificate,
        created_at=call.now,
    )
    stores = call.find(CustomKeyStore)
    for existing in stores:
        if existing.name == store.name:
            if _is_repeat_of(call, store, existing):
                return {"CustomKeyStoreId": existing.id}
            raise errors.CustomKeyStoreNameInUse()
    limit = call.terms.limits.custom_key_stores
    if len(stores) >= limit:
        raise errors.TooManyCustomKeyStores(limit=limit)
    cluster = _cluster(call, store.cluster_id)
    _check_suitable(call, cluster)
    _cluster_not_in_use(call, cluster, stores)
    if not same_certificate(trust_anchor_certificate, cluster.trust_anchor):
        raise errors.IncorrectTrustAnchor()
    if call.terms.relaxations.connect is ConnectRelaxation.ON_CREATE:
        store = connections.begin(call, store)
    call.put(store)
    return {"CustomKeyStoreId": store.id}


@operation
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


@operation
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
    """Change the name of a store, what KMS believes kmsuser's password to be, or the cluster to a related one.

    The name can change while the store is connected, the others only while it is disconnected. A store that connects
    by itself can be changed when it has failed to, and then tries again: with AWS, nobody would have connected it yet.
    https://docs.aws.amazon.com/kms/latest/APIReference/API_UpdateCustomKeyStore.html
    """
    store = call.get(CustomKeyStore, custom_key_store_id, missing=errors.CustomKeyStoreNotFound)
    _no_xks_parameters(
        XksProxyUriEndpoint=xks_proxy_uri_endpoint,
        XksProxyUriPath=xks_proxy_uri_path,
        XksProxyVpcEndpointServiceName=xks_proxy_vpc_endpoint_service_name,
        XksProxyVpcEndpointServiceOwner=xks_proxy_vpc_endpoint_service_owner,
        XksProxyAuthenticationCredential=xks_proxy_authentication_credential,
        XksProxyConnectivity=xks_proxy_connectivity,
    )
    by_itself = call.terms.relaxations.connect is ConnectRelaxation.ON_CREATE
    changeable = (DISCONNECTED, FAILED) if by_itself else (DISCONNECTED,)
    only_name = key_store_password is None and cloud_hsm_cluster_id is None
    if only_name and new_custom_key_store_name is None:
        raise errors.NothingToUpdate()
    rules.in_state(call, store, *changeable, *((CONNECTED,) if only_name else ()))
    if new_custom_key_store_name is not None:
        if any(other.id != store.id for other in call.find(CustomKeyStore, name=new_custom_key_store_name)):
            raise errors.CustomKeyStoreNameInUse()
        store = evolve(store, name=new_custom_key_store_name)
    if key_store_password is not None:
        store = evolve(store, password=key_store_password, given_password=key_store_password)
    if cloud_hsm_cluster_id is not None:
        _check_related_cluster(call, store, cloud_hsm_cluster_id)
        store = store.moved(cloud_hsm_cluster_id, call.now)
    if not only_name and store.connection_state(call.now) is FAILED:
        store = connections.begin(call, store)
    call.put(store)
    return {}


@operation
def delete_custom_key_store(call: Call, *, custom_key_store_id: str) -> Result:
    """Delete a disconnected store without keys; keys that are pending deletion count. The cluster stays as it is.

    The relaxation of these rules also undoes the change of kmsuser's password, so that the store can be made again as
    it was: with AWS, a crypto officer has to do that.
    https://docs.aws.amazon.com/kms/latest/APIReference/API_DeleteCustomKeyStore.html
    """
    store = call.get(CustomKeyStore, custom_key_store_id, missing=errors.CustomKeyStoreNotFound)
    keys = call.find(Key, custom_key_store_id=store.id)
    remaining = [key for key in keys if not key.gone(call.now)]
    relaxed = call.terms.relaxations.delete_custom_key_store is DeleteRelaxation.WITH_PENDING_KEYS
    if relaxed:
        if any(key.deletion_at is None for key in remaining):
            raise errors.CustomKeyStoreHasKeys()
        connections.change_password(call, store, store.given_password or store.password)
    else:
        if remaining:
            raise errors.CustomKeyStoreHasKeys()
        rules.in_state(call, store, DISCONNECTED)
    for key in keys:
        deleted_keys.drop_belongings(call, key, None, aliases=not relaxed)
        deleted_keys.bury(call, key)
    call.drop(store)
    return {}


def _is_repeat_of(call: Call, store: CustomKeyStore, existing: CustomKeyStore) -> bool:
    """A request with all properties of a disconnected store is taken for a retry of the one that made it.

    The password is a property as the customer gave it, although KMS changes it when it connects.
    https://docs.aws.amazon.com/kms/latest/developerguide/create-keystore.html
    """
    return (
        existing.connection_state(call.now) is DISCONNECTED
        and existing.cluster_id == store.cluster_id
        and (existing.given_password or existing.password) == store.password
        and same_certificate(store.trust_anchor, existing.trust_anchor)
    )


def _cluster(call: Call, cluster_id: str) -> Cluster:
    """Return a cluster that has not been deleted."""
    cluster = call.get(Cluster, cluster_id, missing=errors.ClusterNotFound)
    if cluster.deleted(call.now):
        raise errors.ClusterNotFound()
    return cluster


def _check_suitable(call: Call, cluster: Cluster) -> None:
    """A key store may stand on a cluster that is active and configured, with two active HSMs in two zones."""
    rules.cluster_active(cluster, call.now)
    rules.cluster_configured(call, cluster)
    rules.active_hsms_in_two_zones(cluster, call.now)


def _cluster_not_in_use(call: Call, cluster: Cluster, stores: Any) -> None:
    """A cluster, and all clusters with the same cluster certificate, carry one key store."""
    for store in stores:
        other = call.lookup(Cluster, store.cluster_id)
        if store.cluster_id == cluster.id or (other is not None and _related(other, cluster)):
            raise errors.ClusterInUse()


def _check_related_cluster(call: Call, store: CustomKeyStore, cluster_id: str) -> None:
    cluster = _cluster(call, cluster_id)
    original = call.lookup(Cluster, store.cluster_id)
    if cluster.id != store.cluster_id and (original is None or not _related(original, cluster)):
        raise errors.ClusterNotRelated()
    _check_suitable(call, cluster)


def _related(one: Cluster, other: Cluster) -> bool:
    """Clusters that share a backup history have the same cluster certificate."""
    return one.cluster_certificate is not None and same_certificate(one.cluster_certificate, other.cluster_certificate)


def _no_xks_parameters(**given: object) -> None:
    names = _names(**{name: value is not None for name, value in given.items()})
    if names:
        raise errors.XksParametersNotValid(parameters=names)


def _names(**wanted: bool) -> str:
    return ", ".join(name for name, is_wanted in wanted.items() if is_wanted)


def _shown(store: CustomKeyStore, now: float) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "CustomKeyStoreId": store.id,
        "CustomKeyStoreName": store.name,
        "CloudHsmClusterId": store.cluster_id,
        "TrustAnchorCertificate": store.trust_anchor,
        "ConnectionState": store.connection_state(now),
        "CreationDate": store.created_at,
        "CustomKeyStoreType": AWS_CLOUDHSM,
    }
    error_code = store.connection_error_code(now)
    if error_code is not None:
        shown["ConnectionErrorCode"] = error_code
    return shown
