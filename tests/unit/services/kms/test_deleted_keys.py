"""The deletion of a key in the HSMs after that of its KMS key: KMS tries once, whenever its result is looked at.

https://docs.aws.amazon.com/kms/latest/developerguide/fix-keystore.html#fix-keystore-orphaned-key
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from mockaws.clock import DAY
from mockaws.records.backups import Backup
from mockaws.records.cloudhsm import Cluster, HsmKey
from mockaws.services.hsm import backups, kms_keys
from tests.inside import inside
from tests.samples import CLUSTER, NOW
from tests.unit.services.kms.breaking import (
    FAILURES,
    RESTORED,
    Placed,
    back_up,
    connecting,
    disconnect,
    place,
    restore,
    update,
)

if TYPE_CHECKING:
    from mockaws.services.operation import Call
    from tests.unit.services.kms.calling import Kms

WINDOW = 7


@pytest.fixture
def placed(kms: Kms) -> Placed:
    """Return a key in a connected store."""
    return place(kms)


def schedule(kms: Kms, placed: Placed) -> None:
    """Schedule the deletion of the key."""
    kms("ScheduleKeyDeletion", KeyId=placed.key_id, PendingWindowInDays=WINDOW)


def labels(kms: Kms, cluster_id: str = CLUSTER) -> list[str]:
    """Return the labels of the keys that lie in a cluster."""
    cluster = kms.record(Cluster, cluster_id)
    return [key.label for key in inside(kms.world, lambda call: kms_keys.present_keys(call, cluster))]


def test_the_key_goes_by_itself(kms: Kms, placed: Placed) -> None:
    """When the waiting period is over the key is gone from the HSMs, even without a call to KMS."""
    schedule(kms, placed)
    kms.clock.advance(WINDOW * DAY - 1)
    assert labels(kms) == [kms.arn(placed.key_id)]
    kms.clock.advance(1)
    assert labels(kms) == []


def test_a_deletion_that_was_cancelled(kms: Kms, placed: Placed) -> None:
    """A key that is kept keeps its material."""
    schedule(kms, placed)
    kms("CancelKeyDeletion", KeyId=placed.key_id)
    kms.clock.advance(30 * DAY)
    assert labels(kms) == [kms.arn(placed.key_id)]


def test_backups_before_and_after(kms: Kms, placed: Placed) -> None:
    """A backup holds what lay in the HSMs at its time; KMS deletes nothing in backups."""
    schedule(kms, placed)
    kms.clock.advance(WINDOW * DAY)
    assert [key.label for key in placed.backup.contents.keys] == [kms.arn(placed.key_id)]
    assert back_up(kms).contents.keys == ()


def test_daily_backups_that_nobody_looked_at(kms: Kms, placed: Placed) -> None:
    """The same holds for the daily backups of CloudHSM, even if they are looked at much later."""
    schedule(kms, placed)
    kms.clock.advance(2 * WINDOW * DAY)

    def made(call: Call) -> list[Backup]:
        backups.make_due(call, kms.record(Cluster, CLUSTER))
        return sorted(call.find(Backup), key=lambda backup: backup.created_at)

    days = {round((each.created_at - NOW) / DAY): len(each.contents.keys) for each in inside(kms.world, made)}
    assert days == {day: int(day < WINDOW) for day in range(2 * WINDOW + 1)}


OUT_OF_REACH = (
    "all HSMs",
    "all HSMs are deleted",
    "the network",
    "the security group",
    "no sessions are left",
    "the cluster changes its HSM type",
)
WITHIN_REACH = (
    "one of two HSMs",
    "one of two zones",
    "the network of one subnet",
    "a subnet has no free address",
    "kmsuser is locked out",
)


@pytest.mark.parametrize("cause", OUT_OF_REACH + WITHIN_REACH)
class TestOrphans:
    """The result depends on whether KMS reached the cluster at that very moment."""

    def test_broken_at_that_moment(self, kms: Kms, placed: Placed, cause: str) -> None:
        """While KMS cannot reach the cluster the key becomes an orphan, and stays one when that is mended."""
        schedule(kms, placed)
        kms.clock.advance((WINDOW - 1) * DAY)
        FAILURES[cause].breaks(kms)
        kms.clock.advance(2 * DAY)
        FAILURES[cause].mends(kms, placed)
        kms.clock.advance(DAY)
        assert labels(kms) == ([kms.arn(placed.key_id)] if cause in OUT_OF_REACH else [])

    def test_mended_in_time(self, kms: Kms, placed: Placed, cause: str) -> None:
        """A failure that was mended before that moment does not matter."""
        schedule(kms, placed)
        FAILURES[cause].breaks(kms)
        kms.clock.advance(DAY)
        FAILURES[cause].mends(kms, placed)
        kms.clock.advance(WINDOW * DAY)
        assert labels(kms) == []

    def test_broken_afterwards(self, kms: Kms, placed: Placed, cause: str) -> None:
        """A failure after that moment does not bring the key back."""
        schedule(kms, placed)
        kms.clock.advance(WINDOW * DAY + 1)
        FAILURES[cause].breaks(kms)
        kms.clock.advance(DAY)
        assert labels(kms) == []


def test_disconnected_at_that_moment(kms: Kms, placed: Placed) -> None:
    """While the store is disconnected KMS cannot delete the key, and does not try again."""
    schedule(kms, placed)
    disconnect(kms, placed.store_id)
    kms.clock.advance(WINDOW * DAY)
    assert connecting(kms, placed.store_id) == "CONNECTED"
    kms.clock.advance(DAY)
    assert labels(kms) == [kms.arn(placed.key_id)]


def test_disconnected_afterwards(kms: Kms, placed: Placed) -> None:
    """Disconnecting the store does not bring the key back, nor does deleting the store."""
    schedule(kms, placed)
    kms.clock.advance(WINDOW * DAY)
    disconnect(kms, placed.store_id)
    assert labels(kms) == []
    kms("DeleteCustomKeyStore", CustomKeyStoreId=placed.store_id)
    assert labels(kms) == []


def test_an_orphan_outlives_the_store(kms: Kms, placed: Placed) -> None:
    """An orphan stays in the HSMs when the store is deleted, and in the backups that are made then."""
    schedule(kms, placed)
    disconnect(kms, placed.store_id)
    kms.clock.advance(WINDOW * DAY)
    kms("DeleteCustomKeyStore", CustomKeyStoreId=placed.store_id)
    assert labels(kms) == [kms.arn(placed.key_id)]
    assert len(back_up(kms).contents.keys) == 1


def test_keys_of_others(kms: Kms, placed: Placed) -> None:
    """KMS deletes its own keys alone: those that kmsuser owns."""
    (own,) = kms.records(HsmKey)
    kms.put(replace(own, id="0", owner="alice"), replace(own, id="1", label="a label"))
    schedule(kms, placed)
    kms.clock.advance(WINDOW * DAY)
    assert labels(kms) == [kms.arn(placed.key_id), "a label"]


class TestAfterAMove:
    """A store that moves to a cluster from a backup leaves the former cluster as it is."""

    def test_deleted_in_the_new_cluster(self, kms: Kms, placed: Placed) -> None:
        """KMS deletes the key in the cluster that the store is connected to then, and not in the former one."""
        restore(kms, placed)
        connecting(kms, placed.store_id)
        schedule(kms, placed)
        kms.clock.advance(WINDOW * DAY)
        assert labels(kms, RESTORED) == []
        assert labels(kms) == [kms.arn(placed.key_id)]

    def test_deleted_in_the_former_cluster(self, kms: Kms, placed: Placed) -> None:
        """A key that was deleted before the store moved lies in the cluster from an older backup, for good."""
        schedule(kms, placed)
        kms.clock.advance(WINDOW * DAY)
        restore(kms, placed)
        assert connecting(kms, placed.store_id) == "CONNECTED"
        assert labels(kms) == []
        assert labels(kms, RESTORED) == [kms.arn(placed.key_id)]
        disconnect(kms, placed.store_id)
        kms("DeleteCustomKeyStore", CustomKeyStoreId=placed.store_id)
        assert labels(kms) == []
        assert labels(kms, RESTORED) == [kms.arn(placed.key_id)]

    def test_back_again(self, kms: Kms, placed: Placed) -> None:
        """Keys made after the backup can be used when the store is back on the cluster that has them."""
        later = kms.key_in_store(placed.store_id)
        restore(kms, placed)
        connecting(kms, placed.store_id)
        assert kms.refusal("Encrypt", KeyId=later, Plaintext=b"x").code == "KMSInvalidStateException"
        in_restored = kms.key_in_store(placed.store_id)
        disconnect(kms, placed.store_id)
        kms.change_cluster(users=kms.record(Cluster, RESTORED).users)
        update(kms, placed.store_id, CloudHsmClusterId=CLUSTER)
        assert connecting(kms, placed.store_id) == "CONNECTED"
        assert kms("Encrypt", KeyId=later, Plaintext=b"x")
        assert kms("Decrypt", CiphertextBlob=placed.blob)
        assert kms.refusal("Encrypt", KeyId=in_restored, Plaintext=b"x").code == "KMSInvalidStateException"
