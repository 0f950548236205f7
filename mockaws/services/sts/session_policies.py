"""What a session's permissions are narrowed down with: an inline policy, managed policies, tags.

Nothing enforces them here; they are checked as AWS checks them.
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#policies_session
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from mockaws import arns
from mockaws.services.sts import errors

if TYPE_CHECKING:
    from collections.abc import Sequence

# "The plaintext that you use for both inline and managed session policies can't exceed 2,048 characters." How AWS packs
# it is not documented, so that here the plaintext counts.
_ROOM = 2048
_MANAGED_POLICIES = 10
# These are tuples, as what is looked for in them may be anything that JSON has.
_VERSIONS = ("2012-10-17", "2008-10-17")
_EFFECTS = ("Allow", "Deny")


def packed_size(
    policy: str | None, policy_arns: Sequence[dict[str, str]] = (), tags: Sequence[dict[str, str]] = ()
) -> int | None:
    """Return how much of the room for policies and tags a session takes, in per cent; None where it has neither.

    Raises AWSError: MalformedPolicyDocument, PackedPolicyTooLarge, and ValidationError for managed policies.
    """
    if policy is None and not policy_arns and not tags:
        return None
    managed = [policy_arn.get("arn", "") for policy_arn in policy_arns]
    _check_managed(managed)
    texts = [*managed, *(text for tag in tags for text in (tag["Key"], tag["Value"]))]
    if policy is not None:
        texts.append(json.dumps(_checked(policy), separators=(",", ":"), ensure_ascii=False))
    percent = math.ceil(100 * sum(map(len, texts)) / _ROOM)
    if percent > 100:  # noqa: PLR2004 - per cent
        raise errors.PolicyTooLarge(percent=percent)
    return percent


def check_tags(tags: Sequence[dict[str, str]], transitive_tag_keys: Sequence[str]) -> None:
    """Check session tags: each key once whatever its letter case, and the transitive ones among them."""
    keys = [tag["Key"].lower() for tag in tags]
    if len(set(keys)) < len(keys):
        raise errors.DuplicateTagKeys()
    if any(key.lower() not in keys for key in transitive_tag_keys):
        raise errors.TransitiveTagMissing()


def _check_managed(policy_arns: Sequence[str]) -> None:
    if len(policy_arns) > _MANAGED_POLICIES:
        raise errors.TooManyPolicyArns(limit=_MANAGED_POLICIES)
    for text in policy_arns:
        arn = arns.parse(text)
        if arn is None or arn.service != "iam" or not arn.resource.startswith("policy/"):
            raise errors.PolicyArnMalformed(arn=text)


def _checked(policy: str) -> Any:
    try:
        document = json.loads(policy)
    except (ValueError, RecursionError):
        raise errors.PolicyNotJson() from None
    if not isinstance(document, dict) or document.get("Version", "2012-10-17") not in _VERSIONS:
        raise errors.PolicySyntax()
    statements = document.get("Statement")
    for statement in statements if isinstance(statements, list) else [statements]:
        _check_statement(statement)
    return document


def _check_statement(statement: Any) -> None:
    if not isinstance(statement, dict):
        raise errors.PolicySyntax()
    if "Principal" in statement or "NotPrincipal" in statement:
        raise errors.PolicyWithPrincipal()
    if statement.get("Effect") not in _EFFECTS:
        raise errors.PolicySyntax()
    for element in ("Action", "Resource"):
        given = [statement[name] for name in (element, f"Not{element}") if name in statement]
        if len(given) != 1 or not _texts(given[0]):
            raise errors.PolicySyntax()


def _texts(value: Any) -> bool:
    values = value if isinstance(value, list) else [value]
    return bool(values) and all(isinstance(text, str) for text in values)
