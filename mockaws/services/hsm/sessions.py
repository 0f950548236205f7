"""Who is logged in to the HSMs. https://docs.aws.amazon.com/cloudhsm/latest/userguide/cloudhsm_cli-login.html

What is raised undoes everything, and a wrong password has to be remembered; so these functions return why somebody
cannot log in.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from mockaws.services.hsm import errors, lookup, rules, users
from mockaws.services.hsm.errors import HsmError

if TYPE_CHECKING:
    from mockaws.records.cloudhsm import Cluster, HsmUser
    from mockaws.services.hsm.rules import Actor
    from mockaws.services.operation import Call


class Credentials(NamedTuple):
    """As whom somebody wants to act, and the password that proves it."""

    username: str
    role: str
    password: str


def identify(call: Call, cluster: Cluster, credentials: Credentials | None) -> Actor | HsmError:
    """Return as whom somebody acts who gives *credentials*, with which AWS's command line logs in for each command."""
    if credentials is None:
        return None
    rules.answers(call, cluster)
    return _admit(call, cluster, credentials, stays=False)


def login(call: Call, cluster: Cluster, credentials: Credentials) -> HsmUser | HsmError:
    """Log a user in, until somebody logs it out.

    https://docs.aws.amazon.com/cloudhsm/latest/userguide/cloudhsm_cli-login.html
    """
    rules.answers(call, cluster)
    return _admit(call, cluster, credentials, stays=True)


def logout(call: Call, cluster: Cluster, username: str | None = None, role: str | None = None) -> None:
    """Log a user out, or all of them; KMS stays until its key store is disconnected.

    https://docs.aws.amazon.com/cloudhsm/latest/userguide/cloudhsm_cli-logout.html
    """
    rules.answers(call, cluster)
    leaving = cluster.users if username is None else (lookup.user(cluster, username, role or ""),)
    for user in leaving:
        cluster = users.change(call, cluster, user, replace(user, logged_in=False))


def _admit(call: Call, cluster: Cluster, credentials: Credentials, *, stays: bool) -> HsmUser | HsmError:
    """Return the user that *credentials* are those of, logged in if it *stays*; or why they are nobody's."""
    try:
        user = lookup.user(cluster, credentials.username, credentials.role)
    except HsmError:
        return errors.WrongCredentials()
    if user.locked:
        return errors.UserLocked(name=user.name.lower())
    if user.password != credentials.password:
        users.note_wrong_password(call, cluster, user)
        return errors.WrongCredentials()
    rules.kms_not_logged_in(call, cluster, user)
    admitted = replace(user, failed_logins=0, logged_in=stays or user.logged_in)
    users.change(call, cluster, user, admitted)
    return admitted
