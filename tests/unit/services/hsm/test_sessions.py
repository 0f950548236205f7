"""Logging in and out. https://docs.aws.amazon.com/cloudhsm/latest/userguide/cloudhsm_cli-login.html"""

from __future__ import annotations

from dataclasses import replace

import pytest

from mockaws.records.cloudhsm import APPLIANCE_USER, UNACTIVATED_USERS, HsmUser
from mockaws.services.hsm import sessions, users
from mockaws.services.hsm.errors import HsmError
from mockaws.services.hsm.sessions import Credentials
from tests.unit.services.hsm.inside import ADMIN, ALICE, KMSUSER, Hsms, network, ready

WRONG = "Incorrect authentication credentials"


def told(outcome: object) -> str:
    """Return the sentence of a refusal that is returned."""
    assert isinstance(outcome, HsmError)
    return outcome.sentence


def test_logged_in_until_logged_out() -> None:
    """`login` stays, also when it is done again; `logout` ends it, also when it is done again."""
    hsms = Hsms()
    for _ in range(2):
        assert isinstance(hsms.login(ALICE), HsmUser)
        assert hsms.user("alice").logged_in
    for _ in range(2):
        hsms(sessions.logout, "Alice", "crypto-user")
        assert hsms.cluster.users == (KMSUSER, ADMIN, ALICE)


def test_everybody_logs_out() -> None:
    """Without a name, `logout` ends all sessions."""
    hsms = Hsms()
    for user in (ALICE, ADMIN):
        hsms.login(user)
    hsms(sessions.logout)
    assert hsms.cluster.users == (KMSUSER, ADMIN, ALICE)


def test_who_is_not_there_cannot_log_out() -> None:
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
    """Recorded: the sentence tells nothing of what is wrong. Passwords and roles are case sensitive."""
    assert told(Hsms()(sessions.login, credentials)) == WRONG


@pytest.mark.parametrize("user", [APPLIANCE_USER, *UNACTIVATED_USERS])
def test_nobody_is_aws_itself(user: HsmUser) -> None:
    """The users that are there of themselves have no password, and an empty one is none."""
    hsms = Hsms(*network(), ready(users=(ADMIN, user)))
    assert told(hsms.login(user, "")) == WRONG


def test_awss_own_user_stays() -> None:
    """The appliance user is nobody's to manage."""
    hsms = Hsms(*network(), ready(users=(ADMIN, APPLIANCE_USER)))
    named = {"username": APPLIANCE_USER.name, "role": APPLIANCE_USER.role}
    assert hsms.refusal(users.delete, None, **named) == "Specified user does not exist"


def test_the_sixth_wrong_password_locks() -> None:
    """If you exceed five incorrect login attempts, your account is locked out."""
    hsms = Hsms()
    for attempt in range(6):
        assert not hsms.user("alice").locked, attempt
        assert told(hsms.login(ALICE, "wrongPswd1")) == WRONG
    assert hsms.user("alice").locked
    assert "locked out" in told(hsms.login(ALICE))
    hsms(users.change_password, None, username="alice", role="crypto-user", password=ALICE.password)
    assert isinstance(hsms.login(ALICE), HsmUser)


def test_a_right_password_starts_the_count_anew() -> None:
    """Five wrong passwords, a right one, and five wrong ones lock nobody out."""
    hsms = Hsms()
    for _ in range(2):
        for _ in range(5):
            hsms.login(ALICE, "wrongPswd1")
        assert isinstance(hsms.login(ALICE), HsmUser)


def test_whoever_gives_credentials_acts_as_that_user() -> None:
    """Single command mode logs in for one command; it ends no session that is there, and leaves none."""
    hsms = Hsms()
    credentials = Credentials("Alice", "crypto-user", ALICE.password)
    assert hsms(sessions.identify, credentials) == ALICE
    assert hsms(sessions.identify, None) is None
    hsms.login(ALICE)
    assert hsms(sessions.identify, credentials) == replace(ALICE, logged_in=True)


def test_wrong_credentials_of_a_command_count() -> None:
    """A command with a wrong password is a failed login like any other."""
    hsms = Hsms()
    for _ in range(6):
        assert told(hsms(sessions.identify, Credentials("alice", "crypto-user", "wrongPswd1"))) == WRONG
    assert hsms.user("alice").locked


def test_an_hsm_must_answer() -> None:
    """The HSMs know the passwords: where none answers, nobody logs in or out."""
    hsms = Hsms(*network(), ready(hsms=()))
    credentials = Credentials("alice", "crypto-user", ALICE.password)
    for function, *arguments in ((sessions.login, credentials), (sessions.identify, credentials), (sessions.logout,)):
        assert "no active HSM" in hsms.refusal(function, *arguments)
