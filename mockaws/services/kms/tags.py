"""Tags of keys. https://docs.aws.amazon.com/kms/latest/developerguide/tagging-keys.html"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockaws.records.base import evolve
from mockaws.services.facts import KEY, Effect
from mockaws.services.kms import errors, key_states, lookup, paging
from mockaws.services.operation import operation
from mockaws.services.tags import is_reserved_key

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mockaws.services.operation import Call, Result


@operation(KEY, quota=10)
def tag_resource(call: Call, *, key_id: str, tags: Sequence[dict[str, str]]) -> None:
    """Add tags to a key, or change the values of its tags.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_TagResource.html
    """
    key = lookup.key(call, key_id)
    key_states.require_allowed(call, key)
    call.put(evolve(key, tags=merged(call, key.tags, tags)))


@operation(KEY, quota=5)
def untag_resource(call: Call, *, key_id: str, tag_keys: Sequence[str]) -> None:
    """Remove tags from a key; a tag that it does not have is no error.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_UntagResource.html
    """
    key = lookup.key(call, key_id)
    key_states.require_allowed(call, key)
    call.put(evolve(key, tags={name: value for name, value in key.tags.items() if name not in tag_keys}))


@operation(KEY, effect=Effect.READS, on_aws_managed=True, quota=2000)
def list_resource_tags(call: Call, *, key_id: str, limit: int | None = None, marker: str | None = None) -> Result:
    """List the tags of a key.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_ListResourceTags.html
    """
    key = lookup.key(call, key_id)
    pairs = ((name, {"TagKey": name, "TagValue": value}) for name, value in key.tags.items())
    return paging.of_values("Tags", pairs, paging.RESOURCE_TAGS, limit, marker)


def merged(call: Call, before: Mapping[str, str], tags: Sequence[dict[str, Any]]) -> dict[str, str]:
    """Return the tags of a resource after *tags* are added to its tags *before*.

    Raises TagException for a duplicate key, a reserved key, and too many tags.
    """
    names = [tag["TagKey"] for tag in tags]
    if len(set(names)) < len(names):
        raise errors.DuplicateTagKeys()
    if any(is_reserved_key(name) for name in names):
        raise errors.ReservedTagKey()
    after = {**before, **{tag["TagKey"]: tag["TagValue"] for tag in tags}}
    if len(after) > call.config.limits.tags_per_resource:
        raise errors.TooManyTags()
    return after
