"""The rules of KMS, each a sentence, a function and an error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockaws.records.cloudhsm import ClusterState
from mockaws.records.kms import ConnectionState, Origin
from mockaws.services.kms import errors

if TYPE_CHECKING:
    from mockaws.records.cloudhsm import Cluster
    from mockaws.records.kms import CustomKeyStore, Key
    from mockaws.services.operation import Call

SYMMETRIC_DEFAULT = "SYMMETRIC_DEFAULT"
ENCRYPT_DECRYPT = "ENCRYPT_DECRYPT"
ZONES = 2
_DELETION_WINDOW = range(7, 31)


def one_key_spec(key_spec: str | None, customer_master_key_spec: str | None) -> str:
    """KeySpec and its older name must agree; without either the key is a symmetric encryption key."""
    if key_spec and customer_master_key_spec and key_spec != customer_master_key_spec:
        raise errors.TwoKeySpecs()
    return key_spec or customer_master_key_spec or SYMMETRIC_DEFAULT


def usage_suits_spec(key_usage: str | None, spec: str) -> None:
    """A symmetric encryption key encrypts and decrypts, and only it may leave its usage out."""
    if spec == SYMMETRIC_DEFAULT and key_usage not in {None, ENCRYPT_DECRYPT}:
        raise errors.UsageNotOfSpec(usage=key_usage, spec=spec)
    if spec != SYMMETRIC_DEFAULT and key_usage is None:
        raise errors.UsageMissing()


def origin_suits_store(origin: Origin, custom_key_store_id: str | None, xks_key_id: str | None) -> None:
    """A custom key store and an origin that means one come together; an external key has an id of its own."""
    in_store = origin in {Origin.AWS_CLOUDHSM, Origin.EXTERNAL_KEY_STORE}
    if in_store and custom_key_store_id is None:
        raise errors.OriginNeedsStore(origin=origin)
    if custom_key_store_id is not None and not in_store:
        raise errors.StoreNeedsOrigin()
    if xks_key_id is not None and origin is not Origin.EXTERNAL_KEY_STORE:
        raise errors.XksKeyIdNotValid()


def same_kind(alias_arn: str, before: Key, after: Key) -> None:
    """An alias moves between keys of one type (symmetric, asymmetric, HMAC) and one usage."""
    if (_type(before.spec), before.usage) != (_type(after.spec), after.usage):
        raise errors.AliasTypeDiffers(arn=alias_arn, before=before.spec, after=after.spec)


def _type(spec: str) -> str:
    if spec == SYMMETRIC_DEFAULT:
        return "symmetric"
    return "HMAC" if spec.startswith("HMAC_") else "asymmetric"


def origin_is(key: Key, *origins: Origin) -> None:
    """The operation is for keys of some origins only."""
    if key.origin not in origins:
        raise errors.OriginNotValid(arn=key.arn, origin=key.origin)


def deletion_window(days: int) -> None:
    """A waiting period is 7 to 30 days."""
    if days not in _DELETION_WINDOW:
        raise errors.WindowNotValid()


def connected(call: Call, store: CustomKeyStore) -> None:
    """The store must be connected."""
    in_state(call, store, ConnectionState.CONNECTED)


def in_state(call: Call, store: CustomKeyStore, *states: ConnectionState) -> None:
    """The connection of the store must be in one of *states*."""
    state = store.connection_state(call.now)
    if state not in states:
        raise errors.CustomKeyStoreInvalidState(operation=call.operation, state=state)


def cluster_active(cluster: Cluster) -> None:
    """The cluster must have been initialized and activated."""
    if cluster.state is not ClusterState.ACTIVE:
        raise errors.ClusterNotActive()


def cluster_configured(cluster: Cluster) -> None:
    """The cluster must have subnets in two zones, and the security group that was made for it."""
    if len(cluster.subnets) < ZONES:
        raise errors.SubnetsNotInTwoZones()
    if not cluster.security_group_present:
        raise errors.SecurityGroupMissing(security_group=cluster.security_group)


def active_hsms_in_two_zones(cluster: Cluster, now: float) -> None:
    """The cluster must have two active HSMs, each in another zone."""
    if len({hsm.zone for hsm in cluster.active_hsms(now)}) < ZONES:
        raise errors.HsmsNotInTwoZones()
