"""The forms of KeyId that each operation takes, and AWS's errors for the others.

https://docs.aws.amazon.com/kms/latest/developerguide/find-cmk-id-arn.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.samples import ACCOUNT, REGION

if TYPE_CHECKING:
    from tests.unit.services.kms.calling import Kms

MISSING = "1234abcd-12ab-34cd-56ef-1234567890ab"
ALIAS = "alias/example"
# The members of a request beside those that name the key.
BY_ALIAS: dict[str, dict[str, Any]] = {
    "DescribeKey": {},
    "Encrypt": {"Plaintext": b"hello"},
    "GenerateDataKey": {"KeySpec": "AES_256"},
    "GenerateDataKeyWithoutPlaintext": {"KeySpec": "AES_256"},
}
BY_ID: dict[str, dict[str, Any]] = {
    "CancelKeyDeletion": {},
    "CreateGrant": {"GranteePrincipal": f"arn:aws:iam::{ACCOUNT}:role/Application", "Operations": ["Decrypt"]},
    "DisableKey": {},
    "DisableKeyRotation": {},
    "EnableKey": {},
    "EnableKeyRotation": {},
    "GetKeyPolicy": {},
    "GetKeyRotationStatus": {},
    "ListAliases": {},
    "ListGrants": {},
    "ListKeyPolicies": {},
    "ListResourceTags": {},
    "PutKeyPolicy": {"Policy": "{}"},
    "RetireGrant": {"GrantId": "0" * 64},
    "RevokeGrant": {"GrantId": "0" * 64},
    "ScheduleKeyDeletion": {},
    "TagResource": {"Tags": []},
    "UntagResource": {"TagKeys": []},
    "UpdateKeyDescription": {"Description": ""},
}
ALL = BY_ALIAS | BY_ID
TO_A_KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key"


def shortened(text: str) -> str:
    """Return the name of a test for *text*."""
    return text[:40] or "empty"


@pytest.mark.parametrize("operation", BY_ALIAS)
@pytest.mark.parametrize("name", [ALIAS, f"arn:aws:kms:{REGION}:{ACCOUNT}:{ALIAS}"])
def test_by_alias(kms: Kms, operation: str, name: str) -> None:
    """Cryptographic operations and DescribeKey take an alias's name or ARN."""
    key_id = kms.create_key()
    kms("CreateAlias", AliasName=ALIAS, TargetKeyId=key_id)
    assert key_id in str(kms(operation, KeyId=name, **BY_ALIAS[operation]))


@pytest.mark.parametrize("operation", BY_ID)
@pytest.mark.parametrize("name", [ALIAS, "alias/missing", "alias/aws/s3", f"arn:aws:kms:{REGION}:{ACCOUNT}:{ALIAS}"])
def test_not_by_alias(kms: Kms, operation: str, name: str) -> None:
    """All other operations refuse an alias, whether it is there or not."""
    kms("CreateAlias", AliasName=ALIAS, TargetKeyId=kms.create_key())
    refusal = kms.refusal(operation, KeyId=name, **BY_ID[operation])
    assert refusal == ("InvalidArnException", "Key Aliases are not supported for this operation.")


@pytest.mark.parametrize("operation", ALL)
@pytest.mark.parametrize("form", ["{}", f"{TO_A_KEY}/{{}}"], ids=["id", "ARN"])
def test_unknown_keys(kms: Kms, operation: str, form: str) -> None:
    """A key that is not there is named by its ARN, in quotes, even if the caller gave its id."""
    refusal = kms.refusal(operation, KeyId=form.format(MISSING), **ALL[operation])
    assert refusal == ("NotFoundException", f"Key '{TO_A_KEY}/{MISSING}' does not exist")


@pytest.mark.parametrize("operation", ALL)
@pytest.mark.parametrize(
    "name", ["fake-key-id", MISSING[:-1], MISSING.replace("-", ""), "mrk-123", "x" * 2048], ids=shortened
)
@pytest.mark.parametrize("form", ["{}", f"{TO_A_KEY}/{{}}"], ids=["id", "ARN"])
def test_what_is_no_key_id(kms: Kms, operation: str, name: str, form: str) -> None:
    """A key id is a UUID or the id of a multi-Region key; the error for another in an ARN has no quotes."""
    given = form.format(name)[:2048]
    refusal = kms.refusal(operation, KeyId=given, **ALL[operation])
    shown = given.removeprefix(f"{TO_A_KEY}/") if given.startswith("arn:") else f"'{given}'"
    assert refusal == ("NotFoundException", f"Invalid keyId {shown}")


