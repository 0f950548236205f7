"""The world as an assertion reads it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from mockaws import Mock
from mockaws.records.base import evolve
from mockaws.records.cloudhsm import Cluster, HsmUser, Role
from mockaws.services.hsm import backups
from mockaws.services.operation import Caller
from tests.samples import ACCOUNT, REGION

if TYPE_CHECKING:
    from mockaws.services.operation import Call
    from mockaws.store.base import Transaction

FIXTURE = {
    "account": "111122223333",
    "timing": {"connect": "PT20M"},
    "clusters": [
        {
            "id": "cluster-abcdefghijk",
            "tags": {"team": "payments"},
            "hsms": [{"id": "hsm-abcdefghijk", "zone": "us-west-2a", "ip": "10.0.0.9"}, {"zone": "us-west-2b"}],
            "users": [
                {"name": "admin", "role": "admin", "password": "adminPswd1"},
                {"name": "kmsuser", "role": "crypto-user", "password": "kmsPswd123"},
                {"name": "bob", "role": "crypto-user", "locked": True},
            ],
        }
    ],
    "custom_key_stores": [
        {"name": "ExampleKeyStore", "cluster": "cluster-abcdefghijk", "connection": "CONNECTED"},
    ],
    "keys": [
        {
            "id": "1234abcd-12ab-34cd-56ef-1234567890ab",
            "description": "payments",
            "aliases": ["alias/payments"],
            "tags": {"team": "payments"},
            "rotation": {"period_in_days": 90, "enabled_on": "2024-05-01T00:00:00Z"},
            "created": "2024-05-01T00:00:00Z",
            "grants": [
                {
                    "name": "for-bob",
                    "grantee_principal": "arn:aws:iam::111122223333:user/bob",
                    "operations": ["Decrypt", "Encrypt"],
                    "encryption_context_subset": {"a": "b"},
                }
            ],
        },
        {"custom_key_store": "ExampleKeyStore", "aliases": ["alias/in-the-store"]},
    ],
}
KEY = "1234abcd-12ab-34cd-56ef-1234567890ab"
ARN = f"arn:aws:kms:us-west-2:111122223333:key/{KEY}"


def take_backup(mock: Mock, cluster_id: str) -> str:
    """Create a backup of a cluster; return the backup's id."""

    def take(call: Call) -> str:
        cluster = call.lookup(Cluster, cluster_id)
        assert cluster is not None
        return backups.take(call, cluster)[1].id

    return mock.worlds.default.run("Test", Caller("", ACCOUNT, REGION, "", ""), "", take)


@pytest.fixture
def mock() -> Mock:
    """Return a mock of the fixture above, whose clock stands still."""
    made = Mock(fixture=FIXTURE, seed="views")
    made.clock.freeze(datetime(2026, 1, 1, tzinfo=UTC))
    return made


@pytest.fixture
def kms(mock: Mock) -> Any:
    """Return a client of KMS in that world."""
    return mock.client("kms")


def test_a_key_is_found_by_all_its_names(mock: Mock) -> None:
    """Its id, its ARN, its alias and its alias's ARN lead to the same key."""
    names = [KEY, ARN, "alias/payments", "arn:aws:kms:us-west-2:111122223333:alias/payments"]
    assert [mock.keys[name].id for name in names] == [KEY] * 4
    assert KEY in mock.keys
    assert "alias/payments" in mock.keys
    assert len(mock.keys) == 2
    assert set(mock.keys) == {KEY, mock.keys["alias/in-the-store"].id}


