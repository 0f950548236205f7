"""The rules of grants, each a sentence, a function and an error.

https://docs.aws.amazon.com/kms/latest/developerguide/create-grant-overview.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mockaws import arns
from mockaws.records.key_specs import KeyType
from mockaws.records.kms import in_order
from mockaws.services import iam, principals
from mockaws.services.kms import errors

if TYPE_CHECKING:
    from collections.abc import Collection

    from mockaws.model.errors import AWSError
    from mockaws.records.kms import Grant, Key
    from mockaws.services.operation import Call, Caller

MOST_PAIRS = 8
MOST_CHARACTERS = 384
_GRANT_ID = re.compile(r"[0-9a-fA-F]+")

# Which operations a grant can permit, by the usage of its key:
# https://docs.aws.amazon.com/kms/latest/developerguide/grants.html#terms-grant-operations
_ON_ANY_KEY = {"CreateGrant", "DescribeKey", "RetireGrant"}
_BY_USAGE = {
    "ENCRYPT_DECRYPT": {"Encrypt", "Decrypt", "ReEncryptFrom", "ReEncryptTo"},
    "SIGN_VERIFY": {"Sign", "Verify"},
    "GENERATE_VERIFY_MAC": {"GenerateMac", "VerifyMac"},
    "KEY_AGREEMENT": {"DeriveSharedSecret"},
    "ENCAPSULATE_DECAPSULATE": {"Encapsulate", "Decapsulate"},
}
_BY_TYPE: dict[KeyType, set[str]] = {
    KeyType.SYMMETRIC: {
        "GenerateDataKey",
        "GenerateDataKeyPair",
        "GenerateDataKeyPairWithoutPlaintext",
        "GenerateDataKeyWithoutPlaintext",
    },
    KeyType.ASYMMETRIC: {"GetPublicKey"},
    KeyType.HMAC: set(),
}


def id_is_well_formed(grant_id: str) -> None:
    """A grant id consists of hexadecimal digits; the model does not say how many."""
    if not _GRANT_ID.fullmatch(grant_id):
        raise errors.InvalidGrantId()


def operations_suit(key: Key, operations: Collection[str]) -> None:
    """A grant permits only what its key can do; to this rule an HMAC key is symmetric."""
    permissible = _permissible(key)
    unsuitable = [operation for operation in operations if operation not in permissible]
    if unsuitable:
        raise errors.OperationsNotOfKey(
            operations=", ".join(unsuitable),
            kind="an asymmetric" if key.key_spec.type is KeyType.ASYMMETRIC else "a symmetric",
            usage=key.usage,
            valid=", ".join(in_order(permissible)),
        )


def _permissible(key: Key) -> set[str]:
    permissible = _ON_ANY_KEY | _BY_USAGE[key.usage]
    return permissible | _BY_TYPE[key.key_spec.type]


def permits_something(grant: Grant) -> None:
    """A grant must permit something besides creating grants."""
    if not grant.operations:
        raise errors.GrantPermitsNothing()
    if grant.operations == ("CreateGrant",):
        raise errors.OnlyCreateGrant()


def one_grantee(grant: Grant) -> None:
    """A grant is given to a principal or to a service principal."""
    if (grant.grantee_principal is None) == (grant.grantee_service_principal is None):
        raise errors.GranteeNotOne()


def one_retiree_at_most(grant: Grant) -> None:
    """A principal or a service principal may retire a grant."""
    if grant.retiring_principal is not None and grant.retiring_service_principal is not None:
        raise errors.TwoRetirees()


def principals_are_valid(grant: Grant) -> None:
    """The principals of a grant must be accounts, users, roles, their sessions, or services; groups are none."""
    members = {"GranteePrincipal": grant.grantee_principal, "RetiringPrincipal": grant.retiring_principal}
    for member, principal in members.items():
        if principal is not None:
            principal_is_valid(principal, errors.MemberNotPrincipal(member=member))


def principal_is_valid(name: str, no_arn: AWSError) -> None:
    """A principal is the ARN of one or the name of a service; *no_arn* is said of what is neither, nor any ARN."""
    if principals.is_principal(name):
        return
    if not name.startswith("arn:"):
        raise no_arn
    if not principals.is_well_formed(name):
        raise errors.PrincipalArnNotValid(principal=name)
    raise errors.PrincipalNotValid(principal=name)


def principals_exist(call: Call, grant: Grant) -> None:
    """The users and roles of a grant must be there, where IAM is."""
    for principal in (grant.grantee_principal, grant.retiring_principal):
        arn = arns.parse(principal or "")
        if arn is not None and not iam.exists(call, arn):
            raise errors.PrincipalNotValid(principal=principal)


def service_is_bound(grant: Grant) -> None:
    """A service principal uses the key for one resource only, and somebody must be able to retire its grant."""
    if grant.grantee_service_principal is None:
        return
    if grant.source_arn is None:
        raise errors.SourceArnMissing()
    if grant.retiring_principal is None and grant.retiring_service_principal is None:
        raise errors.RetireeMissing()


def constraints_are_valid(grant: Grant) -> None:
    """The encryption context must equal something or contain something, and that must not be too long."""
    if grant.encryption_context_equals and grant.encryption_context_subset:
        raise errors.TwoContexts()
    for pairs in (grant.encryption_context_equals, grant.encryption_context_subset):
        if len(pairs) > MOST_PAIRS:
            raise errors.TooManyPairs()
        if any(len(value) > MOST_CHARACTERS for value in pairs.values()):
            raise errors.ConstraintTooLong()


def constraints_suit(key: Key, grant: Grant) -> None:
    """Only symmetric encryption keys have an encryption context to constrain."""
    if key.key_spec.type is not KeyType.SYMMETRIC and (
        grant.encryption_context_equals or grant.encryption_context_subset
    ):
        raise errors.ContextNotOfKey()


def permits(grant: Grant, caller: Caller, operation: str) -> bool:
    """A grant permits its grantee the operations that it names; with a SourceArn only through a service.

    Left out so far are operations whose encryption context it constrains, and creating further grants, which may permit
    no more than this one.
    """
    if operation not in grant.operations or operation == "CreateGrant" or grant.source_arn is not None:
        return False
    if operation != "DescribeKey" and (grant.encryption_context_equals or grant.encryption_context_subset):
        return False
    return grant.grantee_principal is not None and principals.is_caller(grant.grantee_principal, caller)


def may_retire(grant: Grant, caller: Caller) -> None:
    """Who is named in a grant retires it, and the accounts that issued it and own its key."""
    if caller.account in {grant.issuing_account, grant.account}:
        return
    named = {grant.retiring_principal}
    if "RetireGrant" in grant.operations:
        named.add(grant.grantee_principal)
    if not any(principal is not None and principals.is_caller(principal, caller) for principal in named):
        raise errors.NotAuthorizedElsewhere(principal=caller.arn, action="kms:RetireGrant")
