"""CreateKey: its keys, its errors, and the place of the material of a key in a key store.

https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from mockaws.clock import DAY
from mockaws.records.cloudhsm import Cluster, ClusterState, HsmKey, Subnet
from mockaws.records.kms import Key
from mockaws.records.world import Limits, Timing
from tests.samples import ACCOUNT, BROKEN, CLUSTER, NOW, REGION, SUBNET_A, being, hsm
from tests.unit.services.kms.calling import Kms, Refusal, key_record, ready, two_hsms

UUID = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
TWO_ZONES = Refusal(
    "CloudHsmClusterInvalidConfigurationException",
    "CloudHSM cluster must contain active HSMs in at least two Availability Zones",
)


@pytest.fixture
def store_id(kms: Kms) -> str:
    """Return a connected key store."""
    return kms.connected_store()


def in_store(store_id: str, **changes: Any) -> dict[str, Any]:
    """Return the request for a key in a key store."""
    return {"Origin": "AWS_CLOUDHSM", "CustomKeyStoreId": store_id} | changes


def test_a_key_in_kms(kms: Kms) -> None:
    """Without parameters CreateKey makes an enabled symmetric encryption key in KMS itself."""
    metadata = kms("CreateKey")["KeyMetadata"]
    key_id = metadata["KeyId"]
    assert re.fullmatch(UUID, key_id)
    assert re.fullmatch("[0-9a-f]{64}", metadata["CurrentKeyMaterialId"])
    assert metadata == {
        "AWSAccountId": ACCOUNT,
        "KeyId": key_id,
        "Arn": f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{key_id}",
        "CreationDate": NOW,
        "CurrentKeyMaterialId": metadata["CurrentKeyMaterialId"],
        "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT",
        "Description": "",
        "Enabled": True,
        "EncryptionAlgorithms": ["SYMMETRIC_DEFAULT"],
        "KeyManager": "CUSTOMER",
        "KeySpec": "SYMMETRIC_DEFAULT",
        "KeyState": "Enabled",
        "KeyUsage": "ENCRYPT_DECRYPT",
        "MultiRegion": False,
        "Origin": "AWS_KMS",
    }
    assert kms.metadata(key_id) == metadata


def test_a_key_in_a_key_store(kms: Kms, store_id: str) -> None:
    """Its metadata name the store and the cluster, and no key material."""
    metadata = kms("CreateKey", **in_store(store_id))["KeyMetadata"]
    assert metadata == {
        "AWSAccountId": ACCOUNT,
        "KeyId": metadata["KeyId"],
        "Arn": kms.arn(metadata["KeyId"]),
        "CloudHsmClusterId": CLUSTER,
        "CreationDate": NOW,
        "CustomKeyStoreId": store_id,
        "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT",
        "Description": "",
        "Enabled": True,
        "EncryptionAlgorithms": ["SYMMETRIC_DEFAULT"],
        "KeyManager": "CUSTOMER",
        "KeySpec": "SYMMETRIC_DEFAULT",
        "KeyState": "Enabled",
        "KeyUsage": "ENCRYPT_DECRYPT",
        "MultiRegion": False,
        "Origin": "AWS_CLOUDHSM",
    }
    assert kms.metadata(metadata["KeyId"]) == metadata


def test_material_lies_in_the_cluster(kms: Kms, store_id: str) -> None:
    """KMS, as kmsuser, makes a 256-bit key in the HSMs, labelled with the KMS key's ARN."""
    key_id = kms.key_in_store(store_id)
    (hsm_key,) = kms.records(HsmKey)
    assert (hsm_key.cluster_id, hsm_key.owner, hsm_key.label) == (CLUSTER, "kmsuser", kms.arn(key_id))
    assert len(hsm_key.material) == 32
    assert kms.record(Key, key_id).materials == ()


def test_every_key_has_material_of_its_own(kms: Kms, store_id: str) -> None:
    """Two keys in one store have two secrets."""
    kms.key_in_store(store_id)
    kms.key_in_store(store_id)
    assert len({hsm_key.material for hsm_key in kms.records(HsmKey)}) == 2


@pytest.mark.parametrize(
    "given",
    [
        {"KeySpec": "SYMMETRIC_DEFAULT"},
        {"CustomerMasterKeySpec": "SYMMETRIC_DEFAULT", "KeyUsage": "ENCRYPT_DECRYPT"},
        {"KeySpec": "SYMMETRIC_DEFAULT", "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT"},
        {"Origin": "AWS_KMS", "MultiRegion": False},
    ],
    ids=str,
)
def test_what_goes_without_saying(kms: Kms, given: dict[str, Any]) -> None:
    """Defaults may be said aloud; CustomerMasterKeySpec is the older name of KeySpec."""
    assert kms.state(kms.create_key(**given)) == "Enabled"


