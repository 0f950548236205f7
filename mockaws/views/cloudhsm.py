"""Clusters, the HSMs in them and what lies in those, and backups, as an assertion reads them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from mockaws import arns
from mockaws.records import backups as backup_records
from mockaws.records import cloudhsm as records
from mockaws.services.hsm import backups as backing_up
from mockaws.services.operation import Caller
from mockaws.views.listing import Listing, NoSuchThingError
from mockaws.views.place import State, Thing, moment, moment_or_none

if TYPE_CHECKING:
    from datetime import datetime

    from mockaws.views.place import Place


class Cluster(Thing):
    """A CloudHSM cluster as it is now."""

    def __init__(self, place: Place, id: str) -> None:  # noqa: A002 - AWS's own word
        super().__init__(place, id)
        self.arn = arns.cloudhsm(place.region, place.account, "cluster", id)

    def __repr__(self) -> str:
        return f"<Cluster {self.id} {self.state} {self.hsm_type} with {len(self.hsms)} HSMs>"

    @property
    def state(self) -> State:
        """`ACTIVE`, `UNINITIALIZED` and so on, as DescribeClusters shows it; `DELETED`, too."""
        return State.of(self, self._record.state(self._place.now))

    @property
    def state_message(self) -> str | None:
        """The sentence beside the state."""
        return self._record.state_message(self._place.now)

    @property
    def hsm_type(self) -> str:
        """Such as `hsm2m.medium`."""
        return self._record.hsm_type

    @property
    def mode(self) -> str:
        """`FIPS` or `NON_FIPS`."""
        return self._record.mode

    @property
    def created(self) -> datetime:
        """When it was created."""
        return moment(self._record.created_at)

    @property
    def vpc_id(self) -> str:
        """The id of its VPC."""
        return self._record.vpc_id

    @property
    def subnets(self) -> dict[str, str]:
        """The id of its subnet in each Availability Zone."""
        return dict(self._record.subnets)

    @property
    def security_group(self) -> str:
        """The id of its security group."""
        return self._record.security_group

    @property
    def trust_anchor(self) -> str | None:
        """The certificate that it was initialized with, customerCA.crt, in PEM."""
        return self._record.trust_anchor

    @property
    def cluster_certificate(self) -> str | None:
        """The certificate that the trust anchor signed, in PEM."""
        return self._record.cluster_certificate

    @property
    def backup_retention_days(self) -> int:
        """How long its backups are kept."""
        return self._record.backup_retention_days

    @property
    def tags(self) -> dict[str, str]:
        """Its tags."""
        return dict(self._record.tags)

    @property
    def hsms(self) -> Listing[Hsm]:
        """Its HSMs that are not deleted, by id or zone."""

        def find() -> dict[str, Hsm]:
            return {hsm.id: Hsm(self, hsm.id) for hsm in self._record.listed_hsms(self._place.now)}

        return Listing("HSM", f"in {self.id}", find, lambda hsm: (hsm.zone,))

    @property
    def users(self) -> Listing[HsmUser]:
        """The users of its HSMs by name, or by `role/name` where a name is there in more than one role."""

        def find() -> dict[str, HsmUser]:
            users = self._record.users
            times = Counter(user.name for user in users)
            names = (user.name if times[user.name] == 1 else f"{user.role}/{user.name}" for user in users)
            return dict(zip(names, map(HsmUser.of, users), strict=True))

        return Listing("user", f"in {self.id}", find)

    @property
    def keys(self) -> Listing[HsmKey]:
        """The keys in its HSMs by reference, or by label: that of a KMS key's material is the ARN of the KMS key."""

        def find() -> dict[str, HsmKey]:
            return {key.reference: HsmKey.of(key) for key in self._place.find(records.HsmKey, cluster_id=self.id)}

        return Listing("key", f"in the HSMs of {self.id}", find, lambda key: (key.label,))

    @property
    def backups(self) -> Listing[Backup]:
        """The backups of it."""
        return backups(self._place, self.id)

    @property
    def _record(self) -> records.Cluster:
        record = self._place.get(records.Cluster, self.id)
        if record is None:
            raise NoSuchThingError(f"the cluster {self.id} is gone")
        return record


