"""Sign and Verify: every key spec with each of its algorithms, and what each takes as a message.

https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html
"""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from mockaws.records.key_specs import KEY_SPECS, SIGNING_ALGORITHMS
from tests.unit.services.kms.calling import Kms, Refusal

MESSAGE = b"How do you do?"
CHINA = "cn-north-1"
WRONG = Refusal("KMSInvalidSignatureException", "")
SPECS = [spec.name for spec in KEY_SPECS.values() if spec.signs]
PAIRS = [(spec, algorithm) for spec in SPECS for algorithm in KEY_SPECS[spec].signs]
# The length of a signature, if there is only one.
LENGTHS = {
    "RSA_2048": 256,
    "RSA_3072": 384,
    "RSA_4096": 512,
    "ECC_NIST_EDWARDS25519": 64,
    "ML_DSA_44": 2420,
    "ML_DSA_65": 3309,
    "ML_DSA_87": 4627,
}


def caller(spec: str) -> Kms:
    """Return a caller in a Region that has the spec."""
    region = CHINA if spec == "SM2" else "us-west-2"
    return Kms(region=region).by(region=region)


def message(algorithm: str, message_type: str) -> bytes:
    """Return a message of the right length."""
    length = SIGNING_ALGORITHMS[algorithm].get(message_type)
    return MESSAGE if length is None else hashlib.shake_256(MESSAGE).digest(length)


@pytest.mark.parametrize(
    ("spec", "algorithm", "message_type"),
    [(spec, algorithm, kind) for spec, algorithm in PAIRS for kind in SIGNING_ALGORITHMS[algorithm]],
)
def test_signing(spec: str, algorithm: str, message_type: str) -> None:
    """Verify accepts the signatures of Sign; both return the key's ARN and the algorithm."""
    kms = caller(spec)
    key_id = kms.key_of(spec, "SIGN_VERIFY")
    given = message(algorithm, message_type)
    signed = {"Message": given, "MessageType": message_type, "SigningAlgorithm": algorithm}
    answer = kms("Sign", KeyId=key_id, **signed)
    signature = answer.pop("Signature")
    assert answer == {"KeyId": kms.arn(key_id), "SigningAlgorithm": algorithm}
    assert len(signature) == LENGTHS.get(spec, len(signature))
    assert kms("Verify", KeyId=key_id, Signature=signature, **signed) == {
        "KeyId": kms.arn(key_id),
        "SignatureValid": True,
        "SigningAlgorithm": algorithm,
    }
    other = signed | {"Message": given[::-1]}
    assert kms.refusal("Verify", KeyId=key_id, Signature=signature, **other) == WRONG


@pytest.mark.parametrize("spec", SPECS)
def test_signatures_of_another_key(spec: str) -> None:
    """A signature of one key is none of another of the same spec."""
    kms = caller(spec)
    algorithm = KEY_SPECS[spec].signs[-1]
    kind = next(iter(SIGNING_ALGORITHMS[algorithm]))
    signed = {"Message": message(algorithm, kind), "MessageType": kind, "SigningAlgorithm": algorithm}
    signature = kms("Sign", KeyId=kms.key_of(spec, "SIGN_VERIFY"), **signed)["Signature"]
    other = kms.create_key(KeySpec=spec, KeyUsage="SIGN_VERIFY")
    assert kms.refusal("Verify", KeyId=other, Signature=signature, **signed) == WRONG


@pytest.mark.parametrize("spec", SPECS)
@pytest.mark.parametrize("length", [1, 64, 256, 6144])
def test_malformed_signatures(spec: str, length: int) -> None:
    """A signature of up to 6144 bytes that is none at all is wrong like any other, without a word of why."""
    kms = caller(spec)
    algorithm = KEY_SPECS[spec].signs[-1]
    document = {"KeyId": kms.key_of(spec, "SIGN_VERIFY"), "SigningAlgorithm": algorithm, "Message": MESSAGE}
    assert kms.refusal("Verify", **document, Signature=b"\x30" * length) == WRONG


