"""Views of keys, aliases, grants and custom key stores."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from mockaws import arns
from mockaws.records import kms as records
from mockaws.records import rotating
from mockaws.services.kms import policy_documents
from mockaws.testing.views import cloudhsm
from mockaws.testing.views.listing import Listing, NotFoundError
from mockaws.testing.views.place import RecordView, State, moment, moment_or_none

if TYPE_CHECKING:
    from datetime import datetime

    from mockaws.testing.views.place import Place


class Key(RecordView):
    """A KMS key in its present state."""

    def __init__(self, place: Place, id: str) -> None:  # noqa: A002 - AWS's own word
        super().__init__(place, id)
        self.arn = arns.kms_key(place.region, place.account, id)
        self.account = place.account
        self.region = place.region

    def __repr__(self) -> str:
        names = "".join(f" {name}" for name in self.aliases)
        return f"<Key {self.id}{names} {self.state} {self.spec} {self.usage}>"

    @property
    def state(self) -> State:
        """The KeyState, such as `Enabled`, `Disabled`, `PendingDeletion`, `PendingImport` or `Unavailable`."""
        record = self._record
        store_id = record.custom_key_store_id
        store = None if store_id is None else self._place.get(records.CustomKeyStore, store_id)
        return State.of(self, record.state(self._place.now, store))

    @property
    def description(self) -> str:
        """Its description."""
        return self._record.description

    @property
    def spec(self) -> str:
        """Its KeySpec, such as `SYMMETRIC_DEFAULT`."""
        return str(self._record.spec)

    @property
    def usage(self) -> str:
        """Its KeyUsage, such as `ENCRYPT_DECRYPT`."""
        return str(self._record.usage)

    @property
    def origin(self) -> str:
        """The origin of its material: `AWS_KMS`, `EXTERNAL` or `AWS_CLOUDHSM`."""
        return str(self._record.origin)

    @property
    def manager(self) -> str:
        """`CUSTOMER`, or `AWS` for an AWS managed key."""
        return self._record.manager

    @property
    def created(self) -> datetime:
        """The time of its creation."""
        return moment(self._record.created_at)

    @property
    def tags(self) -> dict[str, str]:
        """Its tags."""
        return dict(self._record.tags)

    @property
    def policy(self) -> dict[str, Any]:
        """Its key policy as a dictionary; `policy_text` is the text."""
        document: dict[str, Any] = json.loads(self.policy_text)
        return document

    @property
    def policy_text(self) -> str:
        """Its key policy as text, as GetKeyPolicy answers it."""
        return policy_documents.of(self._record)

    @property
    def aliases(self) -> list[str]:
        """The names of its aliases, such as `alias/example`."""
        return [alias.id for alias in self._place.find(records.Alias, target_key_id=self.id)]

    @property
    def grants(self) -> Listing[Grant]:
        """The grants on it, by id or name."""
        return _grants(self._place, key_id=self.id)

    @property
    def key_store(self) -> KeyStore | None:
        """Its custom key store."""
        store_id = self._record.custom_key_store_id
        return None if store_id is None else KeyStore(self._place, store_id)

    @property
    def rotation_period_in_days(self) -> int | None:
        """The period of its automatic rotation, in days; None without automatic rotation."""
        rotation = self._record.rotation
        return None if rotation is None else rotation.period_in_days

    @property
    def next_rotation(self) -> datetime | None:
        """The time of its next automatic rotation."""
        rotation = self._record.rotation
        return None if rotation is None else moment(rotation.next_at)

    @property
    def rotations(self) -> list[datetime]:
        """The times of its rotations, automatic or on demand, oldest first."""
        return [moment(each.rotated_at) for each in self._record.materials if each.rotated_at is not None]

    @property
    def material_ids(self) -> list[str]:
        """The ids of its materials, the current one last."""
        return [each.id for each in self._record.materials]

    @property
    def expires(self) -> datetime | None:
        """The expiry of its imported material."""
        materials = self._record.materials
        return moment_or_none(materials[-1].expires_at) if materials else None

    @property
    def deletion_date(self) -> datetime | None:
        """The time of its deletion; None unless it is scheduled, and while replicas have to be deleted first."""
        at = self._record.deletion_at
        return None if at is None or math.isinf(at) else moment(at)

    @property
    def primary_region(self) -> str | None:
        """The Region of the primary key of a multi-Region key; None for a key of one Region."""
        related = self._record.multi_region
        return None if related is None else related.primary_region

    @property
    def replica_regions(self) -> list[str]:
        """The Regions of the replicas of a multi-Region key."""
        related = self._record.multi_region
        return [] if related is None else [replica.region for replica in related.remaining(self._place.now)]

    @property
    def last_used(self) -> tuple[str, datetime] | None:
        """The last successful cryptographic operation with it and its time, such as `("Encrypt", …)`."""
        usage = self._place.get(records.KeyLastUsage, self.id)
        return None if usage is None else (usage.operation, moment(usage.used_at))

    @property
    def _record(self) -> records.Key:
        record, now = self._place.get(records.Key, self.id), self._place.now
        if record is None or record.is_gone(now):
            raise NotFoundError(f"the key {self.id} is gone")
        return rotating.settled(record, now)


class Alias(RecordView):
    """A name for a key."""

    def __init__(self, place: Place, name: str) -> None:
        super().__init__(place, name)
        self.name = name
        self.arn = arns.kms_alias(place.region, place.account, name)

    def __repr__(self) -> str:
        return f"<Alias {self.name} of {self._record.target_key_id or 'no key yet'}>"

    @property
    def key(self) -> Key | None:
        """Its key; None for an alias of AWS's whose key has not been used yet."""
        target = self._record.target_key_id
        return None if target is None else Key(self._place, target)

    @property
    def _record(self) -> records.Alias:
        record = self._place.get(records.Alias, self.name)
        if record is None:
            raise NotFoundError(f"the alias {self.name} is gone")
        return record


