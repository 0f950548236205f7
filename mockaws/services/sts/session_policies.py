"""Session policies and session tags. They are validated as AWS validates them, and not enforced.

https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#policies_session
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from mockaws import arns
from mockaws.services import policies
from mockaws.services.sts import errors

if TYPE_CHECKING:
    from collections.abc import Sequence

# "The plaintext that you use for both inline and managed session policies can't exceed 2,048 characters." AWS does not
# document how it packs the text, so the plaintext counts here.
_ROOM = 2048
_MANAGED_POLICIES = 10


def packed_size(
    policy: str | None, policy_arns: Sequence[dict[str, str]] = (), tags: Sequence[dict[str, str]] = ()
) -> int | None:
    """Return the size of a session's policies and tags in per cent of the limit; None if it has neither.

    Raises MalformedPolicyDocumentException if *policy* is malformed, PackedPolicyTooLargeException if the size exceeds
    100 per cent, and ValidationException if *policy_arns* are too many or are not ARNs of managed policies.
    """
    if policy is None and not policy_arns and not tags:
        return None
    managed = [policy_arn.get("arn", "") for policy_arn in policy_arns]
    _require_managed_policy_arns(managed)
    texts = [*managed, *(text for tag in tags for text in (tag["Key"], tag["Value"]))]
    if policy is not None:
        texts.append(json.dumps(_document(policy), separators=(",", ":"), ensure_ascii=False))
    percent = math.ceil(100 * sum(map(len, texts)) / _ROOM)
    if percent > 100:  # noqa: PLR2004 - per cent
        raise errors.PolicyTooLarge(percent=percent)
    return percent


def require_valid_tags(tags: Sequence[dict[str, str]], transitive_tag_keys: Sequence[str]) -> None:
    """Require distinct tag keys, in any letter case, and transitive keys that are among them.

    Raises InvalidParameterValue.
    """
    keys = [tag["Key"].lower() for tag in tags]
    if len(set(keys)) < len(keys):
        raise errors.DuplicateTagKeys()
    if any(key.lower() not in keys for key in transitive_tag_keys):
        raise errors.TransitiveTagMissing()


def _require_managed_policy_arns(policy_arns: Sequence[str]) -> None:
    if len(policy_arns) > _MANAGED_POLICIES:
        raise errors.TooManyPolicyArns(limit=_MANAGED_POLICIES)
    for text in policy_arns:
        arn = arns.parse(text)
        if arn is None or arn.service != "iam" or not arn.resource.startswith("policy/"):
            raise errors.PolicyArnMalformed(arn=text)


def _document(policy: str) -> Any:
    try:
        document = json.loads(policy)
    except (ValueError, RecursionError):
        raise errors.PolicyNotJson() from None
    if not isinstance(document, dict) or document.get("Version", "2012-10-17") not in policies.VERSIONS:
        raise errors.PolicySyntax()
    statements = document.get("Statement")
    for statement in statements if isinstance(statements, list) else [statements]:
        _require_statement(statement)
    return document


def _require_statement(statement: Any) -> None:
    if not isinstance(statement, dict):
        raise errors.PolicySyntax()
    if "Principal" in statement or "NotPrincipal" in statement:
        raise errors.PolicyWithPrincipal()
    if statement.get("Effect") not in policies.EFFECTS:
        raise errors.PolicySyntax()
    for element in ("Action", "Resource"):
        given = [statement[name] for name in (element, f"Not{element}") if name in statement]
        if len(given) != 1 or not _has_strings_only(given[0]):
            raise errors.PolicySyntax()


def _has_strings_only(value: Any) -> bool:
    values = value if isinstance(value, list) else [value]
    return bool(values) and all(isinstance(text, str) for text in values)