@pytest.mark.parametrize("message_type", [None, "RAW"])
def test_raw_goes_without_saying(kms: Kms, message_type: str | None) -> None:
    """A message is RAW unless its type is given."""
    document = {"KeyId": kms.key_of("ECC_NIST_P256"), "Message": MESSAGE, "SigningAlgorithm": "ECDSA_SHA_256"}
    signature = kms("Sign", **document, MessageType=message_type)["Signature"]
    assert kms("Verify", **document, Signature=signature)["SignatureValid"]


def test_a_message_and_its_digest(kms: Kms) -> None:
    """A message and its digest are the same; that a digest was given as RAW makes another message of it."""
    document = {"KeyId": kms.key_of("ECC_NIST_P384"), "SigningAlgorithm": "ECDSA_SHA_384"}
    digest = hashlib.sha384(MESSAGE).digest()
    raw = kms("Sign", **document, Message=MESSAGE)["Signature"]
    assert kms("Verify", **document, Message=digest, MessageType="DIGEST", Signature=raw)["SignatureValid"]
    hashed_twice = kms("Sign", **document, Message=digest)["Signature"]
    assert kms.refusal("Verify", **document, Message=MESSAGE, Signature=hashed_twice) == WRONG


WITH_DIGESTS = [algorithm for algorithm, kinds in SIGNING_ALGORITHMS.items() if "DIGEST" in kinds]


@pytest.mark.parametrize("operation", ["Sign", "Verify"])
@pytest.mark.parametrize("algorithm", WITH_DIGESTS)
@pytest.mark.parametrize("change", [-1, 1])
def test_lengths_of_digests(operation: str, algorithm: str, change: int) -> None:
    """A digest is as long as the hash makes it; any other length is refused, before the signature is looked at."""
    spec = next(spec for spec in SPECS if algorithm in KEY_SPECS[spec].signs)
    kms = caller(spec)
    document: dict[str, Any] = {"KeyId": kms.key_of(spec, "SIGN_VERIFY"), "SigningAlgorithm": algorithm}
    document |= {"Message": (message(algorithm, "DIGEST") + b"\0")[: len(message(algorithm, "DIGEST")) + change]}
    if operation == "Verify":
        document["Signature"] = b"x"
    assert kms.refusal(operation, **document, MessageType="DIGEST") == (
        "ValidationException",
        f"Digest is invalid length for algorithm {algorithm}.",
    )


@pytest.mark.parametrize("length", [1, 63, 65])
def test_lengths_of_mu(kms: Kms, length: int) -> None:
    """An EXTERNAL_MU has 64 bytes; one of another length has an error of its own."""
    document = {"KeyId": kms.key_of("ML_DSA_65"), "SigningAlgorithm": "ML_DSA_SHAKE_256", "MessageType": "EXTERNAL_MU"}
    assert kms.refusal("Sign", **document, Message=bytes(length)) == (
        "ValidationException",
        "External Mu is invalid length for algorithm ML_DSA_SHAKE_256.",
    )


@pytest.mark.parametrize("operation", ["Sign", "Verify"])
@pytest.mark.parametrize(
    ("spec", "algorithm", "message_type", "incompatible"),
    [
        ("ECC_NIST_EDWARDS25519", "ED25519_SHA_512", "DIGEST", "algorithm ED25519_SHA_512"),
        ("ECC_NIST_EDWARDS25519", "ED25519_PH_SHA_512", "RAW", "algorithm ED25519_PH_SHA_512"),
        ("ML_DSA_44", "ML_DSA_SHAKE_256", "DIGEST", "key spec ML_DSA_44"),
        ("ML_DSA_65", "ML_DSA_SHAKE_256", "DIGEST", "key spec ML_DSA_65"),
        ("ML_DSA_87", "ML_DSA_SHAKE_256", "DIGEST", "key spec ML_DSA_87"),
        ("RSA_2048", "RSASSA_PSS_SHA_256", "EXTERNAL_MU", "key spec RSA_2048"),
        ("ECC_NIST_EDWARDS25519", "ED25519_SHA_512", "EXTERNAL_MU", "key spec ECC_NIST_EDWARDS25519"),
    ],
)
def test_types_of_messages(
    kms: Kms, operation: str, spec: str, algorithm: str, message_type: str, incompatible: str
) -> None:
    """A type of message that no algorithm of the spec takes is refused with the spec, any other with the algorithm."""
    document = {"KeyId": kms.key_of(spec, "SIGN_VERIFY"), "SigningAlgorithm": algorithm, "MessageType": message_type}
    signature = {} if operation == "Sign" else {"Signature": b"x"}
    assert kms.refusal(operation, **document, Message=bytes(64), **signature) == (
        "ValidationException",
        f"Message type {message_type} is incompatible with {incompatible}.",
    )