def test_what_a_key_tells(mock: Mock) -> None:
    """A key's attributes are plain values of Python."""
    key = mock.keys[KEY]
    assert (key.state, key.spec, key.usage, key.origin, key.manager) == (
        "Enabled",
        "SYMMETRIC_DEFAULT",
        "ENCRYPT_DECRYPT",
        "AWS_KMS",
        "CUSTOMER",
    )
    assert (key.arn, key.account, key.region) == (ARN, "111122223333", "us-west-2")
    assert (key.description, key.tags, key.aliases) == ("payments", {"team": "payments"}, ["alias/payments"])
    assert key.policy["Statement"][0]["Principal"] == {"AWS": "arn:aws:iam::111122223333:root"}
    assert key.created == datetime(2024, 5, 1, tzinfo=UTC)
    assert (key.key_store, key.expires, key.deletion_date, key.last_used) == (None, None, None, None)
    assert (key.primary_region, key.replica_regions) == (None, [])


def test_rotation(mock: Mock) -> None:
    """Rotations happen as the world's clock passes."""
    key = mock.keys[KEY]
    assert key.rotation_period_in_days == 90
    rotations, materials, next_rotation = len(key.rotations), len(key.material_ids), key.next_rotation
    assert next_rotation is not None
    mock.clock.freeze(next_rotation)
    assert len(key.rotations) == rotations + 1
    assert len(key.material_ids) == materials + 1
    assert key.rotations[-1] == next_rotation


def test_a_view_shows_what_is_now(mock: Mock, kms: Any) -> None:
    """A key that a test holds follows what becomes of it, until it is gone."""
    key = mock.keys[KEY]
    kms.disable_key(KeyId=KEY)
    assert key.state == "Disabled"
    kms.schedule_key_deletion(KeyId=KEY, PendingWindowInDays=7)
    assert key.state == "PendingDeletion"
    assert key.deletion_date == mock.clock.now + timedelta(days=7)
    mock.clock.advance(days=8)
    assert KEY not in mock.keys
    with pytest.raises(KeyError, match=f"the key {KEY} is gone"):
        _ = key.state


def test_last_use(mock: Mock, kms: Any) -> None:
    """Cryptographic operations are noted, others are not."""
    kms.encrypt(KeyId=KEY, Plaintext=b"x")
    kms.describe_key(KeyId=KEY)
    assert mock.keys[KEY].last_used == ("Encrypt", mock.clock.now)


def test_imported_material(mock: Mock, kms: Any) -> None:
    """A key whose material is still to be imported has none, and does not expire."""
    key = mock.keys[kms.create_key(Origin="EXTERNAL")["KeyMetadata"]["KeyId"]]
    assert (key.state, key.origin, key.material_ids, key.expires) == ("PendingImport", "EXTERNAL", [], None)


def test_multi_region_keys(mock: Mock, kms: Any) -> None:
    """A primary key knows its replicas; each is a key of its own in its Region."""
    key = mock.keys[kms.create_key(MultiRegion=True)["KeyMetadata"]["KeyId"]]
    kms.replicate_key(KeyId=key.id, ReplicaRegion="eu-west-1")
    assert (key.primary_region, key.replica_regions) == ("us-west-2", ["eu-west-1"])
    kms.schedule_key_deletion(KeyId=key.id)
    assert (key.state, key.deletion_date) == ("PendingReplicaDeletion", None)
    assert mock.view(region="eu-west-1").keys[key.id].region == "eu-west-1"
    assert mock.keys[f"arn:aws:kms:eu-west-1:111122223333:key/{key.id}"].primary_region == "us-west-2"


def test_aliases_and_grants(mock: Mock) -> None:
    """They are found by name, grants by id, too, and lead to their key."""
    alias = mock.aliases["alias/payments"]
    assert alias.key is not None
    assert alias.key.id == KEY
    assert alias.arn.endswith(":alias/payments")
    grant = mock.grants["for-bob"]
    assert mock.grants[grant.id].name == "for-bob"
    assert (grant.grantee, grant.operations) == ("arn:aws:iam::111122223333:user/bob", ["Decrypt", "Encrypt"])
    assert (grant.encryption_context_subset, grant.encryption_context_equals) == ({"a": "b"}, {})
    assert grant.retiring_principal is None
    assert grant.key.id == KEY
    assert list(mock.keys[KEY].grants) == [grant.id]
    assert not mock.keys["alias/in-the-store"].grants


