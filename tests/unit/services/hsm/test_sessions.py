"""Logging in and out. https://docs.aws.amazon.com/cloudhsm/latest/userguide/cloudhsm_cli-login.html"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from mockaws.records.cloudhsm import APPLIANCE_USER, UNACTIVATED_USERS, HsmUser
from mockaws.services.hsm import lookup, sessions, users
from mockaws.services.hsm.sessions import Credentials
from tests.unit.services.hsm.inside import ADMIN, ALICE, KMSUSER, Hsms, network, ready

if TYPE_CHECKING:
    from mockaws.records.cloudhsm import Cluster
    from mockaws.services.operation import Call

WRONG = "Incorrect authentication credentials"


def refusal(hsms: Hsms, user: HsmUser, password: str | None = None) -> str:
    """Return the sentence that the login of a user is refused with."""
    return hsms.refusal(
        sessions.login, Credentials(user.name, user.role, user.password if password is None else password)
    )


def test_logged_in_until_logged_out() -> None:
    """`login` and `logout` may be repeated. A login lasts until `logout`."""
    hsms = Hsms()
    for _ in range(2):
        assert hsms.login(ALICE).logged_in
        assert hsms.user("alice").logged_in
    for _ in range(2):
        hsms(sessions.logout, "Alice", "crypto-user")
        assert hsms.cluster.users == (KMSUSER, ADMIN, ALICE)


def test_all_users_log_out() -> None:
    """`logout` without a name ends all sessions."""
    hsms = Hsms()
    for user in (ALICE, ADMIN):
        hsms.login(user)
    hsms(sessions.logout)
    assert hsms.cluster.users == (KMSUSER, ADMIN, ALICE)


def test_unknown_user_cannot_log_out() -> None:
    """Recorded of other commands: a user of another role does not exist."""
    assert Hsms().refusal(sessions.logout, "alice", "admin") == "Specified user does not exist"


@pytest.mark.parametrize(
    "credentials",
    [
        Credentials("nobody", "crypto-user", "alicePswd1"),
        Credentials("alice", "admin", "alicePswd1"),
        Credentials("alice", "crypto-user", "ALICEPSWD1"),
        Credentials("app_user", "internal(APPLIANCE_USER)", ""),
    ],
)
def test_wrong_credentials(credentials: Credentials) -> None:
    """Recorded: the sentence does not reveal which part is wrong. Passwords and roles are case sensitive."""
    assert Hsms().refusal(sessions.login, credentials) == WRONG


@pytest.mark.parametrize("user", [APPLIANCE_USER, *UNACTIVATED_USERS])
def test_no_login_as_aws(user: HsmUser) -> None:
    """Users that AWS creates have no password, and an empty password does not log them in."""
    hsms = Hsms(*network(), ready(users=(ADMIN, user)))
    assert refusal(hsms, user, "") == WRONG


def test_appliance_user_stays() -> None:
    """No caller can delete the appliance user."""
    hsms = Hsms(*network(), ready(users=(ADMIN, APPLIANCE_USER)))
    named = {"username": APPLIANCE_USER.name, "role": APPLIANCE_USER.role}
    assert hsms.refusal(users.delete, None, **named) == "Specified user does not exist"


def test_the_sixth_wrong_password_locks() -> None:
    """If you exceed five incorrect login attempts, your account is locked out."""
    hsms = Hsms()
    for attempt in range(6):
        assert not hsms.user("alice").locked, attempt
        assert refusal(hsms, ALICE, "wrongPswd1") == WRONG
    assert hsms.user("alice").locked
    assert "locked out" in refusal(hsms, ALICE)
    hsms(users.change_password, None, username="alice", role="crypto-user", password=ALICE.password)
    assert hsms.login(ALICE).logged_in


def test_a_right_password_resets_the_count() -> None:
    """Five wrong passwords, a right one, and five wrong ones lock no user out."""
    hsms = Hsms()
    for _ in range(2):
        for _ in range(5):
            refusal(hsms, ALICE, "wrongPswd1")
        assert hsms.login(ALICE).logged_in


def test_credentials_identify_the_user() -> None:
    """Single command mode logs in for one command: it neither ends a session nor leaves one behind."""
    hsms = Hsms()
    credentials = Credentials("Alice", "crypto-user", ALICE.password)
    assert hsms(sessions.identify, credentials) == ALICE
    assert hsms(sessions.identify, None) is None
    hsms.login(ALICE)
    assert hsms(sessions.identify, credentials) == replace(ALICE, logged_in=True)


def test_wrong_credentials_of_a_command_count() -> None:
    """A command with a wrong password counts as a failed login."""
    hsms = Hsms()
    for _ in range(6):
        assert hsms.refusal(sessions.identify, Credentials("alice", "crypto-user", "wrongPswd1")) == WRONG
    assert hsms.user("alice").locked


def test_an_hsm_must_answer() -> None:
    """The HSMs know the passwords: no user logs in or out unless an HSM answers."""
    hsms = Hsms(*network(), ready(hsms=()))
    credentials = Credentials("alice", "crypto-user", ALICE.password)
    for function, *arguments in ((sessions.login, credentials), (sessions.identify, credentials), (sessions.logout,)):
        assert "no active HSM" in hsms.refusal(function, *arguments)


def test_other_errors_undo() -> None:
    """A refusal after a successful login undoes the reset of the count: only wrong passwords are committed."""
    hsms = Hsms()
    refusal(hsms, ALICE, "wrongPswd1")

    def identify_and_fail(call: Call, cluster: Cluster) -> None:
        actor = sessions.identify(call, cluster, Credentials("alice", "crypto-user", ALICE.password))
        users.delete(call, lookup.cluster(call, cluster.id), actor, username="admin", role="admin")

    assert "An admin must be logged in" in hsms.refusal(identify_and_fail)
    assert hsms.user("alice").failed_logins == 1
