"""CloudHSM clusters, the HSMs and users in them, the keys that lie there, and the network they stand in."""

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
    """What a user of the HSMs may do; https://docs.aws.amazon.com/cloudhsm/latest/userguide/understanding-users.html."""

    ADMIN = "admin"
    CRYPTO_USER = "crypto-user"
    UNACTIVATED_ADMIN = "unactivated-admin"
    APPLIANCE_USER = "internal(APPLIANCE_USER)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subnet(Record):
    """A subnet of a VPC, with what CloudHSM and KMS need to know of it.

    *removed_at* tells when somebody deleted it; during *outages* no packets get through to it. One *in_ec2* is the
    other services': whether it is there, and which addresses are free, is for their EC2 to say.
    """

    INDEXED: ClassVar = ("vpc_id",)

    vpc_id: str
    zone: str
    cidr: str
    free_addresses: int
    removed_at: float | None = None
    outages: Outages = ()
    in_ec2: bool = False

    def there(self, now: float) -> bool:
        """Tell whether nobody has deleted it by *now*."""
        return self.removed_at is None or now < self.removed_at

    def reachable(self, now: float) -> bool:
        """Tell whether packets get through to it at *now*."""
        return self.there(now) and not out(self.outages, now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone(Record):
    """An Availability Zone that has failed at some time, whose name is its id."""

    outages: Outages = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HsmCertificates:
    """What proves an HSM genuine, in PEM: a request for the cluster's certificate, and who vouches for whose key.

    The HSM's key is that of the request; the hardware vouches for it, AWS and the manufacturer for the hardware.
    https://docs.aws.amazon.com/cloudhsm/latest/userguide/verify-hsm-identity.html
    """

    cluster_csr: str
    hsm: str
    aws_hardware: str
    manufacturer_hardware: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hsm:
    """One HSM of a cluster: where it stands, and when it came and goes.

    *active_at* and *gone_at* are epoch seconds; a working HSM has no *gone_at*. During *outages* it answers nobody.
    *certificates* has the first HSM of a cluster, for it to be initialized.
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
        """Return the sentence beside the state: the one that was written for this HSM, else AWS's own."""
        if self.message is not None:
            return self.message
        return "HSM created." if self.state(now) is HsmState.ACTIVE else None


@dataclass(frozen=True, slots=True, kw_only=True)
class HsmUser:
    """A user of the HSMs, such as the crypto user `kmsuser` as whom KMS logs in.

    *failed_logins* counts the wrong passwords since the last right one; *logged_in* tells that somebody other than KMS
    has a session.
    """

    name: str
    role: str
    password: str = field(repr=False)
    locked: bool = False
    logged_in: bool = False
    failed_logins: int = 0


# AWS's own user, as whom it copies what is in one HSM to the others.
APPLIANCE_USER = HsmUser(name="app_user", role=Role.APPLIANCE_USER, password="")
# Who there is from initialization on, until somebody activates the cluster and gives the admin a password.
UNACTIVATED_USERS = (HsmUser(name="admin", role=Role.UNACTIVATED_ADMIN, password=""), APPLIANCE_USER)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterChange:
    """One step in the history of a cluster: from *at* on it is in *state*, with *message* beside it."""

    at: float
    state: ClusterState
    message: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """A change of a cluster's HSM type, begun at *since* and done at *done_at*.

    The HSMs *hsm_ids* change one after the other. Until *rollback_until* the cluster can go back to *before*, its type
    until then.
    """

    before: str
    since: float
    done_at: float
    rollback_until: float | None
    hsm_ids: tuple[str, ...]

    def pending(self, hsm_id: str, now: float) -> bool:
        """Tell whether an HSM is still to be changed at *now*."""
        if hsm_id not in self.hsm_ids or now >= self.done_at:
            return False
        each = (self.done_at - self.since) / len(self.hsm_ids)
        return now < self.since + each * (self.hsm_ids.index(hsm_id) + 1)

    def rollback(self, now: float) -> float | None:
        """Return until when it can be undone, None at a *now* when it cannot."""
        return self.rollback_until if self.rollback_until is not None and now < self.rollback_until else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster(Record):
    """A CloudHSM cluster: where its HSMs may stand and do, who may log in, and the certificates that prove whose it is.

    *changes* is the history of its state, oldest first, with what is to come. *subnets* maps each zone to the cluster's
    subnet there. Two clusters with the same *cluster_certificate* share a backup history. *trust_anchor* is the
    certificate that signed it (customerCA.crt). *backed_up_at* is when its last backup was made, None before the first.
    During *security_group_outages* its security group is not there, or lets nobody through. While there is a shortage
    of sessions, other clients have taken all that the HSMs can have.
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
        """Return the sentence that belongs to this state of this cluster."""
        return self._change(now).message

    def deleted(self, now: float) -> bool:
        """Tell whether it does not exist any more at *now*."""
        return self.state(now) is ClusterState.DELETED

    def changed(self, *changes: ClusterChange) -> Cluster:
        """Return the cluster with more *changes*, which may be to come."""
        return replace(self, changes=(*self.changes, *changes))

    def security_group_works(self, now: float) -> bool:
        """Tell whether its security group is there at *now* and lets its HSMs be reached."""
        return not out(self.security_group_outages, now)

    def sessions_short(self, now: float) -> bool:
        """Tell whether other clients have all sessions of its HSMs at *now*."""
        return out(self.session_shortages, now)

    def limited_write(self, now: float) -> bool:
        """Tell whether its keys and users cannot change at *now*, because it changes its HSM type.

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
        """Return what proves the first HSM genuine, with the request for the cluster's certificate, once it works."""
        return next((hsm.certificates for hsm in self.active_hsms(now) if hsm.certificates is not None), None)

    def hsm_type_of(self, hsm: Hsm, now: float) -> str:
        """Return the type that *hsm* is of at *now*: a migration changes one after the other."""
        migration = self.migration
        return migration.before if migration and migration.pending(hsm.id, now) else hsm.hsm_type

    def with_hsm(self, changed: Hsm) -> Cluster:
        """Return the cluster with *changed* in the place of the HSM of that id."""
        return replace(self, hsms=tuple(changed if hsm.id == changed.id else hsm for hsm in self.hsms))

    def user(self, name: str, role: str = Role.CRYPTO_USER) -> HsmUser | None:
        """Return the user called *name*, with capital and small letters as written, who has *role*."""
        return next((user for user in self.users if user.name == name and user.role == role), None)

    def with_user(self, before: HsmUser, after: HsmUser) -> Cluster:
        """Return the cluster with the user *after* in the place of *before*."""
        return replace(self, users=tuple(after if user is before else user for user in self.users))

    def since(self, moment: float) -> Cluster:
        """Return the cluster without the part of its history that only moments before *moment* could tell of."""
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
    """A key in the HSMs of a cluster; KMS keeps a KMS key's material under the key's ARN as *label*.

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
        """What names the key inside its cluster: `0x` and sixteen hexadecimal digits; a restored key keeps it."""
        return f"0x{self.id.rpartition(':')[2]}"


def hsm_key_id(cluster_id: str, digits: str) -> str:
    """Return the id of the record of a key: keys of other clusters, restored from a backup, have the same *digits*."""
    return f"{cluster_id}:{digits}"
