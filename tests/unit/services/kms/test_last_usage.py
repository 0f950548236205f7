"""GetKeyLastUsage: what a key was last used for.

https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyLastUsage.html
"""

from __future__ import annotations

import re
from typing import Any

import pytest

from mockaws.model.service import load
from tests.samples import NOW
from tests.unit.services.kms.calling import Kms, Refusal
from tests.unit.services.kms.test_using_keys import OTHER, USED, USES, Use

UUID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"


def usage(kms: Kms, key_id: str) -> dict[str, Any]:
    """Return the last usage of a key."""
    found: dict[str, Any] = kms("GetKeyLastUsage", KeyId=key_id)["KeyLastUsage"]
    return found


def test_an_unused_key(kms: Kms) -> None:
    """A key that was never used has an empty KeyLastUsage; it is tracked from its creation on."""
    key_id = kms.create_key()
    kms.clock.advance(60)
    assert kms("GetKeyLastUsage", KeyId=key_id) == {
        "KeyId": key_id,
        "KeyLastUsage": {},
        "TrackingStartDate": NOW,
        "KeyCreationDate": NOW,
    }


@USED
def test_every_use(kms: Kms, use: Use) -> None:
    """The last cryptographic operation is shown with its moment and the ids of its call."""
    key_id, document = use.ready(kms)
    kms.clock.advance(60)
    kms(use.operation, KeyId=key_id, **document)
    kms.clock.advance(60)
    found = usage(kms, key_id)
    assert (found.pop("Operation"), found.pop("Timestamp")) == (use.operation, NOW + 60)
    assert found.keys() == {"CloudTrailEventId", "KmsRequestId"}
    assert all(re.fullmatch(UUID, value) for value in found.values())


def test_the_operations_that_count() -> None:
    """All operations are tracked that AWS's enum has."""
    enum = set(load("kms").shapes["KeyLastUsageTrackingOperation"]["enum"])
    assert {use.operation for use in USES} | {"ReEncrypt"} == enum


def test_the_last_one_counts(kms: Kms) -> None:
    """A later use takes the place of an earlier one."""
    key_id = kms.create_key()
    blob = kms("Encrypt", KeyId=key_id, Plaintext=b"hello")["CiphertextBlob"]
    first = usage(kms, key_id)
    kms.clock.advance(1)
    kms("Decrypt", CiphertextBlob=blob)
    second = usage(kms, key_id)
    assert (first["Operation"], second["Operation"]) == ("Encrypt", "Decrypt")
    assert first["CloudTrailEventId"] != second["CloudTrailEventId"]


@pytest.mark.parametrize(
    ("operation", "document"),
    [
        ("DescribeKey", {}),
        ("GetPublicKey", {}),
        ("DisableKey", {}),
        ("CreateAlias", {"AliasName": "alias/example"}),
        ("UpdateKeyDescription", {"Description": "used for nothing"}),
    ],
)
def test_what_is_no_use(kms: Kms, operation: str, document: dict[str, Any]) -> None:
    """Only cryptographic operations are uses."""
    key_id = kms.key_of("RSA_2048")
    kms(operation, **{"TargetKeyId" if operation == "CreateAlias" else "KeyId": key_id}, **document)
    assert usage(kms, key_id) == {}


@pytest.mark.parametrize(
    ("operation", "document", "code"),
    [
        ("Sign", {"Message": b"x", "SigningAlgorithm": "ECDSA_SHA_256", "DryRun": True}, "DryRunOperationException"),
        (
            "Verify",
            {"Message": b"x", "SigningAlgorithm": "ECDSA_SHA_256", "Signature": b"x"},
            "KMSInvalidSignatureException",
        ),
        ("Sign", {"Message": b"x", "SigningAlgorithm": "ECDSA_SHA_384"}, "InvalidKeyUsageException"),
        ("Encrypt", {"Plaintext": b"x"}, "InvalidKeyUsageException"),
    ],
)
def test_what_fails_is_no_use(kms: Kms, operation: str, document: dict[str, Any], code: str) -> None:
    """A use is one that succeeded; a dry run is none."""
    key_id = kms.key_of("ECC_NIST_P256")
    assert kms.refusal(operation, KeyId=key_id, **document).code == code
    assert usage(kms, key_id) == {}


def test_both_keys_of_re_encrypt(kms: Kms) -> None:
    """ReEncrypt uses two keys of one account in one call, of which there is one event in the account."""
    source, destination = kms.create_key(), kms.create_key()
    blob = kms("Encrypt", KeyId=source, Plaintext=b"hello")["CiphertextBlob"]
    kms("ReEncrypt", CiphertextBlob=blob, DestinationKeyId=destination)
    one, other = usage(kms, source), usage(kms, destination)
    assert one["Operation"] == other["Operation"] == "ReEncrypt"
    assert one["CloudTrailEventId"] == other["CloudTrailEventId"] != one["KmsRequestId"]
    assert one["KmsRequestId"] == other["KmsRequestId"]


def test_how_the_key_is_named(kms: Kms) -> None:
    """The key is named by its id or ARN, in any state, and not by an alias or from another account."""
    key_id = kms.create_key()
    kms("CreateAlias", AliasName="alias/example", TargetKeyId=key_id)
    kms("ScheduleKeyDeletion", KeyId=key_id)
    assert kms("GetKeyLastUsage", KeyId=kms.arn(key_id))["KeyId"] == key_id
    assert kms.refusal("GetKeyLastUsage", KeyId="alias/example") == Refusal(
        "InvalidArnException", "Key Aliases are not supported for this operation."
    )
    assert kms.by(OTHER).refusal("GetKeyLastUsage", KeyId=kms.arn(key_id)).code == "AccessDeniedException"


def test_a_use_by_another_account(kms: Kms) -> None:
    """The last usage does not depend on the caller."""
    policy = '{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}}'
    key_id = kms.create_key(Policy=policy)
    kms.by(OTHER)("Encrypt", KeyId=kms.arn(key_id), Plaintext=b"hello")
    assert usage(kms, key_id)["Operation"] == "Encrypt"


def test_aws_managed_keys(kms: Kms) -> None:
    """AWS managed keys are tracked, too."""
    key_id = kms.metadata("alias/aws/s3")["KeyId"]
    assert usage(kms, key_id) == {}
