"""CloudHSM clusters, the HSMs and users in them, the keys that lie there, and the network they stand in."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar

from mockaws.records.base import Record

if TYPE_CHECKING:
    from collections.abc import Mapping

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Subnet(Record):
    """A subnet of a VPC, with what CloudHSM and KMS need to know of it.

    *removed* tells a subnet that somebody deleted, *reachable* whether packets get through to it.
    """

    INDEXED: ClassVar = ("vpc_id",)

    vpc_id: str
    zone: str
    cidr: str
    free_addresses: int
    removed: bool = False
    reachable: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Hsm:
    """One HSM of a cluster: where it stands, and when it came and goes.

    *active_at* and *gone_at* are epoch seconds; a working HSM has no *gone_at*. *degraded* HSMs answer nobody.
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
    degraded: bool = False
    message: str | None = None

    def state(self, now: float) -> HsmState:
        """Return the state that DescribeClusters shows at *now*."""
        if self.gone_at is not None and now >= self.gone_at:
            return HsmState.DELETED
        if self.delete_requested_at is not None and now >= self.delete_requested_at:
            return HsmState.DELETE_IN_PROGRESS
        if now < self.active_at:
            return HsmState.CREATE_IN_PROGRESS
        return HsmState.DEGRADED if self.degraded else HsmState.ACTIVE

    def state_message(self, now: float) -> str | None:
        """Return the sentence beside the state: the one that was written for this HSM, else AWS's own."""
        if self.message is not None:
            return self.message
        return "HSM created." if self.state(now) is HsmState.ACTIVE else None


@dataclass(frozen=True, slots=True, kw_only=True)
class HsmUser:
    """A user of the HSMs, such as the crypto user `kmsuser` as whom KMS logs in."""

    name: str
    role: str
    password: str = field(repr=False)
    locked: bool = False
    logged_in: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster(Record):
    """A CloudHSM cluster: where its HSMs may stand and do, who may log in, and the certificates that prove whose it is.

    *subnets* maps each zone to the cluster's subnet there. Two clusters with the same *cluster_certificate* share a
    backup history. *trust_anchor* is the certificate that signed it (customerCA.crt).
    """

    INDEXED: ClassVar = ("vpc_id",)

    state: ClusterState
    state_message: str | None = None
    hsm_type: str
    mode: str
    network_type: str = "IPV4"
    created_at: float
    vpc_id: str
    subnets: Mapping[str, str]
    security_group: str
    security_group_present: bool = True
    trust_anchor: str | None
    cluster_certificate: str | None
    backup_retention_days: int = 90
    hsms: tuple[Hsm, ...] = ()
    users: tuple[HsmUser, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)

    def active_hsms(self, now: float) -> tuple[Hsm, ...]:
        """Return the HSMs that work at *now*."""
        return tuple(hsm for hsm in self.hsms if hsm.state(now) is HsmState.ACTIVE)

    def listed_hsms(self, now: float) -> tuple[Hsm, ...]:
        """Return the HSMs that DescribeClusters shows at *now*: all but the deleted ones."""
        return tuple(hsm for hsm in self.hsms if hsm.state(now) is not HsmState.DELETED)

    def user(self, name: str) -> HsmUser | None:
        """Return the user called *name*, with capital and small letters as written."""
        return next((user for user in self.users if user.name == name), None)

    def with_user(self, changed: HsmUser) -> tuple[HsmUser, ...]:
        """Return the cluster's users with *changed* in the place of the user of that name."""
        return tuple(changed if user.name == changed.name else user for user in self.users)


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
