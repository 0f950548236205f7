"""AWS CloudHSM key stores: the material of keys lies in the HSMs of a cluster, which the customer owns.

https://docs.aws.amazon.com/kms/latest/developerguide/keystore-cloudhsm.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self

from mockaws import arns
from mockaws.crypto import symmetric
from mockaws.crypto.errors import InvalidCiphertextError
from mockaws.crypto.pem import is_same_certificate
from mockaws.records.base import evolve
from mockaws.records.cloudhsm import KMSUSER, Cluster
from mockaws.records.connecting import connection_error
from mockaws.records.kms import ConnectionChange, ConnectionState, CustomKeyStore
from mockaws.records.world import ConnectRelaxation
from mockaws.services.hsm import backups, keys, kms_keys, network, reachability, users
from mockaws.services.kms import errors, rules
from mockaws.services.kms.key_stores.base import Decrypted, Encrypted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mockaws.model.errors import Declared
    from mockaws.records.cloudhsm import HsmUser
    from mockaws.records.key_specs import KeySpec
    from mockaws.records.kms import Key, KeyMaterial, Origin
    from mockaws.services.operation import Call

CONNECTED, CONNECTING = ConnectionState.CONNECTED, ConnectionState.CONNECTING
DISCONNECTED, DISCONNECTING = ConnectionState.DISCONNECTED, ConnectionState.DISCONNECTING
FAILED = ConnectionState.FAILED

# A key in a cluster has one generation of material, which has no id.
_MATERIAL_NAME = bytes(symmetric.MATERIAL_NAME_BYTES)
_REQUIRED = {
    "cloud_hsm_cluster_id": "CloudHsmClusterId",
    "key_store_password": "KeyStorePassword",
    "trust_anchor_certificate": "TrustAnchorCertificate",
}
_OF_EXTERNAL_STORES = {
    "xks_proxy_uri_endpoint": "XksProxyUriEndpoint",
    "xks_proxy_uri_path": "XksProxyUriPath",
    "xks_proxy_vpc_endpoint_service_name": "XksProxyVpcEndpointServiceName",
    "xks_proxy_vpc_endpoint_service_owner": "XksProxyVpcEndpointServiceOwner",
    "xks_proxy_authentication_credential": "XksProxyAuthenticationCredential",
    "xks_proxy_connectivity": "XksProxyConnectivity",
}


class CloudHsm:
    """A CloudHSM key store; KMS logs in to its cluster as the crypto user kmsuser."""

    TYPE: ClassVar = "AWS_CLOUDHSM"

    def __init__(self, record: CustomKeyStore) -> None:
        self.record = record

    @classmethod
    def new(cls, call: Call, parameters: Mapping[str, Any]) -> Self:
        """Return a disconnected store from the parameters of CreateCustomKeyStore.

        KMS does not try the password: a wrong one shows when the store is connected. Raises ValidationException if
        parameters are missing or belong to an external key store.
        """
        _require_no_external_parameters(parameters)
        missing = [name for parameter, name in _REQUIRED.items() if parameters.get(parameter) is None]
        if missing:
            raise errors.CloudHsmParametersMissing(missing=", ".join(missing))
        record = CustomKeyStore(
            account=call.account,
            region=call.region,
            id=call.ids.custom_key_store(),
            name=parameters["custom_key_store_name"],
            cluster_id=parameters["cloud_hsm_cluster_id"],
            password=parameters["key_store_password"],
            given_password=parameters["key_store_password"],
            trust_anchor=parameters["trust_anchor_certificate"],
            created_at=call.now,
        )
        return cls(record)

    def is_retry(self, call: Call, existing: CustomKeyStore) -> bool:
        """Return True if a request with all properties of the disconnected store *existing* is a retry.

        The password is a property as the customer gave it, although KMS changes it when it connects.
        https://docs.aws.amazon.com/kms/latest/developerguide/create-keystore.html
        """
        return (
            existing.connection_state(call.now) is DISCONNECTED
            and existing.cluster_id == self.record.cluster_id
            and (existing.given_password or existing.password) == self.record.password
            and is_same_certificate(self.record.trust_anchor, existing.trust_anchor)
        )

    def require_creatable(self, call: Call, others: Sequence[CustomKeyStore]) -> None:
        """Require a cluster that is suitable, free, and certified by the trust anchor.

        Raises IncorrectTrustAnchorException otherwise.
        """
        cluster = _existing_cluster(call, self.record.cluster_id)
        _require_suitable(call, cluster)
        _require_not_in_use(call, cluster, others)
        if not is_same_certificate(self.record.trust_anchor, cluster.trust_anchor):
            raise errors.IncorrectTrustAnchor()

    def describe(self) -> Mapping[str, Any]:
        """Return the store's cluster and trust anchor."""
        return {
            "CloudHsmClusterId": self.record.cluster_id,
            "TrustAnchorCertificate": self.record.trust_anchor,
            "CustomKeyStoreType": self.TYPE,
        }

    def update(self, call: Call, parameters: Mapping[str, Any]) -> CustomKeyStore:
        """Return the store with another name, password of kmsuser, or related cluster.

        The name can change while the store is connected, the others only while it is disconnected. A store that
        connects by itself can also be changed after it has failed to, and then connects again.
        """
        _require_no_external_parameters(parameters)
        store = self.record
        password, cluster_id = parameters.get("key_store_password"), parameters.get("cloud_hsm_cluster_id")
        new_name = parameters.get("new_custom_key_store_name")
        by_itself = call.config.relaxations.connect is ConnectRelaxation.ON_CREATE
        changeable = (DISCONNECTED, FAILED) if by_itself else (DISCONNECTED,)
        only_name = password is None and cluster_id is None
        if only_name and new_name is None:
            raise errors.NothingToUpdate()
        rules.require_state(call, store, *changeable, *((CONNECTED,) if only_name else ()))
        if new_name is not None:
            rules.require_free_name(call, store, new_name)
            store = evolve(store, name=new_name)
        if password is not None:
            store = evolve(store, password=password, given_password=password)
        if cluster_id is not None:
            _require_related(call, store, cluster_id)
            store = store.moved(cluster_id, call.now)
        if not only_name and store.connection_state(call.now) is FAILED:
            store = CloudHsm(store).connect(call)
        return store

    def require_connectable(self, call: Call) -> None:
        """Require that the cluster is active and configured, if it exists."""
        cluster = self._cluster(call)
        if cluster is not None and not cluster.is_deleted(call.now):
            rules.require_active_cluster(cluster, call.now)
            rules.require_configured_cluster(call, cluster)

    def connect(self, call: Call) -> CustomKeyStore:
        """Return the store with a connection attempt begun; KMS changes kmsuser's password as soon as it is logged in.

        https://docs.aws.amazon.com/kms/latest/developerguide/connect-keystore.html
        """
        store, cluster, kmsuser = self.record, self._cluster(call), self._kmsuser(call)
        subnets = network.subnets(call, cluster) if cluster is not None else []
        error_code = connection_error(cluster, subnets, store.password, call.now)
        if cluster is not None and kmsuser is not None and error_code == "INVALID_CREDENTIALS":
            users.count_wrong_password(call, cluster, kmsuser)
        change = ConnectionChange(
            at=call.now,
            until=call.now + call.config.timing.connect,
            while_state=CONNECTING,
            then=FAILED if error_code else CONNECTED,
            error_code=error_code,
        )
        connecting = evolve(store, changes=(*store.changes, change))
        if error_code is not None:
            return connecting
        password = call.ids.password()
        self._change_password(call, password)
        return evolve(connecting, password=password)

    def disconnect(self, call: Call) -> CustomKeyStore:
        """Return the store with its disconnection begun."""
        change = ConnectionChange(
            at=call.now,
            until=call.now + call.config.timing.disconnect,
            while_state=DISCONNECTING,
            then=DISCONNECTED,
        )
        return evolve(self.record, changes=(*self.record.changes, change))

    def undo_connecting(self, call: Call) -> None:
        """Give kmsuser the customer's password again; with AWS, a crypto officer has to do that."""
        self._change_password(call, self.record.given_password or self.record.password)

    def random_bytes(self, call: Call, count: int) -> bytes:
        """Return random bytes from the HSMs."""
        rules.require_connected(call, self.record)
        self._answering(call, otherwise=errors.StoreDoesNotAnswer)
        return symmetric.random_bytes(count)

    def create_material(self, call: Call, key_id: str, spec: KeySpec, origin: Origin) -> tuple[KeyMaterial, ...]:  # noqa: ARG002
        """Create an AES key of kmsuser in the cluster, labelled with the key's ARN; KMS holds no material.

        The store must be connected, with two HSMs in two zones.
        https://docs.aws.amazon.com/kms/latest/developerguide/find-key-material.html
        """
        rules.require_connected(call, self.record)
        rules.require_hsms_in_two_zones(self._cluster(call), call.now)
        cluster = self._answering(call, otherwise=errors.StoreDoesNotAnswer, zones=rules.ZONES)
        rules.require_accepting_keys(cluster, call.now)
        keys.create(call, cluster, label=arns.kms_key(call.region, call.account, key_id), owner=KMSUSER)
        return ()

    def describe_key(self) -> Mapping[str, Any]:
        """Return the store and its cluster."""
        return {"CustomKeyStoreId": self.record.id, "CloudHsmClusterId": self.record.cluster_id}

    def encrypt(self, call: Call, key: Key, plaintext: bytes, context: Mapping[str, str]) -> Encrypted:
        """Encrypt *plaintext* in the HSMs."""
        name = symmetric.KeyName(key.account, key.id, _MATERIAL_NAME)
        return Encrypted(symmetric.encrypt(plaintext, context, name=name, secret=self._secret(call, key)), None)

    def decrypt(self, call: Call, key: Key, blob: bytes, context: Mapping[str, str]) -> Decrypted:
        """Decrypt a ciphertext in the HSMs; raises InvalidCiphertextError if it was not encrypted there."""
        if symmetric.key_name(blob).material != _MATERIAL_NAME:
            raise InvalidCiphertextError
        return Decrypted(symmetric.decrypt(blob, context, self._secret(call, key)), None)

    def delete_key(self, call: Call, key: Key) -> None:
        """Delete the material of *key* from the cluster; an orphan stays if KMS does not reach it."""
        cluster = kms_keys.place_of_deletion(call, key, self.record)
        hsm_key = keys.labelled(call, cluster, key.arn) if cluster is not None else None
        if cluster is not None and hsm_key is not None:
            keys.delete(call, cluster, hsm_key)

    def may_get_key_back(self, call: Call, key: Key) -> bool:
        """Return True if the cluster can be rolled back to a backup with the material of *key*."""
        return kms_keys.may_be_restored(call, key)

    def _cluster(self, call: Call) -> Cluster | None:
        """Return the store's cluster, None if it does not exist."""
        return call.tx.get(Cluster, self.record.account, self.record.region, self.record.cluster_id)

    def _kmsuser(self, call: Call) -> HsmUser | None:
        cluster = self._cluster(call)
        return cluster.user(KMSUSER) if cluster is not None else None

    def _change_password(self, call: Call, password: str) -> None:
        """Change kmsuser's password in the cluster, if KMS knows the one before."""
        cluster, kmsuser = self._cluster(call), self._kmsuser(call)
        if cluster is not None and kmsuser is not None and kmsuser.password == self.record.password:
            users.set_password(call, cluster, kmsuser, password)

    def _answering(self, call: Call, *, otherwise: Declared, zones: int = 1) -> Cluster:
        """Return the cluster, if KMS reaches working HSMs in a number of *zones*; one is enough to use keys.

        Raises *otherwise* if it does not, and KMSInternalException if other clients have all sessions of the HSMs.
        """
        cluster = self._cluster(call)
        if cluster is None or len(reachability.zones(call, cluster, call.now)) < zones:
            raise otherwise()
        if cluster.is_short_of_sessions(call.now):
            raise errors.NoSessions()
        return cluster

    def _secret(self, call: Call, key: Key) -> bytes:
        """Return the material of *key* in the present cluster; raises KMSInvalidStateException if it is not there."""
        cluster = self._answering(call, otherwise=errors.ClusterDoesNotAnswer)
        hsm_key = keys.labelled(call, cluster, key.arn)
        if hsm_key is None:
            raise errors.ClusterDoesNotAnswer()
        return hsm_key.material


