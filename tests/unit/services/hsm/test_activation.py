"""Activating a cluster. https://docs.aws.amazon.com/cloudhsm/latest/userguide/activate-cluster.html"""

from __future__ import annotations

import pytest

from mockaws.records.backups import Backup
from mockaws.records.base import evolve
from mockaws.records.cloudhsm import UNACTIVATED_USERS, ClusterState, HsmUser, Role
from mockaws.records.world import REALISTIC
from mockaws.services.hsm import activation, clusters, sessions, users
from mockaws.services.hsm.sessions import Credentials
from tests.samples import BROKEN, NOW, being, hsm
from tests.unit.services.hsm.inside import ADMIN, Hsms, network, ready

PASSWORD = "adminPswd1"


def initialized(**config: object) -> Hsms:
    """Return a cluster that was initialized and has its first HSM."""
    record = ready(changes=being(ClusterState.INITIALIZED), hsms=(hsm(),), users=UNACTIVATED_USERS)
    return Hsms(*network(), record, **config)


def test_the_admin_gets_a_password_and_the_cluster_is_active() -> None:
    """`cluster activate` sets the initial admin password and moves the cluster into the ACTIVE state."""
    hsms = initialized()
    activated = hsms(activation.activate, PASSWORD)
    assert activated.state(NOW) is ClusterState.ACTIVE
    assert hsms.cluster == activated
    assert hsms.login(ADMIN) == HsmUser(name="admin", role=Role.ADMIN, password=PASSWORD, logged_in=True)


def test_the_users_before_and_after() -> None:
    """Before it, `user list` shows an unactivated-admin and the appliance user; after it, an admin."""
    hsms = initialized()
    before = hsms(clusters.user_list)["users"]
    assert [(user["username"], user["role"]) for user in before] == [
        ("admin", "unactivated-admin"),
        ("app_user", "internal(APPLIANCE_USER)"),
    ]
    hsms(activation.activate, PASSWORD)
    after = hsms(clusters.user_list)["users"]
    assert [user["role"] for user in after] == ["admin", "internal(APPLIANCE_USER)"]


def test_the_first_backup() -> None:
    """CloudHSM makes the first backup when a cluster is activated; the admin is in it."""
    hsms = initialized()
    hsms(activation.activate, PASSWORD)
    (backup,) = hsms.records(Backup)
    assert (backup.created_at, backup.contents.users) == (NOW, hsms.cluster.users)
    assert hsms.cluster.backed_up_at == NOW


def test_cloudhsm_takes_note_later() -> None:
    """DescribeClusters was seen to show INITIALIZED for 80 seconds more; users can be made meanwhile."""
    hsms = initialized(timing=REALISTIC)
    hsms(activation.activate, PASSWORD)
    assert hsms.cluster.state(NOW) is ClusterState.INITIALIZED
    hsms(users.create, None, username="kmsuser", role="crypto-user", password="kmsPswd123")
    assert "has already been activated" in hsms.refusal(activation.activate, PASSWORD)
    assert hsms.cluster.state(NOW + 80) is ClusterState.ACTIVE


def test_once() -> None:
    """A cluster is activated once."""
    assert "has already been activated" in Hsms().refusal(activation.activate, PASSWORD)


def test_no_login_before_activation() -> None:
    """Before activation every login fails, with any password. The sentence is recorded."""
    credentials = Credentials(ADMIN.name, ADMIN.role, ADMIN.password)
    assert initialized().refusal(sessions.login, credentials) == "Incorrect authentication credentials"


def test_no_users_are_made_before() -> None:
    """Before activation no user can create users."""
    refusal = initialized().refusal(users.create, None, username="bob", role="crypto-user", password="bobsPswd1")
    assert "has not been activated" in refusal


@pytest.mark.parametrize(
    "state", [ClusterState.CREATE_IN_PROGRESS, ClusterState.UNINITIALIZED, ClusterState.INITIALIZE_IN_PROGRESS]
)
def test_an_initialized_cluster_only(state: ClusterState) -> None:
    """The HSMs accept no login before the cluster has its certificate."""
    hsms = Hsms(*network(), ready(changes=being(state), hsms=(hsm(),), users=()))
    assert f"is {state}" in hsms.refusal(activation.activate, PASSWORD)


def test_an_active_hsm_is_needed() -> None:
    """An activation needs a working HSM."""
    for hsms in ((), (hsm(outages=BROKEN),), (hsm(active_at=NOW + 1),)):
        record = ready(changes=being(ClusterState.INITIALIZED), hsms=hsms, users=UNACTIVATED_USERS)
        assert "no active HSM" in Hsms(*network(), record).refusal(activation.activate, PASSWORD)


def test_a_way_to_the_hsm_is_needed() -> None:
    """Recorded: the sentence of AWS's command line if packets cannot reach the HSMs."""
    record = ready(changes=being(ClusterState.INITIALIZED), hsms=(hsm(),), users=UNACTIVATED_USERS)
    for world in (
        Hsms(*network(outages=BROKEN), record),
        Hsms(*network(), evolve(record, security_group_outages=BROKEN)),
    ):
        assert world.refusal(activation.activate, PASSWORD) == "Failed to initialize hsm1 context"


@pytest.mark.parametrize("password", ["", "six666", "x" * 33, "with:colon"])
def test_a_bad_password_changes_nothing(password: str) -> None:
    """A rejected password does not activate the cluster."""
    hsms = initialized()
    before = hsms.cluster
    assert "password" in hsms.refusal(activation.activate, password)
    assert hsms.cluster == before
    assert hsms.records(Backup) == []
