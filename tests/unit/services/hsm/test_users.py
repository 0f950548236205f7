"""Users of the HSMs. https://docs.aws.amazon.com/cloudhsm/latest/userguide/manage-hsm-users.html"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from mockaws.clock import DAY
from mockaws.records.backups import Backup
from mockaws.records.cloudhsm import ClusterState, HsmUser
from mockaws.records.kms import ConnectionState, CustomKeyStore
from mockaws.services.hsm import clusters, users
from tests.samples import NOW, being
from tests.unit.services.hsm.inside import ADMIN, ALICE, KMSUSER, Hsms, key, network, ready, store

if TYPE_CHECKING:
    from collections.abc import Callable

BOB = {"username": "bob", "role": "crypto-user", "password": "bobsPswd1"}
OF_ALICE = {"username": "alice", "role": "crypto-user"}
OF_KMSUSER = {"username": "kmsuser", "role": "crypto-user"}
CONNECTED, CONNECTING = ConnectionState.CONNECTED, ConnectionState.CONNECTING


# --- create --------------------------------------------------------------------------------------------------------
def test_a_new_user_can_log_in() -> None:
    """`user create` makes a user who can log in with the password."""
    hsms = Hsms()
    made = hsms(users.create, None, **BOB)
    assert (made.name, made.role) == ("bob", "crypto-user")
    assert hsms.login(made) == replace(made, logged_in=True)


def test_names_are_in_small_letters() -> None:
    """Usernames are not case sensitive and always displayed in lowercase; so KMS finds a KmsUser as kmsuser."""
    hsms = Hsms(*network(), ready(users=(ADMIN,)))
    hsms(users.create, None, username="KmsUser", role="crypto-user", password="kmsPswd123")
    assert hsms.cluster.user("kmsuser") is not None
    assert "'kmsuser' already exists" in hsms.refusal(
        users.create, None, username="KMSUSER", role="admin", password="adminPswd2"
    )


def test_the_name_of_awss_own_user_is_taken() -> None:
    """The appliance user app_user is in each cluster."""
    assert "'app_user' already exists" in Hsms().refusal(users.create, None, **BOB | {"username": "App_User"})


@pytest.mark.parametrize("state", [ClusterState.MODIFY_IN_PROGRESS, ClusterState.ROLLBACK_IN_PROGRESS])
def test_users_stay_as_they_are_while_the_hsm_type_changes(state: ClusterState) -> None:
    """Documented: while a cluster changes its HSM type, users are neither created nor deleted nor modified."""
    hsms = Hsms(*network(), ready(changes=being(state)))
    told = f"is {state}: its users and keys cannot change until it is ACTIVE"
    assert told in hsms.refusal(users.create, None, **BOB)
    assert told in hsms.refusal(users.delete, None, **OF_ALICE)
    assert told in hsms.refusal(users.change_password, None, **OF_ALICE, password="another1")
    assert told in hsms.refusal(users.unlock, None, **OF_ALICE)


@pytest.mark.parametrize("name", ["a", "A_1", "x" * 31, "_"])
def test_good_names(name: str) -> None:
    """A username has up to 31 letters, digits and underscores."""
    assert Hsms()(users.create, None, **BOB | {"username": name}).name == name.lower()


@pytest.mark.parametrize(
    ("name", "told"), [("", "1 to 31"), ("x" * 32, "1 to 31"), ("a-b", "'-'"), ("ä", "'ä'"), ("a b", "' '")]
)
def test_bad_names(name: str, told: str) -> None:
    """A hyphen was seen refused, with a sentence that names the character."""
    assert told in Hsms().refusal(users.create, None, **BOB | {"username": name})


@pytest.mark.parametrize("password", ["seven77", "x" * 32, "with space", "päßwörd"])
def test_good_passwords(password: str) -> None:
    """A password has up to 32 characters; KMS takes one of 7 for kmsuser, though the HSMs' own page says 8."""
    assert Hsms()(users.create, None, **BOB | {"password": password}).password == password


@pytest.mark.parametrize("password", ["", "six666", "x" * 33, "with:colon"])
def test_bad_passwords(password: str) -> None:
    """The colon is not permitted: it separates name and password where both are given."""
    assert "password" in Hsms().refusal(users.create, None, **BOB | {"password": password})


