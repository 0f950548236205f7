"""The rules of KMS, each a sentence, a function and an error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockaws import arns, regions
from mockaws.records.cloudhsm import ClusterState
from mockaws.records.key_specs import (
    KEY_SPECS,
    RSAES,
    SIGNING_ALGORITHMS,
    SM2PKE,
    SYMMETRIC_DEFAULT,
    KeyType,
    KeyUsage,
    MessageType,
)
from mockaws.records.kms import ConnectionState, Origin
from mockaws.services.hsm import network
from mockaws.services.kms import errors

if TYPE_CHECKING:
    from mockaws.model.errors import Declared
    from mockaws.records.cloudhsm import Cluster
    from mockaws.records.key_specs import KeySpec
    from mockaws.records.kms import CustomKeyStore, Key, MultiRegion
    from mockaws.services.operation import Call

ZONES = 2
_DELETION_WINDOW = range(7, 31)
_NOT_UNDER_RSA_2048 = {"ECC_NIST_P521", "ECC_NIST_EDWARDS25519"}


def one_key_spec(key_spec: str | None, customer_master_key_spec: str | None) -> str:
    """KeySpec and its older name must agree; without either the key is a symmetric encryption key."""
    if key_spec and customer_master_key_spec and key_spec != customer_master_key_spec:
        raise errors.TwoKeySpecs()
    return key_spec or customer_master_key_spec or SYMMETRIC_DEFAULT


def spec_there(call: Call, name: str) -> KeySpec:
    """The key spec must be one that the Region has."""
    spec = KEY_SPECS.get(name)
    if spec is None or not spec.is_in(arns.partition(call.region)):
        raise errors.SpecNotThere(spec=name)
    return spec


def usage_suits_spec(key_usage: str | None, spec: KeySpec) -> str:
    """A key is for what its spec can do, and only a symmetric encryption key may leave its usage out."""
    if key_usage is None:
        if spec.name != SYMMETRIC_DEFAULT:
            raise errors.UsageMissing()
        return KeyUsage.ENCRYPT_DECRYPT
    if key_usage not in spec.usages:
        raise errors.UsageNotOfSpec(usage=key_usage, spec=spec.name)
    return key_usage


def message_suits_algorithm(key: Key, message: bytes, message_type: str, algorithm: str) -> None:
    """A key spec and its signing algorithms take certain types of message, and a digest or μ has one length."""
    if not any(message_type in SIGNING_ALGORITHMS[each] for each in key.key_spec.signs):
        raise errors.MessageTypeNotOfSpec(spec=key.spec, message_type=message_type)
    lengths = SIGNING_ALGORITHMS[algorithm]
    if message_type not in lengths:
        raise errors.MessageTypeNotOfAlgorithm(algorithm=algorithm, message_type=message_type)
    if lengths[message_type] not in {None, len(message)}:
        wrong_length = errors.MuLength if message_type == MessageType.EXTERNAL_MU else errors.DigestLength
        raise wrong_length(algorithm=algorithm)


def origin_suits_store(origin: Origin, custom_key_store_id: str | None, xks_key_id: str | None) -> None:
    """A custom key store and an origin that means one come together; an external key has an id of its own."""
    in_store = origin in {Origin.AWS_CLOUDHSM, Origin.EXTERNAL_KEY_STORE}
    if in_store and custom_key_store_id is None:
        raise errors.OriginNeedsStore(origin=origin)
    if custom_key_store_id is not None and not in_store:
        raise errors.StoreNeedsOrigin()
    if xks_key_id is not None and origin is not Origin.EXTERNAL_KEY_STORE:
        raise errors.XksKeyIdNotValid()


def origin_suits_spec(call: Call, origin: Origin, spec: KeySpec) -> None:
    """Key material can be imported for some key specs only."""
    if origin is Origin.EXTERNAL and not spec.wrapped_by(arns.partition(call.region)):
        raise errors.NoImportForSpec(spec=spec.name)


def wrapping_suits_spec(call: Call, algorithm: str, wrapping_spec: str, spec: KeySpec) -> None:
    """The wrapping algorithm must be one for the material, and the wrapping key one that it fits under.

    AWS does not take Ed25519 keys under RSA_2048 either, although they would fit.
    """
    too_short = wrapping_spec == "RSA_2048" and algorithm in RSAES and spec.name in _NOT_UNDER_RSA_2048
    unfit = (wrapping_spec == "SM2") != (algorithm == SM2PKE)
    if algorithm not in spec.wrapped_by(arns.partition(call.region)) or unfit or too_short:
        raise errors.WrappingNotValid(algorithm=algorithm, wrapping_spec=wrapping_spec, spec=spec.name)


def rotatable(key: Key) -> None:
    """Only symmetric encryption keys are rotated."""
    if key.key_spec.type is not KeyType.SYMMETRIC:
        raise errors.NotRotatable()


def materials_told_apart(key: Key) -> None:
    """Only the materials of a symmetric encryption key are listed."""
    if key.key_spec.type is not KeyType.SYMMETRIC:
        raise errors.MaterialsOnlyOfSymmetric()


def several_materials(key: Key, **parameters: str | None) -> None:
    """Only of a symmetric encryption key's materials is it told which one is meant; any other has but one."""
    given = [name for name, value in parameters.items() if value is not None]
    if given and key.key_spec.type is not KeyType.SYMMETRIC:
        raise errors.OnlyOneMaterial(parameter=given[0], spec=key.spec)