@pytest.mark.parametrize("operation", ["Sign", "Verify"])
@pytest.mark.parametrize("spec", [spec for spec in SPECS if spec != "SM2"])
def test_algorithms_of_other_specs(kms: Kms, operation: str, spec: str) -> None:
    """A key has the algorithms of its spec, and a wrong one is found before a digest of the wrong length."""
    for algorithm in SIGNING_ALGORITHMS.keys() - set(KEY_SPECS[spec].signs):
        document = {"KeyId": kms.key_of(spec, "SIGN_VERIFY"), "SigningAlgorithm": algorithm, "MessageType": "DIGEST"}
        signature = {} if operation == "Sign" else {"Signature": b"x"}
        assert kms.refusal(operation, **document, Message=b"x", **signature) == (
            "InvalidKeyUsageException",
            f"Algorithm {algorithm} is incompatible with key spec {spec}.",
        )


@pytest.mark.parametrize(("length", "bound"), [(0, "greater than or equal to 1"), (4097, "less than or equal to 4096")])
def test_limits_of_a_message(kms: Kms, length: int, bound: str) -> None:
    """A message has 1 to 4096 bytes, of which a fault shows nothing."""
    document = {"KeyId": kms.key_of("ECC_NIST_P256"), "SigningAlgorithm": "ECDSA_SHA_256"}
    fault = f"Value at 'message' failed to satisfy constraint: Member must have length {bound}"
    refusal = kms.refusal("Sign", **document, Message=bytes(length))
    assert refusal == ("ValidationException", f"1 validation error detected: {fault}")


@pytest.mark.parametrize("spec", ["RSA_2048", "ECC_NIST_P256", "ECC_NIST_EDWARDS25519", "ML_DSA_44"])
def test_the_longest_message(kms: Kms, spec: str) -> None:
    """A message of 4096 bytes is signed."""
    document = {"KeyId": kms.key_of(spec, "SIGN_VERIFY"), "SigningAlgorithm": KEY_SPECS[spec].signs[-1]}
    assert kms("Sign", **document, Message=bytes(4096))["Signature"]


@pytest.mark.parametrize(
    ("member", "shown"),
    [
        ("Message", "Value at 'message'"),
        ("Signature", "Value null at 'signature'"),
        ("SigningAlgorithm", "Value null at 'signingAlgorithm'"),
    ],
)
def test_missing_members(kms: Kms, member: str, shown: str) -> None:
    """Of a missing message, which is sensitive, a fault does not even say that it is null."""
    document: dict[str, Any] = {"Message": b"x", "Signature": b"x", "SigningAlgorithm": "ECDSA_SHA_256"}
    fault = f"{shown} failed to satisfy constraint: Member must not be null"
    refusal = kms.refusal("Verify", KeyId="nobody", **document | {member: None})
    assert refusal == ("ValidationException", f"1 validation error detected: {fault}")


def test_a_dry_run_verifies(kms: Kms) -> None:
    """A dry run of Verify finds a wrong signature."""
    document = {"KeyId": kms.key_of("ECC_NIST_P256"), "Message": MESSAGE, "SigningAlgorithm": "ECDSA_SHA_256"}
    signature = kms("Sign", **document)["Signature"]
    assert kms.refusal("Verify", **document, Signature=signature, DryRun=True).code == "DryRunOperationException"
    assert kms.refusal("Verify", **document, Signature=signature[:-1], DryRun=True) == WRONG
