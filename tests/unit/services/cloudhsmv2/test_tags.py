"""ListTags, TagResource and UntagResource on clusters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mockaws.records.cloudhsm import ClusterState
from tests.samples import CLUSTER, being, cluster
from tests.wire import RefusedError

if TYPE_CHECKING:
    from mockaws.worlds.world import World
    from tests.kinds import Ask, MakeWorld

FIFTY = {f"key-{n:02}": str(n) for n in range(50)}


def tags(hsm2: Ask, here: World, **members: Any) -> dict[str, str]:
    """Return the tags of the cluster."""
    answer = hsm2(here, "ListTags", ResourceId=CLUSTER, **members)
    return {tag["Key"]: tag["Value"] for tag in answer["TagList"]}


def test_tagging(hsm2: Ask, world: MakeWorld) -> None:
    """TagResource adds tags and overwrites values, one of which may be empty; DescribeClusters shows them too."""
    here = world(cluster(tags={"team": "crypto", "stage": "test"}))
    new = [{"Key": "stage", "Value": "production"}, {"Key": "note", "Value": ""}]
    assert hsm2(here, "TagResource", ResourceId=CLUSTER, TagList=new) == {}
    assert tags(hsm2, here) == {"note": "", "stage": "production", "team": "crypto"}
    (shown,) = hsm2(here, "DescribeClusters")["Clusters"]
    assert shown["TagList"] == hsm2(here, "ListTags", ResourceId=CLUSTER)["TagList"]


def test_untagging(hsm2: Ask, world: MakeWorld) -> None:
    """UntagResource takes tags off; a key that the cluster does not have is no error."""
    here = world(cluster(tags={"team": "crypto", "stage": "test"}))
    assert hsm2(here, "UntagResource", ResourceId=CLUSTER, TagKeyList=["stage", "other"]) == {}
    assert tags(hsm2, here) == {"team": "crypto"}


def test_no_tags(hsm2: Ask, world: MakeWorld) -> None:
    """ListTags answers with an empty list for a cluster without tags: the model requires the member."""
    assert hsm2(world(cluster()), "ListTags", ResourceId=CLUSTER) == {"TagList": []}


def test_letters_of_all_languages(hsm2: Ask, world: MakeWorld) -> None:
    """Keys and values may have letters, digits and spaces of any script."""
    here = world(cluster())
    hsm2(here, "TagResource", ResourceId=CLUSTER, TagList=[{"Key": "Größe é", "Value": "大 ٣"}])
    assert tags(hsm2, here) == {"Größe é": "大 ٣"}


def test_pages(hsm2: Ask, world: MakeWorld) -> None:
    """MaxResults and NextToken page through the tags; the last page has no NextToken."""
    here = world(cluster(tags=FIFTY))
    found: dict[str, str] = {}
    token: dict[str, str] = {}
    sizes = []
    while True:
        page = hsm2(here, "ListTags", ResourceId=CLUSTER, MaxResults=20, **token)
        sizes.append(len(page["TagList"]))
        found |= {tag["Key"]: tag["Value"] for tag in page["TagList"]}
        if "NextToken" not in page:
            break
        assert len(page["NextToken"]) <= 256
        token = {"NextToken": page["NextToken"]}
    assert sizes == [20, 20, 10]
    assert found == FIFTY


def test_a_full_last_page(hsm2: Ask, world: MakeWorld) -> None:
    """When a page ends with the last tag there is no next one."""
    here = world(cluster(tags=FIFTY))
    assert "NextToken" not in hsm2(here, "ListTags", ResourceId=CLUSTER, MaxResults=50)


@pytest.mark.parametrize(
    "token", ["", "x", "TGlzdFRhZ3M6", "TGlzdFRhZ3M6YQ==", "TGlzdFRhZ3M6LTE=", "RGVzY3JpYmVDbHVzdGVyczox"]
)
def test_tokens_that_no_page_gave_out(hsm2: Ask, world: MakeWorld, token: str) -> None:
    """A NextToken that ListTags did not give out is refused."""
    with pytest.raises(RefusedError, match=r"^CloudHsmInvalidRequestException: The NextToken is not valid$"):
        hsm2(world(cluster(tags=FIFTY)), "ListTags", ResourceId=CLUSTER, NextToken=token)


def test_fifty_tags_are_enough(hsm2: Ask, world: MakeWorld) -> None:
    """A resource has at most 50 tags; overwriting one of 50 is no 51st, and a refused request changes nothing."""
    here = world(cluster(tags=FIFTY))
    with pytest.raises(RefusedError, match=r"^CloudHsmResourceLimitExceededException: .* more than 50 tags"):
        hsm2(here, "TagResource", ResourceId=CLUSTER, TagList=[{"Key": "one-more", "Value": ""}])
    assert tags(hsm2, here) == FIFTY
    hsm2(here, "TagResource", ResourceId=CLUSTER, TagList=[{"Key": "key-00", "Value": "new"}])
    assert tags(hsm2, here) == FIFTY | {"key-00": "new"}


@pytest.mark.parametrize("key", ["aws:cloudformation:stack", "AWS:x", "Aws:"])
def test_reserved_keys(hsm2: Ask, world: MakeWorld, key: str) -> None:
    """Keys that begin with aws:, in any letter case, are AWS's."""
    here = world(cluster())
    for operation, members in (
        ("TagResource", {"TagList": [{"Key": key, "Value": "x"}]}),
        ("UntagResource", {"TagKeyList": [key]}),
    ):
        with pytest.raises(RefusedError, match=r"^CloudHsmTagException: Tags beginning with aws: are reserved$"):
            hsm2(here, operation, ResourceId=CLUSTER, **members)


