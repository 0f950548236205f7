"""Aliases: names for keys. https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html"""

from __future__ import annotations

from heapq import merge
from typing import TYPE_CHECKING, Any

from mockaws import arns
from mockaws.records.base import evolve
from mockaws.records.kms import Alias
from mockaws.records.world import DeleteRelaxation
from mockaws.services.facts import KEY, Effect
from mockaws.services.kms import aws_managed, errors, key_states, lookup, paging, rules
from mockaws.services.kms.resources import ALIAS, KEY_OF_ALIAS, TARGET_KEY
from mockaws.services.operation import operation

if TYPE_CHECKING:
    from mockaws.records.kms import Key
    from mockaws.services.operation import Call, Result

PREFIX = "alias/"


@operation(ALIAS, TARGET_KEY, quota=5, event_has_key_arn=True)
def create_alias(call: Call, *, alias_name: str, target_key_id: str) -> None:
    """Give a key a name.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html
    """
    _require_name(alias_name)
    key = _target(call, target_key_id)
    if _existing(call, alias_name) is not None:
        raise errors.AliasExists(arn=arns.kms_alias(call.region, call.account, alias_name))
    key_states.require_allowed(call, key)
    _require_quota(call, key)
    call.put(
        Alias(
            account=call.account,
            region=call.region,
            id=alias_name,
            target_key_id=key.id,
            created_at=call.now,
            updated_at=call.now,
        )
    )


@operation(ALIAS, KEY_OF_ALIAS, TARGET_KEY, quota=5, event_has_key_arn=True)
def update_alias(call: Call, *, alias_name: str, target_key_id: str) -> None:
    """Give the name of one key to another key of the same type and usage.

    Under the relaxation by which keys are deleted with their key store, aliases of deleted keys can be given to other
    keys: Terraform does so after it has replaced a key store and the keys in it.
    https://docs.aws.amazon.com/kms/latest/APIReference/API_UpdateAlias.html
    """
    _require_name(alias_name)
    relaxed = call.config.relaxations.delete_custom_key_store is DeleteRelaxation.WITH_PENDING_KEYS
    alias = (call.lookup(Alias, alias_name) if relaxed else None) or _known(call, alias_name)
    key = _target(call, target_key_id)
    key_states.require_allowed(call, key)
    before = lookup.existing(call, call.account, alias.target_key_id or "")
    if before is not None:
        rules.require_same_kind(alias.arn, before, key)
    if alias.target_key_id != key.id:
        _require_quota(call, key)
    call.put(evolve(alias, target_key_id=key.id, updated_at=call.now))


@operation(ALIAS, KEY_OF_ALIAS, quota=15, event_has_key_arn=True)
def delete_alias(call: Call, *, alias_name: str) -> None:
    """Delete a name of a key.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_DeleteAlias.html
    """
    _require_name(alias_name)
    call.drop(_known(call, alias_name))


@operation(named=KEY, effect=Effect.READS, on_aws_managed=True, quota=500)
def list_aliases(
    call: Call, *, key_id: str | None = None, limit: int | None = None, marker: str | None = None
) -> Result:
    """List the aliases of the account in the Region, or those of one key, in the order of their names.

    The aliases of AWS managed keys are listed before those keys exist; they have no key then.
    https://docs.aws.amazon.com/kms/latest/APIReference/API_ListAliases.html
    """
    start = paging.after(marker)
    page_size = paging.size(paging.ALIASES, limit)
    field = {} if key_id is None else {"target_key_id": lookup.key(call, key_id).id}
    found = paging.visible(call, Alias, start, page_size + 1, lambda alias: _alive(call, alias), **field)
    entries = [(alias.id, _shown(alias)) for alias in found]
    if key_id is None:
        names = {alias.id for alias in found}
        unused = [(name, _unused(call, name)) for name in aws_managed.ALIASES if name > start and name not in names]
        entries = list(merge(entries, unused, key=lambda entry: entry[0]))[: page_size + 1]
    return paging.answer("Aliases", entries, page_size)


def _require_name(alias_name: str) -> None:
    """Require a name that customers may give; raises an error otherwise."""
    if not alias_name.startswith(PREFIX) or alias_name == PREFIX:
        raise errors.AliasPrefixMissing()
    if ":" in alias_name:
        raise errors.AliasCharacters(name=alias_name)
    if alias_name.startswith(aws_managed.PREFIX):
        raise errors.AliasReserved()


def _target(call: Call, target_key_id: str) -> Key:
    """Return the key that an alias is to name: one of the caller's own account and Region.

    Raises ValidationException for an alias and for a key of another account.
    """
    if target_key_id.startswith(PREFIX) or ":alias/" in target_key_id:
        raise errors.AliasOfAlias()
    arn = arns.parse(target_key_id)
    if arn is not None and arn.account != call.account:
        raise errors.AliasOfOtherAccount()
    return lookup.key(call, target_key_id)


def _require_quota(call: Call, key: Key) -> None:
    limit = call.config.limits.aliases_per_key
    if len(call.find(Alias, target_key_id=key.id, limit=limit)) >= limit:
        raise errors.TooManyAliases(limit=limit)


def _alive(call: Call, alias: Alias) -> bool:
    """Return True if the key of an alias still exists."""
    return alias.target_key_id is None or lookup.existing(call, alias.account, alias.target_key_id) is not None


def _existing(call: Call, alias_name: str) -> Alias | None:
    alias = call.lookup(Alias, alias_name)
    return alias if alias is not None and _alive(call, alias) else None


def _known(call: Call, alias_name: str) -> Alias:
    alias = _existing(call, alias_name)
    if alias is None:
        raise errors.AliasNotFound(arn=arns.kms_alias(call.region, call.account, alias_name))
    return alias


def _shown(alias: Alias) -> dict[str, Any]:
    shown = {
        "AliasName": alias.id,
        "AliasArn": alias.arn,
        "TargetKeyId": alias.target_key_id,
        "CreationDate": alias.created_at,
        "LastUpdatedDate": alias.updated_at,
    }
    return {name: value for name, value in shown.items() if value is not None}


def _unused(call: Call, name: str) -> dict[str, Any]:
    return {"AliasName": name, "AliasArn": arns.kms_alias(call.region, call.account, name)}
