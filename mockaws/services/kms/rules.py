"""The rules of KMS, a function each."""

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
from mockaws.records.kms import ConnectionState, CustomKeyStore, Origin
from mockaws.services.hsm import network
from mockaws.services.kms import errors

if TYPE_CHECKING:
    from mockaws.model.errors import Declared
    from mockaws.records.cloudhsm import Cluster
    from mockaws.records.key_specs import KeySpec
    from mockaws.records.kms import Key, MultiRegion
    from mockaws.services.operation import Call

ZONES = 2
_DELETION_WINDOW = range(7, 31)
_NOT_UNDER_RSA_2048 = {"ECC_NIST_P521", "ECC_NIST_EDWARDS25519"}


def agreed_spec(key_spec: str | None, customer_master_key_spec: str | None) -> str:
    """Return the key spec from KeySpec and its older name; raises ValidationException if they differ."""
    if key_spec and customer_master_key_spec and key_spec != customer_master_key_spec:
        raise errors.TwoKeySpecs()
    return key_spec or customer_master_key_spec or SYMMETRIC_DEFAULT


def available_spec(call: Call, name: str) -> KeySpec:
    """Return the key spec with this name; raises UnsupportedOperationException if the Region does not have it."""
    spec = KEY_SPECS.get(name)
    if spec is None or not spec.is_in(arns.partition(call.region)):
        raise errors.SpecNotThere(spec=name)
    return spec


def usage_of(key_usage: str | None, spec: KeySpec) -> str:
    """Return the usage of a new key, which only a symmetric encryption key may leave out.

    Raises ValidationException if its spec does not have the usage.
    """
    if key_usage is None:
        if spec.name != SYMMETRIC_DEFAULT:
            raise errors.UsageMissing()
        return KeyUsage.ENCRYPT_DECRYPT
    if key_usage not in spec.usages:
        raise errors.UsageNotOfSpec(usage=key_usage, spec=spec.name)
    return key_usage


def require_fitting_message(key: Key, message: bytes, message_type: str, algorithm: str) -> None:
    """Require a type of message that the key and the algorithm take; a digest or μ has one length.

    Raises ValidationException otherwise.
    """
    if not any(message_type in SIGNING_ALGORITHMS[each] for each in key.key_spec.signs):
        raise errors.MessageTypeNotOfSpec(spec=key.spec, message_type=message_type)
    lengths = SIGNING_ALGORITHMS[algorithm]
    if message_type not in lengths:
        raise errors.MessageTypeNotOfAlgorithm(algorithm=algorithm, message_type=message_type)
    if lengths[message_type] not in {None, len(message)}:
        wrong_length = errors.MuLength if message_type == MessageType.EXTERNAL_MU else errors.DigestLength
        raise wrong_length(algorithm=algorithm)


def require_store_for_origin(origin: Origin, custom_key_store_id: str | None, xks_key_id: str | None) -> None:
    """Require a custom key store exactly for its origins; an external key has an id of its own.

    Raises ValidationException otherwise.
    """
    in_store = origin in {Origin.AWS_CLOUDHSM, Origin.EXTERNAL_KEY_STORE}
    if in_store and custom_key_store_id is None:
        raise errors.OriginNeedsStore(origin=origin)
    if custom_key_store_id is not None and not in_store:
        raise errors.StoreNeedsOrigin()
    if xks_key_id is not None and origin is not Origin.EXTERNAL_KEY_STORE:
        raise errors.XksKeyIdNotValid()


def require_importable_spec(call: Call, origin: Origin, spec: KeySpec) -> None:
    """Require a key spec whose material can be imported, if it is to be; raises ValidationException otherwise."""
    if origin is Origin.EXTERNAL and not spec.wrapped_by(arns.partition(call.region)):
        raise errors.NoImportForSpec(spec=spec.name)


def require_fitting_wrapping(call: Call, algorithm: str, wrapping_spec: str, spec: KeySpec) -> None:
    """Require a wrapping algorithm for the material, and a wrapping key that is large enough.

    AWS does not take Ed25519 keys under RSA_2048 either, although they would fit.

    Raises ValidationException otherwise.
    """
    too_short = wrapping_spec == "RSA_2048" and algorithm in RSAES and spec.name in _NOT_UNDER_RSA_2048
    unfit = (wrapping_spec == "SM2") != (algorithm == SM2PKE)
    if algorithm not in spec.wrapped_by(arns.partition(call.region)) or unfit or too_short:
        raise errors.WrappingNotValid(algorithm=algorithm, wrapping_spec=wrapping_spec, spec=spec.name)


def require_rotatable(key: Key) -> None:
    """Require a symmetric encryption key, as KMS rotates no others; raises UnsupportedOperationException otherwise."""
    if key.key_spec.type is not KeyType.SYMMETRIC:
        raise errors.NotRotatable()


def require_listable_materials(key: Key) -> None:
    """Require a symmetric encryption key, as KMS lists no materials of others; raises ValidationException otherwise."""
    if key.key_spec.type is not KeyType.SYMMETRIC:
        raise errors.MaterialsOnlyOfSymmetric()


