"""The resources of a call in CloudTrail's events: keys, aliases and roles, and the key store of a key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from mockaws import arns
from mockaws.journal.entries import Seen, SeenGrant, SeenKey, SeenKeyStore
from mockaws.services.facts import Effect, Kind

if TYPE_CHECKING:
    from mockaws.journal.entries import Entry

S = TypeVar("S", bound=Seen)

_MATERIAL = {
    "KeyMaterialId": "keyMaterialId",
    "DestinationKeyMaterialId": "destinationKeyMaterialId",
    "SourceKeyMaterialId": "sourceKeyMaterialId",
}


def resources(entry: Entry) -> list[dict[str, str]] | None:
    """Return the keys, the alias or the role that a call was about; None for an operation without such resources."""
    role = (entry.arguments or {}).get("role_arn")
    if role is not None:
        return [_resource(role, "AWS::IAM::Role")]
    facts = entry.facts
    if facts.service != "kms" or facts.names(Kind.KEY_STORE):
        return None
    found = key_arns(entry)
    alias = _alias_arn(entry)
    if alias is not None:
        found = [*found, alias] if entry.name == "CreateAlias" else [alias, *found]
    return [_resource(arn) for arn in found]


def key_arns(entry: Entry) -> list[str]:
    """Return the ARNs of the keys that a call was about: those that it looked at first, else the one that it made."""
    arguments = entry.arguments or {}
    if entry.name.startswith("List") and arguments.get("key_id") is None:
        return []
    given = [value for name in entry.facts.key_parameters if isinstance(value := arguments.get(name), str)]
    named = given[0] if given else ""
    arn = arns.parse(named)
    key_id = (arn.resource.removeprefix("key/") if arn is not None else named).lower()
    keys = list(
        dict.fromkeys(key.arn for key in _of(entry, SeenKey) if entry.caller and key.region == entry.caller.region)
    )
    if entry.facts.has_two_keys:
        return keys
    chosen = [arn for arn in keys if arn.endswith(f"/{key_id}")] or keys or _made(entry)
    return chosen[:1]


def additional_data(entry: Entry) -> dict[str, Any]:
    """Return the data that CloudTrail adds to parameters and answer: the material, the key store, the grant."""
    facts = entry.facts
    if facts.names(Kind.KEY_STORE):
        return {} if facts.is_read_only else _key_store(entry)
    if entry.name == "RetireGrant":
        grants = _of(entry, SeenGrant)
        return {"grantId": grants[0].id} if grants else {}
    return _use_of_keys(entry) if facts.effect is Effect.USES_A_KEY else {}


def _key_store(entry: Entry) -> dict[str, Any]:
    """Return the store that a call connected, disconnected, changed or deleted, as it was before."""
    asked = (entry.arguments or {}).get("custom_key_store_id")
    store = next((store for store in _of(entry, SeenKeyStore) if store.id == asked), None)
    return {"customKeyStoreName": store.name, "clusterId": store.cluster_id} if store is not None else {}


def _use_of_keys(entry: Entry) -> dict[str, Any]:
    answer = entry.result or {}
    added = {shown: answer[name] for name, shown in _MATERIAL.items() if name in answer}
    stores = [key.custom_key_store_id for key in _of(entry, SeenKey) if key.custom_key_store_id is not None]
    return {"customKeyStoreId": stores[0]} | added if stores else added


def _of(entry: Entry, kind: type[S]) -> list[S]:
    return [seen for seen in entry.seen if isinstance(seen, kind)]


def _made(entry: Entry) -> list[str]:
    answer = entry.result or {}
    arn = answer.get("KeyMetadata", {}).get("Arn") or answer.get("KeyId", "")
    return [arn] if arns.parse(arn) is not None else []


def _alias_arn(entry: Entry) -> str | None:
    name = (entry.arguments or {}).get("alias_name")
    return arns.kms_alias(entry.caller.region, entry.caller.account, name) if name and entry.caller else None


def _resource(arn: str, kind: str = "AWS::KMS::Key") -> dict[str, str]:
    """Return a resource; CloudTrail calls aliases keys, too."""
    parts = arns.parse(arn)
    return {"accountId": parts.account if parts else "", "type": kind, "ARN": arn}
