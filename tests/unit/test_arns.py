"""ARNs, put together and taken apart."""

from __future__ import annotations

import pytest

from mockaws import arns
from mockaws.arns import Arn


@pytest.mark.parametrize(
    ("text", "arn"),
    [
        (
            "arn:aws:kms:us-west-2:111122223333:key/1234abcd",
            Arn("aws", "kms", "us-west-2", "111122223333", "key/1234abcd"),
        ),
        ("arn:aws:iam::111122223333:role/a/b", Arn("aws", "iam", "", "111122223333", "role/a/b")),
        ("arn:aws:sns:us-east-1:1:topic:with:colons", Arn("aws", "sns", "us-east-1", "1", "topic:with:colons")),
        ("arn:::::x", Arn("", "", "", "", "x")),
    ],
)
def test_taking_apart(text: str, arn: Arn) -> None:
    """An ARN has six parts, the last of which may hold colons; put together it is the same text again."""
    assert arns.parse(text) == arn
    assert str(arn) == text


@pytest.mark.parametrize(
    "text", ["", "arn", "arn:aws:kms:us-west-2:111122223333", "arn:aws:kms:us-west-2:1:", "ARN:a:b:c:d:e"]
)
def test_what_is_no_arn(text: str) -> None:
    """Fewer than six parts, an empty last one and another beginning make no ARN."""
    assert arns.parse(text) is None


@pytest.mark.parametrize(
    ("region", "partition"),
    [
        ("us-west-2", "aws"),
        ("cn-north-1", "aws-cn"),
        ("us-gov-west-1", "aws-us-gov"),
        ("us-iso-east-1", "aws-iso"),
        ("us-isob-east-1", "aws-iso-b"),
        ("us-isof-south-1", "aws-iso-f"),
        ("eu-isoe-west-1", "aws-iso-e"),
        ("eusc-de-east-1", "aws-eusc"),
        ("aws-global", "aws"),
    ],
)
def test_partitions(region: str, partition: str) -> None:
    """The Region tells the partition."""
    assert arns.partition(region) == partition
    assert arns.account_root(region, "111122223333") == f"arn:{partition}:iam::111122223333:root"


def test_arns_of_kms() -> None:
    """Keys and aliases are named by ARNs in their Region."""
    assert arns.kms_key("cn-north-1", "111122223333", "k") == "arn:aws-cn:kms:cn-north-1:111122223333:key/k"
    assert arns.kms_alias("us-west-2", "111122223333", "alias/a/b") == "arn:aws:kms:us-west-2:111122223333:alias/a/b"


def test_host_names() -> None:
    """China's host names have an ending of their own."""
    assert arns.dns_suffix("cn-northwest-1") == "amazonaws.com.cn"
    assert arns.dns_suffix("us-west-2") == "amazonaws.com"
