"""The keys in the HSMs of a cluster. https://docs.aws.amazon.com/cloudhsm/latest/userguide/manage-keys.html"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockaws.crypto import symmetric
from mockaws.records.cloudhsm import HsmKey, Role, hsm_key_id
from mockaws.services.hsm import backups, errors, lookup, rules, views

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mockaws.records.cloudhsm import Cluster
    from mockaws.services.hsm.rules import Actor
    from mockaws.services.operation import Call

_ATTRIBUTE = "attr."
_REFERENCE = "key-reference"


def create(call: Call, cluster: Cluster, *, label: str, owner: str) -> HsmKey:
    """Make an AES key of 256 bits in *cluster*, which the user *owner* owns."""
    backups.settle(call, cluster)
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
    """Return the key in *cluster* that has *label*."""
    keys = call.tx.find(HsmKey, cluster.account, cluster.region, label=label)
    return next((key for key in keys if key.cluster_id == cluster.id), None)


def delete(call: Call, cluster: Cluster, key: HsmKey) -> None:
    """Delete *key*; backups that were made before keep it."""
    backups.settle(call, cluster)
    call.drop(key)


def selected(call: Call, cluster: Cluster, actor: Actor, filters: Sequence[str]) -> list[HsmKey]:
    """Return the keys that satisfy all *filters*; a crypto user sees its own.

    https://docs.aws.amazon.com/cloudhsm/latest/userguide/manage-keys-cloudhsm-cli-filtering.html
    """
    rules.users_can_be_managed(call, cluster)
    if filters:
        rules.crypto_user(actor, "filter keys")
    wanted = [_criterion(text) for text in filters]
    keys = lookup.keys(call, cluster)
    if actor is not None and actor.role == Role.CRYPTO_USER:
        keys = [key for key in keys if key.owner == actor.name]
    return [key for key in keys if _satisfies(key, wanted)]


def delete_selected(call: Call, cluster: Cluster, actor: Actor, filters: Sequence[str]) -> None:
    """Delete the one key that satisfies all *filters*, also where KMS needs it.

    https://docs.aws.amazon.com/cloudhsm/latest/userguide/cloudhsm_cli-key-delete.html
    """
    rules.contents_can_change(call, cluster)
    rules.crypto_user(actor, "delete a key")
    found = selected(call, cluster, actor, filters)
    if len(found) != 1:
        raise errors.NotOneKey(count=len(found))
    delete(call, cluster, found[0])


def _criterion(text: str) -> tuple[str, str]:
    """Return the name of an attribute and the value that a filter wants it to have.

    AWS's pages write both key-reference=… and attr.key-reference=….
    """
    name, equals, value = text.partition("=")
    if not equals or not (name == _REFERENCE or name.startswith(_ATTRIBUTE)):
        raise errors.FilterMalformed(text=text)
    name = name.removeprefix(_ATTRIBUTE)
    if name != _REFERENCE and name not in views.ATTRIBUTES:
        raise errors.UnknownAttribute(name=name, known=lookup.listed(views.ATTRIBUTES))
    return name, value


def _satisfies(key: HsmKey, wanted: Iterable[tuple[str, str]]) -> bool:
    attributes = {_REFERENCE: key.reference, **views.attributes(key)}
    return all(_same(attributes[name], value) for name, value in wanted)


def _same(value: object, text: str) -> bool:
    """Tell whether *text* means *value*; numbers with 0x may have capital letters and lack leading zeros."""
    if isinstance(value, bool):
        return text == str(value).lower()
    if isinstance(value, str) and value.startswith("0x"):
        return value.removeprefix("0x").lstrip("0") == text.lower().removeprefix("0x").lstrip("0")
    return text == str(value)
