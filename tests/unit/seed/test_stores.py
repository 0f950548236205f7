"""The custom key stores of a fixture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockaws.clock import MINUTE
from mockaws.crypto import certificates as x509
from mockaws.records.cloudhsm import KMSUSER, Cluster
from mockaws.records.kms import ConnectionState, CustomKeyStore
from mockaws.seed import library
from mockaws.seed.draft import CREATED
from tests.unit.seed.kinds import NOW, one
from tests.unit.seed.test_clusters import indented

if TYPE_CHECKING:
    from tests.unit.seed.kinds import Load, Mistakes

CLUSTER = """\
clusters:
  - id: cluster-abcdefghijk
    hsms: [{}, {}]
"""
USERS = "    users: [{name: kmsuser, password: kmsPswd123}]\n"
FULL = "network: {vpcs: [{subnets: [{free_addresses: 0}, {}]}]}\n"
STORE = """\
custom_key_stores:
  - name: one
    cluster: cluster-abcdefghijk
"""


def password_of_kmsuser(cluster: Cluster) -> str:
    """Return the password that kmsuser has in the cluster."""
    user = cluster.user(KMSUSER)
    assert user is not None
    return user.password


def test_a_store_of_which_nothing_is_said(load: Load) -> None:
    """It was created and never connected, knows kmsuser's password and the cluster's trust anchor."""
    store = one(load(CLUSTER + USERS + STORE), CustomKeyStore)
    assert store.id.startswith("cks-")
    assert (store.name, store.cluster_id, store.created_at) == ("one", "cluster-abcdefghijk", CREATED)
    assert (store.password, store.trust_anchor) == ("kmsPswd123", library.certificate())
    assert store.connection_state(NOW) is ConnectionState.DISCONNECTED
    assert store.changes == ()


def test_a_connected_store_has_been_connected_since_it_was_created(load: Load) -> None:
    """Its history is one change, in the past."""
    store = one(load(f"{CLUSTER}{STORE}    connection: CONNECTED\n    created: 1499288695.918\n"), CustomKeyStore)
    assert store.connection_state(1499288695.0) is ConnectionState.DISCONNECTED
    assert store.connection_state(1499288695.918) is ConnectionState.CONNECTED
    assert store.connection_error_code(NOW) is None


def test_a_connected_store_brings_its_kmsuser(load: Load) -> None:
    """KMS changed the password when it connected, and knows it."""
    seed = load(f"{CLUSTER}{STORE}    connection: CONNECTED\n")
    assert [user.name for user in one(seed, Cluster).users] == ["admin", "kmsuser", "app_user"]
    password = password_of_kmsuser(one(seed, Cluster))
    assert len(password) == 32
    assert one(seed, CustomKeyStore).password == password


def test_the_kmsuser_that_a_store_brings_has_its_password(load: Load) -> None:
    """A password that only the store tells is kmsuser's."""
    seed = load(f"{CLUSTER}{STORE}    connection: CONNECTED\n    password: kmsPswd123\n")
    assert password_of_kmsuser(one(seed, Cluster)) == "kmsPswd123"


def test_a_disconnected_store_brings_no_kmsuser(load: Load) -> None:
    """Connecting it fails with USER_NOT_FOUND, since nobody made that user."""
    seed = load(CLUSTER + STORE)
    assert one(seed, Cluster).user(KMSUSER) is None
    assert len(one(seed, CustomKeyStore).password) == 32


def test_a_failed_store_tells_what_the_world_tells(load: Load) -> None:
    """The ConnectionErrorCode of a FAILED store follows from the cluster, the network and the password."""
    failed = f"{STORE}    connection: FAILED\n"
    for text, code in (
        (f"{CLUSTER}{USERS}{failed}    password: forgotten123\n", "INVALID_CREDENTIALS"),
        (f"{CLUSTER}{failed}", "USER_NOT_FOUND"),
        (f"clusters: [{{id: cluster-abcdefghijk}}]\n{failed}", "INSUFFICIENT_CLOUDHSM_HSMS"),
        (f"clusters: [{{id: cluster-abcdefghijk, state: DELETED}}]\n{failed}", "CLUSTER_NOT_FOUND"),
        (f"network: {{vpcs: [{{subnets: [{{removed: true}}]}}]}}\n{CLUSTER}{failed}", "SUBNET_NOT_FOUND"),
    ):
        store = one(load(text), CustomKeyStore)
        assert store.connection_state(NOW) is ConnectionState.FAILED
        assert store.connection_error_code(NOW) == code


def test_a_connected_store_may_have_lost_everything_since(load: Load) -> None:
    """A store stays CONNECTED when its HSMs or its cluster go."""
    for cluster in ("hsms: []", "state: DELETED", "users: [{name: kmsuser, locked: true}]"):
        text = f"clusters: [{{id: cluster-abcdefghijk, {cluster}}}]\n{STORE}    connection: CONNECTED\n"
        assert one(load(text), CustomKeyStore).connection_state(NOW) is ConnectionState.CONNECTED


def test_a_store_that_is_connecting_is_so_for_aws_time(load: Load) -> None:
    """Where connecting is instant it takes what AWS takes, and ends as the world around it says."""
    text = f"{CLUSTER}{STORE}    connection: CONNECTING\n"
    store = one(load(text), CustomKeyStore)
    assert store.connection_state(NOW - 1) is ConnectionState.DISCONNECTED
    assert store.connection_state(NOW + 19 * MINUTE) is ConnectionState.CONNECTING
    assert store.connection_state(NOW + 20 * MINUTE) is ConnectionState.CONNECTED
    store = one(load(f"timing: {{connect: PT1M}}\n{text}    password: forgotten123\n{FULL}"), CustomKeyStore)
    assert store.connection_state(NOW) is ConnectionState.CONNECTING
    assert store.connection_error_code(NOW + MINUTE) == "INSUFFICIENT_FREE_ADDRESSES_IN_SUBNET"


def test_clusters_with_one_certificate_carry_one_store(mistakes: Mistakes) -> None:
    """Such clusters share a backup history, so their key material is the same."""
    pem = indented(x509.for_cluster("cluster-abcdefghijk", x509.read(library.certificate()), library.key()))
    (problem,) = mistakes(
        f"clusters:\n  - id: cluster-abcdefghijk\n    cluster_certificate: {pem}"
        f"  - id: cluster-zyxwvutsrqp\n    cluster_certificate: {pem}"
        f"{STORE}  - name: two\n    cluster: cluster-zyxwvutsrqp\n"
    )
    assert problem.endswith(
        "custom_key_stores[1].cluster: cluster-zyxwvutsrqp shares its backup history with cluster-abcdefghijk, which"
        " carries custom_key_stores[0]; expected a cluster with another cluster_certificate"
    )


def test_a_store_has_the_trust_anchor_of_its_cluster(load: Load, mistakes: Mistakes) -> None:
    """CreateCustomKeyStore would have refused any other."""
    same = one(load(f"{CLUSTER}{STORE}    trust_anchor_certificate: {indented(library.certificate())}"), CustomKeyStore)
    assert same.trust_anchor == library.certificate()
    other = x509.for_cluster("cluster-abcdefghijk", x509.read(library.certificate()), library.key())
    (problem,) = mistakes(f"{CLUSTER}{STORE}    trust_anchor_certificate: {indented(other)}")
    assert "custom_key_stores[0].trust_anchor_certificate: is not the cluster's trust anchor" in problem
