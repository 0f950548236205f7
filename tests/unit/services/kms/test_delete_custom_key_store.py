"""DeleteCustomKeyStore: only an empty store that is disconnected, unless the world asks for less.

https://docs.aws.amazon.com/kms/latest/APIReference/API_DeleteCustomKeyStore.html
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from mockaws.clock import DAY
from mockaws.records.cloudhsm import Cluster, HsmKey
from mockaws.records.kms import CustomKeyStore, Key
from mockaws.records.world import DeleteRelaxation, Relaxations, Timing
from tests.samples import CLUSTER
from tests.unit.services.kms.calling import KMSUSER, Kms


def delete(kms: Kms, store_id: str) -> None:
    """Delete a store; the answer is empty."""
    assert kms("DeleteCustomKeyStore", CustomKeyStoreId=store_id) == {}


def refusal_of(kms: Kms, store_id: str) -> str:
    """Return the code of the error that deleting a store ends with."""
    return kms.refusal("DeleteCustomKeyStore", CustomKeyStoreId=store_id).code


def disconnect(kms: Kms, store_id: str) -> None:
    """Disconnect a store."""
    kms("DisconnectCustomKeyStore", CustomKeyStoreId=store_id)


def schedule(kms: Kms, key_id: str) -> None:
    """Schedule the deletion of a key."""
    kms("ScheduleKeyDeletion", KeyId=key_id, PendingWindowInDays=7)


def test_an_empty_store(kms: Kms) -> None:
    """A disconnected store without keys is gone, its name is free, and the cluster is what it was."""
    cluster = kms.record(Cluster, CLUSTER)
    store_id = kms.create_store()
    delete(kms, store_id)
    refusal = kms.refusal("DescribeCustomKeyStores", CustomKeyStoreId=store_id)
    assert refusal.code == "CustomKeyStoreNotFoundException"
    assert kms.record(Cluster, CLUSTER) == cluster
    assert kms.create_store() != store_id


@pytest.mark.parametrize("state", ["CONNECTED", "CONNECTING", "DISCONNECTING", "FAILED"])
def test_only_while_disconnected(state: str) -> None:
    """In any other state than DISCONNECTED the store is not deleted."""
    kms = Kms(timing=Timing(connect=1200, disconnect=60))
    store_id = kms.create_store(**{"KeyStorePassword": "wrongPassword"} if state == "FAILED" else {})
    kms.connect(store_id)
    if state != "CONNECTING":
        kms.clock.advance(1200)
    if state == "DISCONNECTING":
        disconnect(kms, store_id)
    assert kms.connection(store_id) == state
    assert refusal_of(kms, store_id) == "CustomKeyStoreInvalidStateException"
    assert kms.connection(store_id) == state


def test_not_with_keys(kms: Kms) -> None:
    """A store with keys is not deleted, even if the keys are pending deletion, until they are gone."""
    store_id = kms.connected_store()
    key_id = kms.key_in_store(store_id)
    disconnect(kms, store_id)
    assert refusal_of(kms, store_id) == "CustomKeyStoreHasCMKsException"
    schedule(kms, key_id)
    assert refusal_of(kms, store_id) == "CustomKeyStoreHasCMKsException"
    kms.clock.advance(7 * DAY - 1)
    assert refusal_of(kms, store_id) == "CustomKeyStoreHasCMKsException"
    kms.clock.advance(1)
    delete(kms, store_id)
    assert kms.records(Key) == []


def test_keys_of_other_stores_do_not_matter(kms: Kms) -> None:
    """A key in KMS itself does not keep a store."""
    kms.create_key()
    delete(kms, kms.create_store())


def test_an_unknown_store(kms: Kms) -> None:
    """A store that is not there cannot be deleted."""
    assert refusal_of(kms, "cks-1234567890abcdef0") == "CustomKeyStoreNotFoundException"


class TestOrphans:
    """When a key's waiting period is over KMS tries to delete its material in the cluster, once.

    https://docs.aws.amazon.com/kms/latest/developerguide/fix-keystore.html#fix-keystore-orphaned-key
    """

    def test_material_goes_with_its_key(self, kms: Kms) -> None:
        """While the store is connected the material goes with the key."""
        store_id = kms.connected_store()
        schedule(kms, kms.key_in_store(store_id))
        kms.clock.advance(7 * DAY + 1)
        disconnect(kms, store_id)
        delete(kms, store_id)
        assert kms.records(HsmKey) == []

    def test_a_disconnected_store_leaves_an_orphan(self, kms: Kms) -> None:
        """While the store is disconnected KMS cannot delete the material, and does not try again."""
        store_id = kms.connected_store()
        schedule(kms, kms.key_in_store(store_id))
        disconnect(kms, store_id)
        kms.clock.advance(7 * DAY + 1)
        kms.connect(store_id)
        disconnect(kms, store_id)
        delete(kms, store_id)
        assert len(kms.records(HsmKey)) == 1

    def test_lost_hsms_leave_an_orphan(self, kms: Kms) -> None:
        """While no HSM answers KMS cannot delete the material."""
        store_id = kms.connected_store()
        schedule(kms, kms.key_in_store(store_id))
        kms.change_cluster(hsms=())
        kms.clock.advance(7 * DAY + 1)
        disconnect(kms, store_id)
        delete(kms, store_id)
        assert len(kms.records(HsmKey)) == 1

    def test_material_that_somebody_else_deleted(self, kms: Kms) -> None:
        """Material that is gone already does not keep the key or its store."""
        store_id = kms.connected_store()
        schedule(kms, kms.key_in_store(store_id))
        kms.drop(kms.records(HsmKey)[0])
        kms.clock.advance(7 * DAY + 1)
        disconnect(kms, store_id)
        delete(kms, store_id)

    def test_other_keys_in_the_cluster_stay(self, kms: Kms) -> None:
        """KMS deletes nothing but the material of its own keys."""
        store_id = kms.connected_store()
        schedule(kms, kms.key_in_store(store_id))
        own = kms.records(HsmKey)[0]
        kms.put(replace(own, id="0", label="the customer's own key"))
        kms.clock.advance(7 * DAY + 1)
        disconnect(kms, store_id)
        delete(kms, store_id)
        assert [key.label for key in kms.records(HsmKey)] == ["the customer's own key"]


class TestRelaxation:
    """`delete_custom_key_store: with_pending_keys` makes `terraform destroy` possible in one go."""

    @pytest.fixture
    def kms(self) -> Kms:
        """Return a caller in a world with the relaxation."""
        return Kms(relaxations=Relaxations(delete_custom_key_store=DeleteRelaxation.WITH_PENDING_KEYS))

    def test_connected_and_with_pending_keys(self, kms: Kms) -> None:
        """The store goes although it is connected, its pending keys and their material with it."""
        store_id = kms.connected_store()
        key_id = kms.key_in_store(store_id)
        kms("CreateAlias", AliasName="alias/example", TargetKeyId=key_id)
        schedule(kms, key_id)
        delete(kms, store_id)
        assert kms.records(CustomKeyStore) == []
        assert kms.records(HsmKey) == []
        assert kms.refusal("DescribeKey", KeyId=key_id).code == "NotFoundException"
        assert kms.refusal("DescribeKey", KeyId="alias/example").code == "NotFoundException"

    def test_an_alias_that_is_left_names_the_next_key(self, kms: Kms) -> None:
        """Terraform replaces store and key before it gives the key's alias to the new one, as AWS lets it for weeks."""
        store_id = kms.connected_store()
        key_id = kms.key_in_store(store_id)
        kms("CreateAlias", AliasName="alias/example", TargetKeyId=key_id)
        schedule(kms, key_id)
        delete(kms, store_id)
        successor = kms.key_in_store(kms.connected_store())
        kms("UpdateAlias", AliasName="alias/example", TargetKeyId=successor)
        assert kms.metadata("alias/example")["KeyId"] == successor
        assert kms.refusal("UpdateAlias", AliasName="alias/other", TargetKeyId=successor).code == "NotFoundException"

    def test_not_with_live_keys(self, kms: Kms) -> None:
        """A key that is not scheduled for deletion keeps its store."""
        store_id = kms.connected_store()
        kms.key_in_store(store_id)
        assert refusal_of(kms, store_id) == "CustomKeyStoreHasCMKsException"

    def test_once_more_from_the_start(self, kms: Kms) -> None:
        """The user kmsuser has the customer's password again, so that the same configuration can be applied again."""
        for _ in range(2):
            store_id = kms.connected_store()
            schedule(kms, kms.key_in_store(store_id))
            delete(kms, store_id)
            assert kms.record(Cluster, CLUSTER).user("kmsuser") == KMSUSER

    def test_a_password_that_kms_does_not_know_stays(self, kms: Kms) -> None:
        """A store that never logged in changes nothing in the cluster."""
        delete(kms, kms.create_store(KeyStorePassword="wrongPassword"))
        assert kms.record(Cluster, CLUSTER).user("kmsuser") == KMSUSER
