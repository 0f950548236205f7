"""CreateCustomKeyStore: what the cluster must be, which store it makes, and when it makes none.

https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateCustomKeyStore.html
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from mockaws.records.cloudhsm import ClusterState
from mockaws.records.kms import CustomKeyStore
from mockaws.records.world import ConnectRelaxation, Limits, Relaxations, Timing
from tests.samples import BROKEN, CLUSTER, NOW, SUBNET_A, VPC, ZONE_A, being, cluster, hsm
from tests.unit.services.kms.calling import KMSUSER, PASSWORD, TRUST_ANCHOR, Kms, ready, store_record, two_hsms

OTHER = "cluster-bbbbbbbbbbb"
STORE = {
    "CustomKeyStoreName": "ExampleKeyStore",
    "CloudHsmClusterId": CLUSTER,
    "TrustAnchorCertificate": TRUST_ANCHOR,
    "KeyStorePassword": PASSWORD,
}


def without(*members: str) -> dict[str, str]:
    """Return the request for the example's store without some of its members."""
    return {name: value for name, value in STORE.items() if name not in members}


def another_cluster(**changes: Any) -> Any:
    """Return a second cluster, unrelated to the first, that a key store can stand on."""
    fields = {"hsms": two_hsms(), "users": (KMSUSER,), "cluster_certificate": "another certificate"}
    return cluster(OTHER, **fields | changes)


def test_a_new_store_is_disconnected(kms: Kms) -> None:
    """The answer is the new store's id alone, `cks-` and 17 hexadecimal digits; the store is not connected."""
    answer = kms("CreateCustomKeyStore", **STORE)
    assert answer.keys() == {"CustomKeyStoreId"}
    assert re.fullmatch("cks-[0-9a-f]{17}", answer["CustomKeyStoreId"])
    assert kms.described(answer["CustomKeyStoreId"]) == {
        "CustomKeyStoreId": answer["CustomKeyStoreId"],
        "CustomKeyStoreName": "ExampleKeyStore",
        "CustomKeyStoreType": "AWS_CLOUDHSM",
        "CloudHsmClusterId": CLUSTER,
        "TrustAnchorCertificate": TRUST_ANCHOR,
        "ConnectionState": "DISCONNECTED",
        "CreationDate": NOW,
    }


def test_the_cluster_is_left_alone(kms: Kms) -> None:
    """KMS does not log in when a store is created: kmsuser's password is what it was."""
    kms("CreateCustomKeyStore", **STORE)
    assert kms.records(type(cluster()))[0].user("kmsuser") == KMSUSER


@pytest.mark.parametrize(
    "users",
    [(), (replace(KMSUSER, password="another"),), (replace(KMSUSER, locked=True),), (replace(KMSUSER, role="admin"),)],
    ids=["no user", "another password", "locked", "no crypto user"],
)
def test_kmsuser_is_not_tried(users: Any) -> None:
    """A missing user or a wrong password shows only when the store is connected."""
    assert Kms(*ready(users=users)).create_store()


@pytest.mark.parametrize("pem", [TRUST_ANCHOR.rstrip(), TRUST_ANCHOR.replace("\n", "\r\n"), f"\n{TRUST_ANCHOR}\n"])
def test_line_breaks_make_no_other_certificate(kms: Kms, pem: str) -> None:
    """The trust anchor is compared as a certificate; DescribeCustomKeyStores gives it back byte for byte."""
    assert kms.described(kms.create_store(TrustAnchorCertificate=pem))["TrustAnchorCertificate"] == pem


@pytest.mark.parametrize("state", [state for state in ClusterState if state not in {"ACTIVE", "DELETED"}])
def test_the_cluster_must_be_active(state: ClusterState) -> None:
    """A cluster that is not initialized and activated carries no store."""
    refusal = Kms(*ready(changes=being(state))).refusal("CreateCustomKeyStore", **STORE)
    assert refusal.code == "CloudHsmClusterNotActiveException"


