"""KMS keys, aliases, grants and custom key stores."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from mockaws import arns
from mockaws.clock import DAY
from mockaws.records.base import Record, since
from mockaws.records.key_specs import KEY_SPECS, SYMMETRIC_DEFAULT, KeySpec, KeyUsage

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

NEVER = math.inf


class KeyState(StrEnum):
    """The states of a KMS key; https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html."""

    CREATING = "Creating"
    ENABLED = "Enabled"
    DISABLED = "Disabled"
    PENDING_DELETION = "PendingDeletion"
    PENDING_IMPORT = "PendingImport"
    PENDING_REPLICA_DELETION = "PendingReplicaDeletion"
    UNAVAILABLE = "Unavailable"
    UPDATING = "Updating"


class Origin(StrEnum):
    """The sources of key material."""

    AWS_KMS = "AWS_KMS"
    EXTERNAL = "EXTERNAL"
    AWS_CLOUDHSM = "AWS_CLOUDHSM"
    EXTERNAL_KEY_STORE = "EXTERNAL_KEY_STORE"


class ConnectionState(StrEnum):
    """The states of a custom key store's connection."""

    CONNECTED = "CONNECTED"
    CONNECTING = "CONNECTING"
    FAILED = "FAILED"
    DISCONNECTED = "DISCONNECTED"
    DISCONNECTING = "DISCONNECTING"