class Grant(RecordView):
    """A permission to use a key, at the time of the look-up; grants never change."""

    def __init__(self, place: Place, record: records.Grant) -> None:
        super().__init__(place, record.id)
        self._record = record
        self.name = record.name
        self.grantee = record.grantee_principal or record.grantee_service_principal or ""
        self.retiring_principal = record.retiring_principal or record.retiring_service_principal
        self.operations = list(record.operations)
        self.encryption_context_equals = dict(record.encryption_context_equals)
        self.encryption_context_subset = dict(record.encryption_context_subset)
        self.created = moment(record.created_at)

    def __repr__(self) -> str:
        name = f" {self.name!r}" if self.name else ""
        return f"<Grant {self.id[:12]}…{name} {', '.join(self.operations)} to {self.grantee}>"

    @property
    def key(self) -> Key:
        """Its key."""
        return Key(self._place, self._record.key_id)


class KeyStore(RecordView):
    """A custom key store in its present state."""

    def __repr__(self) -> str:
        code = self.connection_error_code
        state = f"{self.connection_state} {code}" if code else self.connection_state
        return f"<KeyStore {self.name!r} {self.id} {state} on {self.cluster_id}>"

    @property
    def name(self) -> str:
        """Its name."""
        return self._record.name

    @property
    def connection_state(self) -> State:
        """`CONNECTED`, `CONNECTING`, `FAILED`, `DISCONNECTED` or `DISCONNECTING`."""
        return State.of(self, self._record.connection_state(self._place.now))

    @property
    def connection_error_code(self) -> str | None:
        """The reason of FAILED, such as `USER_NOT_FOUND`."""
        return self._record.connection_error_code(self._place.now)

    @property
    def cluster_id(self) -> str:
        """The id of its cluster."""
        return self._record.cluster_id

    @property
    def cluster(self) -> cloudhsm.Cluster:
        """Its cluster."""
        return cloudhsm.clusters(self._place)[self.cluster_id]

    @property
    def trust_anchor(self) -> str:
        """Its trust anchor certificate, in PEM."""
        return self._record.trust_anchor

    @property
    def created(self) -> datetime:
        """The time of its creation."""
        return moment(self._record.created_at)

    @property
    def keys(self) -> Listing[Key]:
        """The KMS keys in it."""
        return keys(self._place, custom_key_store_id=self.id)

    @property
    def _record(self) -> records.CustomKeyStore:
        record = self._place.get(records.CustomKeyStore, self.id)
        if record is None:
            raise NotFoundError(f"the custom key store {self.id} is gone")
        return record


class Keys(Listing[Key]):
    """Keys by id, ARN or alias; an ARN finds the keys of other accounts and Regions as well."""

    def __init__(self, place: Place, **field: str) -> None:
        def find() -> dict[str, Key]:
            now = place.now
            return {key.id: Key(place, key.id) for key in place.find(records.Key, **field) if not key.is_gone(now)}

        super().__init__("key", str(place), find)
        self._at = place

    def __getitem__(self, name: str) -> Key:
        __tracebackhide__ = True
        arn = arns.parse(str(name))  # whatever a test looks for, what is not there is a KeyError
        if arn is not None and arn.service == "kms":
            return Keys(self._at.elsewhere(arn.account, arn.region))[arn.resource.removeprefix("key/")]
        alias = self._at.get(records.Alias, name)
        return super().__getitem__((alias and alias.target_key_id) or name)


def keys(place: Place, **field: str) -> Keys:
    """Return the keys, or those with one indexed *field*."""
    return Keys(place, **field)


def aliases(place: Place) -> Listing[Alias]:
    """Return the aliases, by name."""
    return Listing(
        "alias", str(place), lambda: {alias.id: Alias(place, alias.id) for alias in place.find(records.Alias)}
    )


def grants(place: Place) -> Listing[Grant]:
    """Return the grants on all keys, by id or name."""
    return _grants(place)


def _grants(place: Place, **field: str) -> Listing[Grant]:
    def find() -> dict[str, Grant]:
        return {grant.id: Grant(place, grant) for grant in place.find(records.Grant, **field)}

    return Listing("grant", str(place), find, lambda grant: (grant.name,) if grant.name else ())


def key_stores(place: Place) -> Listing[KeyStore]:
    """Return the custom key stores, by id or name."""

    def find() -> dict[str, KeyStore]:
        return {store.id: KeyStore(place, store.id) for store in place.find(records.CustomKeyStore)}

    return Listing("custom key store", str(place), find, lambda store: (store.name,))
