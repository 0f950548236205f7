"""Logins to the HSMs. https://docs.aws.amazon.com/cloudhsm/latest/userguide/cloudhsm_cli-login.html

The HSMs count wrong passwords. `errors.WrongCredentials` therefore is a CommittedError: the count survives the refusal.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from mockaws.services.hsm import errors, lookup, rules, users

if TYPE_CHECKING:
    from mockaws.records.cloudhsm import Cluster, HsmUser
    from mockaws.services.hsm.rules import Actor
    from mockaws.services.operation import Call


class Credentials(NamedTuple):
    """The name, role and password of an HSM user."""

    username: str
    role: str
    password: str


def identify(call: Call, cluster: Cluster, credentials: Credentials | None) -> Actor:
    """Return the user that one command acts as: AWS's command line logs in with *credentials* for each command.

    Without credentials, the command acts as the owner of the world. Raises HsmError if no HSM answers, if the
    credentials are wrong, if the user is locked out, or if KMS is logged in as that user.
    """
    if credentials is None:
        return None
    rules.require_hsms_answer(call, cluster)
    return _authenticated(call, cluster, credentials, stays=False)


def login(call: Call, cluster: Cluster, credentials: Credentials) -> HsmUser:
    """Log a user in, until `logout`. Raises HsmError as `identify` does.

    https://docs.aws.amazon.com/cloudhsm/latest/userguide/cloudhsm_cli-login.html
    """
    rules.require_hsms_answer(call, cluster)
    return _authenticated(call, cluster, credentials, stays=True)


def logout(call: Call, cluster: Cluster, username: str | None = None, role: str | None = None) -> None:
    """Log one user out, or all of them. KMS stays logged in until its key store is disconnected.

    Raises HsmError if no HSM answers, or if no such user exists.
    https://docs.aws.amazon.com/cloudhsm/latest/userguide/cloudhsm_cli-logout.html
    """
    rules.require_hsms_answer(call, cluster)
    leaving = cluster.users if username is None else (lookup.user(cluster, username, role or ""),)
    for user in leaving:
        cluster = users.change(call, cluster, user, replace(user, logged_in=False))


def _authenticated(call: Call, cluster: Cluster, credentials: Credentials, *, stays: bool) -> HsmUser:
    """Return the user with these credentials, logged in if it *stays*. Raises HsmError."""
    try:
        user = lookup.user(cluster, credentials.username, credentials.role)
    except errors.HsmError:
        raise errors.WrongCredentials() from None
    if user.locked:
        raise errors.UserLocked(name=user.name.lower())
    if user.password != credentials.password:
        users.count_wrong_password(call, cluster, user)
        raise errors.WrongCredentials()
    rules.require_kms_logged_out(call, cluster, user)
    authenticated = replace(user, failed_logins=0, logged_in=stays or user.logged_in)
    users.change(call, cluster, user, authenticated)
    return authenticated
