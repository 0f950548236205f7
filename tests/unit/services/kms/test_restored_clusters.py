"""A key store that moves to a cluster made from a backup of its own.

https://docs.aws.amazon.com/kms/latest/developerguide/fix-keystore.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockaws.clock import DAY
from mockaws.records.cloudhsm import Cluster
from mockaws.services.hsm import backups, users
from mockaws.services.kms import errors
from tests.inside import inside
from tests.samples import CLUSTER, NOW, cluster
from tests.unit.services.kms.calling import Kms, two_hsms

if TYPE_CHECKING:
    from mockaws.records.backups import Backup
    from mockaws.services.operation import Call

RESTORED = "cluster-bbbbbbbbbbb"
NEW_PASSWORD = "newPassword1"


def back_up(kms: Kms) -> Backup:
    """Make a backup of the cluster."""
    return inside(kms.world, lambda call: backups.take(call, call.get(Cluster, CLUSTER, errors.ClusterNotFound))[1])


def restore(kms: Kms, backup: Backup) -> None:
    """Make a cluster from a backup, with two HSMs."""

    def work(call: Call) -> None:
        backups.restore(call, backup, cluster(RESTORED, hsms=two_hsms(), trust_anchor=None, cluster_certificate=None))

    inside(kms.world, work)


def move(kms: Kms, store_id: str) -> str:
    """Move a store to the restored cluster and connect it; return the state that it is in then."""

    def set_password(call: Call) -> None:
        restored = call.get(Cluster, RESTORED, errors.ClusterNotFound)
        kmsuser = restored.user("kmsuser")
        assert kmsuser is not None
        users.set_password(call, restored, kmsuser, NEW_PASSWORD)

    # KMS chose the password that the backup has; an admin of the new cluster changes it to one that KMS can be told.
    inside(kms.world, set_password)
    changes = {"CloudHsmClusterId": RESTORED, "KeyStorePassword": NEW_PASSWORD}
    kms("UpdateCustomKeyStore", CustomKeyStoreId=store_id, **changes)
    return kms.connect(store_id)


def test_old_ciphertexts(kms: Kms) -> None:
    """The keys of a backup decrypt in the new cluster what they encrypted in the old one, which may be gone."""
    store_id = kms.connected_store()
    key_id = kms.key_in_store(store_id)
    blob = kms("Encrypt", KeyId=key_id, Plaintext=b"hello")["CiphertextBlob"]
    restore(kms, back_up(kms))
    kms("DisconnectCustomKeyStore", CustomKeyStoreId=store_id)
    kms.change_cluster(hsms=())
    assert move(kms, store_id) == "CONNECTED"
    assert kms("Decrypt", CiphertextBlob=blob)["Plaintext"] == b"hello"
    assert kms.metadata(key_id)["CloudHsmClusterId"] == RESTORED
    assert kms.state(kms.key_in_store(store_id)) == "Enabled"


def test_keys_that_came_after_the_backup(kms: Kms) -> None:
    """A key that was made after the backup is not in the new cluster, and cannot be used."""
    store_id = kms.connected_store()
    old = kms.key_in_store(store_id)
    blob = kms("Encrypt", KeyId=old, Plaintext=b"hello")["CiphertextBlob"]
    backup = back_up(kms)
    new = kms.key_in_store(store_id)
    restore(kms, backup)
    kms("DisconnectCustomKeyStore", CustomKeyStoreId=store_id)
    move(kms, store_id)
    assert kms("Decrypt", CiphertextBlob=blob)["Plaintext"] == b"hello"
    assert kms.refusal("Encrypt", KeyId=new, Plaintext=b"hello").code == "KMSInvalidStateException"


def test_a_daily_backup_that_was_due_before_a_key_was_made(kms: Kms) -> None:
    """Yesterday's daily backup does not hold a key of today, even if it was not looked at until now."""
    store_id = kms.connected_store()
    kms.change_cluster(backed_up_at=NOW)
    early = kms.key_in_store(store_id)
    kms.clock.advance(1.5 * DAY)
    kms.key_in_store(store_id)
    (yesterday,) = inside(kms.world, backups.owned)
    assert [key.label for key in yesterday.contents.keys] == [kms.arn(early)]


def test_an_unrelated_cluster(kms: Kms) -> None:
    """A cluster that was not made from a backup of the store's own does not share its backup history."""
    store_id = kms.create_store()
    kms.put(cluster(RESTORED, hsms=two_hsms(), cluster_certificate="another"))
    refusal = kms.refusal("UpdateCustomKeyStore", CustomKeyStoreId=store_id, CloudHsmClusterId=RESTORED)
    assert refusal.code == "CloudHsmClusterNotRelatedException"


def test_a_second_store_on_a_related_cluster(kms: Kms) -> None:
    """A cluster that shares a backup history with a store's carries no other store."""
    kms.create_store()
    restore(kms, back_up(kms))
    new = kms.record(Cluster, RESTORED)
    refusal = kms.refusal(
        "CreateCustomKeyStore",
        CustomKeyStoreName="second",
        CloudHsmClusterId=RESTORED,
        TrustAnchorCertificate=new.trust_anchor,
        KeyStorePassword="kmsPswd123",
    )
    assert refusal.code == "CloudHsmClusterInUseException"
