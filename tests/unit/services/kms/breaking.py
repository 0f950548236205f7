"""The failures under a key store, and their repair: by nature, the CloudHSM CLI and CloudHSM's API.

The names are those of the table in docs/failures.md.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from mockaws.records.base import evolve
from mockaws.records.cloudhsm import Cluster, ClusterChange, ClusterState, HsmKey, HsmUser, Subnet, hsm_key_id
from mockaws.records.outages import Outages, begun, ended
from mockaws.services.hsm import backups, lookup
from tests.inside import inside
from tests.samples import CLUSTER, SUBNET_A, SUBNET_B, ZONE_A, ZONE_B, cluster, subnet
from tests.unit.services.kms.calling import KMSUSER, Kms, two_hsms
from tests.wire import RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockaws.records.backups import Backup

    Change = Callable[[Outages, float], Outages]
    """`begun` or `ended`."""

HELLO = b"hello"
RESTORED = "cluster-bbbbbbbbbbb"
ANOTHER_PASSWORD = "officersChoice1"
EVERY_HSM = (0, 1)
EVERY_SUBNET = (SUBNET_A, SUBNET_B)


class Placed(NamedTuple):
    """A key in a connected store, a ciphertext of it, and a backup of the cluster that has it."""

    store_id: str
    key_id: str
    blob: bytes
    backup: Backup


class Failure(NamedTuple):
    """A failure and its repair; *password* is the one that KMS needs after the repair, if it has to be given."""

    breaks: Callable[[Kms], None]
    mends: Callable[[Kms, Placed], None]
    password: str | None = None


def place(kms: Kms) -> Placed:
    """Make a key in a connected store, and a backup of the cluster."""
    store_id = kms.connected_store()
    key_id = kms.key_in_store(store_id)
    blob = kms("Encrypt", KeyId=key_id, Plaintext=HELLO)["CiphertextBlob"]
    return Placed(store_id, key_id, blob, back_up(kms))


def back_up(kms: Kms) -> Backup:
    """Make a backup of the cluster."""
    return inside(kms.world, lambda call: backups.take(call, lookup.cluster(call, CLUSTER)))[1]


def disconnect(kms: Kms, store_id: str) -> None:
    """Disconnect a store that is not disconnected."""
    if kms.connection(store_id) != "DISCONNECTED":
        kms("DisconnectCustomKeyStore", CustomKeyStoreId=store_id)


def update(kms: Kms, store_id: str, **changes: str) -> None:
    """Change a store."""
    kms("UpdateCustomKeyStore", CustomKeyStoreId=store_id, **changes)


def code_of(kms: Kms, operation: str, **document: Any) -> str:
    """Return the code of the error that a call ends with, `works` if it succeeds."""
    try:
        kms(operation, **document)
    except RefusedError as refused:
        return refused.code
    return "works"


def connecting(kms: Kms, store_id: str) -> str:
    """Return how it ends to connect a store: an error's code, CONNECTED, or FAILED and why."""
    code = code_of(kms, "ConnectCustomKeyStore", CustomKeyStoreId=store_id)
    if code != "works":
        return code
    entry = kms.described(store_id)
    return ", ".join(entry[name] for name in ("ConnectionState", "ConnectionErrorCode") if name in entry)


def creating(kms: Kms, store_id: str) -> str:
    """Return how it ends to create a key in a store."""
    return code_of(kms, "CreateKey", Origin="AWS_CLOUDHSM", CustomKeyStoreId=store_id)


def random_bytes(kms: Kms, store_id: str) -> str:
    """Return how it ends to ask a store for random bytes."""
    return code_of(kms, "GenerateRandom", CustomKeyStoreId=store_id, NumberOfBytes=1)


def using(kms: Kms, key_id: str, blob: bytes) -> set[str]:
    """Return how it ends to use a key, for every cryptographic operation."""
    calls: list[tuple[str, dict[str, Any]]] = [
        ("Encrypt", {"KeyId": key_id, "Plaintext": HELLO}),
        ("Encrypt", {"KeyId": key_id, "Plaintext": HELLO, "DryRun": True}),
        ("Decrypt", {"CiphertextBlob": blob}),
        ("ReEncrypt", {"CiphertextBlob": blob, "DestinationKeyId": key_id}),
        ("GenerateDataKey", {"KeyId": key_id, "KeySpec": "AES_256"}),
        ("GenerateDataKeyWithoutPlaintext", {"KeyId": key_id, "KeySpec": "AES_256"}),
    ]
    codes = {code_of(kms, operation, **document) for operation, document in calls}
    return {"works" if code == "DryRunOperationException" else code for code in codes}


def hsms(kms: Kms, change: Change, *numbers: int) -> None:
    """Let HSMs fail or work again."""
    record, now = kms.record(Cluster, CLUSTER), kms.clock.now()
    for number in numbers:
        one = record.hsms[number]
        record = record.with_hsm(replace(one, outages=change(one.outages, now)))
    kms.put(record)


def network(kms: Kms, change: Change, *subnet_ids: str) -> None:
    """Let the way to subnets break, or mend it."""
    for subnet_id in subnet_ids:
        kms.change(Subnet, subnet_id, outages=change(kms.record(Subnet, subnet_id).outages, kms.clock.now()))


def sessions(kms: Kms, change: Change) -> None:
    """Let other clients take all sessions, or give them back."""
    shortages = kms.record(Cluster, CLUSTER).session_shortages
    kms.change_cluster(session_shortages=change(shortages, kms.clock.now()))