class Hsm(Thing):
    """An HSM of a cluster as it is now."""

    def __init__(self, cluster: Cluster, id: str) -> None:  # noqa: A002 - AWS's own word
        super().__init__(cluster._place, id)  # noqa: SLF001 - it is in it
        self.cluster = cluster

    def __repr__(self) -> str:
        return f"<Hsm {self.id} {self.state} in {self.zone}>"

    @property
    def state(self) -> State:
        """`ACTIVE`, `CREATE_IN_PROGRESS`, `DEGRADED` and so on; `DELETED`, too."""
        return State.of(self, self._record.state(self._place.now))

    @property
    def zone(self) -> str:
        """Its Availability Zone."""
        return self._record.zone

    @property
    def subnet_id(self) -> str:
        """The id of the subnet that it stands in."""
        return self._record.subnet_id

    @property
    def ip(self) -> str:
        """Its address there."""
        return self._record.eni_ip

    @property
    def hsm_type(self) -> str:
        """Such as `hsm2m.medium`."""
        return self._record.hsm_type

    @property
    def _record(self) -> records.Hsm:
        for hsm in self.cluster._record.hsms:  # noqa: SLF001 - it is in it
            if hsm.id == self.id:
                return hsm
        raise NoSuchThingError(f"the HSM {self.id} is gone")


@dataclass(frozen=True, slots=True, repr=False)
class HsmUser:
    """A user of the HSMs, as it was when it was found."""

    name: str
    role: str
    password: str
    locked: bool
    logged_in: bool
    failed_logins: int

    @classmethod
    def of(cls, record: records.HsmUser) -> Self:
        """Return the user of a record."""
        return cls(
            record.name, str(record.role), record.password, record.locked, record.logged_in, record.failed_logins
        )

    def __repr__(self) -> str:
        return f"<HsmUser {self.name} {self.role}{' locked' * self.locked}{' logged in' * self.logged_in}>"


@dataclass(frozen=True, slots=True, repr=False)
class HsmKey:
    """A key in the HSMs, as it was when it was found."""

    reference: str
    label: str
    owner: str
    created: datetime

    @classmethod
    def of(cls, record: records.HsmKey) -> Self:
        """Return the key of a record."""
        return cls(record.reference, record.label, record.owner, moment(record.created_at))

    def __repr__(self) -> str:
        return f"<HsmKey {self.reference} {self.label!r} of {self.owner}>"


class Backup(Thing):
    """A backup as it is now."""

    def __init__(self, place: Place, id: str) -> None:  # noqa: A002 - AWS's own word
        super().__init__(place, id)
        self.arn = arns.cloudhsm(place.region, place.account, "backup", id)

    def __repr__(self) -> str:
        return f"<Backup {self.id} {self.state} of {self.cluster_id}>"

    @property
    def state(self) -> State:
        """`READY`, `CREATE_IN_PROGRESS`, `PENDING_DELETION` or `DELETED`."""
        return State.of(self, self._record.state(self._place.now))

    @property
    def cluster_id(self) -> str:
        """The id of the cluster that it is of."""
        return self._record.cluster_id

    @property
    def created(self) -> datetime:
        """When it was made."""
        return moment(self._record.created_at)

    @property
    def never_expires(self) -> bool:
        """Whether it is kept for ever."""
        return self._record.never_expires

    @property
    def deletion_date(self) -> datetime | None:
        """When it is gone for good; None unless somebody has deleted it."""
        return moment_or_none(self._record.deleted_at)

    @property
    def tags(self) -> dict[str, str]:
        """Its tags."""
        return dict(self._record.tags)

    @property
    def users(self) -> list[str]:
        """The names of the users in it."""
        return [user.name for user in self._record.contents.users]

    @property
    def key_labels(self) -> list[str]:
        """The labels of the keys in it."""
        return [key.label for key in self._record.contents.keys]

    @property
    def _record(self) -> backup_records.Backup:
        record = self._place.get(backup_records.Backup, self.id)
        if record is None:
            raise NoSuchThingError(f"the backup {self.id} is gone")
        return record


def clusters(place: Place) -> Listing[Cluster]:
    """Return the clusters, also the deleted ones."""

    def find() -> dict[str, Cluster]:
        return {cluster.id: Cluster(place, cluster.id) for cluster in place.find(records.Cluster)}

    return Listing("cluster", str(place), find)


def backups(place: Place, cluster_id: str | None = None) -> Listing[Backup]:
    """Return the backups, or those of one cluster, oldest first, with those that have become due meanwhile."""

    def find() -> dict[str, Backup]:
        root = arns.account_root(place.region, place.account)
        caller = Caller("", place.account, place.region, root, place.account)
        return {
            backup.id: Backup(place, backup.id)
            for backup in place.world.run("DescribeBackups", caller, "", backing_up.owned)
            if cluster_id in {None, backup.cluster_id}
        }

    return Listing("backup", str(place), find)
