"""UpdateCustomKeyStore: what may change in which state, and which clusters are related.

https://docs.aws.amazon.com/kms/latest/APIReference/API_UpdateCustomKeyStore.html
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mockaws.records.cloudhsm import Cluster, ClusterState, HsmKey
from mockaws.records.kms import CustomKeyStore
from mockaws.records.world import ConnectRelaxation, Relaxations, Timing
from tests.samples import BROKEN, CLUSTER, being, cluster, hsm
from tests.unit.services.kms.calling import KMSUSER, Kms, store_record, two_hsms

RESTORED = "cluster-bbbbbbbbbbb"
NEW_PASSWORD = "anotherPassword"


def restored(**changes: Any) -> Cluster:
    """Return a cluster made from a backup of the first: the same certificate, HSMs and users of its own."""
    return cluster(RESTORED, **{"hsms": two_hsms(), "users": (KMSUSER,)} | changes)


def update(kms: Kms, store_id: str, **changes: str) -> Any:
    """Change a store."""
    return kms("UpdateCustomKeyStore", CustomKeyStoreId=store_id, **changes)


def refusal_of(kms: Kms, store_id: str, **changes: str) -> str:
    """Return the code of the error that changing a store ends with."""
    return kms.refusal("UpdateCustomKeyStore", CustomKeyStoreId=store_id, **changes).code


def test_a_new_name(kms: Kms) -> None:
    """The answer is empty; the store has its new name and is found by it alone."""
    store_id = kms.create_store()
    assert update(kms, store_id, NewCustomKeyStoreName="DevelopmentKeys") == {}
    (entry,) = kms("DescribeCustomKeyStores", CustomKeyStoreName="DevelopmentKeys")["CustomKeyStores"]
    assert entry["CustomKeyStoreId"] == store_id
    refusal = kms.refusal("DescribeCustomKeyStores", CustomKeyStoreName="ExampleKeyStore")
    assert refusal.code == "CustomKeyStoreNotFoundException"


def test_the_name_of_another_store(kms: Kms) -> None:
    """A name that another store has is in use; the store's own name is not."""
    kms.put(store_record("cks-0", name="taken"))
    store_id = kms.create_store()
    assert refusal_of(kms, store_id, NewCustomKeyStoreName="taken") == "CustomKeyStoreNameInUseException"
    assert update(kms, store_id, NewCustomKeyStoreName="ExampleKeyStore") == {}


def test_a_new_password_is_not_tried(kms: Kms) -> None:
    """KMS notes the password without trying it, and does not change the one in the cluster."""
    store_id = kms.create_store()
    update(kms, store_id, KeyStorePassword=NEW_PASSWORD)
    assert kms.record(Cluster, CLUSTER).user("kmsuser") == KMSUSER
    assert kms.connect(store_id) == "FAILED"
    assert kms.described(store_id)["ConnectionErrorCode"] == "INVALID_CREDENTIALS"


def test_nothing_connects_by_itself(kms: Kms) -> None:
    """An update leaves the connection as it is."""
    store_id = kms.create_store(KeyStorePassword=NEW_PASSWORD)
    update(kms, store_id, KeyStorePassword="kmsPswd123")
    assert kms.connection(store_id) == "DISCONNECTED"


CHANGES = [
    {"NewCustomKeyStoreName": "DevelopmentKeys"},
    {"KeyStorePassword": NEW_PASSWORD},
    {"CloudHsmClusterId": RESTORED},
]


@pytest.mark.parametrize(
    ("state", "changes", "allowed"),
    [
        *(("DISCONNECTED", changes, True) for changes in CHANGES),
        ("CONNECTED", CHANGES[0], True),
        *(("CONNECTED", changes, False) for changes in CHANGES[1:]),
        ("CONNECTED", CHANGES[0] | CHANGES[1], False),
        *((state, changes, False) for state in ("CONNECTING", "FAILED", "DISCONNECTING") for changes in CHANGES),
    ],
)
def test_what_may_change_when(state: str, changes: dict[str, str], allowed: bool) -> None:
    """The name may change while the store is connected or disconnected, the others only while it is disconnected."""
    kms = Kms(timing=Timing(connect=1200, disconnect=60))
    kms.put(restored())
    store_id = kms.create_store(**{"KeyStorePassword": "wrongPassword"} if state == "FAILED" else {})
    if state != "DISCONNECTED":
        kms.connect(store_id)
    if state not in {"DISCONNECTED", "CONNECTING"}:
        kms.clock.advance(1200)
    if state == "DISCONNECTING":
        kms("DisconnectCustomKeyStore", CustomKeyStoreId=store_id)
    before = kms.record(CustomKeyStore, store_id)
    if allowed:
        assert update(kms, store_id, **changes) == {}
    else:
        assert refusal_of(kms, store_id, **changes) == "CustomKeyStoreInvalidStateException"
        assert kms.record(CustomKeyStore, store_id) == before


