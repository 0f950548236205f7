"""The checks that all cryptographic operations make of a key, in their order: measured on AWS for each operation."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import pytest

from mockaws.services.kms import service
from tests.samples import ACCOUNT, REGION
from tests.unit.services.kms.calling import Kms, Refusal, public_key_of

OTHER = "444455556666"
DRY_RUN = Refusal("DryRunOperationException", "The request would have succeeded, but the DryRun option is set.")
MESSAGE = {"Message": b"hello"}
RSA = {"EncryptionAlgorithm": "RSAES_OAEP_SHA_256"}
ECDSA = {"SigningAlgorithm": "ECDSA_SHA_256"}
HMAC = {"MacAlgorithm": "HMAC_SHA_256"}
KEM = {"EncapsulationAlgorithm": "ML_KEM"}


class Use(NamedTuple):
    """An operation with a key that it suits and a document that it accepts; *algorithm* names its algorithm."""

    operation: str
    spec: str
    usage: str
    document: dict[str, Any]
    algorithm: str = ""

    def __str__(self) -> str:
        return f"{self.operation} {self.spec}"

    def ready(self, kms: Kms, **changes: Any) -> tuple[str, dict[str, Any]]:
        """Return a new key, and the document with what only that key makes."""
        key_id = kms.key_of(self.spec, self.usage, **changes)
        document = dict(self.document)
        if self.operation in MADE:
            member, operation, given = MADE[self.operation][self.spec]
            document[member] = kms(operation, KeyId=key_id, **given)[member]
        return key_id, document


USES = [
    Use("Encrypt", "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", {"Plaintext": b"hello"}),
    Use("Encrypt", "RSA_2048", "ENCRYPT_DECRYPT", {"Plaintext": b"hello"} | RSA, "EncryptionAlgorithm"),
    Use("Decrypt", "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", {}),
    Use("Decrypt", "RSA_2048", "ENCRYPT_DECRYPT", RSA, "EncryptionAlgorithm"),
    Use("GenerateDataKey", "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", {"KeySpec": "AES_256"}),
    Use("GenerateDataKeyWithoutPlaintext", "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", {"NumberOfBytes": 7}),
    Use("GenerateDataKeyPair", "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", {"KeyPairSpec": "ECC_NIST_P256"}),
    Use(
        "GenerateDataKeyPairWithoutPlaintext",
        "SYMMETRIC_DEFAULT",
        "ENCRYPT_DECRYPT",
        {"KeyPairSpec": "ECC_NIST_EDWARDS25519"},
    ),
    Use("Sign", "ECC_NIST_P256", "SIGN_VERIFY", MESSAGE | ECDSA, "SigningAlgorithm"),
    Use("Verify", "ECC_NIST_P256", "SIGN_VERIFY", MESSAGE | ECDSA, "SigningAlgorithm"),
    Use("GenerateMac", "HMAC_256", "GENERATE_VERIFY_MAC", MESSAGE | HMAC, "MacAlgorithm"),
    Use("VerifyMac", "HMAC_256", "GENERATE_VERIFY_MAC", MESSAGE | HMAC, "MacAlgorithm"),
    Use(
        "DeriveSharedSecret",
        "ECC_NIST_P256",
        "KEY_AGREEMENT",
        {"KeyAgreementAlgorithm": "ECDH", "PublicKey": public_key_of("ECC_NIST_P256")},
    ),
    Use("Encapsulate", "ML_KEM_768", "ENCAPSULATE_DECAPSULATE", KEM),
    Use("Decapsulate", "ML_KEM_768", "ENCAPSULATE_DECAPSULATE", KEM),
]
# Members of a request that another operation makes, by the operation and the spec of the key.
MADE: dict[str, dict[str, tuple[str, str, dict[str, Any]]]] = {
    "Decrypt": {
        "SYMMETRIC_DEFAULT": ("CiphertextBlob", "Encrypt", {"Plaintext": b"hello"}),
        "RSA_2048": ("CiphertextBlob", "Encrypt", {"Plaintext": b"hello"} | RSA),
    },
    "Verify": {"ECC_NIST_P256": ("Signature", "Sign", MESSAGE | ECDSA)},
    "VerifyMac": {"HMAC_256": ("Mac", "GenerateMac", MESSAGE | HMAC)},
    "Decapsulate": {"ML_KEM_768": ("SharedSecretCiphertextBlob", "Encapsulate", KEM)},
}
# A spec with another usage, and of another algorithm for the same usage.
OTHER_USAGE = {"SIGN_VERIFY": "HMAC_256", "ENCRYPT_DECRYPT": "ECC_NIST_P256"}
USED = pytest.mark.parametrize("use", USES, ids=str)


def wrong_usage(kms: Kms, key_id: str, operation: str) -> Refusal:
    """Return the error for a key that is for something else."""
    usage = kms.metadata(key_id)["KeyUsage"]
    return Refusal(
        "InvalidKeyUsageException",
        f"{kms.arn(key_id)} key usage is {usage} which is not valid for {operation}.",
    )


def test_no_operation_is_forgotten() -> None:
    """All operations that take an alias use the key, but for those that describe it and the one with two keys."""
    on_keys = (operation for operation in service.operations.values() if operation.facts.key_parameters)
    by_alias = {operation.name for operation in on_keys if operation.facts.by_alias}
    assert {use.operation for use in USES} == by_alias - {"DescribeKey", "GetPublicKey", "ReEncrypt"}


@USED
def test_a_key_by_all_its_names(kms: Kms, use: Use) -> None:
    """A key is named by its id, its ARN, an alias or an alias's ARN; the answer names it by its ARN."""
    key_id, document = use.ready(kms)
    kms("CreateAlias", AliasName="alias/example", TargetKeyId=key_id)
    names = (key_id, kms.arn(key_id), "alias/example", f"arn:aws:kms:{REGION}:{ACCOUNT}:alias/example")
    assert {kms(use.operation, KeyId=name, **document)["KeyId"] for name in names} == {kms.arn(key_id)}


