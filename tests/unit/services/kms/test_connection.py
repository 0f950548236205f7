"""ConnectCustomKeyStore and DisconnectCustomKeyStore: the ConnectionState as time passes.

https://docs.aws.amazon.com/kms/latest/developerguide/connect-keystore.html
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mockaws.records.cloudhsm import Cluster, ClusterState, Hsm, Subnet
from mockaws.records.kms import CustomKeyStore
from mockaws.records.world import Timing
from tests.samples import BROKEN, CLUSTER, NOW, SUBNET_A, ZONE_A, being, hsm
from tests.unit.services.kms.calling import KMSUSER, PASSWORD, Kms, store_record, two_hsms

SLOW = Timing(connect=1200, disconnect=60)
LONG_AGO = 0.0


@pytest.fixture
def slow() -> Kms:
    """Return a caller in a world where a store takes twenty minutes to connect and one to disconnect."""
    return Kms(timing=SLOW)


def in_state(kms: Kms, state: str) -> str:
    """Return a store in *state*, in a slow world."""
    wrong = {"KeyStorePassword": "wrongPassword"} if state == "FAILED" else {}
    store_id = kms.create_store(**wrong)
    if state != "DISCONNECTED":
        kms.connect(store_id)
    if state not in {"DISCONNECTED", "CONNECTING"}:
        kms.clock.advance(SLOW.connect)
    if state == "DISCONNECTING":
        kms("DisconnectCustomKeyStore", CustomKeyStoreId=store_id)
    assert kms.connection(store_id) == state
    return store_id


def test_connecting_takes_its_time(slow: Kms) -> None:
    """ConnectCustomKeyStore answers at once; the store is CONNECTING until the time is over, then CONNECTED."""
    store_id = slow.create_store()
    assert slow("ConnectCustomKeyStore", CustomKeyStoreId=store_id) == {}
    assert slow.connection(store_id) == "CONNECTING"
    slow.clock.advance(1199)
    assert slow.connection(store_id) == "CONNECTING"
    slow.clock.advance(1)
    assert slow.connection(store_id) == "CONNECTED"
    slow.clock.advance(10 * 365 * 86_400)
    assert slow.connection(store_id) == "CONNECTED"


def test_failing_takes_its_time(slow: Kms) -> None:
    """Until it is FAILED, a store that cannot be connected is CONNECTING; the reason is shown only then."""
    store_id = slow.create_store(KeyStorePassword="wrongPassword")
    slow.connect(store_id)
    slow.clock.advance(1199)
    assert "ConnectionErrorCode" not in slow.described(store_id)
    slow.clock.advance(1)
    entry = slow.described(store_id)
    assert (entry["ConnectionState"], entry["ConnectionErrorCode"]) == ("FAILED", "INVALID_CREDENTIALS")


@pytest.mark.parametrize("state", ["CONNECTED", "CONNECTING", "FAILED"])
def test_disconnecting(slow: Kms, state: str) -> None:
    """A store that is connected, connecting or failed is DISCONNECTING for a while, then DISCONNECTED."""
    store_id = in_state(slow, state)
    assert slow("DisconnectCustomKeyStore", CustomKeyStoreId=store_id) == {}
    assert slow.connection(store_id) == "DISCONNECTING"
    assert "ConnectionErrorCode" not in slow.described(store_id)
    slow.clock.advance(59)
    assert slow.connection(store_id) == "DISCONNECTING"
    slow.clock.advance(1)
    assert slow.connection(store_id) == "DISCONNECTED"
    slow.clock.advance(SLOW.connect)
    assert slow.connection(store_id) == "DISCONNECTED"


@pytest.mark.parametrize(
    ("operation", "state"),
    [
        ("ConnectCustomKeyStore", "FAILED"),
        ("ConnectCustomKeyStore", "DISCONNECTING"),
        ("DisconnectCustomKeyStore", "DISCONNECTED"),
        ("DisconnectCustomKeyStore", "DISCONNECTING"),
    ],
)
def test_where_a_store_cannot_go(slow: Kms, operation: str, state: str) -> None:
    """A FAILED store must be disconnected before it can be connected; a disconnected one cannot be disconnected."""
    store_id = in_state(slow, state)
    refusal = slow.refusal(operation, CustomKeyStoreId=store_id)
    assert refusal.code == "CustomKeyStoreInvalidStateException"
    assert state in refusal.message
    assert slow.connection(store_id) == state


@pytest.mark.parametrize("state", ["CONNECTED", "CONNECTING"])
def test_connecting_what_is_connected(slow: Kms, state: str) -> None:
    """ConnectCustomKeyStore is valid for a store that is connected or connecting, and changes nothing."""
    store_id = in_state(slow, state)
    before = slow.record(CustomKeyStore, store_id)
    assert slow("ConnectCustomKeyStore", CustomKeyStoreId=store_id) == {}
    assert slow.record(CustomKeyStore, store_id) == before


def test_connecting_again(slow: Kms) -> None:
    """A store can be disconnected and connected as often as one likes."""
    store_id = slow.create_store()
    for _ in range(3):
        assert slow.connect(store_id) == "CONNECTING"
        slow.clock.advance(SLOW.connect)
        assert slow.connection(store_id) == "CONNECTED"
        slow("DisconnectCustomKeyStore", CustomKeyStoreId=store_id)
        slow.clock.advance(SLOW.disconnect)
        assert slow.connection(store_id) == "DISCONNECTED"


def test_in_an_instant(kms: Kms) -> None:
    """With instant timing both ways are done when the answer is there."""
    store_id = kms.connected_store()
    kms("DisconnectCustomKeyStore", CustomKeyStoreId=store_id)
    assert kms.connection(store_id) == "DISCONNECTED"
    assert kms.connect(store_id) == "CONNECTED"


@pytest.mark.parametrize("operation", ["ConnectCustomKeyStore", "DisconnectCustomKeyStore"])
def test_unknown_stores(kms: Kms, operation: str) -> None:
    """A store that is not there cannot be connected or disconnected."""
    refusal = kms.refusal(operation, CustomKeyStoreId="cks-1234567890abcdef0")
    assert refusal.code == "CustomKeyStoreNotFoundException"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"changes": being(ClusterState.UNINITIALIZED)}, "CloudHsmClusterNotActiveException"),
        ({"changes": being(ClusterState.DEGRADED)}, "CloudHsmClusterNotActiveException"),
        ({"subnets": {ZONE_A: SUBNET_A}}, "CloudHsmClusterInvalidConfigurationException"),
        ({"security_group_outages": BROKEN}, "CloudHsmClusterInvalidConfigurationException"),
    ],
)
def test_what_is_seen_at_once(kms: Kms, changes: dict[str, Any], code: str) -> None:
    """ConnectCustomKeyStore fails for a wrong state or configuration of the cluster; the store stays as it was."""
    store_id = kms.create_store()
    kms.change_cluster(**changes)
    assert kms.refusal("ConnectCustomKeyStore", CustomKeyStoreId=store_id).code == code
    assert kms.connection(store_id) == "DISCONNECTED"


@pytest.mark.parametrize("hsms", [(hsm(),), (hsm(), hsm("hsm-zyxwvutsrqp"))], ids=["one", "two in one zone"])
def test_one_hsm_is_enough(kms: Kms, hsms: tuple[Hsm, ...]) -> None:
    """To connect, a single active HSM will do; two in two zones are asked for by other operations."""
    store_id = kms.create_store()
    kms.change_cluster(hsms=hsms)
    assert kms.connect(store_id) == "CONNECTED"


@pytest.mark.parametrize(
    "changes",
    [
        {"hsms": ()},
        {"changes": being(ClusterState.DELETED), "hsms": ()},
        {"users": ()},
        {"users": (replace(KMSUSER, locked=True),)},
        {"hsms": tuple(replace(one, outages=BROKEN) for one in two_hsms())},
    ],
    ids=["HSMs deleted", "cluster deleted", "user deleted", "user locked", "HSMs degraded"],
)
def test_connected_does_not_mean_healthy(kms: Kms, changes: dict[str, Any]) -> None:
    """A connected store stays CONNECTED whatever becomes of its cluster, until a caller disconnects it."""
    store_id = kms.connected_store()
    kms.change_cluster(**changes)
    kms.clock.advance(86_400)
    assert kms.connection(store_id) == "CONNECTED"


def test_stores_are_connected_one_by_one(kms: Kms) -> None:
    """Connecting a store leaves the others as they are."""
    kms.put(store_record("cks-0"))
    kms.connected_store()
    assert kms.connection("cks-0") == "DISCONNECTED"


class TestPasswords:
    """When KMS logs in, it changes kmsuser's password to a secret one.

    https://docs.aws.amazon.com/kms/latest/developerguide/fix-keystore.html#fix-keystore-password
    """

    @staticmethod
    def password(kms: Kms) -> str:
        """Return kmsuser's password in the cluster."""
        kmsuser = kms.record(Cluster, CLUSTER).user("kmsuser")
        assert kmsuser is not None
        return kmsuser.password

    def test_kms_changes_the_password(self, kms: Kms) -> None:
        """Once the store is connected the customer's password is no longer kmsuser's."""
        kms.connected_store()
        changed = self.password(kms)
        assert changed != PASSWORD
        assert len(changed) == 32
        assert changed.isalnum()

    def test_every_connection_changes_it(self, kms: Kms) -> None:
        """KMS knows the password that it chose, logs in with it again, and chooses another."""
        store_id = kms.connected_store()
        first = self.password(kms)
        kms("DisconnectCustomKeyStore", CustomKeyStoreId=store_id)
        assert kms.connect(store_id) == "CONNECTED"
        assert self.password(kms) not in {first, PASSWORD}

    def test_a_failed_connection_leaves_it(self, kms: Kms) -> None:
        """Without a login nothing changes."""
        assert kms.connect(kms.create_store(KeyStorePassword="wrongPassword")) == "FAILED"
        assert self.password(kms) == PASSWORD

    def test_the_old_password_is_worth_nothing(self, kms: Kms) -> None:
        """Telling KMS the password that the cluster had before the store was connected leads to INVALID_CREDENTIALS."""
        store_id = kms.connected_store()
        kms("DisconnectCustomKeyStore", CustomKeyStoreId=store_id)
        kms("UpdateCustomKeyStore", CustomKeyStoreId=store_id, KeyStorePassword=PASSWORD)
        assert kms.connect(store_id) == "FAILED"
        assert kms.described(store_id)["ConnectionErrorCode"] == "INVALID_CREDENTIALS"

    def test_the_round_trip(self, kms: Kms) -> None:
        """Disconnect, change the password in the cluster and in KMS, connect: the way to log in as kmsuser."""
        store_id = kms.connected_store()
        kms("DisconnectCustomKeyStore", CustomKeyStoreId=store_id)
        kms.change_cluster(users=(replace(KMSUSER, password="officersChoice1"),))
        assert kms.connect(store_id) == "FAILED"
        kms("DisconnectCustomKeyStore", CustomKeyStoreId=store_id)
        kms("UpdateCustomKeyStore", CustomKeyStoreId=store_id, KeyStorePassword="officersChoice1")
        assert kms.connect(store_id) == "CONNECTED"


def test_a_subnet_of_another_cluster_does_not_matter(kms: Kms) -> None:
    """Only the subnets that the cluster names are looked at."""
    kms.put(replace(kms.record(Subnet, SUBNET_A), id="subnet-0", removed_at=0.0, free_addresses=0))
    assert kms.connected_store()


def test_the_history_of_a_connection(slow: Kms) -> None:
    """The state can be asked for any moment that has passed."""
    store_id = in_state(slow, "CONNECTED")
    slow("DisconnectCustomKeyStore", CustomKeyStoreId=store_id)
    store = slow.record(CustomKeyStore, store_id)
    moments = (LONG_AGO, NOW, NOW + 1199, NOW + 1200, NOW + 1259, NOW + 1260)
    assert [store.connection_state(moment) for moment in moments] == [
        "DISCONNECTED",
        "CONNECTING",
        "CONNECTING",
        "DISCONNECTING",
        "DISCONNECTING",
        "DISCONNECTED",
    ]
