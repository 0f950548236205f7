"""The KMS keys of a world, with their aliases, grants and material."""

from __future__ import annotations

from base64 import b64decode
from typing import TYPE_CHECKING

from mockaws.clock import DAY
from mockaws.crypto.symmetric import derive_material, material_id
from mockaws.ids import Ids
from mockaws.records import rotating
from mockaws.records.base import evolve
from mockaws.records.cloudhsm import KMSUSER, HsmKey, hsm_key_id
from mockaws.records.kms import (
    Alias,
    AutomaticRotation,
    CustomKeyStore,
    Grant,
    Key,
    KeyMaterial,
    KeyState,
    MultiRegion,
    Origin,
    in_order,
)
from mockaws.seed import policies, stores, tags

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mockaws.records.base import Record
    from mockaws.seed.draft import Draft, Item

_AWS_ALIAS = "alias/aws/"
_WINDOW_IN_DAYS = 30
_ROTATION_PERIOD_IN_DAYS = 365


def read(document: Item, key_stores: Sequence[CustomKeyStore], draft: Draft) -> tuple[list[Record], list[HsmKey]]:
    """Return the keys with all that belongs to them, and the keys of the HSMs, also those that were deleted there."""
    records: list[Record] = []
    hsm_keys: list[HsmKey] = []
    for item in document.items("keys"):
        store = stores.find(key_stores, item, "custom_key_store")
        key = _key(item, store, draft)
        records.append(key)
        if store is not None:
            hsm_keys.append(_hsm_key(item, key, store))
            if not item.flag("hsm_key_deleted"):
                records.append(hsm_keys[-1])
        records += _aliases(item, key)
        for grant in item.items("grants"):
            records += _grant(grant, key).records
    return records, hsm_keys


def _key(item: Item, store: CustomKeyStore | None, draft: Draft) -> Key:
    created = item.moment("created")
    state = KeyState(item.text("state") or KeyState.ENABLED)
    key_id = item.identity("key", item.ids("id").uuid())
    key = Key(
        account=draft.terms.account,
        region=draft.terms.region,
        id=key_id,
        created_at=created,
        description=item.text("description") or "",
        enabled=state is KeyState.ENABLED,
        origin=Origin(item.text("origin") or Origin.AWS_KMS) if store is None else Origin.AWS_CLOUDHSM,
        multi_region=MultiRegion(primary_region=draft.terms.region) if key_id.startswith("mrk-") else None,
        custom_key_store_id=store.id if store is not None else None,
        policy=policies.read(item, "policy"),
        tags=tags.read(item),
    )
    _check_place(item)
    key = _pending_deletion(item, key, state, draft)
    if store is not None:
        return key
    if key.origin is Origin.EXTERNAL:
        return evolve(key, materials=tuple(_imported(item, key)))
    key = evolve(key, materials=(_material(key),), rotation=_rotation(item, key))
    return rotating.settled(key, draft.begins_at)


def _rotation(item: Item, key: Key) -> AutomaticRotation | None:
    """Return how the key is rotated; one that is disabled or pending deletion is not before it is enabled."""
    if not item.says("rotation"):
        return None
    rotation = item.item("rotation")
    return AutomaticRotation(
        period_in_days=rotation.whole("period_in_days") or _ROTATION_PERIOD_IN_DAYS,
        counts_from=rotation.moment("enabled_on", key.created_at),
        paused=not key.enabled,
    )


def _pending_deletion(item: Item, key: Key, state: KeyState, draft: Draft) -> Key:
    days = item.whole("deletion_in_days")
    if state is not KeyState.PENDING_DELETION:
        if days is not None:
            expected = f"state: {KeyState.PENDING_DELETION}, or no deletion_in_days"
            item.wrong("deletion_in_days", f"a key that is {state} is not deleted", expected, relies_on=["state"])
        return key
    days = days or _WINDOW_IN_DAYS
    return evolve(key, deletion_at=draft.now + days * DAY, pending_window_in_days=days)


