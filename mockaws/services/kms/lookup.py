"""Finding the key that a KeyId names, by the forms of KeyId that the operation takes.

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
    from mockaws.services.facts import Resource
    from mockaws.services.operation import Call

_KEY_ID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|mrk-[0-9a-f]{32}")


def key(call: Call, key_id: str, resource: Resource | None = None) -> Key:
    """Return the key that *key_id* identifies, if the caller may use it for the operation under way.

    *resource* says which of the operation's keys it is, if there are several.

    Raises NotFoundException, InvalidArnException, AccessDeniedException for a key of another account whose policy does
    not allow the caller, and AccessDeniedException for a change to an AWS managed key.
    """
    found = identified(call, key_id)
    if not may_use(call, found, resource):
        raise _refusal(call, resource)
    if found.manager == "AWS" and not call.facts.on_aws_managed:
        raise errors.NotAuthorized(principal=call.caller.arn, action=call.facts.action, arn=found.arn)
    return found


def identified(call: Call, key_id: str) -> Key:
    """Return the key that *key_id* identifies, whether or not a policy allows it to the caller.

    Raises NotFoundException, InvalidArnException, or AccessDeniedException for a key of another account if no policy
    could allow it.
    """
    return _by_arn(call, key_id) if key_id.startswith("arn:") else _by_name(call, key_id, call.account)


def may_use(call: Call, key: Key, resource: Resource | None = None) -> bool:
    """Return True if the caller may use *key*: one of its own account, or allowed by a policy or a grant."""
    if key.account == call.account:
        return True
    if key.manager != "CUSTOMER":
        return False
    action = _action(call, resource)
    return policy_documents.allows(key, call.caller, action) or _is_granted(call, key, action)


def existing(call: Call, account: str, key_id: str, region: str | None = None) -> Key | None:
    """Return a key as it is now, in the request's Region or another, None if it does not exist or was deleted."""
    found = call.tx.get(Key, account, region or call.region, key_id)
    return None if found is None or found.is_gone(call.now) else rotating.settled(found, call.now)


def _is_granted(call: Call, key: Key, action: str) -> bool:
    """Return True if a grant permits *action*, and the policy of *key* does not deny it."""
    if policy_documents.denies(key, call.caller, action):
        return False
    operation = action.removeprefix("kms:")
    grants = call.tx.find(Grant, key.account, key.region, key_id=key.id)
    return any(grant_rules.is_permitted(grant, call.caller, operation) for grant in grants)


def _by_arn(call: Call, text: str) -> Key:
    arn = arns.parse(text)
    if arn is None or arn.service != "kms" or not arn.resource.startswith(("key/", "alias/")):
        if "InvalidArnException" not in call.facts.errors:
            raise errors.InvalidKeyId(id=text)
        raise errors.InvalidArn(arn=text)
    if arn.region != call.region or arn.partition != arns.partition(call.region):
        raise errors.OtherRegion(region=arn.region)
    if arn.account != call.account and not call.facts.cross_account:
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
    if not call.facts.by_alias:
        raise errors.AliasNotSupported()
    if aws_managed.is_alias(name) and account == call.account:
        return aws_managed.key(call, name)
    alias = call.tx.get(Alias, account, call.region, name)
    target = alias.target_key_id if alias is not None else None
    found = existing(call, account, target) if target is not None else None
    if found is None:
        raise errors.AliasNotFound(arn=arns.kms_alias(call.region, account, name))
    return found


def _action(call: Call, resource: Resource | None) -> str:
    return call.facts.action if resource is None else call.facts.action_on(resource)


def _refusal(call: Call, resource: Resource | None = None) -> AWSError:
    """Return AWS's error for a caller of another account; it does not say whether the key exists."""
    return errors.NotAuthorizedElsewhere(principal=call.caller.arn, action=_action(call, resource))
