"""Grants: permissions to use one key, given to one principal, until somebody retires or revokes them.

https://docs.aws.amazon.com/kms/latest/developerguide/grants.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockaws import arns
from mockaws.records.base import evolve
from mockaws.records.kms import Grant, RetirableGrant, in_order, on_key
from mockaws.services import iam
from mockaws.services.kms import errors, grant_rules, key_states, lookup, paging, tokens
from mockaws.services.operation import operation

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mockaws.records.kms import Key
    from mockaws.services.operation import Call, Result


@operation
def create_grant(
    call: Call,
    *,
    key_id: str,
    grantee_principal: str | None = None,
    retiring_principal: str | None = None,
    operations: Sequence[str],
    constraints: Mapping[str, Any] | None = None,
    grant_tokens: Sequence[str] = (),
    name: str = "",
    dry_run: bool = False,
    grantee_service_principal: str | None = None,
    retiring_service_principal: str | None = None,
) -> Result:
    """Let a principal use a key; a call that repeats an earlier one, its Name included, finds the grant of that one.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateGrant.html
    """
    key = lookup.key(call, key_id)
    tokens.check(call, grant_tokens)
    key_states.check(call, key)
    grant_rules.operations_suit(key, operations)
    asked = Grant(
        account=key.account,
        region=key.region,
        id=call.ids.hexadecimal(64),
        key_id=key.id,
        issuing_account=call.account,
        operations=in_order(operations),
        created_at=call.now,
        name=name,
        grantee_principal=_resolved(call, grantee_principal),
        grantee_service_principal=grantee_service_principal,
        retiring_principal=_resolved(call, retiring_principal),
        retiring_service_principal=retiring_service_principal,
        **_constraints(constraints or {}),
    )
    _check(call, key, asked)
    made_before = _made_before(call, asked)
    if made_before is None:
        _check_quota(call, key)
    if dry_run:
        raise errors.DryRun()
    grant = made_before or _put(call, asked)
    return {"GrantToken": tokens.new(call, grant), "GrantId": grant.id}


@operation
def list_grants(
    call: Call,
    *,
    limit: int | None = None,
    marker: str | None = None,
    key_id: str,
    grant_id: str | None = None,
    grantee_principal: str | None = None,
    grantee_service_principal: str | None = None,
) -> Result:
    """List the grants on a key, all of them or those of one grantee, in the order of their ids.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_ListGrants.html
    """
    key = lookup.key(call, key_id)
    key_states.check(call, key)
    if grantee_principal is not None and grantee_service_principal is not None:
        raise errors.TwoGrantees()
    if grantee_service_principal is not None:
        raise errors.NotAService()
    if grantee_principal is not None:
        grant_rules.principal_is_valid(grantee_principal, errors.InputNotPrincipal())
    start = paging.after(marker)
    page_size = paging.size(paging.GRANTS, limit)
    if grant_id is None:
        field = {"key_id": key.id} if grantee_principal is None else {"by_grantee": on_key(key.id, grantee_principal)}
        found = call.tx.find(Grant, key.account, key.region, after=start, limit=page_size + 1, **field)
    else:
        grant = _on_key(call, key, grant_id)
        found = [grant] if grant is not None and grantee_principal in {None, grant.grantee_principal} else []
    return paging.answer("Grants", [(grant.id, _shown(grant)) for grant in found], page_size)


@operation
def list_retirable_grants(
    call: Call,
    *,
    limit: int | None = None,
    marker: str | None = None,
    retiring_principal: str | None = None,
    retiring_service_principal: str | None = None,
) -> Result:
    """List the grants that a principal of the caller's account may retire, on keys of whatever account.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_ListRetirableGrants.html
    """
    if retiring_service_principal is not None and retiring_principal is None:
        raise errors.NotAService()
    if retiring_principal is None or retiring_service_principal is not None:
        raise errors.RetireeNotOne()
    _check_own_principal(call, retiring_principal)
    start = paging.after(marker)
    page_size = paging.size(paging.GRANTS, limit)
    found = paging.visible(
        call,
        RetirableGrant,
        start,
        page_size + 1,
        lambda entry: _behind(call, entry) is not None,
        retiring_principal=retiring_principal,
    )
    grants = [grant for entry in found if (grant := _behind(call, entry)) is not None]
    return paging.answer("Grants", [(grant.id, _shown(grant)) for grant in grants], page_size)


@operation
def retire_grant(
    call: Call,
    *,
    grant_token: str | None = None,
    key_id: str | None = None,
    grant_id: str | None = None,
    dry_run: bool = False,
) -> None:
    """Delete a grant that is done with: for those whom the grant names, and its account.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_RetireGrant.html
    """
    if grant_token is not None:
        grant = tokens.grant_of(call, grant_token)
    elif key_id is not None and grant_id is not None:
        grant = _known(call, lookup.identified(call, key_id), grant_id)
    else:
        raise errors.GrantNotNamed()
    grant_rules.may_retire(grant, call.caller)
    _remove(call, grant, dry_run=dry_run)


@operation
def revoke_grant(call: Call, *, key_id: str, grant_id: str, dry_run: bool = False) -> None:
    """Delete a grant, and so deny what it permitted: for those who administer the key.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_RevokeGrant.html
    """
    key = lookup.key(call, key_id)
    key_states.check(call, key)
    _remove(call, _known(call, key, grant_id), dry_run=dry_run)


def _constraints(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a grant that hold its constraints; an empty one, which Terraform sends, is none."""
    return {
        "encryption_context_equals": given.get("EncryptionContextEquals") or {},
        "encryption_context_subset": given.get("EncryptionContextSubset") or {},
        "source_arn": given.get("SourceArn"),
    }