def _check_place(item: Item) -> None:
    """A key in a custom key store is of one Region and has no rotation; only such a key has material in a cluster."""
    external = item.text("origin") == Origin.EXTERNAL
    if item.says("imported_material") and not external:
        message = "only a key with origin EXTERNAL has imported material"
        item.wrong("imported_material", message, "origin: EXTERNAL", relies_on=["origin"])
    if external and item.says("rotation"):
        item.wrong("rotation", "a key with imported material is not rotated automatically", "no rotation")
    if not item.says("custom_key_store"):
        if item.flag("hsm_key_deleted"):
            message = "the material of a key outside a custom key store lies in no cluster"
            item.wrong("hsm_key_deleted", message, "a custom_key_store")
        return
    if item.says("rotation"):
        item.wrong("rotation", "a key in a custom key store is not rotated", "no rotation")
    if item.says("origin"):
        item.wrong("origin", "a key in a custom key store is made there", "no origin, or no custom_key_store")
    if (item.text("id") or "").startswith("mrk-"):
        item.wrong("id", "a key in a custom key store is no multi-Region key", "a UUID, or no custom_key_store")


def _imported(item: Item, key: Key) -> Iterator[KeyMaterial]:
    """Yield the material that was imported into a key, if any was."""
    if not item.says("imported_material"):
        return
    imported = item.item("imported_material")
    given = imported.text("bytes")
    secret = derive_material(key.arn) if given is None else b64decode(given)
    yield KeyMaterial(
        id=material_id(key.id, secret),
        secret=secret,
        created_at=key.created_at,
        expires_at=imported.moment("valid_to", to_come=True) if imported.says("valid_to") else None,
    )


def _material(key: Key) -> KeyMaterial:
    """Return the material of a key in KMS itself: the same for the same key, whatever else the fixture says."""
    return KeyMaterial(
        id=Ids(f"{key.arn} material").hexadecimal(64), secret=derive_material(key.arn), created_at=key.created_at
    )


def _hsm_key(item: Item, key: Key, store: CustomKeyStore) -> HsmKey:
    """Return the material of a key in a cluster, as KMS makes it there."""
    return HsmKey(
        account=key.account,
        region=key.region,
        id=hsm_key_id(store.cluster_id, item.ids("hsm_key").hexadecimal(16)),
        cluster_id=store.cluster_id,
        label=key.arn,
        owner=KMSUSER,
        material=derive_material(key.arn),
        created_at=key.created_at,
    )


def _aliases(item: Item, key: Key) -> Iterator[Alias]:
    for index, name in item.texts("aliases"):
        item.unique("alias", name, "aliases", index)
        if name.startswith(_AWS_ALIAS):
            item.wrong(("aliases", index), f"{name} is kept for AWS", f"an alias that does not begin with {_AWS_ALIAS}")
        yield Alias(
            account=key.account,
            region=key.region,
            id=name,
            target_key_id=key.id,
            created_at=key.created_at,
            updated_at=key.created_at,
        )


def _grant(item: Item, key: Key) -> Grant:
    _check_grant(item)
    return Grant(
        account=key.account,
        region=key.region,
        id=item.identity("grant", item.ids("id").hexadecimal(64)),
        key_id=key.id,
        issuing_account=key.account,
        grantee_principal=item.text("grantee_principal") or "",
        operations=in_order([name for _, name in item.texts("operations")]),
        created_at=item.moment("created", key.created_at),
        name=item.text("name") or "",
        retiring_principal=item.text("retiring_principal"),
        encryption_context_equals=item.mapping("encryption_context_equals"),
        encryption_context_subset=item.mapping("encryption_context_subset"),
    )


def _check_grant(item: Item) -> None:
    """A grant that AWS would not create."""
    if item.says("encryption_context_equals") and item.says("encryption_context_subset"):
        message = "a grant constrains the encryption context in one way"
        item.wrong("encryption_context_subset", message, "no encryption_context_equals, or only that")
    if {name for _, name in item.texts("operations")} == {"CreateGrant"}:
        item.wrong("operations", "a grant must not contain only CreateGrant", "another operation, too")
