"""Tags of keys. https://docs.aws.amazon.com/kms/latest/developerguide/tagging-keys.html."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.services.kms.calling import Kms, Refusal

TOO_MANY = Refusal("TagException", "Too many tags")
DUPLICATE = Refusal("TagException", "Duplicate tag keys")
RESERVED = Refusal("TagException", "Tags beginning with aws: are reserved")


@pytest.fixture
def key_id(kms: Kms) -> str:
    """Return a new key."""
    return kms.create_key()


def pairs(**tags: str) -> list[dict[str, str]]:
    """Return tags as AWS writes them."""
    return [{"TagKey": key, "TagValue": value} for key, value in tags.items()]


def numbered(first: int, last: int) -> list[dict[str, str]]:
    """Return the tags from number *first* to number *last*."""
    return pairs(**{f"tag{n:02}": "" for n in range(first, last + 1)})


def tags_of(kms: Kms, key_id: str) -> dict[str, str]:
    """Return a key's tags."""
    return {tag["TagKey"]: tag["TagValue"] for tag in kms("ListResourceTags", KeyId=key_id)["Tags"]}


def refusals(kms: Kms, tags: Any) -> set[Refusal]:
    """Return how CreateKey and TagResource refuse tags."""
    key_id = kms.create_key()
    return {kms.refusal("CreateKey", Tags=tags), kms.refusal("TagResource", KeyId=key_id, Tags=tags)}


def test_adding_and_changing(kms: Kms, key_id: str) -> None:
    """Tags add up over calls; a key that is there gets the new value, the others stay. The answer is empty."""
    assert kms("TagResource", KeyId=key_id, Tags=pairs(Purpose="Test", CostCenter="87654")) is None
    assert kms("TagResource", KeyId=kms.arn(key_id), Tags=pairs(Purpose="Production", Empty="")) is None
    assert tags_of(kms, key_id) == {"Purpose": "Production", "CostCenter": "87654", "Empty": ""}


def test_taking_off(kms: Kms, key_id: str) -> None:
    """Tags are taken off by their keys; one that is not there is no error. The answer is empty."""
    kms("TagResource", KeyId=key_id, Tags=pairs(Purpose="Test", CostCenter="87654"))
    assert kms("UntagResource", KeyId=key_id, TagKeys=["Purpose", "nothing"]) is None
    assert tags_of(kms, key_id) == {"CostCenter": "87654"}
    kms("UntagResource", KeyId=key_id, TagKeys=["CostCenter"])
    assert kms("ListResourceTags", KeyId=key_id) == {"Tags": [], "Truncated": False}


def test_capital_letters(kms: Kms, key_id: str) -> None:
    """Keys that differ in a capital letter are two tags."""
    kms("TagResource", KeyId=key_id, Tags=pairs(purpose="a", Purpose="b"))
    assert tags_of(kms, key_id) == {"purpose": "a", "Purpose": "b"}


def test_fifty(kms: Kms, key_id: str) -> None:
    """A key has at most 50 tags; changing the value of one that is there is no further one."""
    kms("TagResource", KeyId=key_id, Tags=numbered(1, 50))
    assert kms.refusal("TagResource", KeyId=key_id, Tags=numbered(51, 51)) == TOO_MANY
    kms("TagResource", KeyId=key_id, Tags=pairs(tag50="changed"))
    assert tags_of(kms, key_id)["tag50"] == "changed"
    assert refusals(kms, numbered(1, 51)) == {TOO_MANY}


def test_the_same_key_twice(kms: Kms) -> None:
    """A request names each tag key once."""
    assert refusals(kms, pairs(a="1") + pairs(a="2")) == {DUPLICATE}


@pytest.mark.parametrize("prefix", ["aws:", "AWS:", "Aws:"])
def test_names_that_aws_keeps_for_itself(kms: Kms, prefix: str) -> None:
    """Tag keys that begin with aws:, in capital letters or not, are reserved; in values the words are free."""
    assert refusals(kms, pairs(**{f"{prefix}x": ""})) == {RESERVED}
    assert kms.create_key(Tags=pairs(x=prefix, aws=prefix))


@pytest.mark.parametrize(
    ("tag", "member", "value", "bound"),
    [
        ({"TagKey": "x" * 129, "TagValue": ""}, "tagKey", "x" * 129, "less than or equal to 128"),
        ({"TagKey": "", "TagValue": ""}, "tagKey", "", "greater than or equal to 1"),
        ({"TagKey": "x", "TagValue": "y" * 257}, "tagValue", "y" * 257, "less than or equal to 256"),
    ],
)
def test_lengths(kms: Kms, tag: dict[str, str], member: str, value: str, bound: str) -> None:
    """A key has 1 to 128 characters, a value at most 256; the message counts the tags from 1."""
    assert refusals(kms, [*pairs(first=""), tag]) == {
        Refusal(
            "ValidationException",
            f"1 validation error detected: Value '{value}' at 'tags.2.member.{member}' failed to satisfy constraint: "
            f"Member must have length {bound}",
        )
    }


def test_a_tag_has_both(kms: Kms) -> None:
    """A tag without a value is not valid; an empty value is one."""
    assert refusals(kms, [{"TagKey": "x"}]) == {
        Refusal(
            "ValidationException",
            "1 validation error detected: Value null at 'tags.1.member.tagValue' failed to satisfy constraint: "
            "Member must not be null",
        )
    }


def test_the_longest(kms: Kms) -> None:
    """128 characters for the key and 256 for the value are accepted."""
    key_id = kms.create_key(Tags=pairs(**{"x" * 128: "y" * 256}))
    assert tags_of(kms, key_id) == {"x" * 128: "y" * 256}


def test_a_refused_request_changes_nothing(kms: Kms, key_id: str) -> None:
    """Of a request that is refused no tag is kept."""
    kms.refusal("TagResource", KeyId=key_id, Tags=pairs(good="", **{"aws:x": ""}))
    assert tags_of(kms, key_id) == {}


@pytest.mark.parametrize(
    ("operation", "members"),
    [("TagResource", {"Tags": pairs(a="b")}), ("UntagResource", {"TagKeys": ["a"]}), ("ListResourceTags", {})],
)
def test_by_alias(kms: Kms, key_id: str, operation: str, members: dict[str, Any]) -> None:
    """The calls on tags take a key's id or ARN, no alias."""
    kms("CreateAlias", AliasName="alias/example", TargetKeyId=key_id)
    refusal = kms.refusal(operation, KeyId="alias/example", **members)
    assert refusal == ("InvalidArnException", "Key Aliases are not supported for this operation.")