def same_kind(alias_arn: str, before: Key, after: Key) -> None:
    """An alias moves between keys of one type (symmetric, asymmetric, HMAC) and one usage."""
    if (before.key_spec.type, before.usage) != (after.key_spec.type, after.usage):
        raise errors.AliasTypeDiffers(arn=alias_arn, before=before.spec, after=after.spec)


def origin_is(key: Key, *origins: Origin) -> None:
    """The operation is for keys of some origins only."""
    if key.origin not in origins:
        raise errors.OriginNotValid(arn=key.arn, origin=key.origin)


def primary_key(key: Key, *, otherwise: Declared = errors.NotPrimary) -> MultiRegion:
    """The operation is for the primary key of a multi-Region key; return what it knows of its related keys."""
    if key.multi_region is None or key.is_replica:
        raise otherwise(arn=key.arn)
    return key.multi_region


def no_replica(call: Call, key: Key) -> None:
    """What related multi-Region keys share is changed on their primary key."""
    if key.is_replica:
        raise errors.ReplicaNotValid(arn=key.arn, operation=call.operation)


def not_in_region_of(key: Key, region: str) -> None:
    """There is no replica beside the primary key."""
    if region == key.region:
        raise errors.RegionOfPrimary(region=region)


def in_partition_of(key: Key, region: str) -> None:
    """A key is replicated into Regions of its own partition."""
    if arns.partition(region) != arns.partition(key.region):
        raise errors.OtherPartition()


def region_there(region: str) -> None:
    """A key is replicated into Regions that AWS has."""
    if region not in regions.REGIONS:
        raise errors.RegionNotThere(region=region)


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


def cluster_active(cluster: Cluster, now: float) -> None:
    """The cluster must have been initialized and activated."""
    if cluster.state(now) is not ClusterState.ACTIVE:
        raise errors.ClusterNotActive()


def cluster_configured(call: Call, cluster: Cluster) -> None:
    """The cluster must have subnets in two zones, and the security group that was made for it."""
    if len(cluster.subnets) < ZONES:
        raise errors.SubnetsNotInTwoZones()
    if not network.security_group_works(call, cluster):
        raise errors.SecurityGroupMissing(security_group=cluster.security_group)


def takes_keys(cluster: Cluster, now: float) -> None:
    """While a cluster changes its HSM type no key is made or deleted in it."""
    if cluster.limited_write(now):
        raise errors.ClusterChangesType()


def active_hsms_in_two_zones(cluster: Cluster | None, now: float) -> None:
    """The cluster must have two active HSMs, each in another zone; one that was deleted has none."""
    hsms = () if cluster is None or cluster.deleted(now) else cluster.active_hsms(now)
    if len({hsm.zone for hsm in hsms}) < ZONES:
        raise errors.HsmsNotInTwoZones()
