"""Where a key's secret is: in KMS itself, or in the HSMs of the cluster behind the key's custom key store.

https://docs.aws.amazon.com/kms/latest/developerguide/use-cmk-keystore.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mockaws.crypto import symmetric
from mockaws.records.cloudhsm import KMSUSER, Cluster, ClusterState, HsmKey, Subnet
from mockaws.records.connecting import network_error
from mockaws.records.kms import Key, KeyMaterial
from mockaws.services.kms import errors

if TYPE_CHECKING:
    from mockaws.records.kms import CustomKeyStore
    from mockaws.services.operation import Call

_HSM_MATERIAL = bytes(10)  # a key in a cluster has one generation of material, which has no id


class Secret(NamedTuple):
    """A generation of key material: the bytes, what a ciphertext calls it, and its id where AWS shows one."""

    value: bytes
    name: bytes
    id: str | None


def new(call: Call) -> KeyMaterial:
    """Return new material for a symmetric key in KMS itself."""
    return KeyMaterial(id=call.ids.hexadecimal(64), secret=symmetric.new_material(), created_at=call.now)


def current(call: Call, key: Key) -> Secret:
    """Return what *key* encrypts with; raises KMSInvalidStateException where its HSMs do not answer."""
    if key.custom_key_store_id is not None:
        return _in_cluster(call, key)
    return _secret(key.materials[-1])


def named(call: Call, key: Key, name: bytes) -> Secret | None:
    """Return the generation of material that a ciphertext calls *name*, None where the key has no such one."""
    if key.custom_key_store_id is not None:
        return _in_cluster(call, key) if name == _HSM_MATERIAL else None
    return next((secret for secret in map(_secret, key.materials) if secret.name == name), None)


def create_in_cluster(call: Call, key: Key, cluster: Cluster) -> None:
    """Make the material of *key* in *cluster*: an AES key of kmsuser, labelled with the key's ARN.

    https://docs.aws.amazon.com/kms/latest/developerguide/find-key-material.html
    """
    call.put(
        HsmKey(
            account=cluster.account,
            region=cluster.region,
            id=call.ids.hexadecimal(16),
            cluster_id=cluster.id,
            label=key.arn,
            owner=KMSUSER,
            material=symmetric.new_material(),
            created_at=call.now,
        )
    )


def cluster_answers(call: Call, cluster: Cluster | None) -> bool:
    """Tell whether KMS reaches a working HSM of *cluster*; one is enough to use keys."""
    return (
        cluster is not None
        and cluster.state is not ClusterState.DELETED
        and bool(cluster.active_hsms(call.now))
        and network_error(subnets(call, cluster)) is None
    )


def check_cluster_answers(call: Call, store: CustomKeyStore) -> None:
    """Raise KMSInvalidStateException where KMS reaches no working HSM of the store's cluster."""
    if not cluster_answers(call, call.lookup(Cluster, store.cluster_id)):
        raise errors.ClusterDoesNotAnswer()


def subnets(call: Call, cluster: Cluster) -> list[Subnet | None]:
    """Return the subnets of *cluster*, None for one that is not there."""
    return [call.tx.get(Subnet, cluster.account, cluster.region, subnet_id) for subnet_id in cluster.subnets.values()]


def _in_cluster(call: Call, key: Key) -> Secret:
    cluster = call.tx.get(Cluster, key.account, key.region, key.cloud_hsm_cluster_id or "")
    if cluster is None or not cluster_answers(call, cluster):
        raise errors.ClusterDoesNotAnswer()
    labelled = call.tx.find(HsmKey, cluster.account, cluster.region, label=key.arn)
    for hsm_key in labelled:
        if hsm_key.cluster_id == cluster.id:
            return Secret(hsm_key.material, _HSM_MATERIAL, None)
    raise errors.ClusterDoesNotAnswer()


def _secret(generation: KeyMaterial) -> Secret:
    return Secret(generation.secret, bytes.fromhex(generation.id[:20]), generation.id)
