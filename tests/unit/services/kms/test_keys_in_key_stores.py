"""Keys in a CloudHSM key store: what becomes of them when their store or its HSMs go.

https://docs.aws.amazon.com/kms/latest/developerguide/keystore-cloudhsm.html
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

import pytest

from mockaws.clock import DAY
from mockaws.records.cloudhsm import Cluster, ClusterState, HsmKey, Subnet
from mockaws.records.world import Timing
from tests.samples import BROKEN, CLUSTER, SUBNET_A, being, hsm
from tests.unit.services.kms.calling import KMSUSER, Kms, Refusal, two_hsms

LOST = Refusal("KMSInvalidStateException", "KMS cannot communicate with your CloudHSM cluster")
HELLO = b"hello"


class Placed(NamedTuple):
    """A key in a connected store, and a ciphertext of it."""

    store_id: str
    key_id: str
    blob: bytes


@pytest.fixture
def placed(kms: Kms) -> Placed:
    """Return a key in a connected store."""
    return place(kms)


def place(kms: Kms) -> Placed:
    """Make a key in a connected store."""
    store_id = kms.connected_store()
    key_id = kms.key_in_store(store_id)
    return Placed(store_id, key_id, kms("Encrypt", KeyId=key_id, Plaintext=HELLO)["CiphertextBlob"])


def calls(placed: Placed) -> list[tuple[str, dict[str, Any]]]:
    """Return a call of every cryptographic operation with the key."""
    return [
        ("Encrypt", {"KeyId": placed.key_id, "Plaintext": HELLO}),
        ("Decrypt", {"CiphertextBlob": placed.blob}),
        ("Decrypt", {"CiphertextBlob": placed.blob, "KeyId": placed.key_id}),
        ("ReEncrypt", {"CiphertextBlob": placed.blob, "DestinationKeyId": placed.key_id}),
        ("GenerateDataKey", {"KeyId": placed.key_id, "KeySpec": "AES_256"}),
        ("GenerateDataKeyWithoutPlaintext", {"KeyId": placed.key_id, "KeySpec": "AES_256"}),
    ]


def refusals(kms: Kms, placed: Placed) -> set[Refusal]:
    """Return how KMS refuses to use the key."""
    return {kms.refusal(operation, **document) for operation, document in calls(placed)}


def disconnect(kms: Kms, placed: Placed) -> None:
    """Disconnect the key's store."""
    kms("DisconnectCustomKeyStore", CustomKeyStoreId=placed.store_id)


def test_all_operations_work(kms: Kms, placed: Placed) -> None:
    """The five cryptographic operations of symmetric keys work with a key in a key store, and name no key material."""
    for operation, document in calls(placed):
        answer = kms(operation, **document)
        assert answer["KeyId"] == kms.arn(placed.key_id)
        assert not [member for member in answer if "KeyMaterialId" in member]
    assert kms("Decrypt", CiphertextBlob=placed.blob)["Plaintext"] == HELLO


def test_the_hsms_do_the_work(kms: Kms, placed: Placed) -> None:
    """The secret is the one that lies in the cluster: with another one there, nothing can be decrypted."""
    kms.change(HsmKey, kms.records(HsmKey)[0].id, material=bytes(32))
    assert kms.refusal("Decrypt", CiphertextBlob=placed.blob) == ("InvalidCiphertextException", "")


