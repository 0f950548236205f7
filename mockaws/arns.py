"""Amazon Resource Names (ARNs)."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

_PARTITIONS = (
    ("cn-", "aws-cn"),
    ("us-gov-", "aws-us-gov"),
    ("us-isob-", "aws-iso-b"),
    ("us-isof-", "aws-iso-f"),
    ("us-iso-", "aws-iso"),
    ("eu-isoe-", "aws-iso-e"),
    ("eusc-", "aws-eusc"),
)
_COLONS = 5


class Arn(NamedTuple):
    """The six parts of an ARN; *resource* may contain colons and slashes."""

    partition: str
    service: str
    region: str
    account: str
    resource: str

    def __str__(self) -> str:
        return f"arn:{self.partition}:{self.service}:{self.region}:{self.account}:{self.resource}"


def parse(text: str) -> Arn | None:
    """Return the parts of an ARN; None if *text* is not an ARN."""
    parts = text.split(":", _COLONS)
    if len(parts) != _COLONS + 1 or parts[0] != "arn" or not parts[5]:
        return None
    return Arn(*parts[1:])


@lru_cache(maxsize=256)
def partition(region: str) -> str:
    """Return the partition of *region*, such as `aws`, `aws-cn` or `aws-us-gov`."""
    for prefix, name in _PARTITIONS:
        if region.startswith(prefix):
            return name
    return "aws"


def dns_suffix(region: str) -> str:
    """Return the suffix of the host names of AWS services in *region*."""
    return "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"


def kms_key(region: str, account: str, key_id: str) -> str:
    """Return the ARN of a KMS key."""
    return f"arn:{partition(region)}:kms:{region}:{account}:key/{key_id}"


def kms_alias(region: str, account: str, alias_name: str) -> str:
    """Return the ARN of an alias; *alias_name* begins with `alias/`."""
    return f"arn:{partition(region)}:kms:{region}:{account}:{alias_name}"


def cloudhsm(region: str, account: str, kind: str, resource_id: str) -> str:
    """Return the ARN of a CloudHSM resource; *kind* is `cluster`, `hsm` or `backup`."""
    return f"arn:{partition(region)}:cloudhsm:{region}:{account}:{kind}/{resource_id}"


def iam(region: str, account: str, resource: str) -> str:
    """Return the ARN of an IAM entity such as `user/name`; *region* selects the partition only."""
    return f"arn:{partition(region)}:iam::{account}:{resource}"


def account_root(region: str, account: str) -> str:
    """Return the ARN that stands for the whole account in a policy."""
    return iam(region, account, "root")
