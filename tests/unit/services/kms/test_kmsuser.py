"""The crypto user kmsuser, as whom KMS logs in: its password, its lock-out, and who is logged in when.

https://docs.aws.amazon.com/kms/latest/developerguide/keystore-cloudhsm.html#concept-kmsuser
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from mockaws.records.cloudhsm import Cluster, HsmUser, Role
from mockaws.records.kms import CustomKeyStore
from mockaws.records.outages import begun, ended
from mockaws.records.world import Timing
from tests.samples import CLUSTER, SUBNET_A
from tests.unit.services.kms.breaking import (
    ANOTHER_PASSWORD,
    RESTORED,
    back_up,
    connecting,
    disconnect,
    network,
    place,
    restore,
    sessions,
    update,
)
from tests.unit.services.kms.calling import KMSUSER, PASSWORD, Kms

if TYPE_CHECKING:
    from collections.abc import Callable

WRONG = "FAILED, INVALID_CREDENTIALS"
LOCKED = "FAILED, USER_LOCKED_OUT"


def try_again(kms: Kms, store_id: str) -> str:
    """Disconnect a store, connect it, and return how that ends."""
    disconnect(kms, store_id)
    return connecting(kms, store_id)


def kmsuser(kms: Kms) -> HsmUser:
    """Return kmsuser as it is in the cluster."""
    user = kms.record(Cluster, CLUSTER).user("kmsuser")
    assert user is not None
    return user


def test_six_wrong_passwords_lock_it_out(kms: Kms) -> None:
    """Each attempt to connect with a wrong password counts in the cluster; after the sixth kmsuser is locked out."""
    store_id = kms.create_store(KeyStorePassword="wrongPassword")
    assert [try_again(kms, store_id) for _ in range(7)] == [WRONG] * 6 + [LOCKED]
    disconnect(kms, store_id)
    update(kms, store_id, KeyStorePassword=PASSWORD)
    assert connecting(kms, store_id) == LOCKED


def test_the_right_password_begins_anew(kms: Kms) -> None:
    """A login with the right password ends the row of wrong ones."""
    store_id = kms.create_store(KeyStorePassword="wrongPassword")
    assert {try_again(kms, store_id) for _ in range(5)} == {WRONG}
    disconnect(kms, store_id)
    update(kms, store_id, KeyStorePassword=PASSWORD)
    assert connecting(kms, store_id) == "CONNECTED"
    assert kmsuser(kms).failed_logins == 0
    disconnect(kms, store_id)
    update(kms, store_id, KeyStorePassword="wrongPassword")
    assert {try_again(kms, store_id) for _ in range(6)} == {WRONG}


@pytest.mark.parametrize(
    ("breaks", "mends", "code"),
    [
        (
            lambda kms: network(kms, begun, SUBNET_A),
            lambda kms: network(kms, ended, SUBNET_A),
            "FAILED, NETWORK_ERRORS",
        ),
        (lambda kms: sessions(kms, begun), lambda kms: sessions(kms, ended), "FAILED, INTERNAL_ERROR"),
    ],
    ids=["network", "sessions"],
)
def test_a_password_that_was_not_tried(
    kms: Kms, breaks: Callable[[Kms], None], mends: Callable[[Kms], None], code: str
) -> None:
    """An attempt that does not come as far as the login counts as none."""
    store_id = kms.create_store(KeyStorePassword="wrongPassword")
    breaks(kms)
    assert {try_again(kms, store_id) for _ in range(7)} == {code}
    mends(kms)
    assert kmsuser(kms) == KMSUSER


def test_an_admin_of_that_name(kms: Kms) -> None:
    """KMS looks for a crypto user: an admin called kmsuser is none."""
    store_id = kms.create_store()
    kms.change_cluster(users=(replace(KMSUSER, role=Role.ADMIN),))
    assert connecting(kms, store_id) == "FAILED, USER_NOT_FOUND"


class TestLoggedIn:
    """KMS is logged in as kmsuser while a store is connected, and no other client can be then."""

    @staticmethod
    def seen(kms: Kms, store_id: str) -> tuple[str, bool]:
        """Return the state of a store, and whether KMS is logged in."""
        return kms.connection(store_id), kms.record(CustomKeyStore, store_id).is_logged_in(kms.clock.now())

    def test_until_it_is_asked_to_disconnect(self) -> None:
        """It is so from the attempt to connect on, until the store is disconnected."""
        kms = Kms(timing=Timing(connect=1200, disconnect=60))
        store_id = kms.create_store()
        seen = [self.seen(kms, store_id)]
        kms.connect(store_id)
        seen.append(self.seen(kms, store_id))
        kms.clock.advance(1200)
        seen.append(self.seen(kms, store_id))
        disconnect(kms, store_id)
        seen.append(self.seen(kms, store_id))
        kms.clock.advance(60)
        seen.append(self.seen(kms, store_id))
        assert seen == [
            ("DISCONNECTED", False),
            ("CONNECTING", True),
            ("CONNECTED", True),
            ("DISCONNECTING", False),
            ("DISCONNECTED", False),
        ]

    def test_not_when_it_could_not(self) -> None:
        """An attempt that fails leaves kmsuser logged out."""
        kms = Kms(timing=Timing(connect=1200))
        store_id = kms.create_store(KeyStorePassword="wrongPassword")
        kms.connect(store_id)
        assert self.seen(kms, store_id) == ("CONNECTING", False)
        kms.clock.advance(1200)
        assert self.seen(kms, store_id) == ("FAILED", False)


class TestRestored:
    """A cluster from a backup has kmsuser with the password of that time."""

    def test_the_latest_backup(self, kms: Kms) -> None:
        """With a backup since the last connection KMS knows the password."""
        placed = place(kms)
        restore(kms, placed)
        assert connecting(kms, placed.store_id) == "CONNECTED"

    def test_a_backup_from_before_the_store(self, kms: Kms) -> None:
        """With a backup from before, KMS knows another password, and needs the customer's."""
        backup = back_up(kms)
        placed = place(kms)
        restore(kms, placed._replace(backup=backup))
        assert connecting(kms, placed.store_id) == WRONG
        disconnect(kms, placed.store_id)
        update(kms, placed.store_id, KeyStorePassword=PASSWORD)
        assert connecting(kms, placed.store_id) == "CONNECTED"

    def test_an_older_backup(self, kms: Kms) -> None:
        """With one from an earlier connection the password is lost, and an admin must give kmsuser another."""
        placed = place(kms)
        assert try_again(kms, placed.store_id) == "CONNECTED"
        restore(kms, placed)
        assert connecting(kms, placed.store_id) == WRONG
        restored = kms.record(Cluster, RESTORED)
        (user,) = restored.users
        kms.put(restored.with_user(user, replace(user, password=ANOTHER_PASSWORD)))
        disconnect(kms, placed.store_id)
        update(kms, placed.store_id, KeyStorePassword=ANOTHER_PASSWORD)
        assert connecting(kms, placed.store_id) == "CONNECTED"
        assert kms("Decrypt", CiphertextBlob=placed.blob)
