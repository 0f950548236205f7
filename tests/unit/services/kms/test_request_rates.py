"""The request quotas of KMS: https://docs.aws.amazon.com/kms/latest/developerguide/requests-per-second.html."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mockaws.services.kms import service
from mockaws.services.kms.request_rates import quotas
from mockaws.services.operation import Caller
from tests.samples import ACCOUNT, REGION
from tests.unit.services.kms.calling import key_of, key_record

if TYPE_CHECKING:
    from mockaws.records.kms import Key

KEY_ID = "1234abcd-12ab-34cd-56ef-1234567890ab"
SHARED = "Cryptographic operations"


def counted(operation: str, key: Key | None = None, region: str = REGION, **arguments: Any) -> list[tuple[str, float]]:
    """Return the quotas that a call counts against, and their rates."""
    caller = Caller("", ACCOUNT, region, "", "")
    return [(quota.name, quota.rate) for quota in quotas(service.operations[operation].facts, arguments, caller, key)]


def test_every_operation() -> None:
    """AWS's page has a rate for each operation of KMS but the two of key encapsulation, which are newer."""
    unknown = {name for name, operation in service.operations.items() if operation.facts.quota is None}
    assert unknown == {"Encapsulate", "Decapsulate"}


@pytest.mark.parametrize(
    ("region", "rate"),
    [("us-west-2", 100_000), ("eu-central-1", 20_000), ("sa-east-1", 10_000), ("cn-north-1", 10_000)],
)
def test_symmetric_operations_share_a_quota_of_their_region(region: str, rate: float) -> None:
    """Cryptographic operations with symmetric keys, HMAC keys and none count together; how many there may be varies."""
    shared = [(f"{SHARED} (symmetric)", rate)]
    assert counted("Encrypt", key_record(KEY_ID), region) == shared
    assert counted("GenerateMac", key_of("HMAC_256", None, KEY_ID), region) == shared
    assert counted("GenerateRandom", None, region) == shared


@pytest.mark.parametrize(
    ("spec", "usage", "operation", "name"),
    [
        ("RSA_2048", "SIGN_VERIFY", "Sign", f"{SHARED} (RSA)"),
        ("RSA_2048", "ENCRYPT_DECRYPT", "Decrypt", f"{SHARED} (RSA)"),
        ("ML_DSA_44", "SIGN_VERIFY", "Verify", f"{SHARED} (ML-DSA)"),
        ("ECC_NIST_P256", "KEY_AGREEMENT", "DeriveSharedSecret", f"{SHARED} (ECC and SM2)"),
        ("ECC_NIST_EDWARDS25519", "SIGN_VERIFY", "Sign", f"{SHARED} (ECC and SM2)"),
    ],
)
def test_asymmetric_operations_share_quotas_by_kind(spec: str, usage: str, operation: str, name: str) -> None:
    """Each kind of asymmetric keys has a quota of 1000."""
    assert counted(operation, key_of(spec, usage, KEY_ID)) == [(name, 1000)]


def test_a_custom_key_store_has_a_quota_of_its_own() -> None:
    """Operations on its keys count against 1800 for each store, and against the symmetric ones of the account."""
    key = key_record(KEY_ID, custom_key_store_id="cks-1")
    assert counted("Decrypt", key) == [(f"{SHARED} (symmetric)", 100_000), ("Custom key store cks-1", 1800)]
    assert counted("GenerateRandom", None, custom_key_store_id="cks-2")[1] == ("Custom key store cks-2", 1800)
    assert counted("PutKeyPolicy", key) == [("PutKeyPolicy", 15)]


def test_data_key_pairs_count_by_their_spec() -> None:
    """Making RSA data key pairs is rarer, the longer they are, and rarer still in the China Regions."""
    for spec, rate, in_china in (
        ("RSA_2048", 20, 1),
        ("RSA_3072", 4, 0.5),
        ("RSA_4096", 1, 0.1),
        ("ECC_NIST_P256", 100, 100),
    ):
        for region, expected in ((REGION, rate), ("cn-north-1", in_china)):
            assert counted("GenerateDataKeyPair", None, region, key_pair_spec=spec) == [
                (f"GenerateDataKeyPair ({spec})", expected)
            ]


def test_some_operations_count_in_two_regions() -> None:
    """ReplicateKey is two CreateKey requests in the replica's Region; UpdatePrimaryRegion is one in each of both."""
    caller = Caller("", ACCOUNT, REGION, "", "")
    own, there = quotas(service.operations["ReplicateKey"].facts, {"replica_region": "eu-west-1"}, caller, None)
    assert (own.name, own.region, own.cost) == ("ReplicateKey", REGION, 1)
    assert (there.name, there.region, there.cost) == ("CreateKey", "eu-west-1", 2)
    both = quotas(service.operations["UpdatePrimaryRegion"].facts, {"primary_region": "eu-west-1"}, caller, None)
    assert [(quota.name, quota.region) for quota in both] == [
        ("UpdatePrimaryRegion", REGION),
        ("UpdatePrimaryRegion", "eu-west-1"),
    ]