def _existing_cluster(call: Call, cluster_id: str) -> Cluster:
    """Return a cluster that has not been deleted."""
    cluster = call.get(Cluster, cluster_id, missing=errors.ClusterNotFound)
    if cluster.is_deleted(call.now):
        raise errors.ClusterNotFound()
    return cluster


def _require_suitable(call: Call, cluster: Cluster) -> None:
    """Require a cluster that is active and configured, with two active HSMs in two zones."""
    rules.require_active_cluster(cluster, call.now)
    rules.require_configured_cluster(call, cluster)
    rules.require_hsms_in_two_zones(cluster, call.now)


def _require_not_in_use(call: Call, cluster: Cluster, stores: Sequence[CustomKeyStore]) -> None:
    """Require that no cluster with the same cluster certificate has a key store.

    Raises CloudHsmClusterInUseException otherwise.
    """
    for store in stores:
        other = call.lookup(Cluster, store.cluster_id)
        if store.cluster_id == cluster.id or (other is not None and backups.is_history_shared(other, cluster)):
            raise errors.ClusterInUse()


def _require_related(call: Call, store: CustomKeyStore, cluster_id: str) -> None:
    """Require a suitable cluster that shares a backup history with the store's present one.

    Raises CloudHsmClusterNotRelatedException otherwise.
    """
    cluster = _existing_cluster(call, cluster_id)
    original = call.lookup(Cluster, store.cluster_id)
    if cluster.id != store.cluster_id and (original is None or not backups.is_history_shared(original, cluster)):
        raise errors.ClusterNotRelated()
    _require_suitable(call, cluster)


def _require_no_external_parameters(parameters: Mapping[str, Any]) -> None:
    """Require that no parameters of external key stores are given; raises ValidationException otherwise."""
    names = [name for parameter, name in _OF_EXTERNAL_STORES.items() if parameters.get(parameter) is not None]
    if names:
        raise errors.XksParametersNotValid(parameters=", ".join(names))