class TestDisconnecting:
    """Disconnecting a store makes its keys unavailable; connecting it restores them."""

    def test_keys_become_unavailable(self, kms: Kms, placed: Placed) -> None:
        """A key of a disconnected store is Unavailable and not Enabled; using it fails in AWS's words."""
        disconnect(kms, placed)
        metadata = kms.metadata(placed.key_id)
        assert (metadata["KeyState"], metadata["Enabled"]) == ("Unavailable", False)
        unavailable = f"{kms.arn(placed.key_id)} is unavailable."
        assert refusals(kms, placed) == {Refusal("KMSInvalidStateException", unavailable)}

    @pytest.mark.parametrize("operation", ["EnableKey", "DisableKey"])
    def test_the_state_before_comes_back(self, kms: Kms, placed: Placed, operation: str) -> None:
        """Connecting restores each key's state, be it Enabled or Disabled."""
        kms(operation, KeyId=placed.key_id)
        before = kms.metadata(placed.key_id)
        disconnect(kms, placed)
        assert kms.state(placed.key_id) == "Unavailable"
        kms.connect(placed.store_id)
        assert kms.metadata(placed.key_id) == before

    @pytest.mark.parametrize(
        ("before", "operation", "after"),
        [("DisableKey", "EnableKey", "Enabled"), ("EnableKey", "DisableKey", "Disabled")],
    )
    def test_enabling_takes_effect_later(
        self, kms: Kms, placed: Placed, before: str, operation: str, after: str
    ) -> None:
        """Enabling or disabling an unavailable key succeeds, and shows when the key is available again."""
        kms(before, KeyId=placed.key_id)
        disconnect(kms, placed)
        kms(operation, KeyId=placed.key_id)
        assert kms.state(placed.key_id) == "Unavailable"
        kms.connect(placed.store_id)
        assert kms.state(placed.key_id) == after

    def test_pending_deletion_stays(self, kms: Kms, placed: Placed) -> None:
        """A key that is pending deletion stays so while its store is disconnected, and can be kept."""
        kms("ScheduleKeyDeletion", KeyId=placed.key_id)
        disconnect(kms, placed)
        assert kms.state(placed.key_id) == "PendingDeletion"
        assert kms("CancelKeyDeletion", KeyId=placed.key_id) == {"KeyId": kms.arn(placed.key_id)}
        assert kms.state(placed.key_id) == "Unavailable"
        kms.connect(placed.store_id)
        assert kms.state(placed.key_id) == "Disabled"

    def test_an_unavailable_key_can_be_scheduled(self, kms: Kms, placed: Placed) -> None:
        """Scheduling an unavailable key answers PendingDeletion, and so does DescribeKey at once."""
        disconnect(kms, placed)
        assert kms("ScheduleKeyDeletion", KeyId=placed.key_id)["KeyState"] == "PendingDeletion"
        assert kms.state(placed.key_id) == "PendingDeletion"

    def test_states_of_the_store_between(self) -> None:
        """Keys are Unavailable from the request to disconnect on, until the store is CONNECTED again."""
        kms = Kms(timing=Timing(connect=1200, disconnect=60))
        store_id = kms.create_store()
        kms.connect(store_id)
        kms.clock.advance(1200)
        key_id = kms.key_in_store(store_id)
        kms("DisconnectCustomKeyStore", CustomKeyStoreId=store_id)
        seen = [kms.state(key_id)]
        kms.clock.advance(60)
        kms.connect(store_id)
        seen.append(kms.state(key_id))
        kms.clock.advance(1200)
        assert [*seen, kms.state(key_id)] == ["Unavailable", "Unavailable", "Enabled"]

    def test_failed(self, kms: Kms, placed: Placed) -> None:
        """Keys of a store that could not be connected are Unavailable."""
        disconnect(kms, placed)
        kms.change_cluster(users=(replace(KMSUSER, locked=True),))
        assert kms.connect(placed.store_id) == "FAILED"
        assert kms.state(placed.key_id) == "Unavailable"

    def test_old_ciphertexts(self, kms: Kms, placed: Placed) -> None:
        """A ciphertext from before the store's disconnection is decrypted when it is connected again."""
        disconnect(kms, placed)
        kms.connect(placed.store_id)
        assert kms("Decrypt", CiphertextBlob=placed.blob)["Plaintext"] == HELLO


CAUSES: dict[str, tuple[type[Any], str, dict[str, Any]]] = {
    "no HSMs": (Cluster, CLUSTER, {"hsms": ()}),
    "degraded HSMs": (Cluster, CLUSTER, {"hsms": tuple(replace(one, outages=BROKEN) for one in two_hsms())}),
    "deleted cluster": (Cluster, CLUSTER, {"changes": being(ClusterState.DELETED)}),
    "no security group": (Cluster, CLUSTER, {"security_group_outages": BROKEN}),
    "removed subnet": (Subnet, SUBNET_A, {"removed_at": 0.0}),
    "broken network": (Subnet, SUBNET_A, {"outages": BROKEN}),
}
# Only an HSM in the first subnet is left, so there is no other to fall back on.
ONE_HSM = {"removed subnet", "broken network"}