def test_a_key_store(mock: Mock, kms: Any) -> None:
    """Its connection follows the clock; its keys and its cluster are within reach."""
    store = mock.key_stores["ExampleKeyStore"]
    assert store.connection_state == "CONNECTED"
    assert store.cluster.id == store.cluster_id == "cluster-abcdefghijk"
    assert store.cluster.trust_anchor == store.trust_anchor
    (key,) = store.keys.values()
    assert key.aliases == ["alias/in-the-store"]
    assert key.key_store is not None
    assert key.key_store.name == "ExampleKeyStore"
    assert store.cluster.keys[key.arn].owner == "kmsuser"
    kms.disconnect_custom_key_store(CustomKeyStoreId=store.id)
    assert (store.connection_state, key.state) == ("DISCONNECTED", "Unavailable")
    kms.connect_custom_key_store(CustomKeyStoreId=store.id)
    assert store.connection_state == "CONNECTING"
    mock.clock.advance(minutes=20)
    assert (store.connection_state, store.connection_error_code) == ("CONNECTED", None)


def test_a_store_that_failed() -> None:
    """A store's connection_error_code and a failed assertion both show why it did not connect."""
    mock = Mock(fixture="connection-user-not-found")
    (store,) = mock.key_stores.values()
    mock.client("kms").connect_custom_key_store(CustomKeyStoreId=store.id)
    assert store.connection_state == "FAILED"
    assert store.connection_error_code == "USER_NOT_FOUND"
    assert f"FAILED USER_NOT_FOUND on {store.cluster_id}" in repr(store)


def test_a_cluster(mock: Mock) -> None:
    """A cluster shows its HSMs, by id or zone, and its users."""
    cluster = mock.clusters["cluster-abcdefghijk"]
    assert (cluster.state, cluster.state_message, cluster.tags) == ("ACTIVE", None, {"team": "payments"})
    assert set(cluster.subnets) == {"us-west-2a", "us-west-2b"}
    assert cluster.arn == "arn:aws:cloudhsm:us-west-2:111122223333:cluster/cluster-abcdefghijk"
    assert cluster.hsms["us-west-2a"].id == "hsm-abcdefghijk"
    assert cluster.hsms["hsm-abcdefghijk"].ip == "10.0.0.9"
    assert [hsm.state for hsm in cluster.hsms.values()] == ["ACTIVE", "ACTIVE"]
    assert set(cluster.users) == {"admin", "kmsuser", "bob"}
    assert (cluster.users["bob"].locked, cluster.users["bob"].role) == (True, "crypto-user")


def test_hsms_come_and_go(mock: Mock) -> None:
    """A deleted HSM is not listed; one that a test holds says that it is deleted."""
    cloudhsm = mock.client("cloudhsmv2")
    cluster = mock.clusters["cluster-abcdefghijk"]
    hsm = cluster.hsms["us-west-2b"]
    cloudhsm.delete_hsm(ClusterId=cluster.id, HsmId=hsm.id)
    assert list(cluster.hsms) == ["hsm-abcdefghijk"]
    assert hsm.state == "DELETED"


def test_backups(mock: Mock) -> None:
    """A cluster is backed up once a day, with its users and keys."""
    cluster = mock.clusters["cluster-abcdefghijk"]
    before = len(mock.backups)
    first = take_backup(mock, cluster.id)
    backup = mock.backups[first]
    assert (backup.state, backup.cluster_id, backup.created) == ("READY", cluster.id, mock.clock.now)
    assert (backup.never_expires, backup.deletion_date, backup.tags) == (False, None, {})
    assert backup.users == ["admin", "kmsuser", "bob"]
    assert backup.key_labels == [mock.keys["alias/in-the-store"].arn]
    assert repr(backup) == f"<Backup {first} READY of {cluster.id}>"
    mock.clock.advance(days=1)
    assert len(cluster.backups) == len(mock.backups) == before + 2


