"""GenerateMac and VerifyMac.

https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateMac.html
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.services.kms.calling import Kms, Refusal

MESSAGE = b"How do you do?"
BITS = [224, 256, 384, 512]
WRONG = Refusal("KMSInvalidMacException", "")


@pytest.mark.parametrize("bits", BITS)
def test_macs(kms: Kms, bits: int) -> None:
    """A code is as long as its hash, the same each time, and verifies."""
    key_id = kms.key_of(f"HMAC_{bits}")
    document = {"KeyId": key_id, "Message": MESSAGE, "MacAlgorithm": f"HMAC_SHA_{bits}"}
    answer = kms("GenerateMac", **document)
    assert answer == {"KeyId": kms.arn(key_id), "Mac": answer["Mac"], "MacAlgorithm": f"HMAC_SHA_{bits}"}
    assert len(answer["Mac"]) * 8 == bits
    assert kms("GenerateMac", **document)["Mac"] == answer["Mac"]
    assert kms("VerifyMac", **document, Mac=answer["Mac"]) == {
        "KeyId": kms.arn(key_id),
        "MacValid": True,
        "MacAlgorithm": f"HMAC_SHA_{bits}",
    }


@pytest.mark.parametrize("bits", BITS)
def test_wrong_macs(kms: Kms, bits: int) -> None:
    """A code of another message, cut, lengthened or of 6144 bytes is an error without a sentence."""
    document = {"KeyId": kms.key_of(f"HMAC_{bits}"), "MacAlgorithm": f"HMAC_SHA_{bits}"}
    mac = kms("GenerateMac", **document, Message=MESSAGE)["Mac"]
    assert kms.refusal("VerifyMac", **document, Message=MESSAGE + b"!", Mac=mac) == WRONG
    for wrong in (mac[:-1], mac + b"\0", mac[::-1], b"x", bytes(6144)):
        assert kms.refusal("VerifyMac", **document, Message=MESSAGE, Mac=wrong) == WRONG
        assert kms.refusal("VerifyMac", **document, Message=MESSAGE, Mac=wrong, DryRun=True) == WRONG


@pytest.mark.parametrize("operation", ["GenerateMac", "VerifyMac"])
@pytest.mark.parametrize(("bits", "other"), [(bits, other) for bits in BITS for other in BITS if bits != other])
def test_algorithms_of_other_specs(kms: Kms, operation: str, bits: int, other: int) -> None:
    """A key has the one algorithm of its length."""
    document: dict[str, Any] = {"Message": MESSAGE, "MacAlgorithm": f"HMAC_SHA_{other}"}
    if operation == "VerifyMac":
        document["Mac"] = b"x"
    assert kms.refusal(operation, KeyId=kms.key_of(f"HMAC_{bits}"), **document) == (
        "InvalidKeyUsageException",
        f"Algorithm HMAC_SHA_{other} is incompatible with key spec HMAC_{bits}.",
    )


def test_an_algorithm_that_there_is_not(kms: Kms) -> None:
    """The permitted values come in AWS's order, and in capital letters only."""
    permitted = "[HMAC_SHA_384, HMAC_SHA_256, HMAC_SHA_224, HMAC_SHA_512]"
    for value in ("INVALID", "hmac_sha_256"):
        fault = f"Value '{value}' at 'macAlgorithm' failed to satisfy constraint: Member must satisfy enum value set: "
        refusal = kms.refusal("VerifyMac", KeyId="x", Message=MESSAGE, Mac=b"x", MacAlgorithm=value)
        assert refusal == ("ValidationException", f"1 validation error detected: {fault}{permitted}")


@pytest.mark.parametrize(
    ("member", "path", "length", "bound"),
    [
        ("Message", "message", 0, "greater than or equal to 1"),
        ("Message", "message", 4097, "less than or equal to 4096"),
        ("Mac", "mac", 0, "greater than or equal to 1"),
        ("Mac", "mac", 6145, "less than or equal to 6144"),
    ],
)
def test_limits(kms: Kms, member: str, path: str, length: int, bound: str) -> None:
    """A message has 1 to 4096 bytes, a code 1 to 6144."""
    document = {"Message": MESSAGE, "Mac": b"x", "MacAlgorithm": "HMAC_SHA_256"} | {member: bytes(length)}
    fault = f"Value at '{path}' failed to satisfy constraint: Member must have length {bound}"
    refusal = kms.refusal("VerifyMac", KeyId="x", **document)
    assert refusal == ("ValidationException", f"1 validation error detected: {fault}")


def test_every_message(kms: Kms) -> None:
    """The longest message is no exception."""
    document = {"KeyId": kms.key_of("HMAC_512"), "MacAlgorithm": "HMAC_SHA_512", "Message": bytes(4096)}
    assert kms("VerifyMac", **document, Mac=kms("GenerateMac", **document)["Mac"])["MacValid"]