def test_multi_region_ids(kms: Kms) -> None:
    """The id of a multi-Region key is `mrk-` and 32 hexadecimal digits."""
    name = "mrk-1234abcd12ab34cd56ef1234567890ab"
    refusal = kms.refusal("DescribeKey", KeyId=name)
    assert refusal == ("NotFoundException", f"Key '{TO_A_KEY}/{name}' does not exist")


@pytest.mark.parametrize("operation", ALL)
@pytest.mark.parametrize("region", ["us-east-1", "cn-north-1"])
def test_arns_of_another_region(kms: Kms, operation: str, region: str) -> None:
    """An ARN of another Region is invalid here, whether or not the key is there."""
    elsewhere = kms.by(region=region)
    arn = elsewhere("CreateKey")["KeyMetadata"]["Arn"]
    refusal = kms.refusal(operation, KeyId=arn, **ALL[operation])
    assert refusal == ("NotFoundException", f"Invalid arn {region}")


def test_the_same_region_of_another_partition(kms: Kms) -> None:
    """An ARN must name the partition of its Region."""
    arn = kms("CreateKey")["KeyMetadata"]["Arn"].replace("arn:aws:", "arn:aws-cn:")
    assert kms.refusal("DescribeKey", KeyId=arn) == ("NotFoundException", f"Invalid arn {REGION}")


@pytest.mark.parametrize("name", ["alias/missing", f"arn:aws:kms:{REGION}:{ACCOUNT}:alias/missing"])
@pytest.mark.parametrize("operation", BY_ALIAS)
def test_unknown_aliases(kms: Kms, operation: str, name: str) -> None:
    """An alias that is not there is named by its ARN."""
    refusal = kms.refusal(operation, KeyId=name, **BY_ALIAS[operation])
    assert refusal == ("NotFoundException", f"Alias arn:aws:kms:{REGION}:{ACCOUNT}:alias/missing is not found.")


@pytest.mark.parametrize("operation", ALL)
@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:kms",
        "arn:aws:iam::111122223333:root",
        f"arn:aws:s3:{REGION}:{ACCOUNT}:key/{MISSING}",
        f"arn:aws:kms:{REGION}:{ACCOUNT}:grant/x",
        f"arn:aws:kms:{REGION}:{ACCOUNT}:",
    ],
)
def test_arns_of_something_else(kms: Kms, operation: str, arn: str) -> None:
    """A text that is no ARN of a key is InvalidArnException if the operation's page lists that, else not found."""
    refusal = kms.refusal(operation, KeyId=arn, **ALL[operation])
    listed = operation in BY_ID or operation == "DescribeKey"
    assert refusal.code == ("InvalidArnException" if listed else "NotFoundException")
    assert arn in refusal.message


def test_capital_letters(kms: Kms) -> None:
    """A key id is a UUID, whose digits may be written in capital letters; answers have it in small ones."""
    key_id = kms.create_key()
    assert kms.metadata(key_id.upper())["KeyId"] == key_id
    assert kms("Encrypt", KeyId=kms.arn(key_id.upper()), Plaintext=b"hello")["KeyId"] == kms.arn(key_id)


PATTERN = r"Member must satisfy regular expression pattern: ^\p{ASCII}+$"


@pytest.mark.parametrize(
    ("name", "faults"),
    [
        ("", ["Member must have length greater than or equal to 1", PATTERN]),
        ("x" * 2049, ["Member must have length less than or equal to 2048"]),
        ("キー", [PATTERN]),
    ],
    ids=["empty", "long", "not ASCII"],
)
def test_characters(kms: Kms, name: str, faults: list[str]) -> None:
    """A KeyId has 1 to 2048 characters of ASCII, which the published model does not say."""
    sentences = [f"Value '{name}' at 'keyId' failed to satisfy constraint: {fault}" for fault in faults]
    plural = "s" if len(faults) > 1 else ""
    refusal = kms.refusal("DescribeKey", KeyId=name)
    assert refusal == (
        "ValidationException",
        f"{len(faults)} validation error{plural} detected: {'; '.join(sentences)}",
    )


@pytest.mark.parametrize("operation", sorted(set(ALL) - {"ListAliases", "RetireGrant"}))
def test_no_key_id_at_all(kms: Kms, operation: str) -> None:
    """Without its KeyId a request is not valid."""
    assert kms.refusal(operation, **ALL[operation]) == (
        "ValidationException",
        "1 validation error detected: Value null at 'keyId' failed to satisfy constraint: Member must not be null",
    )
