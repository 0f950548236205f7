"""KMS's errors for requests that break the model's own rules, character by character and all at once.

https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mockaws.services import kms as package

if TYPE_CHECKING:
    from tests.unit.services.kms.calling import Kms

KEY_SPECS = package.service.model.shapes["DataKeySpec"]["shown"]
NOT_NULL = "Member must not be null"


def faults(*sentences: str) -> tuple[str, str]:
    """Return the error that names these faults."""
    plural = "" if len(sentences) == 1 else "s"
    return ("ValidationException", f"{len(sentences)} validation error{plural} detected: {'; '.join(sentences)}")


def fault(value: str, path: str, constraint: str) -> str:
    """Return the sentence for one fault; an empty *value* is not shown."""
    return f"Value{' ' + value if value else ''} at '{path}' failed to satisfy constraint: {constraint}"


@pytest.mark.parametrize(
    ("operation", "document", "expected"),
    [
        ("DescribeKey", {}, [fault("null", "keyId", NOT_NULL)]),
        ("DescribeKey", {"KeyId": None}, [fault("null", "keyId", NOT_NULL)]),
        ("CreateAlias", {}, [fault("null", "aliasName", NOT_NULL), fault("null", "targetKeyId", NOT_NULL)]),
        (
            "CreateAlias",
            {"AliasName": "alias/a b", "TargetKeyId": "x" * 2049},
            [
                fault("'alias/a b'", "aliasName", "Member must satisfy regular expression pattern: ^[a-zA-Z0-9:/_-]+$"),
                fault(f"'{'x' * 2049}'", "targetKeyId", "Member must have length less than or equal to 2048"),
            ],
        ),
        (
            "GenerateDataKey",
            {"NumberOfBytes": 0, "KeySpec": "AES_512"},
            [
                fault("null", "keyId", NOT_NULL),
                fault("'0'", "numberOfBytes", "Member must have value greater than or equal to 1"),
                # It refuses them, but AWS lists the specs of KMS keys here.
                fault(
                    "'AES_512'",
                    "keySpec",
                    f"Member must satisfy enum value set: [{', '.join(KEY_SPECS)}]",
                ),
            ],
        ),
        (
            "TagResource",
            {"KeyId": "x", "Tags": [{"TagKey": ""}, {"TagValue": ""}]},
            [
                fault("''", "tags.1.member.tagKey", "Member must have length greater than or equal to 1"),
                fault("null", "tags.1.member.tagValue", NOT_NULL),
                fault("null", "tags.2.member.tagKey", NOT_NULL),
            ],
        ),
        (
            "ScheduleKeyDeletion",
            {"KeyId": "x", "PendingWindowInDays": 366},
            [fault("'366'", "pendingWindowInDays", "Member must have value less than or equal to 365")],
        ),
        (
            "CreateCustomKeyStore",
            {"CustomKeyStoreName": "x", "CloudHsmClusterId": "cluster-1", "KeyStorePassword": "short"},
            [
                fault("'cluster-1'", "cloudHsmClusterId", "Member must have length greater than or equal to 19"),
                fault(
                    "'cluster-1'",
                    "cloudHsmClusterId",
                    "Member must satisfy regular expression pattern: cluster-[2-7a-zA-Z]{11,16}",
                ),
                fault("", "keyStorePassword", "Member must have length greater than or equal to 7"),
            ],
        ),
        (
            "PutKeyPolicy",
            {"KeyId": "x", "Policy": "{}", "PolicyName": "a b"},
            [fault("'a b'", "policyName", r"Member must satisfy regular expression pattern: [\w]+")],
        ),
        (
            "UpdateKeyDescription",
            {"KeyId": "x", "Description": "y" * 8193},
            [fault(f"'{'y' * 8193}'", "description", "Member must have length less than or equal to 8192")],
        ),
    ],
    ids=[
        "missing",
        "null",
        "two missing",
        "pattern and length",
        "three kinds",
        "in lists",
        "number",
        "password",
        "policy name",
        "description",
    ],
)
def test_faults(kms: Kms, operation: str, document: dict[str, Any], expected: list[str]) -> None:
    """Each fault is named with its value, its path and the rule; passwords and blobs are not shown."""
    assert kms.refusal(operation, **document) == faults(*expected)


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("KeySpec", "HMAC_random"),
        ("CustomerMasterKeySpec", "AES"),
        ("KeyUsage", "READ"),
        ("Origin", "MARS"),
    ],
)
def test_values_of_an_enum(kms: Kms, member: str, value: str) -> None:
    """A value outside an enum is answered with all that the enum has; which order they come in is AWS's secret."""
    code, message = kms.refusal("CreateKey", **{member: value})
    path = member[0].lower() + member[1:]
    opening = f"1 validation error detected: Value '{value}' at '{path}' failed to satisfy constraint: "
    assert code == "ValidationException"
    assert message.startswith(f"{opening}Member must satisfy enum value set: [")
    assert "SYMMETRIC_DEFAULT" in message or "Spec" not in member


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ({"KeyId": 3}, "SerializationException"),
        ({"KeyId": ["x"]}, "SerializationException"),
        ({"KeyId": {"x": "y"}}, "SerializationException"),
        ({"KeyId": "x", "GrantTokens": "token"}, "SerializationException"),
    ],
)
def test_other_types(kms: Kms, document: dict[str, Any], code: str) -> None:
    """A value of another JSON type cannot be read at all."""
    assert kms.refusal("DescribeKey", **document).code == code


def test_members_that_nobody_knows(kms: Kms) -> None:
    """Members that the model does not have are ignored."""
    assert kms.create_key(Colour="green", Nothing=None)


def test_validation_comes_first(kms: Kms) -> None:
    """A request that is not valid is refused before the key is looked for."""
    refusal = kms.refusal("GenerateDataKey", KeyId="alias/missing", NumberOfBytes=1025)
    assert refusal.code == "ValidationException"


@pytest.mark.parametrize(
    ("operation", "document"),
    [
        ("GenerateDataKey", {}),
        ("ScheduleKeyDeletion", {"PendingWindowInDays": 5}),
        ("Encrypt", {"Plaintext": b"x", "EncryptionAlgorithm": "RSAES_OAEP_SHA_1"}),
        ("TagResource", {"Tags": [{"TagKey": "aws:x", "TagValue": ""}]}),
        ("PutKeyPolicy", {"Policy": "{}"}),
    ],
)
def test_the_key_comes_second(kms: Kms, operation: str, document: dict[str, Any]) -> None:
    """Mistakes that the service itself finds in a request are errors only if the key exists."""
    refusal = kms.refusal(operation, KeyId="1234abcd-12ab-34cd-56ef-1234567890ab", **document)
    assert refusal.code == "NotFoundException"


@pytest.mark.parametrize(
    ("operation", "document"),
    [
        ("Encrypt", {"Plaintext": b"x", "EncryptionAlgorithm": "RSAES_OAEP_SHA_1"}),
        ("TagResource", {"Tags": [{"TagKey": "aws:x", "TagValue": ""}]}),
        ("ScheduleKeyDeletion", {"PendingWindowInDays": 5}),
    ],
)
def test_the_state_comes_third(kms: Kms, operation: str, document: dict[str, Any]) -> None:
    """And only if its state allows the operation."""
    key_id = kms.create_key()
    kms("ScheduleKeyDeletion", KeyId=key_id)
    refusal = kms.refusal(operation, KeyId=key_id, **document)
    assert refusal == ("KMSInvalidStateException", f"{kms.arn(key_id)} is pending deletion.")
