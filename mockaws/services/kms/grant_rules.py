"""The rules of grants, a function each.

https://docs.aws.amazon.com/kms/latest/developerguide/create-grant-overview.html
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from mockaws import arns
from mockaws.records.key_specs import KeyType
from mockaws.records.kms import in_order
from mockaws.services import iam, principals
from mockaws.services.facts import ANY_KEY
from mockaws.services.kms import errors

if TYPE_CHECKING:
    from collections.abc import Collection

    from mockaws.model.errors import AWSError
    from mockaws.records.kms import Grant, Key
    from mockaws.services.facts import Grantable
    from mockaws.services.operation import Call, Caller

MOST_PAIRS = 8
MOST_CHARACTERS = 384
_GRANT_ID = re.compile(r"[0-9a-fA-F]+")


def require_grant_id(grant_id: str) -> None:
    """Require hexadecimal digits as a grant id; the model does not limit their number.

    Raises InvalidGrantIdException otherwise.
    """
    if not _GRANT_ID.fullmatch(grant_id):
        raise errors.InvalidGrantId()


def require_fitting_operations(key: Key, operations: Collection[str]) -> None:
    """Require operations that the key can do; to this rule an HMAC key is symmetric.

    Raises ValidationException otherwise.
    """
    permissible = _permissible(key)
    unsuitable = [operation for operation in operations if operation not in permissible]
    if unsuitable:
        raise errors.OperationsNotOfKey(
            operations=", ".join(unsuitable),
            kind="an asymmetric" if key.key_spec.type is KeyType.ASYMMETRIC else "a symmetric",
            usage=key.usage,
            valid=", ".join(in_order(permissible)),
        )


def _permissible(key: Key) -> list[str]:
    """Return the operations that a grant on *key* can permit.

    https://docs.aws.amazon.com/kms/latest/developerguide/grants.html#config-grant-operations
    """
    scopes = (ANY_KEY, key.usage, key.key_spec.type)
    return [name for scope, names in grantable_operations().items() if scope in scopes for name in names]


@cache
def grantable_operations() -> dict[Grantable, list[str]]:
    """Return the operations that grants can permit, by the keys on which they can."""
    from mockaws.services.kms import service  # noqa: PLC0415 - its operations use this module

    found: dict[Grantable, list[str]] = {}
    for operation in service.operations.values():
        if operation.facts.grantable is not None:
            found.setdefault(operation.facts.grantable, []).extend(operation.facts.grant_operations)
    return found


def require_operations(grant: Grant) -> None:
    """Require that a grant permits an operation besides CreateGrant; raises ValidationException otherwise."""
    if not grant.operations:
        raise errors.GrantPermitsNothing()
    if grant.operations == ("CreateGrant",):
        raise errors.OnlyCreateGrant()


def require_one_grantee(grant: Grant) -> None:
    """Require either a grantee principal or a grantee service principal; raises ValidationException otherwise."""
    if (grant.grantee_principal is None) == (grant.grantee_service_principal is None):
        raise errors.GranteeNotOne()


def require_at_most_one_retiree(grant: Grant) -> None:
    """Require that a principal or a service principal may retire a grant, and not both.

    Raises ValidationException otherwise.
    """
    if grant.retiring_principal is not None and grant.retiring_service_principal is not None:
        raise errors.TwoRetirees()


def require_principals(grant: Grant) -> None:
    """Require accounts, users, roles, their sessions or services as the principals of a grant; groups are none."""
    members = {"GranteePrincipal": grant.grantee_principal, "RetiringPrincipal": grant.retiring_principal}
    for member, principal in members.items():
        if principal is not None:
            require_principal(principal, errors.MemberNotPrincipal(member=member))


def require_principal(name: str, no_arn: AWSError) -> None:
    """Require the ARN of a principal or the name of a service; raises *no_arn* for a text that is no ARN at all."""
    if principals.is_principal(name):
        return
    if not name.startswith("arn:"):
        raise no_arn
    if not principals.is_well_formed(name):
        raise errors.PrincipalArnNotValid(principal=name)
    raise errors.PrincipalNotValid(principal=name)


def require_existing_principals(call: Call, grant: Grant) -> None:
    """Require that the users and roles of a grant exist, if the world has IAM; raises InvalidArnException otherwise."""
    for principal in (grant.grantee_principal, grant.retiring_principal):
        arn = arns.parse(principal or "")
        if arn is not None and not iam.has_principal(call, arn):
            raise errors.PrincipalNotValid(principal=principal)


def require_bound_service(grant: Grant) -> None:
    """Require that a grant to a service principal is for one resource, and that a principal may retire it.

    Raises ValidationException otherwise.
    """
    if grant.grantee_service_principal is None:
        return
    if grant.source_arn is None:
        raise errors.SourceArnMissing()
    if grant.retiring_principal is None and grant.retiring_service_principal is None:
        raise errors.RetireeMissing()


def require_constraints(grant: Grant) -> None:
    """Require one encryption context at most, within the limits of its length; raises ValidationException otherwise."""
    if grant.encryption_context_equals and grant.encryption_context_subset:
        raise errors.TwoContexts()
    for pairs in (grant.encryption_context_equals, grant.encryption_context_subset):
        if len(pairs) > MOST_PAIRS:
            raise errors.TooManyPairs()
        if any(len(value) > MOST_CHARACTERS for value in pairs.values()):
            raise errors.ConstraintTooLong()


def require_fitting_constraints(key: Key, grant: Grant) -> None:
    """Require that a grant with an encryption context is on a symmetric encryption key.

    Raises ValidationException otherwise.
    """
    if key.key_spec.type is not KeyType.SYMMETRIC and (
        grant.encryption_context_equals or grant.encryption_context_subset
    ):
        raise errors.ContextNotOfKey()


def is_permitted(grant: Grant, caller: Caller, operation: str) -> bool:
    """Return True if a grant permits *operation* to *caller*; a grant with a SourceArn permits it to a service alone.

    Operations whose encryption context the grant constrains are not supported yet, nor is the creation of further
    grants, which may permit no more than this one.
    """
    if operation not in grant.operations or operation == "CreateGrant" or grant.source_arn is not None:
        return False
    if operation != "DescribeKey" and (grant.encryption_context_equals or grant.encryption_context_subset):
        return False
    return grant.grantee_principal is not None and principals.is_caller(grant.grantee_principal, caller)


def require_retirer(grant: Grant, caller: Caller) -> None:
    """Require a principal that the grant names, or the account that issued it or owns its key.

    Raises AccessDeniedException otherwise.
    """
    if caller.account in {grant.issuing_account, grant.account}:
        return
    named = {grant.retiring_principal}
    if "RetireGrant" in grant.operations:
        named.add(grant.grantee_principal)
    if not any(principal is not None and principals.is_caller(principal, caller) for principal in named):
        raise errors.NotAuthorizedElsewhere(principal=caller.arn, action="kms:RetireGrant")