@pytest.mark.parametrize("state", [None, ClusterState.DELETED], ids=["never there", "deleted"])
def test_the_cluster_must_be_there(state: ClusterState | None) -> None:
    """A cluster that was never there, or is deleted, is not found."""
    kms = Kms(*ready(changes=being(state))) if state else Kms(store_record("cks-0", name="unrelated"))
    assert kms.refusal("CreateCustomKeyStore", **STORE).code == "CloudHsmClusterNotFoundException"


@pytest.mark.parametrize(("account", "region"), [("444455556666", "us-west-2"), ("111122223333", "us-east-1")])
def test_the_cluster_must_be_of_the_same_account_and_region(kms: Kms, account: str, region: str) -> None:
    """A cluster of another account or Region is not found."""
    assert kms.by(account, region).refusal("CreateCustomKeyStore", **STORE).code == "CloudHsmClusterNotFoundException"


@pytest.mark.parametrize(
    "hsms",
    [
        (),
        two_hsms()[:1],
        (hsm(), hsm("hsm-zyxwvutsrqp")),
        (hsm(), replace(two_hsms()[1], outages=BROKEN)),
        (hsm(), replace(two_hsms()[1], active_at=NOW + 1)),
        (hsm(), replace(two_hsms()[1], delete_requested_at=NOW, gone_at=NOW + 60)),
    ],
    ids=["none", "one", "two in one zone", "one degraded", "one not there yet", "one on its way out"],
)
def test_two_active_hsms_in_two_zones(hsms: Any) -> None:
    """The cluster needs two active HSMs in different Availability Zones; AWS says so in these words."""
    assert Kms(*ready(hsms=hsms)).refusal("CreateCustomKeyStore", **STORE) == (
        "CloudHsmClusterInvalidConfigurationException",
        "CloudHSM cluster must contain active HSMs in at least two Availability Zones",
    )


@pytest.mark.parametrize(
    ("changes", "word"),
    [({"subnets": {ZONE_A: SUBNET_A}}, "private subnets"), ({"security_group_outages": BROKEN}, "security group")],
)
def test_the_network_of_the_cluster(changes: dict[str, Any], word: str) -> None:
    """The cluster needs subnets in two zones and the security group that was made for it."""
    refusal = Kms(*ready(**changes)).refusal("CreateCustomKeyStore", **STORE)
    assert refusal.code == "CloudHsmClusterInvalidConfigurationException"
    assert word in refusal.message


def test_the_trust_anchor_must_be_the_clusters(kms: Kms) -> None:
    """A certificate that is not the cluster's customerCA.crt is refused."""
    refusal = kms.refusal("CreateCustomKeyStore", **STORE | {"TrustAnchorCertificate": "another certificate"})
    assert refusal.code == "IncorrectTrustAnchorException"


def test_a_cluster_carries_one_store(kms: Kms) -> None:
    """A cluster that has a store takes no second one."""
    kms.create_store()
    refusal = kms.refusal("CreateCustomKeyStore", **STORE | {"CustomKeyStoreName": "second"})
    assert refusal.code == "CloudHsmClusterInUseException"


def test_clusters_of_one_backup_history_carry_one_store(kms: Kms) -> None:
    """Clusters made from one backup have one cluster certificate; once one of them has a store, none takes another."""
    kms.put(another_cluster(cluster_certificate=cluster().cluster_certificate))
    kms.create_store()
    second = STORE | {"CustomKeyStoreName": "second", "CloudHsmClusterId": OTHER}
    assert kms.refusal("CreateCustomKeyStore", **second).code == "CloudHsmClusterInUseException"