def _check(call: Call, key: Key, grant: Grant) -> None:
    """Refuse a grant that AWS refuses."""
    grant_rules.permits_something(grant)
    grant_rules.one_grantee(grant)
    grant_rules.one_retiree_at_most(grant)
    grant_rules.principals_are_valid(grant)
    grant_rules.service_is_bound(grant)
    grant_rules.constraints_are_valid(grant)
    grant_rules.constraints_suit(key, grant)
    grant_rules.principals_exist(call, grant)


def _resolved(call: Call, principal: str | None) -> str | None:
    """Return the ARN of a principal; AWS takes the unique ids of users and roles, too, and shows their ARNs."""
    return principal and (iam.named_by(call, principal) or principal)


def _check_quota(call: Call, key: Key) -> None:
    limit = call.terms.limits.grants_per_key
    if call.tx.count(Grant, key.account, key.region) < limit:
        return
    if len(call.tx.find(Grant, key.account, key.region, key_id=key.id, limit=limit)) >= limit:
        raise errors.TooManyGrants(limit=limit)


def _check_own_principal(call: Call, name: str) -> None:
    """Refuse what is no principal, and a principal of another account, of which the caller's IAM has nothing to say."""
    not_found = errors.RetireeNotFound(principal=name)
    grant_rules.principal_is_valid(name, not_found)
    arn = arns.parse(name)
    if arn is None:
        raise not_found
    if arn.account != call.account:
        raise errors.NotAuthorized(principal=call.caller.arn, action=f"kms:{call.operation}", arn=name)
    if not iam.exists(call, arn):
        raise not_found


def _made_before(call: Call, asked: Grant) -> Grant | None:
    """Return the grant of an earlier call that asked for the same, under the same name."""
    if asked.by_name is None:
        return None
    named_so = call.tx.find(Grant, asked.account, asked.region, by_name=asked.by_name)
    same = (grant for grant in named_so if evolve(asked, id=grant.id, created_at=grant.created_at) == grant)
    return next(same, None)


def _put(call: Call, grant: Grant) -> Grant:
    for record in grant.records:
        call.put(record)
    return grant


def _remove(call: Call, grant: Grant, *, dry_run: bool) -> None:
    if dry_run:
        raise errors.DryRun()
    for record in grant.records:
        call.drop(record)


def _on_key(call: Call, key: Key, grant_id: str) -> Grant | None:
    """Return a grant on *key* by its id."""
    grant_rules.id_is_well_formed(grant_id)
    grant = call.tx.get(Grant, key.account, key.region, grant_id)
    return grant if grant is not None and grant.key_id == key.id else None


def _known(call: Call, key: Key, grant_id: str) -> Grant:
    grant = _on_key(call, key, grant_id)
    if grant is None:
        raise errors.GrantNotFound(id=grant_id)
    return grant


def _behind(call: Call, entry: RetirableGrant) -> Grant | None:
    """Return the grant that an entry stands for; it goes with its key."""
    grant = call.tx.get(Grant, entry.key_account, entry.region, entry.id)
    return grant if grant is not None and lookup.existing(call, grant.account, grant.key_id) is not None else None


def _shown(grant: Grant) -> dict[str, Any]:
    """Return a grant as AWS lists it.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_GrantListEntry.html
    """
    constraints = {
        "EncryptionContextEquals": grant.encryption_context_equals,
        "EncryptionContextSubset": grant.encryption_context_subset,
        "SourceArn": grant.source_arn,
    }
    shown = {
        "KeyId": arns.kms_key(grant.region, grant.account, grant.key_id),
        "GrantId": grant.id,
        "Name": grant.name,
        # In whole seconds, unlike the dates of keys.
        "CreationDate": int(grant.created_at),
        "GranteePrincipal": grant.grantee_principal,
        "GranteeServicePrincipal": grant.grantee_service_principal,
        "RetiringPrincipal": grant.retiring_principal,
        "RetiringServicePrincipal": grant.retiring_service_principal,
        "IssuingAccount": arns.account_root(grant.region, grant.issuing_account),
        "Operations": grant.operations,
        "Constraints": {name: value for name, value in constraints.items() if value} or None,
    }
    return {name: value for name, value in shown.items() if value is not None}