def test_a_key_given_twice(hsm2: Ask, world: MakeWorld) -> None:
    """A request names each key once, with capital and small letters as written."""
    here = world(cluster())
    with pytest.raises(RefusedError, match=r"^CloudHsmTagException: Duplicate tag keys$"):
        hsm2(here, "TagResource", ResourceId=CLUSTER, TagList=[{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}])
    hsm2(here, "TagResource", ResourceId=CLUSTER, TagList=[{"Key": "a", "Value": "1"}, {"Key": "A", "Value": "2"}])
    assert tags(hsm2, here) == {"A": "2", "a": "1"}


@pytest.mark.parametrize("resource_id", ["cluster-zzzzzzzzzzz", "backup-zzzzzzzzzzz"])
@pytest.mark.parametrize(
    ("operation", "members"),
    [
        ("ListTags", {}),
        ("TagResource", {"TagList": [{"Key": "a", "Value": "b"}]}),
        ("UntagResource", {"TagKeyList": ["a"]}),
    ],
)
def test_resources_that_are_not_there(
    hsm2: Ask, world: MakeWorld, resource_id: str, operation: str, members: dict[str, Any]
) -> None:
    """An unknown cluster and an unknown backup are CloudHsmResourceNotFoundException, a deleted cluster is too."""
    here = world(cluster(changes=being(ClusterState.DELETED)))
    for missing in (resource_id, CLUSTER):
        with pytest.raises(RefusedError, match=f"^CloudHsmResourceNotFoundException: Resource '{missing}' does not"):
            hsm2(here, operation, ResourceId=missing, **members)


@pytest.mark.parametrize(
    ("operation", "members", "fault"),
    [
        ("TagResource", {"TagList": []}, "Value '[]' at 'tagList'"),
        ("TagResource", {"TagList": [{"Key": "a"}]}, "Value null at 'tagList.1.member.value'"),
        ("TagResource", {"TagList": [{"Key": "", "Value": ""}]}, "Value '' at 'tagList.1.member.key'"),
        ("TagResource", {"TagList": [{"Key": "a", "Value": "x" * 257}]}, "at 'tagList.1.member.value'"),
        ("TagResource", {"TagList": [{"Key": "a", "Value": "<b>"}]}, "Value '<b>' at 'tagList.1.member.value'"),
        ("UntagResource", {"TagKeyList": ["x" * 129]}, "at 'tagKeyList'"),
        ("ListTags", {"MaxResults": 101}, "Value '101' at 'maxResults'"),
    ],
)
def test_members_that_break_the_model(
    hsm2: Ask, world: MakeWorld, operation: str, members: dict[str, Any], fault: str
) -> None:
    """Tags that break the model are refused with the path to the fault."""
    with pytest.raises(RefusedError) as refused:
        hsm2(world(cluster()), operation, ResourceId=CLUSTER, **members)
    assert refused.value.code == "CloudHsmInvalidRequestException"
    assert fault in refused.value.message
