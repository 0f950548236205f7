"""From what a caller wrote as KeyId to the key: ids, ARNs, alias names and alias ARNs, each where AWS takes it.

https://docs.aws.amazon.com/kms/latest/developerguide/find-cmk-id-arn.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mockaws import arns
from mockaws.records import rotating
from mockaws.records.kms import Alias, Grant, Key
from mockaws.services.kms import aws_managed, errors, grant_rules, policy_documents

if TYPE_CHECKING:
    from mockaws.model.errors import AWSError
    from mockaws.services.operation import Call

# The API reference says of each operation which forms of KeyId it takes, and whether the key may be another account's.
BY_ALIAS = frozenset(
    {
        "Decapsulate",
        "Decrypt",
        "DeriveSharedSecret",
        "DescribeKey",
        "Encapsulate",
        "Encrypt",
        "GenerateDataKey",
        "GenerateDataKeyPair",
        "GenerateDataKeyPairWithoutPlaintext",
        "GenerateDataKeyWithoutPlaintext",
        "GenerateMac",
        "GetPublicKey",
        "ReEncrypt",
        "Sign",
        "Verify",
        "VerifyMac",
    }
)
CROSS_ACCOUNT = BY_ALIAS | {"CreateGrant", "GetKeyRotationStatus", "ListGrants", "RetireGrant", "RevokeGrant"}
# AWS manages these keys itself; its key policies allow customers nothing that changes one. Their services create the
# grants on them; customers may revoke these.
ON_AWS_MANAGED = (CROSS_ACCOUNT - {"CreateGrant"}) | {
    "GetKeyLastUsage",
    "GetKeyPolicy",
    "ListAliases",
    "ListKeyPolicies",
    "ListKeyRotations",
    "ListResourceTags",
}

# These pages list no InvalidArnException: to them, what is not the ARN of a key names nothing.
_WITHOUT_INVALID_ARN = (BY_ALIAS - {"DescribeKey", "GetPublicKey"}) | {"CreateAlias", "UpdateAlias"}
# Policies know two actions of ReEncrypt; unless a caller of `key` says otherwise, the source is meant.
_ACTIONS = {"ReEncrypt": "ReEncryptFrom"}

_KEY_ID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|mrk-[0-9a-f]{32}")


def key(call: Call, key_id: str, action: str | None = None) -> Key:
    """Return the key that *key_id* identifies, if the operation under way may have it.

    *action* is what policies call the operation, where that is not plain from its name.

    Raises NotFoundException, InvalidArnException, or AccessDeniedException for a key of another account whose policy
    does not let the caller in, and for changes to an AWS managed key.
    """
    found = identified(call, key_id)
    if not may_use(call, found, action):
        raise _refusal(call, action)
    if found.manager == "AWS" and call.operation not in ON_AWS_MANAGED:
        raise errors.NotAuthorized(principal=call.caller.arn, action=f"kms:{call.operation}", arn=found.arn)
    return found


def identified(call: Call, key_id: str) -> Key:
    """Return the key that *key_id* identifies, whether or not a policy lets the caller have it.

    Raises NotFoundException, InvalidArnException, or AccessDeniedException for a key of another account where no policy
    could let the caller in.
    """
    return _by_arn(call, key_id) if key_id.startswith("arn:") else _by_name(call, key_id, call.account)


def may_use(call: Call, key: Key, action: str | None = None) -> bool:
    """Tell whether the caller may have *key*: the own account's, or another customer's by its policy or a grant."""
    if key.account == call.account:
        return True
    if key.manager != "CUSTOMER":
        return False
    wanted = _action(call, action)
    return policy_documents.lets_in(key, call.caller, wanted) or _is_granted(call, key, wanted)


def existing(call: Call, account: str, key_id: str, region: str | None = None) -> Key | None:
    """Return a key as it is now, in the caller's *region* or another; None when it is not there any more."""
    found = call.tx.get(Key, account, region or call.region, key_id)
    return None if found is None or found.gone(call.now) else rotating.settled(found, call.now)


def _is_granted(call: Call, key: Key, action: str) -> bool:
    """Tell whether a grant permits the caller what the policy of *key* neither allows nor denies."""
    if policy_documents.denies(key, call.caller, action):
        return False
    operation = action.removeprefix("kms:")
    grants = call.tx.find(Grant, key.account, key.region, key_id=key.id)
    return any(grant_rules.permits(grant, call.caller, operation) for grant in grants)


def _by_arn(call: Call, text: str) -> Key:
    arn = arns.parse(text)
    if arn is None or arn.service != "kms" or not arn.resource.startswith(("key/", "alias/")):
        if call.operation in _WITHOUT_INVALID_ARN:
            raise errors.InvalidKeyId(id=text)
        raise errors.InvalidArn(arn=text)
    if arn.region != call.region or arn.partition != arns.partition(call.region):
        raise errors.OtherRegion(region=arn.region)
    if arn.account != call.account and call.operation not in CROSS_ACCOUNT:
        raise _refusal(call)
    key_id = arn.resource.removeprefix("key/")
    if arn.resource != key_id and not _KEY_ID.fullmatch(key_id):
        raise errors.InvalidKeyIdInArn(id=key_id)
    return _by_name(call, key_id, arn.account)


def _by_name(call: Call, name: str, account: str) -> Key:
    if name.startswith("alias/"):
        return _by_alias(call, name, account)
    if not _KEY_ID.fullmatch(name):
        raise errors.InvalidKeyId(id=name)
    found = existing(call, account, name.lower())
    if found is None:
        raise errors.KeyNotFound(arn=arns.kms_key(call.region, account, name))
    return found


def _by_alias(call: Call, name: str, account: str) -> Key:
    if call.operation not in BY_ALIAS:
        raise errors.AliasNotSupported()
    if aws_managed.is_alias(name) and account == call.account:
        return aws_managed.key(call, name)
    alias = call.tx.get(Alias, account, call.region, name)
    target = alias.target_key_id if alias is not None else None
    found = existing(call, account, target) if target is not None else None
    if found is None:
        raise errors.AliasNotFound(arn=arns.kms_alias(call.region, account, name))
    return found


def _action(call: Call, action: str | None) -> str:
    return f"kms:{action or _ACTIONS.get(call.operation, call.operation)}"


def _refusal(call: Call, action: str | None = None) -> AWSError:
    """Return what AWS tells somebody of another account, which says nothing of whether the key is there."""
    return errors.NotAuthorizedElsewhere(principal=call.caller.arn, action=_action(call, action))