@pytest.mark.parametrize("role", ["", "Admin", "crypto-officer", "internal(APPLIANCE_USER)", "unactivated-admin"])
def test_bad_roles(role: str) -> None:
    """Users are admins or crypto-users; roles are case sensitive."""
    assert "admin, crypto-user" in Hsms().refusal(users.create, None, **BOB | {"role": role})


@pytest.mark.parametrize(("hsm_type", "most"), [("hsm1.medium", 250), ("hsm2m.medium", 1024)])
def test_as_many_users_as_fit(hsm_type: str, most: int) -> None:
    """https://docs.aws.amazon.com/cloudhsm/latest/userguide/limits.html."""
    crowd = tuple(replace(ALICE, name=f"user{number}") for number in range(most - 1))
    hsms = Hsms(*network(), ready(hsm_type=hsm_type, users=crowd))
    hsms(users.create, None, **BOB)
    assert f"already has {most} users" in hsms.refusal(users.create, None, **BOB | {"username": "eve"})


# --- list ----------------------------------------------------------------------------------------------------------
def test_the_list() -> None:
    """`user list` as AWS's pages show it: the admin first, the appliance user last, `locked` as text."""
    hsms = Hsms(*network(), ready(users=(replace(KMSUSER, locked=True), ADMIN)))
    rest = {"mfa": [], "quorum": [], "cluster-coverage": "full"}
    assert hsms(clusters.user_list) == {
        "users": [
            {"username": "admin", "role": "admin", "locked": "false", **rest},
            {"username": "kmsuser", "role": "crypto-user", "locked": "true", **rest},
            {"username": "app_user", "role": "internal(APPLIANCE_USER)", "locked": "false", **rest},
        ]
    }


# --- delete --------------------------------------------------------------------------------------------------------
def test_delete() -> None:
    """`user delete` deletes, whatever the letter case of the name."""
    hsms = Hsms()
    assert hsms(users.delete, None, username="ALICE", role="crypto-user") == ALICE
    assert hsms.cluster.users == (KMSUSER, ADMIN)


def test_nobody_deletes_itself() -> None:
    """A user that is logged in is not deleted, and the actor of a command is logged in."""
    both = Hsms(*network(), ready(users=(ADMIN, replace(ADMIN, name="another"))))
    told = both.refusal(users.delete, ADMIN, username="admin", role="admin")
    assert told == "You cannot delete a user who is currently logged into a HSM."


@pytest.mark.parametrize(
    ("name", "role"),
    [("nobody", "crypto-user"), ("alice", "admin"), ("alice", ""), ("app_user", "internal(APPLIANCE_USER)")],
)
def test_who_is_not_there(name: str, role: str) -> None:
    """Recorded, for a user under another role."""
    for function in (users.delete, users.unlock):
        assert Hsms().refusal(function, None, username=name, role=role) == "Specified user does not exist"


def test_whoever_is_logged_in_stays() -> None:
    """A user who is logged in cannot be deleted."""
    hsms = Hsms()
    hsms.login(ALICE)
    assert "currently logged into a HSM" in hsms.refusal(users.delete, None, **OF_ALICE)


def test_whoever_owns_keys_stays() -> None:
    """User accounts that own keys cannot be deleted."""
    hsms = Hsms(*network(), ready(), key(1, owner="alice"))
    assert hsms.refusal(users.delete, None, **OF_ALICE) == "You can't delete user accounts that own keys."
    assert hsms(users.delete, None, **OF_KMSUSER) == KMSUSER


def test_the_last_admin_stays() -> None:
    """The last admin cannot be deleted: no other user could manage users."""
    hsms = Hsms()
    assert "the last admin" in hsms.refusal(users.delete, None, username="admin", role="admin")
    hsms(users.create, None, username="admin2", role="admin", password="adminPswd2")
    hsms(users.delete, None, username="admin", role="admin")


# --- change-password and unlock ------------------------------------------------------------------------------------
def test_a_new_password() -> None:
    """`user change-password` replaces the password, and does not ask for the one before."""
    hsms = Hsms()
    hsms(users.change_password, None, **OF_ALICE, password="otherPswd1")
    assert isinstance(hsms.login(ALICE, "otherPswd1"), HsmUser)


@pytest.mark.parametrize("password", ["", "six666", "with:colon"])
def test_a_bad_new_password(password: str) -> None:
    """The rules for passwords are the same as for a new user."""
    hsms = Hsms()
    assert "password" in hsms.refusal(users.change_password, None, **OF_ALICE, password=password)
    assert hsms.user("alice") == ALICE


