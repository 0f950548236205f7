"""CloudHSM clusters with their HSMs, users and keys, and the subnets and zones that they use."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar

from mockaws.records import outages
from mockaws.records.base import Record, since
from mockaws.records.outages import out

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockaws.records.outages import Outages

KMSUSER = "kmsuser"


class ClusterState(StrEnum):
    """The states of a cluster; https://docs.aws.amazon.com/cloudhsm/latest/APIReference/API_Cluster.html."""

    CREATE_IN_PROGRESS = "CREATE_IN_PROGRESS"
    UNINITIALIZED = "UNINITIALIZED"
    INITIALIZE_IN_PROGRESS = "INITIALIZE_IN_PROGRESS"
    INITIALIZED = "INITIALIZED"
    ACTIVE = "ACTIVE"
    UPDATE_IN_PROGRESS = "UPDATE_IN_PROGRESS"
    MODIFY_IN_PROGRESS = "MODIFY_IN_PROGRESS"
    ROLLBACK_IN_PROGRESS = "ROLLBACK_IN_PROGRESS"
    DELETE_IN_PROGRESS = "DELETE_IN_PROGRESS"
    DELETED = "DELETED"
    DEGRADED = "DEGRADED"


class HsmState(StrEnum):
    """The states of an HSM; https://docs.aws.amazon.com/cloudhsm/latest/APIReference/API_Hsm.html."""

    CREATE_IN_PROGRESS = "CREATE_IN_PROGRESS"
    ACTIVE = "ACTIVE"
    DEGRADED = "DEGRADED"
    DELETE_IN_PROGRESS = "DELETE_IN_PROGRESS"
    DELETED = "DELETED"