def test_a_certificate_is_the_same_however_it_is_laid_out(kms: Kms) -> None:
    """Certificates are compared, not texts: line breaks and the text around them do not matter."""
    certificate = cluster().cluster_certificate or ""
    kms.put(
        another_cluster(cluster_certificate=f"subject=example\r\n{certificate.replace(chr(10), chr(13) + chr(10))}")
    )
    laid_out = f"Certificate:\n    Data:\n{TRUST_ANCHOR}\n"
    assert kms.create_store(TrustAnchorCertificate=laid_out)
    second = STORE | {"CustomKeyStoreName": "second", "CloudHsmClusterId": OTHER}
    assert kms.refusal("CreateCustomKeyStore", **second).code == "CloudHsmClusterInUseException"


def test_unrelated_clusters_carry_a_store_each(kms: Kms) -> None:
    """A cluster of its own history takes a store of its own."""
    kms.put(another_cluster())
    kms.create_store()
    assert kms.create_store(CustomKeyStoreName="second", CloudHsmClusterId=OTHER)


def test_a_name_is_given_once(kms: Kms) -> None:
    """A store's name is unique in the account and Region."""
    kms.put(another_cluster())
    kms.create_store()
    refusal = kms.refusal("CreateCustomKeyStore", **STORE | {"CloudHsmClusterId": OTHER})
    assert refusal.code == "CustomKeyStoreNameInUseException"


def test_names_tell_capital_letters_from_small_ones(kms: Kms) -> None:
    """Two names that differ in a capital letter are two names."""
    kms.put(another_cluster())
    kms.create_store()
    assert kms.create_store(CustomKeyStoreName="EXAMPLEKEYSTORE", CloudHsmClusterId=OTHER)


def test_the_same_request_twice_makes_one_store(kms: Kms) -> None:
    """KMS takes a repeated request for a retry and answers with the id of the disconnected store that is there."""
    first = kms.create_store()
    assert kms.create_store() == first
    assert len(kms.records(CustomKeyStore)) == 1


def test_a_repeat_after_kms_changed_the_password(kms: Kms) -> None:
    """KeyStorePassword is what the customer said, also after KMS connected and changed kmsuser's password."""
    store_id = kms.connected_store()
    kms("DisconnectCustomKeyStore", CustomKeyStoreId=store_id)
    assert kms.create_store() == store_id
    kms("UpdateCustomKeyStore", CustomKeyStoreId=store_id, KeyStorePassword="anotherPassword")
    assert kms.refusal("CreateCustomKeyStore", **STORE).code == "CustomKeyStoreNameInUseException"
    assert kms.create_store(KeyStorePassword="anotherPassword") == store_id


@pytest.mark.parametrize(
    "changes",
    [{"KeyStorePassword": "anotherPassword"}, {"TrustAnchorCertificate": "another certificate"}],
    ids=lambda changes: next(iter(changes)),
)
def test_a_repeat_has_all_properties(kms: Kms, changes: dict[str, str]) -> None:
    """A request that differs in one property is no repeat."""
    kms.create_store()
    assert kms.refusal("CreateCustomKeyStore", **STORE | changes).code == "CustomKeyStoreNameInUseException"


def test_a_connected_store_is_not_repeated(kms: Kms) -> None:
    """Only a disconnected store is recognized as the outcome of an earlier try."""
    kms.connected_store()
    assert kms.refusal("CreateCustomKeyStore", **STORE).code == "CustomKeyStoreNameInUseException"


def test_ten_stores(kms: Kms) -> None:
    """An account has at most 10 stores in a Region, whatever their state."""
    kms.put(*(store_record(f"cks-{n}") for n in range(10)))
    assert kms.refusal("CreateCustomKeyStore", **STORE).code == "LimitExceededException"
    kms.drop(kms.record(CustomKeyStore, "cks-0"))
    assert kms.create_store()