def security_group(kms: Kms, change: Change) -> None:
    """Remove the rules of the security group, or put them back."""
    outages = kms.record(Cluster, CLUSTER).security_group_outages
    kms.change_cluster(security_group_outages=change(outages, kms.clock.now()))


def user(kms: Kms, **changes: Any) -> None:
    """Change kmsuser in the cluster."""
    record = kms.record(Cluster, CLUSTER)
    before = record.user("kmsuser")
    assert before is not None
    kms.put(record.with_user(before, replace(before, **changes)))


def delete_hsms(kms: Kms) -> None:
    """Delete all HSMs."""
    now = kms.clock.now()
    gone = (replace(one, delete_requested_at=now, gone_at=now) for one in kms.record(Cluster, CLUSTER).hsms)
    kms.change_cluster(hsms=tuple(gone))


def delete_cluster(kms: Kms) -> None:
    """Delete the HSMs, then the cluster."""
    delete_hsms(kms)
    state(kms, ClusterState.DELETED)


def create_hsms(kms: Kms) -> None:
    """Create HSMs in both zones, which get what is in the cluster."""
    now = kms.clock.now()
    new = (replace(one, id=f"{one.id}new", active_at=now) for one in two_hsms())
    kms.change_cluster(hsms=(*kms.record(Cluster, CLUSTER).hsms, *new))


def state(kms: Kms, now_being: ClusterState) -> None:
    """Let the cluster be in another state."""
    kms.put(kms.record(Cluster, CLUSTER).changed(ClusterChange(at=kms.clock.now(), state=now_being)))


def restore(kms: Kms, placed: Placed) -> None:
    """Move the store to a cluster made from the backup, which stands in subnets of its own."""
    contents = placed.backup.contents
    first, second = two_hsms()
    places = {ZONE_A: "subnet-c", ZONE_B: "subnet-d"}
    restored = cluster(
        RESTORED,
        subnets=places,
        hsms=(replace(first, subnet_id="subnet-c"), replace(second, subnet_id="subnet-d")),
        users=contents.users,
        trust_anchor=contents.trust_anchor,
        cluster_certificate=contents.cluster_certificate,
    )
    keys = (
        evolve(key, id=hsm_key_id(RESTORED, key.reference.removeprefix("0x")), cluster_id=RESTORED)
        for key in contents.keys
    )
    kms.put(restored, *(evolve(subnet(), id=place, zone=zone) for zone, place in places.items()), *keys)
    disconnect(kms, placed.store_id)
    update(kms, placed.store_id, CloudHsmClusterId=RESTORED)


def delete_hsm_key(kms: Kms) -> None:
    """Delete the first key in the HSMs."""
    kms.drop(kms.records(HsmKey)[0])


def _new_user(kms: Kms) -> None:
    kms.change_cluster(users=(HsmUser(name="kmsuser", role=KMSUSER.role, password=ANOTHER_PASSWORD),))


FAILURES = {
    "one of two HSMs": Failure(lambda kms: hsms(kms, begun, 0), lambda kms, _: hsms(kms, ended, 0)),
    "one of two zones": Failure(lambda kms: hsms(kms, begun, 1), lambda kms, _: hsms(kms, ended, 1)),
    "all HSMs": Failure(lambda kms: hsms(kms, begun, *EVERY_HSM), lambda kms, _: hsms(kms, ended, *EVERY_HSM)),
    "all HSMs are deleted": Failure(delete_hsms, lambda kms, _: create_hsms(kms)),
    "the network": Failure(
        lambda kms: network(kms, begun, *EVERY_SUBNET), lambda kms, _: network(kms, ended, *EVERY_SUBNET)
    ),
    "the network of one subnet": Failure(
        lambda kms: network(kms, begun, SUBNET_B), lambda kms, _: network(kms, ended, SUBNET_B)
    ),
    "a subnet has no free address": Failure(
        lambda kms: kms.change(Subnet, SUBNET_B, free_addresses=0),
        lambda kms, _: kms.change(Subnet, SUBNET_B, free_addresses=1),
    ),
    "a subnet is removed": Failure(lambda kms: kms.change(Subnet, SUBNET_B, removed_at=kms.clock.now()), restore),
    "the security group": Failure(lambda kms: security_group(kms, begun), lambda kms, _: security_group(kms, ended)),
    "no sessions are left": Failure(lambda kms: sessions(kms, begun), lambda kms, _: sessions(kms, ended)),
    "the cluster is deleted": Failure(delete_cluster, restore),
    "the cluster changes its HSM type": Failure(
        lambda kms: state(kms, ClusterState.MODIFY_IN_PROGRESS), lambda kms, _: state(kms, ClusterState.ACTIVE)
    ),
    "a key in the HSMs is deleted": Failure(delete_hsm_key, restore),
    "kmsuser is locked out": Failure(
        lambda kms: user(kms, locked=True, failed_logins=6),
        lambda kms, _: user(kms, locked=False, failed_logins=0, password=ANOTHER_PASSWORD),
        ANOTHER_PASSWORD,
    ),
    "kmsuser is deleted": Failure(
        lambda kms: kms.change_cluster(users=()), lambda kms, _: _new_user(kms), ANOTHER_PASSWORD
    ),
    "kmsuser has another password": Failure(
        lambda kms: user(kms, password=ANOTHER_PASSWORD), lambda kms, _: None, ANOTHER_PASSWORD
    ),
    "kmsuser is logged in": Failure(
        lambda kms: user(kms, password=ANOTHER_PASSWORD, logged_in=True),
        lambda kms, _: user(kms, logged_in=False),
        ANOTHER_PASSWORD,
    ),
}