def test_missing_things_tell_what_there_is(mock: Mock) -> None:
    """A mistyped name shows which names there are."""
    with pytest.raises(KeyError) as missing:
        _ = mock.key_stores["ExampelKeyStore"]
    assert str(missing.value) == (
        "there is no custom key store 'ExampelKeyStore' in account 111122223333, us-west-2; there is "
        f"{mock.key_stores['ExampleKeyStore']!r}"
    )
    with pytest.raises(KeyError, match=r"no alias 'alias/x' in account 444455556666, eu-west-1; there is none at all"):
        _ = mock.view(account="444455556666", region="eu-west-1").aliases["alias/x"]
    assert mock.keys.get("alias/x") is None
    assert None not in mock.keys


def test_two_looks_at_the_same_thing_are_equal(mock: Mock) -> None:
    """Whichever way a test has come to a thing, it can compare it with another, and keep things in a set."""
    key, store = mock.keys["alias/payments"], mock.key_stores["ExampleKeyStore"]
    cluster = store.cluster
    assert mock.aliases["alias/payments"].key == mock.grants["for-bob"].key == key
    assert key != mock.view(region="eu-west-1").aliases.get("alias/payments")
    assert cluster == mock.clusters["cluster-abcdefghijk"] != store
    assert cluster.hsms["us-west-2a"] == cluster.hsms["hsm-abcdefghijk"] != cluster.hsms["us-west-2b"]
    assert cluster.users["bob"] == cluster.users["bob"] != cluster.users["kmsuser"]
    assert list(cluster.backups.values()) == list(mock.backups.values())
    assert {*mock.keys.values(), key} == set(mock.keys.values())
    assert key != Mock(fixture=FIXTURE).keys["alias/payments"], "of another world"


def test_long_listings_are_cut(mock: Mock, kms: Any) -> None:
    """A message does not grow with the world."""
    for _ in range(30):
        kms.create_key()
    with pytest.raises(KeyError, match=r"12 more$"):
        _ = mock.keys["alias/x"]


def test_what_a_failed_assertion_shows(mock: Mock) -> None:
    """The repr of everything says what one would look at first."""
    cluster = mock.clusters["cluster-abcdefghijk"]
    shown = [
        mock.keys[KEY],
        mock.aliases["alias/payments"],
        mock.grants["for-bob"],
        cluster,
        cluster.hsms["us-west-2a"],
        cluster.users["bob"],
        mock.view(region="eu-west-1"),
    ]
    assert [repr(thing) for thing in shown] == [
        f"<Key {KEY} alias/payments Enabled SYMMETRIC_DEFAULT ENCRYPT_DECRYPT>",
        f"<Alias alias/payments of {KEY}>",
        f"<Grant {mock.grants['for-bob'].id[:12]}… 'for-bob' Decrypt, Encrypt to arn:aws:iam::111122223333:user/bob>",
        "<Cluster cluster-abcdefghijk ACTIVE hsm2m.medium with 2 HSMs>",
        "<Hsm hsm-abcdefghijk ACTIVE in us-west-2a>",
        "<HsmUser bob crypto-user locked>",
        "<View in account 111122223333, eu-west-1>",
    ]


def test_a_name_in_two_roles() -> None:
    """Users of two roles may have the same name; then the role tells which one is meant."""
    mock = Mock(fixture="ready-cluster")

    def add(tx: Transaction) -> None:
        (cluster,) = tx.find(Cluster, "000000000000", "us-west-2")
        user = HsmUser(name="admin", role=Role.CRYPTO_USER, password="adminPswd1")
        tx.put(evolve(cluster, users=(*cluster.users, user)))

    mock.worlds.default.store.run(add)
    (cluster,) = mock.clusters.values()
    assert set(cluster.users) == {"admin/admin", "kmsuser", "crypto-user/admin"}