@USED
def test_another_account(kms: Kms, use: Use) -> None:
    """Another account may use the key by its ARN only if the key's policy allows the action."""
    own = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "kms:*", "Resource": "*"}
    theirs = {"Effect": "Allow", "Principal": {"AWS": OTHER}, "Action": f"kms:{use.operation}", "Resource": "*"}
    key_id, document = use.ready(kms, policy=json.dumps({"Statement": [own, theirs]}))
    other = kms.by(OTHER)
    assert other(use.operation, KeyId=kms.arn(key_id), **document)["KeyId"] == kms.arn(key_id)
    closed, document = use.ready(kms)
    refusal = other.refusal(use.operation, KeyId=kms.arn(closed), **document)
    assert refusal.code == "AccessDeniedException"
    assert f"not authorized to perform: kms:{use.operation} on" in refusal.message


@USED
def test_dry_runs(kms: Kms, use: Use) -> None:
    """A dry run of what would succeed is an error that says so; of what would fail, it is the real error."""
    key_id, document = use.ready(kms)
    assert kms.refusal(use.operation, KeyId=key_id, **document, DryRun=True) == DRY_RUN
    assert kms(use.operation, KeyId=key_id, **document, DryRun=False)["KeyId"] == kms.arn(key_id)
    kms("DisableKey", KeyId=key_id)
    refusal = kms.refusal(use.operation, KeyId=key_id, **document, DryRun=True)
    assert refusal == ("DisabledException", f"{kms.arn(key_id)} is disabled.")


@USED
def test_grant_tokens(kms: Kms, use: Use) -> None:
    """A grant token is accepted; what is none is refused."""
    key_id, document = use.ready(kms)
    role = f"arn:aws:iam::{ACCOUNT}:role/Application"
    grant = kms("CreateGrant", KeyId=key_id, GranteePrincipal=role, Operations=["DescribeKey"])
    assert kms(use.operation, KeyId=key_id, **document, GrantTokens=[grant["GrantToken"]])
    refusal = kms.refusal(use.operation, KeyId=key_id, **document, GrantTokens=["junk"])
    assert refusal.code == "InvalidGrantTokenException"


# The ciphertext of a symmetric encryption key names its key, which cannot be one of another usage.
@pytest.mark.parametrize("use", [use for use in USES if (use.operation, use.algorithm) != ("Decrypt", "")], ids=str)
@pytest.mark.parametrize("state", ["Enabled", "Disabled", "PendingDeletion"])
def test_the_usage_comes_before_the_state(kms: Kms, use: Use, state: str) -> None:
    """A key that is for something else is refused as such, disabled or not."""
    _, document = use.ready(kms)
    wrong = kms.key_of(OTHER_USAGE.get(use.usage, "ECC_NIST_P384"), enabled=state == "Enabled")
    if state == "PendingDeletion":
        kms("ScheduleKeyDeletion", KeyId=wrong)
    assert kms.refusal(use.operation, KeyId=wrong, **document) == wrong_usage(kms, wrong, use.operation)


@pytest.mark.parametrize("use", [use for use in USES if use.algorithm], ids=str)
def test_the_state_comes_before_the_algorithm(kms: Kms, use: Use) -> None:
    """The error of a disabled key does not say whether it has the algorithm."""
    other = {"SigningAlgorithm": "RSASSA_PSS_SHA_256", "MacAlgorithm": "HMAC_SHA_512"}
    key_id, document = use.ready(kms)
    document |= {use.algorithm: other.get(use.algorithm, "SM2PKE")}
    incompatible = f"Algorithm {document[use.algorithm]} is incompatible with key spec {use.spec}."
    assert kms.refusal(use.operation, KeyId=key_id, **document) == ("InvalidKeyUsageException", incompatible)
    kms("DisableKey", KeyId=key_id)
    assert kms.refusal(use.operation, KeyId=key_id, **document).code == "DisabledException"


@USED
@pytest.mark.parametrize("name", ["1234abcd-12ab-34cd-56ef-1234567890ab", "alias/missing", "key_id"])
def test_unknown_keys(kms: Kms, use: Use, name: str) -> None:
    """A key that does not exist is not found by any name, even if the request has other mistakes."""
    _, document = use.ready(kms)
    assert kms.refusal(use.operation, KeyId=name, **document).code == "NotFoundException"


@pytest.mark.parametrize("use", [use for use in USES if use.algorithm], ids=str)
def test_an_algorithm_that_there_is_not(kms: Kms, use: Use) -> None:
    """A value outside the enum is found before the key is looked for."""
    path = use.algorithm[0].lower() + use.algorithm[1:]
    _, document = use.ready(kms)
    refusal = kms.refusal(use.operation, KeyId="nobody", **document | {use.algorithm: "ROT_13"})
    assert refusal.code == "ValidationException"
    assert refusal.message.startswith(f"1 validation error detected: Value 'ROT_13' at '{path}' failed to satisfy")


def test_signing_with_symmetric_default(kms: Kms) -> None:
    """SYMMETRIC_DEFAULT is no signing algorithm, but AWS lets it through to the key, which has not got it."""
    key_id = kms.key_of("RSA_2048", "SIGN_VERIFY")
    assert kms.refusal("Sign", KeyId=key_id, Message=b"x", SigningAlgorithm="SYMMETRIC_DEFAULT") == (
        "InvalidKeyUsageException",
        "Algorithm SYMMETRIC_DEFAULT is incompatible with key spec RSA_2048.",
    )