def test_a_related_cluster(kms: Kms) -> None:
    """A store moves to a cluster with the certificate of its own, and connects to that one."""
    kms.put(restored(users=(replace(KMSUSER, password=NEW_PASSWORD),)))
    store_id = kms.create_store()
    update(kms, store_id, CloudHsmClusterId=RESTORED, KeyStorePassword=NEW_PASSWORD)
    assert kms.described(store_id)["CloudHsmClusterId"] == RESTORED
    assert kms.connect(store_id) == "CONNECTED"
    assert kms.record(Cluster, CLUSTER).user("kmsuser") == KMSUSER


def test_a_related_cluster_whatever_the_layout(kms: Kms) -> None:
    """Certificates are compared, not texts."""
    kms.put(restored(cluster_certificate=f"a note\n{cluster().cluster_certificate}\n\n"))
    store_id = kms.create_store()
    update(kms, store_id, CloudHsmClusterId=RESTORED)
    update(kms, store_id, CloudHsmClusterId=CLUSTER)
    assert kms.connect(store_id) == "CONNECTED"


def test_keys_follow_their_store(kms: Kms) -> None:
    """KMS looks for a key's material in the cluster that the store stands on now, and says that it is there."""
    store_id = kms.connected_store()
    key_id = kms.key_in_store(store_id)
    blob = kms("Encrypt", KeyId=key_id, Plaintext=b"hello")["CiphertextBlob"]
    (backed_up,) = kms.records(HsmKey)
    kms("DisconnectCustomKeyStore", CustomKeyStoreId=store_id)
    kms.put(restored(), replace(backed_up, id="restored", cluster_id=RESTORED))
    update(kms, store_id, CloudHsmClusterId=RESTORED, KeyStorePassword="kmsPswd123")
    assert kms.connect(store_id) == "CONNECTED"
    kms.drop(backed_up)
    assert kms.metadata(key_id)["CloudHsmClusterId"] == RESTORED
    assert kms("Decrypt", CiphertextBlob=blob)["Plaintext"] == b"hello"


def test_a_key_that_the_backup_lacks(kms: Kms) -> None:
    """A key that was made after the backup is not in the restored cluster, and cannot be used."""
    store_id = kms.connected_store()
    key_id = kms.key_in_store(store_id)
    kms("DisconnectCustomKeyStore", CustomKeyStoreId=store_id)
    kms.put(restored())
    update(kms, store_id, CloudHsmClusterId=RESTORED, KeyStorePassword="kmsPswd123")
    kms.connect(store_id)
    assert kms.refusal("Encrypt", KeyId=key_id, Plaintext=b"hello").code == "KMSInvalidStateException"


@pytest.mark.parametrize(
    ("other", "code"),
    [
        ({"cluster_certificate": "another certificate"}, "CloudHsmClusterNotRelatedException"),
        ({"cluster_certificate": None}, "CloudHsmClusterNotRelatedException"),
        ({"changes": being(ClusterState.INITIALIZED)}, "CloudHsmClusterNotActiveException"),
        ({"changes": being(ClusterState.DELETED)}, "CloudHsmClusterNotFoundException"),
        ({"changes": being(ClusterState.DELETED), "cluster_certificate": None}, "CloudHsmClusterNotFoundException"),
        ({"changes": being(ClusterState.CREATE_IN_PROGRESS)}, "CloudHsmClusterNotActiveException"),
        ({"hsms": ()}, "CloudHsmClusterInvalidConfigurationException"),
        ({"hsms": (hsm(), hsm("hsm-zyxwvutsrqp"))}, "CloudHsmClusterInvalidConfigurationException"),
        ({"hsms": (hsm(),)}, "CloudHsmClusterInvalidConfigurationException"),
        ({"security_group_outages": BROKEN}, "CloudHsmClusterInvalidConfigurationException"),
    ],
)
def test_unsuitable_clusters(kms: Kms, other: dict[str, Any], code: str) -> None:
    """The new cluster shares the backup history, is active, and has two active HSMs in two zones."""
    kms.put(restored(**other))
    store_id = kms.create_store()
    assert refusal_of(kms, store_id, CloudHsmClusterId=RESTORED) == code
    assert kms.described(store_id)["CloudHsmClusterId"] == CLUSTER