def test_description_and_tags(kms: Kms) -> None:
    """A key is described and tagged from the start."""
    key_id = kms.create_key(Description="for tests", Tags=[{"TagKey": "Purpose", "TagValue": ""}])
    assert kms.metadata(key_id)["Description"] == "for tests"
    assert kms("ListResourceTags", KeyId=key_id)["Tags"] == [{"TagKey": "Purpose", "TagValue": ""}]


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        (
            {"KeySpec": "RSA_2048", "CustomerMasterKeySpec": "RSA_4096"},
            Refusal(
                "ValidationException",
                "You cannot specify KeySpec and CustomerMasterKeySpec in the same request. "
                "CustomerMasterKeySpec is deprecated.",
            ),
        ),
        (
            {"KeyUsage": "SIGN_VERIFY"},
            Refusal("ValidationException", "KeyUsage SIGN_VERIFY is not compatible with KeySpec SYMMETRIC_DEFAULT"),
        ),
        (
            {"KeySpec": "RSA_2048"},
            Refusal(
                "ValidationException",
                "You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.",
            ),
        ),
    ],
    ids=["two specs", "usage", "no usage"],
)
def test_spec_and_usage(kms: Kms, given: dict[str, Any], refusal: Refusal) -> None:
    """KeySpec, its older name and KeyUsage must go together."""
    assert kms.refusal("CreateKey", **given) == refusal


def test_what_is_not_there_yet(kms: Kms, store_id: str) -> None:
    """Origins that this version does not support are refused, never faked."""
    given = in_store(store_id, Origin="EXTERNAL_KEY_STORE", XksKeyId="external")
    refusal = kms.refusal("CreateKey", **given)
    assert refusal.code == "UnsupportedOperationException"
    assert "EXTERNAL_KEY_STORE" in refusal.message


@pytest.mark.parametrize(
    "changes",
    [
        {"Origin": "AWS_KMS"},
        {"Origin": "EXTERNAL"},
        {"CustomKeyStoreId": None},
        {"CustomKeyStoreId": None, "Origin": "EXTERNAL_KEY_STORE", "XksKeyId": "external"},
        {"XksKeyId": "external"},
    ],
    ids=str,
)
def test_origin_and_store_come_together(kms: Kms, store_id: str, changes: dict[str, Any]) -> None:
    """A custom key store needs Origin AWS_CLOUDHSM and the other way round; XksKeyId belongs to the external type."""
    assert kms.refusal("CreateKey", **in_store(store_id, **changes)).code == "ValidationException"


def test_a_store_without_an_origin(kms: Kms, store_id: str) -> None:
    """Origin has AWS_KMS as its default, which no custom key store goes with."""
    assert kms.refusal("CreateKey", CustomKeyStoreId=store_id).code == "ValidationException"


@pytest.mark.parametrize(
    "changes",
    [
        {"KeySpec": "RSA_2048", "KeyUsage": "ENCRYPT_DECRYPT"},
        {"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"},
        {"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"},
        {"MultiRegion": True},
    ],
    ids=str,
)
def test_a_store_takes_symmetric_keys_of_one_region(kms: Kms, store_id: str, changes: dict[str, Any]) -> None:
    """Asymmetric, HMAC and multi-Region keys cannot lie in a key store."""
    assert kms.refusal("CreateKey", **in_store(store_id, **changes)).code == "UnsupportedOperationException"


def test_an_unknown_store(kms: Kms) -> None:
    """A key is not made in a store that is not there."""
    refusal = kms.refusal("CreateKey", **in_store("cks-1234567890abcdef0"))
    assert refusal.code == "CustomKeyStoreNotFoundException"


@pytest.mark.parametrize("state", ["DISCONNECTED", "CONNECTING", "FAILED", "DISCONNECTING"])
def test_the_store_must_be_connected(state: str) -> None:
    """In a store that is not CONNECTED no key is made; the error is the store's, not the key's."""
    kms = Kms(timing=Timing(connect=1200, disconnect=60))
    store_id = kms.create_store(**{"KeyStorePassword": "wrongPassword"} if state == "FAILED" else {})
    if state != "DISCONNECTED":
        kms.connect(store_id)
    if state in {"FAILED", "DISCONNECTING"}:
        kms.clock.advance(1200)
    if state == "DISCONNECTING":
        kms("DisconnectCustomKeyStore", CustomKeyStoreId=store_id)
    assert kms.connection(store_id) == state
    refusal = kms.refusal("CreateKey", **in_store(store_id))
    assert refusal.code == "CustomKeyStoreInvalidStateException"
    assert state in refusal.message