def require_several_materials(key: Key, **parameters: str | None) -> None:
    """Require that only symmetric encryption keys, which can have several materials, get *parameters* for one.

    Raises ValidationException otherwise.
    """
    given = [name for name, value in parameters.items() if value is not None]
    if given and key.key_spec.type is not KeyType.SYMMETRIC:
        raise errors.OnlyOneMaterial(parameter=given[0], spec=key.spec)


def require_same_kind(alias_arn: str, before: Key, after: Key) -> None:
    """Require that an alias moves between keys of one type (symmetric, asymmetric, HMAC) and one usage.

    Raises ValidationException otherwise.
    """
    if (before.key_spec.type, before.usage) != (after.key_spec.type, after.usage):
        raise errors.AliasTypeDiffers(arn=alias_arn, before=before.spec, after=after.spec)


def require_origin(key: Key, *origins: Origin) -> None:
    """Require a key of one of *origins*; raises UnsupportedOperationException otherwise."""
    if key.origin not in origins:
        raise errors.OriginNotValid(arn=key.arn, origin=key.origin)


def primary_key(key: Key, *, otherwise: Declared = errors.NotPrimary) -> MultiRegion:
    """Return what a multi-Region primary key knows of its related keys; raises *otherwise* for any other key."""
    if key.multi_region is None or key.is_replica:
        raise otherwise(arn=key.arn)
    return key.multi_region


def require_no_replica(call: Call, key: Key) -> None:
    """Require a key that is no replica: shared properties are changed on the primary key.

    Raises UnsupportedOperationException otherwise.
    """
    if key.is_replica:
        raise errors.ReplicaNotValid(arn=key.arn, operation=call.operation)


def require_other_region(key: Key, region: str) -> None:
    """Require a Region for a replica that is not the primary key's; raises ValidationException otherwise."""
    if region == key.region:
        raise errors.RegionOfPrimary(region=region)


def require_same_partition(key: Key, region: str) -> None:
    """Require a Region for a replica in the key's own partition; raises ValidationException otherwise."""
    if arns.partition(region) != arns.partition(key.region):
        raise errors.OtherPartition()


def require_existing_region(region: str) -> None:
    """Require a Region that AWS has; raises ValidationException otherwise."""
    if region not in regions.REGIONS:
        raise errors.RegionNotThere(region=region)


def require_deletion_window(days: int) -> None:
    """Require a waiting period of 7 to 30 days; raises ValidationException otherwise."""
    if days not in _DELETION_WINDOW:
        raise errors.WindowNotValid()


def require_connected(call: Call, store: CustomKeyStore) -> None:
    """Require a connected key store."""
    require_state(call, store, ConnectionState.CONNECTED)


def require_free_name(call: Call, store: CustomKeyStore, name: str) -> None:
    """Require that no other key store of the account in the Region has *name*.

    Raises CustomKeyStoreNameInUseException otherwise.
    """
    if any(other.id != store.id for other in call.find(CustomKeyStore, name=name)):
        raise errors.CustomKeyStoreNameInUse()


def require_state(call: Call, store: CustomKeyStore, *states: ConnectionState) -> None:
    """Require a key store whose connection is in one of *states*.

    Raises CustomKeyStoreInvalidStateException otherwise.
    """
    state = store.connection_state(call.now)
    if state not in states:
        raise errors.CustomKeyStoreInvalidState(operation=call.operation, state=state)


def require_active_cluster(cluster: Cluster, now: float) -> None:
    """Require a cluster that is initialized and activated; raises CloudHsmClusterNotActiveException otherwise."""
    if cluster.state(now) is not ClusterState.ACTIVE:
        raise errors.ClusterNotActive()


def require_configured_cluster(call: Call, cluster: Cluster) -> None:
    """Require a cluster with subnets in two zones, and with the security group that was made for it.

    Raises CloudHsmClusterInvalidConfigurationException otherwise.
    """
    if len(cluster.subnets) < ZONES:
        raise errors.SubnetsNotInTwoZones()
    if not network.has_working_security_group(call, cluster):
        raise errors.SecurityGroupMissing(security_group=cluster.security_group)


def require_accepting_keys(cluster: Cluster, now: float) -> None:
    """Require a cluster that is not changing its HSM type, as it takes no new keys meanwhile.

    Raises KMSInternalException otherwise.
    """
    if cluster.has_limited_writes(now):
        raise errors.ClusterChangesType()


def require_hsms_in_two_zones(cluster: Cluster | None, now: float) -> None:
    """Require two active HSMs in two zones; a deleted cluster has none.

    Raises CloudHsmClusterInvalidConfigurationException otherwise.
    """
    hsms = () if cluster is None or cluster.is_deleted(now) else cluster.active_hsms(now)
    if len({hsm.zone for hsm in hsms}) < ZONES:
        raise errors.HsmsNotInTwoZones()


def require_no_dry_run(*, dry_run: bool) -> None:
    """Require a call that is no dry run; raises DryRunOperationException where a dry run would have succeeded.

    https://docs.aws.amazon.com/kms/latest/developerguide/testing-permissions.html
    """
    if dry_run:
        raise errors.DryRun()
