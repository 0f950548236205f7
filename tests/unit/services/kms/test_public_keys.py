"""GetPublicKey.

https://docs.aws.amazon.com/kms/latest/APIReference/API_GetPublicKey.html
"""

from __future__ import annotations

import pytest

from mockaws.records.key_specs import ALGORITHMS_MEMBER, KEY_SPECS, KeyType, KeyUsage
from tests.unit.services.kms.calling import Kms, Refusal, public_key_of

# The number of bytes of a key's SubjectPublicKeyInfo, if it was measured on AWS or follows from its standard.
LENGTHS = {
    "RSA_2048": 294,
    "RSA_3072": 422,
    "RSA_4096": 550,
    "ECC_NIST_P256": 91,
    "ECC_NIST_P384": 120,
    "ECC_NIST_P521": 158,
    "ECC_SECG_P256K1": 88,
    "ECC_NIST_EDWARDS25519": 44,
    "ML_DSA_44": 1334,
    "ML_DSA_65": 1974,
    "ML_DSA_87": 2614,
    "ML_KEM_512": 822,
    "ML_KEM_768": 1206,
    "ML_KEM_1024": 1590,
    "SM2": 91,
}
ASYMMETRIC = [spec.name for spec in KEY_SPECS.values() if spec.type is KeyType.ASYMMETRIC]
NOTHING = Refusal("UnsupportedOperationException", "")


@pytest.mark.parametrize(("spec", "usage"), [(spec, usage) for spec in ASYMMETRIC for usage in KEY_SPECS[spec].usages])
def test_public_keys(spec: str, usage: KeyUsage) -> None:
    """A public key comes with its spec, its usage and the algorithms of that usage and no other."""
    region = "cn-north-1" if spec == "SM2" else "us-west-2"
    kms = Kms(region=region).by(region=region)
    key_id = kms.key_of(spec, usage)
    assert kms("GetPublicKey", KeyId=key_id) == {
        "KeyId": kms.arn(key_id),
        "PublicKey": public_key_of(spec),
        "CustomerMasterKeySpec": spec,
        "KeySpec": spec,
        "KeyUsage": usage,
        ALGORITHMS_MEMBER[usage]: list(KEY_SPECS[spec].usages[usage]),
    }
    assert len(public_key_of(spec)) == LENGTHS[spec]


def test_the_order_of_algorithms(kms: Kms) -> None:
    """The prehashing algorithm of an Ed25519 key comes first, as in CreateKey and DescribeKey."""
    key_id = kms.key_of("ECC_NIST_EDWARDS25519")
    algorithms = ["ED25519_PH_SHA_512", "ED25519_SHA_512"]
    assert kms("GetPublicKey", KeyId=key_id)["SigningAlgorithms"] == algorithms
    assert kms.metadata(key_id)["SigningAlgorithms"] == algorithms


@pytest.mark.parametrize("spec", ["SYMMETRIC_DEFAULT", "HMAC_224", "HMAC_512"])
def test_keys_without_one(kms: Kms, spec: str) -> None:
    """Symmetric keys and HMAC keys have no public key; the error has no sentence."""
    assert kms.refusal("GetPublicKey", KeyId=kms.key_of(spec)) == NOTHING


def test_a_key_in_a_key_store(kms: Kms) -> None:
    """Nor have keys in a key store, which are symmetric."""
    assert kms.refusal("GetPublicKey", KeyId=kms.key_in_store(kms.connected_store())) == NOTHING


def test_a_disabled_key(kms: Kms) -> None:
    """The public key of a disabled key is given out, contrary to the guide's table."""
    key_id = kms.key_of("RSA_2048")
    kms("DisableKey", KeyId=key_id)
    assert kms("GetPublicKey", KeyId=key_id)["PublicKey"] == public_key_of("RSA_2048")


@pytest.mark.parametrize("spec", ["RSA_2048", "HMAC_256", "SYMMETRIC_DEFAULT"])
def test_the_state_comes_first(kms: Kms, spec: str) -> None:
    """The error for a key that is pending deletion comes before that for a key without a public key."""
    key_id = kms.key_of(spec)
    kms("ScheduleKeyDeletion", KeyId=key_id)
    refusal = kms.refusal("GetPublicKey", KeyId=key_id)
    assert refusal == ("KMSInvalidStateException", f"{kms.arn(key_id)} is pending deletion.")


def test_by_an_alias(kms: Kms) -> None:
    """The key may be named by an alias."""
    kms("CreateAlias", AliasName="alias/example", TargetKeyId=kms.key_of("RSA_2048"))
    assert kms("GetPublicKey", KeyId="alias/example")["PublicKey"] == public_key_of("RSA_2048")


@pytest.mark.parametrize("name", ["arn:aws:s3:::x", "arn:aws:kms:us-west-2:111122223333:grant/x"])
def test_arns_of_something_else(kms: Kms, name: str) -> None:
    """Its page lists InvalidArnException, which those of the cryptographic operations do not."""
    assert kms.refusal("GetPublicKey", KeyId=name).code == "InvalidArnException"
