"""Tags of clusters and backups. https://docs.aws.amazon.com/cloudhsm/latest/userguide/tagging-resources.html"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockaws.records.base import evolve
from mockaws.services.cloudhsmv2 import errors, lookup, paging, rules, shapes
from mockaws.services.cloudhsmv2.resources import TAGGED
from mockaws.services.facts import Effect
from mockaws.services.operation import operation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mockaws.services.operation import Call, Result


@operation(TAGGED, effect=Effect.READS)
def list_tags(call: Call, *, resource_id: str, next_token: str | None = None, max_results: int = 100) -> Result:
    """List the tags of a cluster or a backup.

    https://docs.aws.amazon.com/cloudhsm/latest/APIReference/API_ListTags.html
    """
    resource = lookup.resource(call, resource_id)
    # A tag's key does not fit into a token, so the position is a number.
    position = paging.position(call.operation, next_token, start="0")
    if not position.isdecimal():
        raise errors.NextTokenNotValid()
    start = int(position)
    tags = shapes.tag_list(resource.tags)
    answer: Result = {"TagList": tags[start : start + max_results]}
    if len(tags) > start + max_results:
        answer["NextToken"] = paging.token(call.operation, str(start + max_results))
    return answer


@operation(TAGGED)
def tag_resource(call: Call, *, resource_id: str, tag_list: Sequence[dict[str, str]]) -> Result:
    """Add tags to a cluster or a backup, or change their values.

    https://docs.aws.amazon.com/cloudhsm/latest/APIReference/API_TagResource.html
    """
    resource = lookup.resource(call, resource_id)
    keys = [tag["Key"] for tag in tag_list]
    rules.require_distinct_tag_keys(keys)
    rules.require_unreserved_tag_keys(keys)
    tags = {**resource.tags, **{tag["Key"]: tag["Value"] for tag in tag_list}}
    rules.require_tag_quota(resource_id, tags, call.config.limits.tags_per_resource)
    call.put(evolve(resource, tags=tags))
    return {}


@operation(TAGGED)
def untag_resource(call: Call, *, resource_id: str, tag_key_list: Sequence[str]) -> Result:
    """Remove tags from a cluster or a backup. A missing tag is no error.

    https://docs.aws.amazon.com/cloudhsm/latest/APIReference/API_UntagResource.html
    """
    resource = lookup.resource(call, resource_id)
    rules.require_unreserved_tag_keys(tag_key_list)
    call.put(evolve(resource, tags={key: value for key, value in resource.tags.items() if key not in tag_key_list}))
    return {}