def test_a_cluster_that_is_not_there(kms: Kms) -> None:
    """An unknown cluster is not found."""
    assert refusal_of(kms, kms.create_store(), CloudHsmClusterId=RESTORED) == "CloudHsmClusterNotFoundException"


def test_from_a_deleted_cluster(kms: Kms) -> None:
    """A store whose cluster was deleted moves to one that was made from its backup."""
    store_id = kms.create_store()
    kms.change_cluster(changes=being(ClusterState.DELETED), hsms=())
    kms.put(restored())
    update(kms, store_id, CloudHsmClusterId=RESTORED)
    assert kms.connect(store_id) == "CONNECTED"


def test_the_clusters_own_id(kms: Kms) -> None:
    """The cluster that the store stands on already is related to itself."""
    assert update(kms, kms.create_store(), CloudHsmClusterId=CLUSTER) == {}


def test_nothing_to_change(kms: Kms) -> None:
    """An update without a property to change is refused."""
    assert refusal_of(kms, kms.create_store()) == "ValidationException"


def test_xks_properties(kms: Kms) -> None:
    """A CloudHSM store has no external key store proxy."""
    changes = {"NewCustomKeyStoreName": "DevelopmentKeys", "XksProxyUriPath": "/kms/xks/v1"}
    refusal = kms.refusal("UpdateCustomKeyStore", CustomKeyStoreId=kms.create_store(), **changes)
    assert refusal.code == "ValidationException"
    assert "XksProxyUriPath" in refusal.message


def test_an_unknown_store(kms: Kms) -> None:
    """A store that is not there cannot be changed."""
    refusal = refusal_of(kms, "cks-1234567890abcdef0", NewCustomKeyStoreName="DevelopmentKeys")
    assert refusal == "CustomKeyStoreNotFoundException"


class TestRelaxation:
    """The changes that AWS allows to a new store stay possible if it connects by itself (`connect: on_create`).

    With AWS, a store that was never connected is DISCONNECTED, however wrong its password is, and can be changed.
    """

    @pytest.fixture
    def kms(self) -> Kms:
        """Return a KMS whose stores connect by themselves."""
        return Kms(relaxations=Relaxations(connect=ConnectRelaxation.ON_CREATE))

    def test_a_store_that_failed_takes_another_name(self, kms: Kms) -> None:
        """A new name tries nothing: the store is still FAILED, for the cause that it failed for."""
        store_id = kms.create_store(KeyStorePassword=NEW_PASSWORD)
        assert update(kms, store_id, NewCustomKeyStoreName="DevelopmentKeys") == {}
        entry = kms.described(store_id)
        assert (entry["CustomKeyStoreName"], entry["ConnectionState"]) == ("DevelopmentKeys", "FAILED")
        assert kms.record(Cluster, CLUSTER).user("kmsuser") == replace(KMSUSER, failed_logins=1)

    def test_the_right_password_connects_a_store_that_failed(self, kms: Kms) -> None:
        """The cause of the failure is mended, so the store tries again by itself."""
        store_id = kms.create_store(KeyStorePassword=NEW_PASSWORD)
        update(kms, store_id, KeyStorePassword="kmsPswd123")
        assert kms.connection(store_id) == "CONNECTED"

    def test_another_wrong_password_leaves_it_failed(self, kms: Kms) -> None:
        """The store tries the password at once, and fails again."""
        store_id = kms.create_store(KeyStorePassword=NEW_PASSWORD)
        update(kms, store_id, KeyStorePassword="wrongPassword")
        assert kms.described(store_id)["ConnectionErrorCode"] == "INVALID_CREDENTIALS"
        assert kms.record(Cluster, CLUSTER).user("kmsuser") == replace(KMSUSER, failed_logins=2)

    def test_a_store_that_was_disconnected_stays_so(self, kms: Kms) -> None:
        """A caller disconnected it; a new password is then not tried, as with AWS."""
        store_id = kms.create_store()
        kms("DisconnectCustomKeyStore", CustomKeyStoreId=store_id)
        update(kms, store_id, KeyStorePassword=NEW_PASSWORD)
        assert kms.connection(store_id) == "DISCONNECTED"

    def test_a_connected_store_still_refuses_a_password(self, kms: Kms) -> None:
        """Only the name of a store can change while it is CONNECTED."""
        store_id = kms.create_store()
        assert refusal_of(kms, store_id, KeyStorePassword=NEW_PASSWORD) == "CustomKeyStoreInvalidStateException"