def test_a_new_password_unlocks() -> None:
    """To unlock an account, an admin resets its password."""
    hsms = Hsms(*network(), ready(users=(ADMIN, replace(ALICE, locked=True, failed_logins=6))))
    hsms(users.change_password, ADMIN, **OF_ALICE, password="otherPswd1")
    assert hsms.user("alice") == replace(ALICE, password="otherPswd1")


def test_unlock() -> None:
    """The additional `user unlock` keeps the password. It accepts a user that is not locked."""
    hsms = Hsms(*network(), ready(users=(ADMIN, replace(ALICE, locked=True, failed_logins=6))))
    for _ in range(2):
        hsms(users.unlock, None, **OF_ALICE)
        assert hsms.user("alice") == ALICE


def test_the_password_of_somebody_who_is_logged_in() -> None:
    """The password of a user who is logged in changes only the user itself."""
    hsms = Hsms()
    alice = hsms.login(ALICE)
    for actor in (None, ADMIN):
        refusal = hsms.refusal(users.change_password, actor, **OF_ALICE, password="otherPswd1")
        assert "currently logged in to the cluster" in refusal
    hsms(users.change_password, alice, **OF_ALICE, password="otherPswd1")
    assert hsms.user("alice").password == "otherPswd1"


@pytest.mark.parametrize("state", [CONNECTED, CONNECTING])
def test_kms_is_logged_in_as_kmsuser(state: ConnectionState) -> None:
    """While a key store is connected, no client can log in as kmsuser, change its password, or delete it."""
    hsms = Hsms(*network(), ready(), store(state))
    told = f"cks-1234567890abcdef0' is {state}"
    assert told in hsms.refusal(users.change_password, None, **OF_KMSUSER, password="otherPswd1")
    assert told in hsms.refusal(users.delete, None, **OF_KMSUSER)
    assert told in hsms.refusal(lambda *_: hsms.login(KMSUSER))
    hsms(users.change_password, None, **OF_ALICE, password="otherPswd1")


@pytest.mark.parametrize(
    "record",
    [store(ConnectionState.DISCONNECTED), store(ConnectionState.FAILED), store(CONNECTED, "cluster-another")],
)
def test_kms_is_not_logged_in(record: CustomKeyStore) -> None:
    """Disconnect the store, and an admin can change kmsuser's password; other clusters have a kmsuser of their own."""
    hsms = Hsms(*network(), ready(), record)
    hsms(users.change_password, None, **OF_KMSUSER, password="otherPswd1")
    assert hsms.user("kmsuser").password == "otherPswd1"


# --- who may -------------------------------------------------------------------------------------------------------
def test_admins_manage_users() -> None:
    """Creating, deleting and unlocking users is for admins."""
    hsms = Hsms()
    for function, named in ((users.create, BOB), (users.unlock, OF_ALICE), (users.delete, OF_ALICE)):
        assert "An admin must be logged in" in hsms.refusal(function, ALICE, **named)
        hsms(function, ADMIN, **named)


def test_users_change_their_own_passwords() -> None:
    """Any user may change its own password, an admin all."""
    hsms = Hsms()
    of_admin = {"username": "admin", "role": "admin", "password": "otherPswd1"}
    assert "An admin must" in hsms.refusal(users.change_password, ALICE, **of_admin)
    hsms(users.change_password, ALICE, **OF_ALICE, password="otherPswd1")
    hsms(users.change_password, ADMIN, **OF_KMSUSER, password="otherPswd1")


# --- backups -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("function", "named"),
    [
        (users.create, BOB),
        (users.delete, OF_ALICE),
        (users.change_password, {**OF_ALICE, "password": "otherPswd1"}),
        (users.unlock, OF_ALICE),
    ],
)
def test_a_backup_that_was_due_before_has_what_was_there_before(
    function: Callable[..., HsmUser], named: dict[str, str]
) -> None:
    """CloudHSM makes a backup a day; a change of users is in those that come later."""
    before = ready(backed_up_at=NOW - 1.5 * DAY)
    hsms = Hsms(*network(), before)
    hsms(function, None, **named)
    (backup,) = hsms.records(Backup)
    assert backup.contents.users == before.users
    assert hsms.cluster.backed_up_at == NOW - 0.5 * DAY
