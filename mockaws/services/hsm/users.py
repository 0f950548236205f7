"""The users of the HSMs. https://docs.aws.amazon.com/cloudhsm/latest/userguide/manage-hsm-users.html

Six wrong passwords in a row lock a user out, until an admin changes the password.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mockaws.records.base import evolve
from mockaws.records.cloudhsm import APPLIANCE_USER, HsmUser, Role
from mockaws.services.hsm import backups, errors, lookup, rules

if TYPE_CHECKING:
    from mockaws.records.cloudhsm import Cluster
    from mockaws.services.hsm.rules import Actor
    from mockaws.services.operation import Call

WRONG_PASSWORDS_ALLOWED = 5

_ADMINS = {Role.ADMIN, Role.UNACTIVATED_ADMIN}


def create(call: Call, cluster: Cluster, actor: Actor, *, username: str, role: str, password: str) -> HsmUser:
    """Create a user; its name is kept in small letters.

    https://docs.aws.amazon.com/cloudhsm/latest/userguide/cloudhsm_cli-user-create.html
    """
    rules.contents_can_change(call, cluster)
    rules.admin(actor, "create a user")
    rules.username(username)
    rules.role(role)
    rules.password(password)
    rules.name_is_free(cluster, username)
    rules.room_for_a_user(cluster)
    settled = backups.settle(call, cluster)
    user = HsmUser(name=username.lower(), role=role, password=password)
    call.put(evolve(settled, users=(*settled.users, user)))
    return user


def everybody(cluster: Cluster) -> list[HsmUser]:
    """Return all users: the admins, the crypto users, and the one as whom AWS copies what is in one HSM to others."""
    people = [user for user in cluster.users if user.role != Role.APPLIANCE_USER]
    return [*sorted(people, key=lambda user: user.role not in _ADMINS), APPLIANCE_USER]


def delete(call: Call, cluster: Cluster, actor: Actor, *, username: str, role: str) -> HsmUser:
    """Delete a user who is not logged in, owns no keys, and is not the last admin.

    https://docs.aws.amazon.com/cloudhsm/latest/userguide/cloudhsm_cli-user-delete.html
    """
    rules.contents_can_change(call, cluster)
    rules.admin(actor, "delete a user")
    user = lookup.user(cluster, username, role)
    if user == actor:
        raise errors.LoggedInAndDeleted()
    rules.not_logged_in(call, cluster, user, errors.LoggedInAndDeleted)
    rules.owns_no_keys(call, cluster, user)
    rules.not_the_last_admin(cluster, user)
    settled = backups.settle(call, cluster)
    call.put(evolve(settled, users=tuple(other for other in settled.users if other is not user)))
    return user


def change_password(call: Call, cluster: Cluster, actor: Actor, *, username: str, role: str, password: str) -> HsmUser:
    """Give a user another password, which also unlocks: a user does it, logged in or not, else an admin.

    https://docs.aws.amazon.com/cloudhsm/latest/userguide/cloudhsm_cli-user-change-password.html
    """
    rules.contents_can_change(call, cluster)
    user = lookup.user(cluster, username, role)
    if user != actor:
        rules.admin(actor, "change the password of another user")
        rules.not_logged_in(call, cluster, user, errors.LoggedInAndChanged)
    rules.password(password)
    set_password(call, cluster, user, password)
    return user


def unlock(call: Call, cluster: Cluster, actor: Actor, *, username: str, role: str) -> HsmUser:
    """Let a user try again who was locked out. AWS's command line has change-password alone for it."""
    rules.contents_can_change(call, cluster)
    rules.admin(actor, "unlock a user")
    user = lookup.user(cluster, username, role)
    change(call, cluster, user, replace(user, locked=False, failed_logins=0))
    return user


def set_password(call: Call, cluster: Cluster, user: HsmUser, password: str) -> Cluster:
    """Give *user* another password, which also unlocks; return the cluster as it is then."""
    return change(call, cluster, user, replace(user, password=password, locked=False, failed_logins=0))


def note_wrong_password(call: Call, cluster: Cluster, user: HsmUser) -> Cluster:
    """Count a failed login of *user*, and lock it out after too many; return the cluster as it is then."""
    failed = user.failed_logins + 1
    return change(call, cluster, user, replace(user, failed_logins=failed, locked=failed > WRONG_PASSWORDS_ALLOWED))


def change(call: Call, cluster: Cluster, before: HsmUser, after: HsmUser) -> Cluster:
    """Put *after* in the place of the user *before*; return the cluster as it is then."""
    changed = backups.settle(call, cluster).with_user(before, after)
    call.put(changed)
    return changed