class RotationType(StrEnum):
    """The kinds of rotations."""

    AUTOMATIC = "AUTOMATIC"
    ON_DEMAND = "ON_DEMAND"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyMaterial:
    """One generation of a key's material; *id* is 64 hexadecimal digits, *created_at* epoch seconds.

    *secret* depends on the key's spec: bytes, or a private key in DER. It is None if the owner has deleted imported
    material. A rotation of *rotation_type* made it current at *rotated_at*; the first generation has neither. Only
    imported material has *expires_at* and *description*.
    """

    id: str
    secret: bytes | None = field(repr=False)
    created_at: float
    rotated_at: float | None = None
    rotation_type: RotationType | None = None
    expires_at: float | None = None
    description: str | None = None

    @property
    def is_held(self) -> bool:
        """Return True if KMS holds the material: it was not deleted. It may have expired."""
        return self.secret is not None

    def exists(self, now: float) -> bool:
        """Return True if KMS has it at *now*. Imported material may have been deleted, or have expired."""
        return self.secret is not None and (self.expires_at is None or now < self.expires_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class AutomaticRotation:
    """Rotation every *period_in_days* days, counted from its enabling or the last rotation.

    It is *paused* while the key is disabled or pending deletion.
    """

    period_in_days: int
    counts_from: float
    paused: bool = False

    @property
    def period(self) -> float:
        """The time between two rotations, in seconds."""
        return self.period_in_days * DAY

    @property
    def next_at(self) -> float:
        """The moment of the next rotation, which may be past while the rotation is paused."""
        return self.counts_from + self.period


@dataclass(frozen=True, slots=True, kw_only=True)
class OnDemandRotation:
    """A rotation under way, which makes the pending material current at *done_at*."""

    started_at: float
    done_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplicaKey:
    """A replica of a multi-Region key, as its related keys record it: its Region, and the moment of its deletion."""

    region: str
    deletion_at: float = NEVER


@dataclass(frozen=True, slots=True, kw_only=True)
class MultiRegion:
    """The related keys of a multi-Region key. They share the key id, and one of them is the primary key.

    Each of the keys has a copy, so that no read needs other Regions.
    https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-overview.html
    """

    primary_region: str
    replicas: tuple[ReplicaKey, ...] = ()

    def remaining(self, now: float) -> tuple[ReplicaKey, ...]:
        """Return the replicas that exist at *now*."""
        return tuple(replica for replica in self.replicas if now < replica.deletion_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """A temporary state of a key: Creating or Updating, *until* a moment."""

    state: KeyState
    until: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Key(Record):
    """A KMS key. Its state is never stored: `state` derives it.

    *policy* is None for AWS's default key policy. *materials* is empty if the material is in a key store, or was not
    imported yet; its last entry is the current one. *pending_material* waits for an on-demand rotation.
    `rotating.settled` applies the rotations that are due. ScheduleKeyDeletion sets *deletion_at*, which is NEVER for a
    primary key as long as a replica is not scheduled for deletion.
    """

    INDEXED: ClassVar = ("custom_key_store_id", "beside_quota")

    created_at: float
    description: str = ""
    enabled: bool = True
    manager: str = "CUSTOMER"
    usage: str = KeyUsage.ENCRYPT_DECRYPT
    spec: str = SYMMETRIC_DEFAULT
    origin: Origin = Origin.AWS_KMS
    multi_region: MultiRegion | None = None
    transition: Transition | None = None
    custom_key_store_id: str | None = None
    policy: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    materials: tuple[KeyMaterial, ...] = ()
    pending_material: KeyMaterial | None = None
    rotation: AutomaticRotation | None = None
    on_demand_rotation: OnDemandRotation | None = None
    deletion_at: float | None = None
    pending_window_in_days: int | None = None

    @property
    def arn(self) -> str:
        """The key's ARN."""
        return arns.kms_key(self.region, self.account, self.id)

    @property
    def key_spec(self) -> KeySpec:
        """The key spec."""
        return KEY_SPECS[self.spec]

    @property
    def is_replica(self) -> bool:
        """Return True for a multi-Region key other than the primary key."""
        return self.multi_region is not None and self.multi_region.primary_region != self.region

    @property
    def beside_quota(self) -> str | None:
        """The index of keys that may not count for the quota: AWS managed keys, and keys scheduled for deletion."""
        return "yes" if self.manager != "CUSTOMER" or self.deletion_at is not None else None

    def is_gone(self, now: float) -> bool:
        """Return True if the waiting period is over, so that the key no longer exists."""
        return self.deletion_at is not None and now >= self.deletion_at

    def is_waiting_for_replicas(self, now: float) -> bool:
        """Return True if it is a primary key that cannot be deleted yet, because it has replicas."""
        return self.multi_region is not None and not self.is_replica and bool(self.multi_region.remaining(now))

    def state(self, now: float, store: CustomKeyStore | None = None) -> KeyState:
        """Return the state at *now*, given the key's custom key store if it has one.

        A key that is pending deletion stays so, even if its store disconnects. Any other key is Unavailable while its
        store is not connected, and PendingImport while any imported material is missing
        (https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html).
        """
        if self.deletion_at is not None:
            return KeyState.PENDING_REPLICA_DELETION if self.is_waiting_for_replicas(now) else KeyState.PENDING_DELETION
        if self.transition is not None and now < self.transition.until:
            return self.transition.state
        if store is not None and store.connection_state(now) is not ConnectionState.CONNECTED:
            return KeyState.UNAVAILABLE
        if self.origin is Origin.EXTERNAL and not self._imported(now):
            return KeyState.PENDING_IMPORT
        return KeyState.ENABLED if self.enabled else KeyState.DISABLED

    def _imported(self, now: float) -> bool:
        """Return True if the key has imported material, and all of its generations are present."""
        return bool(self.materials) and all(generation.exists(now) for generation in self.materials)


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias(Record):
    """A name for a key; the id is the alias name with its prefix, `alias/example`.

    An AWS alias (`alias/aws/s3`) has no key until its first use.
    """

    INDEXED: ClassVar = ("target_key_id",)

    target_key_id: str | None
    created_at: float | None = None
    updated_at: float | None = None

    @property
    def arn(self) -> str:
        """The alias's ARN."""
        return arns.kms_alias(self.region, self.account, self.id)


# The operations that a grant can permit, in AWS's order, which is that of its model. In the examples of CreateGrant and
# ListRetirableGrants, the same grant is requested with Encrypt and Decrypt and listed with Decrypt and Encrypt.
# https://docs.aws.amazon.com/kms/latest/APIReference/API_GrantListEntry.html
GRANT_OPERATIONS = (
    "Decrypt",
    "Encrypt",
    "GenerateDataKey",
    "GenerateDataKeyWithoutPlaintext",
    "ReEncryptFrom",
    "ReEncryptTo",
    "Sign",
    "Verify",
    "GetPublicKey",
    "CreateGrant",
    "RetireGrant",
    "DescribeKey",
    "GenerateDataKeyPair",
    "GenerateDataKeyPairWithoutPlaintext",
    "GenerateMac",
    "VerifyMac",
    "DeriveSharedSecret",
    "Encapsulate",
    "Decapsulate",
)


def in_order(operations: Collection[str]) -> tuple[str, ...]:
    """Return the operations of a grant in AWS's order, each once."""
    return tuple(operation for operation in GRANT_OPERATIONS if operation in operations)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant(Record):
    """A principal's permission to use a key. The id is AWS's grant id, 64 hexadecimal digits.

    Its account is that of its key; *issuing_account* is that of its creator. Its grantee is either a
    *grantee_principal* or a *grantee_service_principal*. A retiring principal of either kind is optional. An empty
    mapping is no constraint. A store keeps all of its *records*.
    """

    INDEXED: ClassVar = ("key_id", "by_grantee", "by_name")

    key_id: str
    issuing_account: str
    operations: tuple[str, ...]
    created_at: float
    name: str = ""
    grantee_principal: str | None = None
    grantee_service_principal: str | None = None
    retiring_principal: str | None = None
    retiring_service_principal: str | None = None
    encryption_context_equals: Mapping[str, str] = field(default_factory=dict)
    encryption_context_subset: Mapping[str, str] = field(default_factory=dict)
    source_arn: str | None = None

    @property
    def by_grantee(self) -> str:
        """The index of the grants of one principal on one key."""
        return on_key(self.key_id, self.grantee_principal or self.grantee_service_principal or "")

    @property
    def by_name(self) -> str | None:
        """The index in which CreateGrant looks for an earlier grant of the same name; None without a name."""
        return on_key(self.key_id, self.name) if self.name else None

    @property
    def records(self) -> tuple[Record, ...]:
        """The grant, and the entry for its retiring principal if that belongs to an account."""
        principal = arns.parse(self.retiring_principal or "")
        if principal is None:
            return (self,)
        entry = RetirableGrant(
            account=principal.account,
            region=self.region,
            id=self.id,
            retiring_principal=str(principal),
            key_account=self.account,
        )
        return (self, entry)


def on_key(key_id: str, value: str) -> str:
    """Return the value of an index over the grants of one key."""
    return f"{key_id} {value}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RetirableGrant(Record):
    """The entry of a grant in the account of its retiring principal. It has the grant's id.

    The grant itself is in *key_account*.
    """

    INDEXED: ClassVar = ("retiring_principal",)

    retiring_principal: str
    key_account: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionChange:
    """One step in the history of a store's connection: from *at* the store is in *while_state*, from *until* in *then*.

    *error_code* is the cause if *then* is FAILED.
    """

    at: float
    until: float
    while_state: ConnectionState
    then: ConnectionState
    error_code: str | None = None


class EarlierCluster(NamedTuple):
    """A cluster that a store used *until* a moment."""

    cluster_id: str
    until: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomKeyStore(Record):
    """An AWS CloudHSM key store: the material of its keys is in a CloudHSM cluster of the customer.

    It uses the cluster *cluster_id* now, and used the *earlier_clusters* before, oldest first. *password* is the
    password with which KMS logs in as kmsuser: first the customer's, which stays in *given_password*, then the one that
    KMS chose when it connected. *changes* is the history of the connection, oldest first; it starts as DISCONNECTED.
    """

    INDEXED: ClassVar = ("name", "cluster_id")

    name: str
    cluster_id: str
    earlier_clusters: tuple[EarlierCluster, ...] = ()
    password: str = field(repr=False)
    given_password: str | None = field(default=None, repr=False)
    trust_anchor: str
    created_at: float
    changes: tuple[ConnectionChange, ...] = ()

    def connection_state(self, now: float) -> ConnectionState:
        """Return the state of the connection at *now*, which may be in the past."""
        change = self._change(now)
        if change is None:
            return ConnectionState.DISCONNECTED
        return change.then if now >= change.until else change.while_state

    def connection_error_code(self, now: float) -> str | None:
        """Return the cause of the failed connection; None unless the store is FAILED at *now*."""
        change = self._change(now)
        return change.error_code if change is not None and now >= change.until else None

    def is_logged_in(self, now: float) -> bool:
        """Return True if KMS is logged in as kmsuser at *now*: from the connection until the request to disconnect."""
        change = self._change(now)
        return change is not None and change.then is ConnectionState.CONNECTED

    def cluster_id_at(self, now: float) -> str:
        """Return the id of the cluster that it uses at *now*, which may be in the past."""
        return next((earlier.cluster_id for earlier in self.earlier_clusters if now < earlier.until), self.cluster_id)

    def moved(self, cluster_id: str, now: float) -> CustomKeyStore:
        """Return the store with another cluster from *now* on."""
        earlier = (*self.earlier_clusters, EarlierCluster(self.cluster_id, now))
        return replace(self, cluster_id=cluster_id, earlier_clusters=earlier)

    def since(self, moment: float) -> CustomKeyStore:
        """Return the store without the part of its history that ended by *moment*."""
        earlier = tuple(each for each in self.earlier_clusters if each.until > moment)
        return replace(self, changes=since(self.changes, moment), earlier_clusters=earlier)

    def _change(self, now: float) -> ConnectionChange | None:
        for change in reversed(self.changes):
            if now >= change.at:
                return change
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyLastUsage(Record):
    """The last successful cryptographic operation with the key that has the same id."""

    operation: str
    used_at: float
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainKey(Record):
    """The secret that seals import tokens: one in each account and Region, created with the first token.

    https://docs.aws.amazon.com/kms/latest/cryptographic-details/basic-concepts.html
    """

    secret: bytes = field(repr=False)
