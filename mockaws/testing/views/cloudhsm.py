"""Views of clusters, their HSMs with users and keys, and backups."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from mockaws import arns
from mockaws.records import backups as backup_records
from mockaws.records import cloudhsm as records
from mockaws.services.hsm import backups as backing_up
from mockaws.services.operation import Caller
from mockaws.testing.views.listing import Listing, NotFoundError
from mockaws.testing.views.place import RecordView, State, moment, moment_or_none

if TYPE_CHECKING:
    from datetime import datetime

    from mockaws.testing.views.place import Place


class Cluster(RecordView):
    """A CloudHSM cluster in its present state."""

    def __init__(self, place: Place, id: str) -> None:  # noqa: A002 - AWS's own word
        super().__init__(place, id)
        self.arn = arns.cloudhsm(place.region, place.account, "cluster", id)

    def __repr__(self) -> str:
        return f"<Cluster {self.id} {self.state} {self.hsm_type} with {len(self.hsms)} HSMs>"

    @property
    def state(self) -> State:
        """The state in DescribeClusters, such as `ACTIVE` or `UNINITIALIZED`; `DELETED`, too."""
        return State.of(self, self._record.state(self._place.now))

    @property
    def state_message(self) -> str | None:
        """The state message in DescribeClusters."""
        return self._record.state_message(self._place.now)

    @property
    def hsm_type(self) -> str:
        """The type of its HSMs, such as `hsm2m.medium`."""
        return self._record.hsm_type

    @property
    def mode(self) -> str:
        """`FIPS` or `NON_FIPS`."""
        return self._record.mode

    @property
    def created(self) -> datetime:
        """The time of its creation."""
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
        """The certificate of its initialization, customerCA.crt, in PEM."""
        return self._record.trust_anchor

    @property
    def cluster_certificate(self) -> str | None:
        """The certificate that the trust anchor signed, in PEM."""
        return self._record.cluster_certificate

    @property
    def backup_retention_days(self) -> int:
        """The retention of its backups, in days."""
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
        """The users of its HSMs by name, or by `role/name` if several roles have that name."""

        def find() -> dict[str, HsmUser]:
            users = self._record.users
            times = Counter(user.name for user in users)
            names = (user.name if times[user.name] == 1 else f"{user.role}/{user.name}" for user in users)
            return dict(zip(names, map(HsmUser.of, users), strict=True))

        return Listing("user", f"in {self.id}", find)

    @property
    def keys(self) -> Listing[HsmKey]:
        """The keys in its HSMs by reference or label; the label of a KMS key's material is the KMS key's ARN."""

        def find() -> dict[str, HsmKey]:
            return {key.reference: HsmKey.of(key) for key in self._place.find(records.HsmKey, cluster_id=self.id)}

        return Listing("key", f"in the HSMs of {self.id}", find, lambda key: (key.label,))

    @property
    def backups(self) -> Listing[Backup]:
        """Its backups."""
        return backups(self._place, self.id)

    @property
    def _record(self) -> records.Cluster:
        record = self._place.get(records.Cluster, self.id)
        if record is None:
            raise NotFoundError(f"the cluster {self.id} is gone")
        return record


class Hsm(RecordView):
    """An HSM of a cluster in its present state."""

    def __init__(self, cluster: Cluster, id: str) -> None:  # noqa: A002 - AWS's own word
        super().__init__(cluster._place, id)  # noqa: SLF001 - it is in it
        self.cluster = cluster

    def __repr__(self) -> str:
        return f"<Hsm {self.id} {self.state} in {self.zone}>"

    @property
    def state(self) -> State:
        """The state in DescribeClusters, such as `ACTIVE` or `CREATE_IN_PROGRESS`; `DELETED`, too."""
        return State.of(self, self._record.state(self._place.now))

    @property
    def zone(self) -> str:
        """Its Availability Zone."""
        return self._record.zone

    @property
    def subnet_id(self) -> str:
        """The id of its subnet."""
        return self._record.subnet_id

    @property
    def ip(self) -> str:
        """Its IP address."""
        return self._record.eni_ip

    @property
    def hsm_type(self) -> str:
        """Its type, such as `hsm2m.medium`."""
        return self._record.hsm_type

    @property
    def _record(self) -> records.Hsm:
        for hsm in self.cluster._record.hsms:  # noqa: SLF001 - it is in it
            if hsm.id == self.id:
                return hsm
        raise NotFoundError(f"the HSM {self.id} is gone")


@dataclass(frozen=True, slots=True, repr=False)
class HsmUser:
    """A user of the HSMs, at the time of the look-up."""

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
    """A key in the HSMs, at the time of the look-up."""

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


class Backup(RecordView):
    """A backup in its present state."""

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
        """The id of its cluster."""
        return self._record.cluster_id

    @property
    def created(self) -> datetime:
        """The time of its creation."""
        return moment(self._record.created_at)

    @property
    def never_expires(self) -> bool:
        """Return True if it has no expiry."""
        return self._record.never_expires

    @property
    def deletion_date(self) -> datetime | None:
        """The time of its final deletion; None unless a caller has deleted it."""
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
            raise NotFoundError(f"the backup {self.id} is gone")
        return record


def clusters(place: Place) -> Listing[Cluster]:
    """Return the clusters, deleted ones included."""

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
