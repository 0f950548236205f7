"""Where a key's secret is: in KMS itself, or in the HSMs of the cluster behind the key's custom key store.

A key in KMS may have several generations of it; `lookup` returns keys with all that there are by now.
https://docs.aws.amazon.com/kms/latest/developerguide/use-cmk-keystore.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mockaws.crypto import key_pairs, symmetric
from mockaws.records.cloudhsm import KMSUSER, Cluster
from mockaws.records.key_specs import KeyType
from mockaws.records.kms import CustomKeyStore, Key, KeyMaterial
from mockaws.services.hsm import keys, reach
from mockaws.services.kms import errors

if TYPE_CHECKING:
    from collections.abc import Collection

    from mockaws.crypto.key_pairs import KeyPair
    from mockaws.model.errors import Declared
    from mockaws.records.key_specs import KeySpec
    from mockaws.services.operation import Call

# A key in a cluster has one generation of material, which has no id.
_HSM_MATERIAL = bytes(symmetric.MATERIAL_NAME_BYTES)
EXPIRES, DOES_NOT_EXPIRE = "KEY_MATERIAL_EXPIRES", "KEY_MATERIAL_DOES_NOT_EXPIRE"


class Secret(NamedTuple):
    """A generation of key material: the bytes, what a ciphertext calls it, and its id where AWS shows one."""

    value: bytes
    name: bytes
    id: str | None


def new(call: Call, spec: KeySpec) -> KeyMaterial:
    """Return new material for a key of *spec* in KMS itself."""
    if spec.type is KeyType.ASYMMETRIC:
        pair = new_key_pair(call, spec)
        secret = pair.private_der
        key_pairs.keep_loaded(secret, pair)
    else:
        secret = symmetric.random_bytes(int(spec.size))
    return KeyMaterial(id=call.ids.hexadecimal(64), secret=secret, created_at=call.now)


def new_key_pair(call: Call, spec: KeySpec) -> KeyPair:
    """Return a new key pair of *spec*, the only one that the call makes."""
    return call.once("key pair", lambda: key_pairs.generate(spec.family, spec.size))


def current(call: Call, key: Key) -> Secret:
    """Return what *key* encrypts with.

    Raises KMSInvalidStateException where its HSMs do not answer or do not have it, KMSInternalException where all of
    their sessions are taken.
    """
    if key.custom_key_store_id is not None:
        return _from_cluster(call, key)
    return _secret(key, key.materials[-1])


def key_pair(call: Call, key: Key) -> KeyPair:
    """Return the key pair of an asymmetric key."""
    return key_pairs.load(key.key_spec.family, key.key_spec.size, current(call, key).value)


def shown(member: str, material_id: str | None) -> dict[str, str]:
    """Return what an answer says of the material that was used: nothing where AWS shows no id of it."""
    return {} if material_id is None else {member: material_id}


def expiration(generations: Collection[KeyMaterial]) -> dict[str, str | float]:
    """Return what AWS tells of when imported material expires: the first of it, nothing where any of it is missing."""
    if not generations or not all(generation.imported for generation in generations):
        return {}
    expiring = [generation.expires_at for generation in generations if generation.expires_at is not None]
    return {"ExpirationModel": EXPIRES, "ValidTo": min(expiring)} if expiring else {"ExpirationModel": DOES_NOT_EXPIRE}


def named(call: Call, key: Key, name: bytes) -> Secret | None:
    """Return the generation of material that a ciphertext calls *name*, None where the key has no such one."""
    if key.custom_key_store_id is not None:
        return _from_cluster(call, key) if name == _HSM_MATERIAL else None
    return next((secret for secret in (_secret(key, each) for each in key.materials) if secret.name == name), None)


def create_in_cluster(call: Call, key: Key, cluster: Cluster) -> None:
    """Make the material of *key* in *cluster*: an AES key of kmsuser, labelled with the key's ARN.

    https://docs.aws.amazon.com/kms/latest/developerguide/find-key-material.html
    """
    keys.create(call, cluster, label=key.arn, owner=KMSUSER)


def answering(call: Call, store: CustomKeyStore, *, otherwise: Declared, zones: int = 1) -> Cluster:
    """Return the cluster of *store*, in which KMS reaches working HSMs in so many *zones*: one is enough to use keys.

    Raises *otherwise* where it does not, and KMSInternalException where other clients have all sessions of the HSMs.
    """
    cluster = cluster_of(call, store)
    if cluster is None or len(reach.zones(call, cluster, call.now)) < zones:
        raise otherwise()
    if cluster.sessions_short(call.now):
        raise errors.NoSessions()
    return cluster


def store_of(call: Call, key: Key) -> CustomKeyStore | None:
    """Return the custom key store that *key* lies in, None for a key in KMS itself."""
    if key.custom_key_store_id is None:
        return None
    return call.tx.get(CustomKeyStore, key.account, key.region, key.custom_key_store_id)


def cluster_of(call: Call, store: CustomKeyStore) -> Cluster | None:
    """Return the cluster that *store* stands on, None where it is not there."""
    return call.tx.get(Cluster, store.account, store.region, store.cluster_id)


def _from_cluster(call: Call, key: Key) -> Secret:
    """Return the material of a key in a custom key store: it lies in the cluster that the store stands on now."""
    store = store_of(call, key)
    assert store is not None  # a store outlives its keys
    cluster = answering(call, store, otherwise=errors.ClusterDoesNotAnswer)
    hsm_key = keys.labelled(call, cluster, key.arn)
    if hsm_key is None:
        raise errors.ClusterDoesNotAnswer()
    return Secret(hsm_key.material, _HSM_MATERIAL, None)


def _secret(key: Key, generation: KeyMaterial) -> Secret:
    """AWS shows the ids of the materials of symmetric encryption keys, which alone can have several."""
    name = bytes.fromhex(generation.id[: 2 * symmetric.MATERIAL_NAME_BYTES])
    assert generation.secret is not None  # a key with a material that is gone is pending import, and cannot be used
    return Secret(generation.secret, name, generation.id if key.key_spec.type is KeyType.SYMMETRIC else None)
