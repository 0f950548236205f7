"""The keys in the HSMs of a cluster. https://docs.aws.amazon.com/cloudhsm/latest/userguide/manage-keys.html"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockaws.crypto import symmetric
from mockaws.records.cloudhsm import HsmKey, Role, hsm_key_id
from mockaws.services.hsm import backups, errors, lookup, rules, shapes

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mockaws.records.cloudhsm import Cluster
    from mockaws.services.hsm.rules import Actor
    from mockaws.services.operation import Call

_ATTRIBUTE = "attr."
_REFERENCE = "key-reference"


def create(call: Call, cluster: Cluster, *, label: str, owner: str) -> HsmKey:
    """Create an AES key of 256 bits in *cluster*, owned by the user *owner*."""
    backups.make_due(call, cluster)
    key = HsmKey(
        account=cluster.account,
        region=cluster.region,
        id=hsm_key_id(cluster.id, call.ids.hexadecimal(16)),
        cluster_id=cluster.id,
        label=label,
        owner=owner,
        material=symmetric.new_material(),
        created_at=call.now,
    )
    call.put(key)
    return key


def labelled(call: Call, cluster: Cluster, label: str) -> HsmKey | None:
    """Return the key with *label* in *cluster*; None if there is none."""
    keys = call.tx.find(HsmKey, cluster.account, cluster.region, label=label)
    return next((key for key in keys if key.cluster_id == cluster.id), None)


def delete(call: Call, cluster: Cluster, key: HsmKey) -> None:
    """Delete *key*. Earlier backups keep it."""
    backups.make_due(call, cluster)
    call.drop(key)


def selected(call: Call, cluster: Cluster, actor: Actor, filters: Sequence[str]) -> list[HsmKey]:
    """Return the keys that match all *filters*. A crypto user sees only its own keys.

    Raises HsmError if a filter is not valid, if the actor may not filter keys, or if no HSM answers.

    https://docs.aws.amazon.com/cloudhsm/latest/userguide/manage-keys-cloudhsm-cli-filtering.html
    """
    rules.require_activated(call, cluster)
    if filters:
        rules.require_crypto_user(actor, "filter keys")
    wanted = [_criterion(text) for text in filters]
    keys = lookup.keys(call, cluster)
    if actor is not None and actor.role == Role.CRYPTO_USER:
        keys = [key for key in keys if key.owner == actor.name]
    return [key for key in keys if _has_all(key, wanted)]


def delete_selected(call: Call, cluster: Cluster, actor: Actor, filters: Sequence[str]) -> None:
    """Delete the only key that matches all *filters*, even if KMS needs it.

    Raises HsmError unless exactly one key matches, and if the actor may not delete keys.

    https://docs.aws.amazon.com/cloudhsm/latest/userguide/cloudhsm_cli-key-delete.html
    """
    rules.require_writable(call, cluster)
    rules.require_crypto_user(actor, "delete a key")
    found = selected(call, cluster, actor, filters)
    if len(found) != 1:
        raise errors.NotOneKey(count=len(found))
    delete(call, cluster, found[0])


def _criterion(text: str) -> tuple[str, str]:
    """Return the attribute and the value of a filter. Raises HsmError.

    AWS's pages write both key-reference=… and attr.key-reference=….
    """
    name, equals, value = text.partition("=")
    if not equals or not (name == _REFERENCE or name.startswith(_ATTRIBUTE)):
        raise errors.FilterMalformed(text=text)
    name = name.removeprefix(_ATTRIBUTE)
    if name != _REFERENCE and name not in shapes.ATTRIBUTES:
        raise errors.UnknownAttribute(name=name, known=lookup.joined(shapes.ATTRIBUTES))
    return name, value


def _has_all(key: HsmKey, wanted: Iterable[tuple[str, str]]) -> bool:
    attributes = {_REFERENCE: key.reference, **shapes.attributes(key)}
    return all(_is_same(attributes[name], value) for name, value in wanted)


def _is_same(value: object, text: str) -> bool:
    """Return True if *text* denotes *value*. Numbers with 0x ignore letter case and leading zeros."""
    if isinstance(value, bool):
        return text == str(value).lower()
    if isinstance(value, str) and value.startswith("0x"):
        return value.removeprefix("0x").lstrip("0") == text.lower().removeprefix("0x").lstrip("0")
    return text == str(value)
