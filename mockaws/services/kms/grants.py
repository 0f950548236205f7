"""Grants: permissions for one principal to use one key, until they are retired or revoked.

https://docs.aws.amazon.com/kms/latest/developerguide/grants.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockaws import arns
from mockaws.records.base import evolve
from mockaws.records.kms import Grant, RetirableGrant, in_order, on_key
from mockaws.services import iam
from mockaws.services.facts import ANY_KEY, KEY, Effect
from mockaws.services.kms import errors, grant_rules, key_states, lookup, paging, rules
from mockaws.services.kms.grant_tokens import grant_of, new_token, require_grants
from mockaws.services.kms.resources import KEY_OF_GRANT
from mockaws.services.operation import operation

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mockaws.records.kms import Key
    from mockaws.services.operation import Call, Result


@operation(KEY, cross_account=True, on_aws_managed=False, grantable=ANY_KEY, quota=50, event_has_key_arn=True)
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
    """Permit a principal to use a key; a repeated call with the same Name returns the first call's grant.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateGrant.html
    """
    key = lookup.key(call, key_id)
    require_grants(call, grant_tokens)
    key_states.require_allowed(call, key)
    grant_rules.require_fitting_operations(key, operations)
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
    _require_valid(call, key, asked)
    made_before = _made_before(call, asked)
    if made_before is None:
        _require_quota(call, key)
    rules.require_no_dry_run(dry_run=dry_run)
    grant = made_before or _put(call, asked)
    return {"GrantToken": new_token(call, grant), "GrantId": grant.id}


@operation(KEY, effect=Effect.READS, cross_account=True, quota=100)
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
    key_states.require_allowed(call, key)
    if grantee_principal is not None and grantee_service_principal is not None:
        raise errors.TwoGrantees()
    if grantee_service_principal is not None:
        raise errors.NotAService()
    if grantee_principal is not None:
        grant_rules.require_principal(grantee_principal, errors.InputNotPrincipal())
    start = paging.after(marker)
    page_size = paging.size(paging.GRANTS, limit)
    if grant_id is None:
        field = {"key_id": key.id} if grantee_principal is None else {"by_grantee": on_key(key.id, grantee_principal)}
        found = call.tx.find(Grant, key.account, key.region, after=start, limit=page_size + 1, **field)
    else:
        grant = _on_key(call, key, grant_id)
        found = [grant] if grant is not None and grantee_principal in {None, grant.grantee_principal} else []
    return paging.answer("Grants", [(grant.id, _shown(grant)) for grant in found], page_size)


@operation(effect=Effect.READS, quota=100)
def list_retirable_grants(
    call: Call,
    *,
    limit: int | None = None,
    marker: str | None = None,
    retiring_principal: str | None = None,
    retiring_service_principal: str | None = None,
) -> Result:
    """List the grants that a principal of the caller's account may retire, on keys of any account.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_ListRetirableGrants.html
    """
    if retiring_service_principal is not None and retiring_principal is None:
        raise errors.NotAService()
    if retiring_principal is None or retiring_service_principal is not None:
        raise errors.RetireeNotOne()
    _require_own_principal(call, retiring_principal)
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


@operation(KEY_OF_GRANT, cross_account=True, grantable=ANY_KEY, quota=50)
def retire_grant(
    call: Call,
    *,
    grant_token: str | None = None,
    key_id: str | None = None,
    grant_id: str | None = None,
    dry_run: bool = False,
) -> None:
    """Delete a grant that is not needed any more, for its principals and its account.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_RetireGrant.html
    """
    if grant_token is not None:
        grant = grant_of(call, grant_token)
    elif key_id is not None and grant_id is not None:
        grant = _known(call, lookup.identified(call, key_id), grant_id)
    else:
        raise errors.GrantNotNamed()
    grant_rules.require_retirer(grant, call.caller)
    rules.require_no_dry_run(dry_run=dry_run)
    _remove(call, grant)


@operation(KEY, cross_account=True, quota=50)
def revoke_grant(call: Call, *, key_id: str, grant_id: str, dry_run: bool = False) -> None:
    """Delete a grant, and so deny its permissions, for administrators of the key.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_RevokeGrant.html
    """
    key = lookup.key(call, key_id)
    key_states.require_allowed(call, key)
    grant = _known(call, key, grant_id)
    rules.require_no_dry_run(dry_run=dry_run)
    _remove(call, grant)


def _constraints(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a grant with its constraints; Terraform sends an empty context for none."""
    return {
        "encryption_context_equals": given.get("EncryptionContextEquals") or {},
        "encryption_context_subset": given.get("EncryptionContextSubset") or {},
        "source_arn": given.get("SourceArn"),
    }


def _require_valid(call: Call, key: Key, grant: Grant) -> None:
    """Require a grant that AWS accepts; raises an error for the first rule that it breaks."""
    grant_rules.require_operations(grant)
    grant_rules.require_one_grantee(grant)
    grant_rules.require_at_most_one_retiree(grant)
    grant_rules.require_principals(grant)
    grant_rules.require_bound_service(grant)
    grant_rules.require_constraints(grant)
    grant_rules.require_fitting_constraints(key, grant)
    grant_rules.require_existing_principals(call, grant)


def _resolved(call: Call, principal: str | None) -> str | None:
    """Return the ARN of a principal; AWS also takes the unique ids of users and roles, and shows their ARNs."""
    return principal and (iam.arn_of_unique_id(call, principal) or principal)


def _require_quota(call: Call, key: Key) -> None:
    limit = call.config.limits.grants_per_key
    if call.tx.count(Grant, key.account, key.region) < limit:
        return
    if len(call.tx.find(Grant, key.account, key.region, key_id=key.id, limit=limit)) >= limit:
        raise errors.TooManyGrants(limit=limit)


def _require_own_principal(call: Call, name: str) -> None:
    """Require an existing principal of the caller's account; the caller's IAM does not know others.

    Raises AccessDeniedException otherwise.
    """
    not_found = errors.RetireeNotFound(principal=name)
    grant_rules.require_principal(name, not_found)
    arn = arns.parse(name)
    if arn is None:
        raise not_found
    if arn.account != call.account:
        raise errors.NotAuthorized(principal=call.caller.arn, action=call.facts.action, arn=name)
    if not iam.has_principal(call, arn):
        raise not_found


def _made_before(call: Call, asked: Grant) -> Grant | None:
    """Return the grant of an earlier call with the same parameters, its Name included."""
    if asked.by_name is None:
        return None
    named_so = call.tx.find(Grant, asked.account, asked.region, by_name=asked.by_name)
    same = (grant for grant in named_so if evolve(asked, id=grant.id, created_at=grant.created_at) == grant)
    return next(same, None)


def _put(call: Call, grant: Grant) -> Grant:
    for record in grant.records:
        call.put(record)
    return grant


def _remove(call: Call, grant: Grant) -> None:
    for record in grant.records:
        call.drop(record)


def _on_key(call: Call, key: Key, grant_id: str) -> Grant | None:
    """Return a grant on *key* by its id."""
    grant_rules.require_grant_id(grant_id)
    grant = call.tx.get(Grant, key.account, key.region, grant_id)
    return grant if grant is not None and grant.key_id == key.id else None


def _known(call: Call, key: Key, grant_id: str) -> Grant:
    grant = _on_key(call, key, grant_id)
    if grant is None:
        raise errors.GrantNotFound(id=grant_id)
    return grant


def _behind(call: Call, entry: RetirableGrant) -> Grant | None:
    """Return the grant of an entry, None if its key was deleted."""
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