class Role(StrEnum):
    """The roles of HSM users; https://docs.aws.amazon.com/cloudhsm/latest/userguide/understanding-users.html."""

    ADMIN = "admin"
    CRYPTO_USER = "crypto-user"
    UNACTIVATED_ADMIN = "unactivated-admin"
    APPLIANCE_USER = "internal(APPLIANCE_USER)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subnet(Record):
    """A subnet of a VPC, as far as CloudHSM and KMS depend on it.

    It was deleted at *removed_at*. During *outages* no packets reach it. One *in_ec2* belongs to the other services,
    whose EC2 decides whether it exists and which of its addresses are free.
    """

    INDEXED: ClassVar = ("vpc_id",)

    vpc_id: str
    zone: str
    cidr: str
    free_addresses: int
    removed_at: float | None = None
    outages: Outages = ()
    in_ec2: bool = False

    def exists(self, now: float) -> bool:
        """Return True if it exists at *now*."""
        return self.removed_at is None or now < self.removed_at

    def is_reachable(self, now: float) -> bool:
        """Return True if packets reach it at *now*."""
        return self.exists(now) and not out(self.outages, now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone(Record):
    """An Availability Zone that has failed at some time. Its id is its name."""

    outages: Outages = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HsmCertificates:
    """The certificates that prove an HSM genuine, and the signing request for the cluster's certificate, in PEM.

    The request is for the HSM's key. The hardware certifies that key; AWS and the manufacturer certify the hardware.
    https://docs.aws.amazon.com/cloudhsm/latest/userguide/verify-hsm-identity.html
    """

    cluster_csr: str
    hsm: str
    aws_hardware: str
    manufacturer_hardware: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hsm:
    """One HSM of a cluster: its zone, subnet and address, and its lifetime.

    *active_at* and *gone_at* are epoch seconds; a working HSM has no *gone_at*. During *outages* it does not answer.
    Only the first HSM of a cluster has *certificates*, for the initialization.
    """

    id: str
    zone: str
    subnet_id: str
    eni_id: str
    eni_ip: str
    hsm_type: str
    active_at: float
    delete_requested_at: float | None = None
    gone_at: float | None = None
    outages: Outages = ()
    message: str | None = None
    certificates: HsmCertificates | None = None

    def state(self, now: float) -> HsmState:
        """Return the state that DescribeClusters shows at *now*."""
        if self.gone_at is not None and now >= self.gone_at:
            return HsmState.DELETED
        if self.delete_requested_at is not None and now >= self.delete_requested_at:
            return HsmState.DELETE_IN_PROGRESS
        if now < self.active_at:
            return HsmState.CREATE_IN_PROGRESS
        return HsmState.DEGRADED if out(self.outages, now) else HsmState.ACTIVE

    def state_message(self, now: float) -> str | None:
        """Return the StateMessage: the HSM's own, else AWS's for the state."""
        if self.message is not None:
            return self.message
        return "HSM created." if self.state(now) is HsmState.ACTIVE else None


@dataclass(frozen=True, slots=True, kw_only=True)
class HsmUser:
    """A user of the HSMs, such as the crypto user `kmsuser` as whom KMS logs in.

    *failed_logins* counts the wrong passwords since the last right one. *logged_in* is True while a client other than
    KMS has a session.
    """

    name: str
    role: str
    password: str = field(repr=False)
    locked: bool = False
    logged_in: bool = False
    failed_logins: int = 0


# The user of AWS, which synchronizes the HSMs of a cluster.
APPLIANCE_USER = HsmUser(name="app_user", role=Role.APPLIANCE_USER, password="")
# The users of an initialized cluster, until its activation gives the admin a password.
UNACTIVATED_USERS = (HsmUser(name="admin", role=Role.UNACTIVATED_ADMIN, password=""), APPLIANCE_USER)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterChange:
    """One step in the history of a cluster: from *at* on it is in *state*, with *message* as its StateMessage."""

    at: float
    state: ClusterState
    message: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """A change of a cluster's HSM type from *before*, which begins at *since* and ends at *done_at*.

    The HSMs *hsm_ids* change one after the other. Until *rollback_until* the cluster can return to the type *before*.
    """

    before: str
    since: float
    done_at: float
    rollback_until: float | None
    hsm_ids: tuple[str, ...]

    def pending(self, hsm_id: str, now: float) -> bool:
        """Return True if an HSM still has its former type at *now*."""
        if hsm_id not in self.hsm_ids or now >= self.done_at:
            return False
        each = (self.done_at - self.since) / len(self.hsm_ids)
        return now < self.since + each * (self.hsm_ids.index(hsm_id) + 1)

    def rollback(self, now: float) -> float | None:
        """Return the moment until which it can be undone; None if it cannot be undone at *now*."""
        return self.rollback_until if self.rollback_until is not None and now < self.rollback_until else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster(Record):
    """A CloudHSM cluster: its subnets, HSMs and users, and the certificates that prove its ownership.

    *changes* is the history of its state, oldest first, with scheduled steps. *subnets* maps each zone to the cluster's
    subnet there. Two clusters with the same *cluster_certificate* share a backup history. *trust_anchor* is the
    certificate that signed it (customerCA.crt). Its last backup was made at *backed_up_at*, None before the first.
    During *security_group_outages* its security group is missing or blocks all traffic. During *session_shortages*
    other clients hold all sessions of the HSMs.
    """

    INDEXED: ClassVar = ("vpc_id",)

    changes: tuple[ClusterChange, ...]
    hsm_type: str
    mode: str
    network_type: str = "IPV4"
    created_at: float
    vpc_id: str
    subnets: Mapping[str, str]
    security_group: str
    security_group_outages: Outages = ()
    trust_anchor: str | None = None
    cluster_certificate: str | None = None
    source_backup_id: str | None = None
    backup_retention_days: int = 90
    backed_up_at: float | None = None
    migration: Migration | None = None
    session_shortages: Outages = ()
    hsms: tuple[Hsm, ...] = ()
    users: tuple[HsmUser, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)

    def state(self, now: float) -> ClusterState:
        """Return the state that DescribeClusters shows at *now*, which may lie in the past."""
        return self._change(now).state

    def state_message(self, now: float) -> str | None:
        """Return the StateMessage of the cluster's state at *now*, None if its history has none."""
        return self._change(now).message

    def is_deleted(self, now: float) -> bool:
        """Return True if it is DELETED at *now*."""
        return self.state(now) is ClusterState.DELETED

    def changed(self, *changes: ClusterChange) -> Cluster:
        """Return the cluster with more *changes*, which may be in the future."""
        return replace(self, changes=(*self.changes, *changes))

    def has_working_security_group(self, now: float) -> bool:
        """Return True if its security group exists at *now* and admits traffic to its HSMs."""
        return not out(self.security_group_outages, now)

    def is_short_of_sessions(self, now: float) -> bool:
        """Return True if other clients hold all sessions of its HSMs at *now*."""
        return out(self.session_shortages, now)

    def has_limited_writes(self, now: float) -> bool:
        """Return True if its keys and users cannot change at *now*, because its HSM type is changing.

        https://docs.aws.amazon.com/cloudhsm/latest/userguide/hsm-type-migration.html
        """
        return self.state(now) in {ClusterState.MODIFY_IN_PROGRESS, ClusterState.ROLLBACK_IN_PROGRESS}

    def active_hsms(self, now: float) -> tuple[Hsm, ...]:
        """Return the HSMs that work at *now*."""
        return tuple(hsm for hsm in self.hsms if hsm.state(now) is HsmState.ACTIVE)

    def listed_hsms(self, now: float) -> tuple[Hsm, ...]:
        """Return the HSMs that DescribeClusters shows at *now*: all but the deleted ones."""
        return tuple(hsm for hsm in self.hsms if hsm.state(now) is not HsmState.DELETED)

    def identity(self, now: float) -> HsmCertificates | None:
        """Return the certificates of the first HSM with the cluster's signing request; None until it is active."""
        return next((hsm.certificates for hsm in self.active_hsms(now) if hsm.certificates is not None), None)

    def hsm_type_of(self, hsm: Hsm, now: float) -> str:
        """Return the type of *hsm* at *now*. A migration changes one HSM after the other."""
        migration = self.migration
        return migration.before if migration and migration.pending(hsm.id, now) else hsm.hsm_type

    def with_hsm(self, changed: Hsm) -> Cluster:
        """Return the cluster with *changed* in place of the HSM with the same id."""
        return replace(self, hsms=tuple(changed if hsm.id == changed.id else hsm for hsm in self.hsms))

    def user(self, name: str, role: str = Role.CRYPTO_USER) -> HsmUser | None:
        """Return the user with exactly this *name* and *role*; None if there is none."""
        return next((user for user in self.users if user.name == name and user.role == role), None)

    def with_user(self, before: HsmUser, after: HsmUser) -> Cluster:
        """Return the cluster with the user *after* in place of *before*."""
        return replace(self, users=tuple(after if user is before else user for user in self.users))

    def since(self, moment: float) -> Cluster:
        """Return the cluster without the part of its history that ended by *moment*."""
        return replace(
            self,
            changes=since(self.changes, moment),
            hsms=tuple(
                replace(hsm, outages=outages.since(hsm.outages, moment))
                for hsm in self.hsms
                if hsm.gone_at is None or hsm.gone_at > moment
            ),
            security_group_outages=outages.since(self.security_group_outages, moment),
            session_shortages=outages.since(self.session_shortages, moment),
        )

    def _change(self, now: float) -> ClusterChange:
        return next((change for change in reversed(self.changes) if change.at <= now), self.changes[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class HsmKey(Record):
    """A key in the HSMs of a cluster. If it is the material of a KMS key, its *label* is the KMS key's ARN.

    https://docs.aws.amazon.com/kms/latest/developerguide/find-key-material.html
    """

    INDEXED: ClassVar = ("cluster_id", "label")

    cluster_id: str
    label: str
    owner: str
    material: bytes = field(repr=False)
    created_at: float

    @property
    def reference(self) -> str:
        """The key reference in its cluster: `0x` and sixteen hexadecimal digits. A restored key keeps it."""
        return f"0x{self.id.rpartition(':')[2]}"


def hsm_key_id(cluster_id: str, digits: str) -> str:
    """Return the id of a key's record. Keys that another cluster restored from a backup have the same *digits*."""
    return f"{cluster_id}:{digits}"
