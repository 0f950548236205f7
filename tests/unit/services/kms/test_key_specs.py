"""Keys of every spec: what CreateKey makes of them, what DescribeKey shows of them, and which Regions have them.

https://docs.aws.amazon.com/kms/latest/developerguide/symm-asymm-choose-key-spec.html
"""

from __future__ import annotations

from typing import Any

import pytest

from mockaws.model.service import load
from mockaws.records.key_specs import KEY_SPECS, SIGNING_ALGORITHMS, KeyUsage
from tests.samples import ACCOUNT, NOW
from tests.unit.services.kms.calling import Kms, Refusal

CHINA = "cn-north-1"
RSA_ENCRYPTION = ["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"]
RSA_SIGNING = [
    "RSASSA_PKCS1_V1_5_SHA_256",
    "RSASSA_PKCS1_V1_5_SHA_384",
    "RSASSA_PKCS1_V1_5_SHA_512",
    "RSASSA_PSS_SHA_256",
    "RSASSA_PSS_SHA_384",
    "RSASSA_PSS_SHA_512",
]
# By spec and usage: the member of KeyMetadata that lists algorithms, and the algorithms in AWS's order.
SHOWN: dict[tuple[str, str], tuple[str, list[str]]] = {
    ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"): ("EncryptionAlgorithms", ["SYMMETRIC_DEFAULT"]),
    **{(f"HMAC_{n}", "GENERATE_VERIFY_MAC"): ("MacAlgorithms", [f"HMAC_SHA_{n}"]) for n in (224, 256, 384, 512)},
    **{(f"RSA_{n}", "ENCRYPT_DECRYPT"): ("EncryptionAlgorithms", RSA_ENCRYPTION) for n in (2048, 3072, 4096)},
    **{(f"RSA_{n}", "SIGN_VERIFY"): ("SigningAlgorithms", RSA_SIGNING) for n in (2048, 3072, 4096)},
    ("ECC_NIST_P256", "SIGN_VERIFY"): ("SigningAlgorithms", ["ECDSA_SHA_256"]),
    ("ECC_NIST_P384", "SIGN_VERIFY"): ("SigningAlgorithms", ["ECDSA_SHA_384"]),
    ("ECC_NIST_P521", "SIGN_VERIFY"): ("SigningAlgorithms", ["ECDSA_SHA_512"]),
    ("ECC_SECG_P256K1", "SIGN_VERIFY"): ("SigningAlgorithms", ["ECDSA_SHA_256"]),
    **{(f"ECC_NIST_P{n}", "KEY_AGREEMENT"): ("KeyAgreementAlgorithms", ["ECDH"]) for n in (256, 384, 521)},
    ("ECC_NIST_EDWARDS25519", "SIGN_VERIFY"): ("SigningAlgorithms", ["ED25519_PH_SHA_512", "ED25519_SHA_512"]),
    **{(f"ML_DSA_{n}", "SIGN_VERIFY"): ("SigningAlgorithms", ["ML_DSA_SHAKE_256"]) for n in (44, 65, 87)},
    **{(f"ML_KEM_{n}", "ENCAPSULATE_DECAPSULATE"): ("EncapsulationAlgorithms", ["ML_KEM"]) for n in (512, 768, 1024)},
    ("SM2", "ENCRYPT_DECRYPT"): ("EncryptionAlgorithms", ["SM2PKE"]),
    ("SM2", "SIGN_VERIFY"): ("SigningAlgorithms", ["SM2DSA"]),
    ("SM2", "KEY_AGREEMENT"): ("KeyAgreementAlgorithms", ["ECDH"]),
}


@pytest.mark.parametrize(("spec", "usage"), SHOWN)
def test_a_key(spec: str, usage: str) -> None:
    """A key shows its spec, also under the member's old name, and the algorithms of its own usage only."""
    region = CHINA if spec == "SM2" else "us-west-2"
    kms = Kms(region=region).by(region=region)
    created = kms("CreateKey", KeySpec=spec, KeyUsage=usage)["KeyMetadata"]
    member, algorithms = SHOWN[spec, usage]
    expected = {
        "AWSAccountId": ACCOUNT,
        "KeyId": created["KeyId"],
        "Arn": created["Arn"],
        "CreationDate": NOW,
        "CustomerMasterKeySpec": spec,
        "Description": "",
        "Enabled": True,
        "KeyManager": "CUSTOMER",
        "KeySpec": spec,
        "KeyState": "Enabled",
        "KeyUsage": usage,
        "MultiRegion": False,
        "Origin": "AWS_KMS",
        member: algorithms,
    }
    # Recorded: only symmetric encryption keys have a CurrentKeyMaterialId.
    if spec == "SYMMETRIC_DEFAULT":
        expected["CurrentKeyMaterialId"] = created["CurrentKeyMaterialId"]
    assert created == expected
    assert kms.metadata(created["KeyId"]) == created