class TestLosses:
    """A connected store does not notice what becomes of its cluster; using its keys fails."""

    @pytest.mark.parametrize("cause", CAUSES)
    def test_a_lost_cluster(self, kms: Kms, placed: Placed, cause: str) -> None:
        """The key stays Enabled, every use of it fails, and works again when the cluster is mended."""
        kind, record_id, changes = CAUSES[cause]
        if cause in ONE_HSM:
            kms.change_cluster(hsms=two_hsms()[:1])
        healthy = kms.record(kind, record_id)
        kms.change(kind, record_id, **changes)
        assert kms.state(placed.key_id) == "Enabled"
        assert refusals(kms, placed) == {LOST}
        kms.put(healthy)
        assert kms("Decrypt", CiphertextBlob=placed.blob)["Plaintext"] == HELLO

    def test_a_vanished_cluster(self, kms: Kms, placed: Placed) -> None:
        """So it is with a cluster of which nothing is left."""
        kms.drop(kms.record(Cluster, CLUSTER))
        assert refusals(kms, placed) == {LOST}

    def test_one_hsm_is_enough(self, kms: Kms, placed: Placed) -> None:
        """A single active HSM is enough to use keys."""
        kms.change_cluster(hsms=(hsm(),))
        for operation, document in calls(placed):
            assert kms(operation, **document)["KeyId"] == kms.arn(placed.key_id)

    def test_a_key_deleted_behind_kms(self, kms: Kms, placed: Placed) -> None:
        """After the deletion of the key in the HSMs, the KMS key's state does not change; its use fails."""
        kms.drop(kms.records(HsmKey)[0])
        assert kms.state(placed.key_id) == "Enabled"
        assert refusals(kms, placed) == {LOST}

    def test_another_keys_material_does_not_help(self, kms: Kms, placed: Placed) -> None:
        """Each key needs its own material: that of its neighbour in the cluster is none."""
        (own,) = kms.records(HsmKey)
        neighbour = kms.key_in_store(placed.store_id)
        kms.drop(own)
        assert refusals(kms, placed) == {LOST}
        assert kms("Encrypt", KeyId=neighbour, Plaintext=HELLO)

    def test_a_lost_cluster_does_not_hide_a_disabled_key(self, kms: Kms, placed: Placed) -> None:
        """The key's own state is looked at before its cluster."""
        kms("DisableKey", KeyId=placed.key_id)
        kms.change_cluster(hsms=())
        refusal = Refusal("DisabledException", f"{kms.arn(placed.key_id)} is disabled.")
        assert refusals(kms, placed) == {refusal}

    def test_keys_in_kms_do_not_care(self, kms: Kms, placed: Placed) -> None:
        """A key in KMS itself works whatever becomes of clusters."""
        kms.change_cluster(hsms=())
        assert kms("Encrypt", KeyId=kms.create_key(), Plaintext=HELLO)

    def test_dry_runs_see_it(self, kms: Kms, placed: Placed) -> None:
        """A dry run ends with the error of the real call."""
        kms.change_cluster(hsms=())
        assert kms.refusal("Encrypt", KeyId=placed.key_id, Plaintext=HELLO, DryRun=True) == LOST


class TestGenerateRandom:
    """GenerateRandom takes random bytes from the HSMs of a key store on request."""

    def test_from_a_connected_store(self, kms: Kms) -> None:
        """A connected store gives as many bytes as are asked for."""
        answer = kms("GenerateRandom", NumberOfBytes=48, CustomKeyStoreId=kms.connected_store())
        assert answer.keys() == {"Plaintext"}
        assert len(answer["Plaintext"]) == 48

    def test_from_a_disconnected_store(self, kms: Kms) -> None:
        """The store must be connected; the error is the store's."""
        refusal = kms.refusal("GenerateRandom", NumberOfBytes=1, CustomKeyStoreId=kms.create_store())
        assert refusal.code == "CustomKeyStoreInvalidStateException"

    def test_from_an_unknown_store(self, kms: Kms) -> None:
        """A store that is not there gives nothing."""
        refusal = kms.refusal("GenerateRandom", NumberOfBytes=1, CustomKeyStoreId="cks-1234567890abcdef0")
        assert refusal.code == "CustomKeyStoreNotFoundException"

    def test_from_a_lost_cluster(self, kms: Kms) -> None:
        """A store whose HSMs are gone gives nothing."""
        store_id = kms.connected_store()
        kms.change_cluster(hsms=())
        refusal = kms.refusal("GenerateRandom", NumberOfBytes=1, CustomKeyStoreId=store_id)
        assert refusal == ("CustomKeyStoreInvalidStateException", LOST.message)


@pytest.mark.parametrize("operation", ["EnableKeyRotation", "DisableKeyRotation", "GetKeyRotationStatus"])
@pytest.mark.parametrize("before", [None, "DisableKey", "ScheduleKeyDeletion"])
@pytest.mark.parametrize("connected", [True, False])
def test_keys_in_a_store_do_not_rotate(kms: Kms, operation: str, before: str | None, connected: bool) -> None:
    """In whatever state, the rotation calls refuse a key in a key store by its origin."""
    placed = place(kms)
    if before:
        kms(before, KeyId=placed.key_id)
    if not connected:
        disconnect(kms, placed)
    assert kms.refusal(operation, KeyId=placed.key_id) == (
        "UnsupportedOperationException",
        f"{kms.arn(placed.key_id)} origin is AWS_CLOUDHSM which is not valid for this operation.",
    )


def test_deletion(kms: Kms, placed: Placed) -> None:
    """When the waiting period is over the key is gone with its aliases; its ciphertexts have no key."""
    kms("CreateAlias", AliasName="alias/example", TargetKeyId=placed.key_id)
    kms("ScheduleKeyDeletion", KeyId=placed.key_id, PendingWindowInDays=7)
    kms.clock.advance(7 * DAY)
    assert kms.refusal("DescribeKey", KeyId=placed.key_id).code == "NotFoundException"
    assert kms.refusal("DescribeKey", KeyId="alias/example").code == "NotFoundException"
    assert kms.refusal("Decrypt", CiphertextBlob=placed.blob).code == "AccessDeniedException"
    assert kms("ListKeys")["Keys"] == []