def test_a_world_may_have_a_lower_quota() -> None:
    """The quota is a term of the world."""
    kms = Kms(*ready(), another_cluster(), limits=Limits(custom_key_stores=1))
    kms.create_store()
    second = STORE | {"CustomKeyStoreName": "second", "CloudHsmClusterId": OTHER}
    assert kms.refusal("CreateCustomKeyStore", **second).code == "LimitExceededException"


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        (without("CloudHsmClusterId"), "CloudHsmClusterId"),
        (without("KeyStorePassword"), "KeyStorePassword"),
        (without("TrustAnchorCertificate"), "TrustAnchorCertificate"),
        ({"CustomKeyStoreName": "x"}, "CloudHsmClusterId, KeyStorePassword, TrustAnchorCertificate"),
    ],
)
def test_a_cloudhsm_store_needs_three_parameters(kms: Kms, given: dict[str, str], missing: str) -> None:
    """The model requires the name only; a CloudHSM store needs the cluster, the password and the certificate too."""
    refusal = kms.refusal("CreateCustomKeyStore", **given)
    assert refusal == ("ValidationException", f"A custom key store of type AWS_CLOUDHSM needs {missing}")


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("XksProxyConnectivity", "PUBLIC_ENDPOINT"),
        ("XksProxyUriEndpoint", "https://example.com"),
        ("XksProxyUriPath", "/kms/xks/v1"),
        ("XksProxyVpcEndpointServiceName", "com.amazonaws.vpce.us-east-1.vpce-svc-0"),
        ("XksProxyVpcEndpointServiceOwner", "111122223333"),
        ("XksProxyAuthenticationCredential", {"AccessKeyId": "A" * 20, "RawSecretAccessKey": "s" * 43}),
    ],
)
def test_xks_parameters_belong_to_external_key_stores(kms: Kms, member: str, value: Any) -> None:
    """A CloudHSM store has no external key store proxy."""
    refusal = kms.refusal("CreateCustomKeyStore", **STORE, **{member: value})
    assert refusal.code == "ValidationException"
    assert member in refusal.message


def test_external_key_stores_are_refused_in_words(kms: Kms) -> None:
    """This version has no external key stores, and says so."""
    refusal = kms.refusal("CreateCustomKeyStore", CustomKeyStoreName="x", CustomKeyStoreType="EXTERNAL_KEY_STORE")
    assert refusal.code == "UnsupportedOperationException"
    assert "EXTERNAL_KEY_STORE" in refusal.message


def test_a_store_that_is_refused_is_not_there(kms: Kms) -> None:
    """A refused request leaves nothing behind."""
    kms.refusal("CreateCustomKeyStore", **STORE | {"TrustAnchorCertificate": "another certificate"})
    assert kms("DescribeCustomKeyStores")["CustomKeyStores"] == []


class TestRelaxation:
    """`connect: on_create` has a new store connect by itself, which AWS never does."""

    relaxations = Relaxations(connect=ConnectRelaxation.ON_CREATE)

    def test_the_store_is_connected(self) -> None:
        """With instant timing the new store is CONNECTED at once, and KMS has changed kmsuser's password."""
        kms = Kms(relaxations=self.relaxations)
        assert kms.connection(kms.create_store()) == "CONNECTED"
        kmsuser = kms.records(type(cluster()))[0].user("kmsuser")
        assert kmsuser is not None
        assert kmsuser.password != PASSWORD

    def test_it_takes_its_time(self) -> None:
        """Connecting takes as long as the world's timing says."""
        kms = Kms(relaxations=self.relaxations, timing=Timing(connect=60))
        store_id = kms.create_store()
        assert kms.connection(store_id) == "CONNECTING"
        kms.clock.advance(60)
        assert kms.connection(store_id) == "CONNECTED"

    def test_it_can_fail(self) -> None:
        """A wrong password makes the new store FAILED, as it would with ConnectCustomKeyStore."""
        kms = Kms(relaxations=self.relaxations)
        entry = kms.described(kms.create_store(KeyStorePassword="wrongPassword"))
        assert (entry["ConnectionState"], entry["ConnectionErrorCode"]) == ("FAILED", "INVALID_CREDENTIALS")


def test_samples_are_what_they_seem() -> None:
    """The two HSMs of these tests stand in two zones of one VPC."""
    assert len({one.zone for one in two_hsms()}) == 2
    assert another_cluster().vpc_id == VPC