@pytest.mark.parametrize("usage", KeyUsage)
@pytest.mark.parametrize("spec", sorted(KEY_SPECS))
def test_other_usages(spec: str, usage: str) -> None:
    """A usage that a spec does not permit is refused by both names; no other is."""
    if (spec, usage) in SHOWN:
        assert usage in KEY_SPECS[spec].usages
        return
    region = CHINA if spec == "SM2" else "us-west-2"
    refusal = Kms(region=region).by(region=region).refusal("CreateKey", KeySpec=spec, KeyUsage=usage)
    assert refusal == ("ValidationException", f"KeyUsage {usage} is not compatible with KeySpec {spec}")


@pytest.mark.parametrize("spec", sorted(set(KEY_SPECS) - {"SYMMETRIC_DEFAULT", "SM2"}))
def test_a_usage_must_be_given(kms: Kms, spec: str) -> None:
    """Only symmetric encryption keys have a default KeyUsage, even if a spec has one usage only."""
    assert kms.refusal("CreateKey", KeySpec=spec) == (
        "ValidationException",
        "You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.",
    )


@pytest.mark.parametrize("spec", ["ECC_NIST_P256", "HMAC_512", "RSA_2048"])
def test_the_old_member(kms: Kms, spec: str) -> None:
    """CustomerMasterKeySpec does what KeySpec does."""
    usage = next(iter(KEY_SPECS[spec].usages))
    assert kms("CreateKey", CustomerMasterKeySpec=spec, KeyUsage=usage)["KeyMetadata"]["KeySpec"] == spec


@pytest.mark.parametrize("spec", ["ECC_NIST_EDWARDS25519", "ML_DSA_44", "ML_KEM_768"])
def test_the_old_member_is_not_continued(kms: Kms, spec: str) -> None:
    """The enum of CustomerMasterKeySpec has no spec that is younger than the member's deprecation."""
    usage = next(iter(KEY_SPECS[spec].usages))
    refusal = kms.refusal("CreateKey", CustomerMasterKeySpec=spec, KeyUsage=usage)
    assert refusal.code == "ValidationException"
    assert refusal.message.startswith(f"1 validation error detected: Value '{spec}' at 'customerMasterKeySpec' failed")


def test_key_specs_of_the_model() -> None:
    """The table has each key spec of the installed model, and each algorithm, and no other."""
    shapes = load("kms").shapes
    algorithms = {algorithm for spec in KEY_SPECS.values() for each in spec.usages.values() for algorithm in each}
    names = ("EncryptionAlgorithmSpec", "MacAlgorithmSpec", "KeyAgreementAlgorithmSpec", "EncapsulationAlgorithmSpec")
    assert KEY_SPECS.keys() == set(shapes["KeySpec"]["enum"])
    assert SIGNING_ALGORITHMS.keys() == set(shapes["SigningAlgorithmSpec"]["enum"])
    assert algorithms == SIGNING_ALGORITHMS.keys() | {value for name in names for value in shapes[name]["enum"]}
    assert set(shapes["DataKeyPairSpec"]["enum"]) <= KEY_SPECS.keys()


def not_in(spec: str) -> Refusal:
    """Return the error for a spec that a Region does not have."""
    return Refusal("UnsupportedOperationException", f"KeySpec {spec} is not supported in this Region")


@pytest.mark.parametrize("operation", ["CreateKey", "GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext"])
@pytest.mark.parametrize(
    ("region", "spec"),
    [
        ("us-west-2", "SM2"),
        ("us-gov-west-1", "SM2"),
        (CHINA, "ML_KEM_512"),
        ("cn-northwest-1", "ML_KEM_768"),
        (CHINA, "ML_KEM_1024"),
    ],
)
def test_regions(operation: str, region: str, spec: str) -> None:
    """SM2 is for the China Regions only, ML-KEM for all others, as KMS keys and as data key pairs."""
    kms = Kms(region=region).by(region=region)
    document: dict[str, Any] = {"KeySpec": spec, "KeyUsage": next(iter(KEY_SPECS[spec].usages))}
    if operation != "CreateKey":
        document = {"KeyPairSpec": spec, "KeyId": kms.create_key()}
    assert kms.refusal(operation, **document) == not_in(spec)


def test_the_region_comes_before_the_usage(kms: Kms) -> None:
    """If a Region lacks the spec, the error does not mention the usage."""
    assert kms.refusal("CreateKey", KeySpec="SM2") == not_in("SM2")


@pytest.mark.parametrize("spec", ["HMAC_256", "RSA_2048", "ECC_NIST_P256", "ML_DSA_44", "ML_KEM_512"])
def test_every_key_has_material_of_its_own(kms: Kms, spec: str) -> None:
    """No two keys of a spec have the same material."""
    usage = next(iter(KEY_SPECS[spec].usages))
    first, second = (kms.create_key(KeySpec=spec, KeyUsage=usage) for _ in range(2))
    if spec == "HMAC_256":
        document = {"Message": b"x", "MacAlgorithm": "HMAC_SHA_256"}
        assert kms("GenerateMac", KeyId=first, **document)["Mac"] != kms("GenerateMac", KeyId=second, **document)["Mac"]
    else:
        keys = {kms("GetPublicKey", KeyId=key_id)["PublicKey"] for key_id in (first, second)}
        assert len(keys) == 2
