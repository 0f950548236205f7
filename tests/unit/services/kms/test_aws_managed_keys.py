"""AWS managed keys: there when they are asked for, and nothing that a customer changes.

https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#aws-managed-key
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from mockaws.clock import DAY
from mockaws.records.kms import Key
from mockaws.services.kms import aws_managed
from tests.samples import NOW
from tests.unit.services.kms.calling import Kms, Refusal
from tests.unit.services.kms.importing import all_materials

S3 = "alias/aws/s3"


def aliases(kms: Kms) -> dict[str, Any]:
    """Return the aliases of AWS in the account's list, by name."""
    found = kms("ListAliases", Limit=100)["Aliases"]
    return {alias["AliasName"]: alias for alias in found if alias["AliasName"].startswith("alias/aws/")}


def test_aliases_come_before_keys(kms: Kms) -> None:
    """The aliases of AWS's services are listed from the start, without a key and without dates."""
    assert aliases(kms).keys() == set(aws_managed.ALIASES)
    assert aliases(kms)[S3] == {"AliasName": S3, "AliasArn": f"arn:aws:kms:{kms.region}:{kms.account}:{S3}"}
    assert kms("ListKeys")["Keys"] == []


@pytest.mark.parametrize("form", [S3, "arn:aws:kms:us-west-2:111122223333:alias/aws/s3"])
def test_describing_makes_the_key(kms: Kms, form: str) -> None:
    """The first one to ask for the alias makes the key; its manager is AWS."""
    metadata = kms.metadata(form)
    assert (metadata["KeyManager"], metadata["Origin"], metadata["KeyState"]) == ("AWS", "AWS_KMS", "Enabled")
    assert "S3" in metadata["Description"]
    assert aliases(kms)[S3] == {
        "AliasName": S3,
        "AliasArn": f"arn:aws:kms:{kms.region}:{kms.account}:{S3}",
        "TargetKeyId": metadata["KeyId"],
        "CreationDate": NOW,
        "LastUpdatedDate": NOW,
    }
    assert kms("ListAliases", KeyId=metadata["KeyId"])["Aliases"] == [aliases(kms)[S3]]


def test_the_key_is_made_once(kms: Kms) -> None:
    """The next caller gets the same key."""
    assert kms.metadata(S3)["KeyId"] == kms.metadata(S3)["KeyId"]
    assert len(kms.records(Key)) == 1


def test_every_service_has_its_own(kms: Kms) -> None:
    """Each service, account and Region has a key of its own."""
    keys = {kms.metadata(alias)["KeyId"] for alias in aws_managed.ALIASES}
    keys |= {kms.by(region="us-east-1").metadata(S3)["KeyId"], kms.by(account="444455556666").metadata(S3)["KeyId"]}
    assert len(keys) == len(aws_managed.ALIASES) + 2


@pytest.mark.parametrize("name", ["alias/aws/unheard-of", "alias/aws/", "alias/aws/S3"])
def test_a_service_that_is_none(kms: Kms, name: str) -> None:
    """An alias of AWS's name space that belongs to no service is not found."""
    refusal = kms.refusal("DescribeKey", KeyId=name)
    assert refusal == ("NotFoundException", f"Alias arn:aws:kms:{kms.region}:{kms.account}:{name} is not found.")


def test_it_is_rotated_every_year(kms: Kms) -> None:
    """AWS rotates its keys every year, but GetKeyRotationStatus does not show it (recorded of a new one)."""
    key_id = kms.metadata(S3)["KeyId"]
    assert kms("GetKeyRotationStatus", KeyId=key_id) == {"KeyId": kms.arn(key_id), "KeyRotationEnabled": False}
    (first,) = all_materials(kms, key_id)
    assert first["KeyMaterialState"] == "CURRENT"
    kms.clock.advance(365 * DAY)
    assert [entry["RotationType"] for entry in kms("ListKeyRotations", KeyId=key_id)["Rotations"]] == ["AUTOMATIC"]


def test_its_policy(kms: Kms) -> None:
    """The policy lets the service use the key for the account, and the account look at it."""
    document = json.loads(kms("GetKeyPolicy", KeyId=kms.metadata(S3)["KeyId"])["Policy"])
    used, seen = document["Statement"]
    assert used["Condition"] == {
        "StringEquals": {"kms:ViaService": "s3.us-west-2.amazonaws.com", "kms:CallerAccount": kms.account}
    }
    assert seen["Principal"] == {"AWS": f"arn:aws:iam::{kms.account}:root"}


def test_its_policy_to_the_letter(kms: Kms) -> None:
    """That of SQS was recorded: AWS lays it out as it lays out its default key policy."""
    policy = kms("GetKeyPolicy", KeyId=kms.metadata("alias/aws/sqs")["KeyId"])["Policy"]
    through = "Simple Queue Service (SQS)"
    sid = f"Allow access through {through} for all principals in the account that are authorized to use SQS"
    assert policy.startswith('{\n  "Version" : "2012-10-17",\n  "Id" : "auto-sqs-1",\n  "Statement" : [ {\n')
    assert (
        f'    "Sid" : "{sid}",\n    "Effect" : "Allow",\n    "Principal" : {{\n      "AWS" : "*"\n    }},\n' in policy
    )
    assert '"kms:GenerateDataKey*", "kms:CreateGrant", "kms:DescribeKey" ],\n    "Resource" : "*",\n' in policy
    assert policy.endswith('    "Resource" : "*"\n  } ]\n}')


@pytest.mark.parametrize(
    ("operation", "members"),
    [
        ("DisableKey", {}),
        ("EnableKey", {}),
        ("ScheduleKeyDeletion", {}),
        ("CancelKeyDeletion", {}),
        ("EnableKeyRotation", {}),
        ("DisableKeyRotation", {}),
        ("UpdateKeyDescription", {"Description": "mine"}),
        ("PutKeyPolicy", {"Policy": "{}"}),
        ("TagResource", {"Tags": [{"TagKey": "a", "TagValue": "b"}]}),
        ("UntagResource", {"TagKeys": ["a"]}),
    ],
)
def test_customers_change_nothing(kms: Kms, operation: str, members: dict[str, Any]) -> None:
    """An AWS managed key cannot be disabled, deleted, tagged or described, nor can its rotation be switched."""
    key_id = kms.metadata(S3)["KeyId"]
    before = kms.record(Key, key_id)
    assert kms.refusal(operation, KeyId=key_id, **members) == Refusal(
        "AccessDeniedException",
        f"User: arn:aws:iam::{kms.account}:user/mockaws is not authorized to perform: kms:{operation} on resource: "
        f"{kms.arn(key_id)} because no resource-based policy allows the kms:{operation} action",
    )
    assert kms.record(Key, key_id) == before


@pytest.mark.parametrize("operation", ["GetKeyPolicy", "ListKeyPolicies", "ListResourceTags", "GetKeyRotationStatus"])
def test_customers_look(kms: Kms, operation: str) -> None:
    """An AWS managed key can be looked at."""
    assert kms(operation, KeyId=kms.metadata(S3)["KeyId"])


def test_using_it(kms: Kms) -> None:
    """Callers can do by name what AWS's services do with the key."""
    blob = kms("Encrypt", KeyId=S3, Plaintext=b"hello")["CiphertextBlob"]
    assert kms("Decrypt", CiphertextBlob=blob)["KeyId"] == kms.metadata(S3)["Arn"]