@pytest.mark.parametrize(
    "hsms",
    [
        (),
        two_hsms()[:1],
        (hsm(), hsm("hsm-zyxwvutsrqp")),
        (hsm(), replace(two_hsms()[1], outages=BROKEN)),
    ],
    ids=["none", "one", "two in one zone", "one degraded"],
)
def test_two_active_hsms_in_two_zones(kms: Kms, store_id: str, hsms: Any) -> None:
    """A new key needs two active HSMs in two zones, though one is enough to use keys and to connect."""
    kms.change_cluster(hsms=hsms)
    assert kms.refusal("CreateKey", **in_store(store_id)) == TWO_ZONES
    kms.change_cluster(hsms=two_hsms())
    assert kms.key_in_store(store_id)


def test_an_hsm_that_comes_in_time() -> None:
    """An HSM counts from the moment on at which it is active."""
    kms = Kms(*ready())
    store_id = kms.connected_store()
    kms.change_cluster(hsms=(hsm(), replace(two_hsms()[1], active_at=NOW + 300)))
    kms.clock.advance(299)
    assert kms.refusal("CreateKey", **in_store(store_id)) == TWO_ZONES
    kms.clock.advance(1)
    assert kms.key_in_store(store_id)


@pytest.mark.parametrize(
    ("kind", "record_id", "changes"),
    [
        (Cluster, CLUSTER, {"security_group_outages": BROKEN}),
        (Subnet, SUBNET_A, {"removed_at": 0.0}),
        (Subnet, SUBNET_A, {"outages": BROKEN}),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else None,
)
def test_a_cluster_out_of_reach(kms: Kms, store_id: str, kind: Any, record_id: str, changes: dict[str, Any]) -> None:
    """A connected store whose cluster KMS does not reach any more makes no key."""
    kms.change(kind, record_id, **changes)
    refusal = kms.refusal("CreateKey", **in_store(store_id))
    assert refusal == ("CustomKeyStoreInvalidStateException", "KMS cannot communicate with your CloudHSM cluster")


def test_a_deleted_cluster(kms: Kms, store_id: str) -> None:
    """A cluster that was deleted has no active HSMs."""
    kms.change_cluster(changes=being(ClusterState.DELETED))
    assert kms.refusal("CreateKey", **in_store(store_id)) == TWO_ZONES
    kms.drop(kms.record(Cluster, CLUSTER))
    assert kms.refusal("CreateKey", **in_store(store_id)) == TWO_ZONES


def test_a_key_that_is_refused_leaves_nothing(kms: Kms, store_id: str) -> None:
    """Neither a key nor material is there after a refusal."""
    kms.change_cluster(hsms=())
    kms.refusal("CreateKey", **in_store(store_id))
    kms.refusal("CreateKey", Policy="{}")
    assert kms.records(Key) == []
    assert kms.records(HsmKey) == []


def test_the_quota() -> None:
    """An account has so many keys in a Region; AWS managed keys and keys that are gone do not count."""
    kms = Kms(limits=Limits(keys=2))
    kms("DescribeKey", KeyId="alias/aws/s3")
    first = kms.create_key()
    kms.create_key()
    assert kms.refusal("CreateKey") == (
        "LimitExceededException",
        "Key quota for this account in this region is 2 but the current usage is 2.",
    )
    kms("ScheduleKeyDeletion", KeyId=first, PendingWindowInDays=7)
    assert kms.refusal("CreateKey").code == "LimitExceededException"
    kms.clock.advance(7 * DAY)
    assert kms.create_key()


def test_the_quota_looks_at_few_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """A caller with the 100,000 keys of the quota is refused without a walk over them."""
    ids = [f"{number:08x}-0000-4000-8000-000000000000" for number in range(500)]
    kms = Kms(*map(key_record, ids), limits=Limits(keys=len(ids)))
    kms("ScheduleKeyDeletion", KeyId=ids[0])
    found = kms.looked_at(monkeypatch)
    assert kms.refusal("CreateKey").code == "LimitExceededException"
    assert found == [1]


def test_quotas_count_by_account_and_region() -> None:
    """Each account has its own quota in each Region."""
    kms = Kms(limits=Limits(keys=1))
    assert kms.create_key()
    assert kms.by(region="us-east-1").create_key()
    assert kms.by(account="444455556666").create_key()
    assert kms.refusal("CreateKey").code == "LimitExceededException"
