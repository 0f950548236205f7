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
    """Create a user. Its name is stored in lower case. Raises HsmError.

    https://docs.aws.amazon.com/cloudhsm/latest/userguide/cloudhsm_cli-user-create.html
    """
    rules.require_writable(call, cluster)
    rules.require_admin(actor, "create a user")
    rules.require_valid_username(username)
    rules.require_known_role(role)
    rules.require_valid_password(password)
    rules.require_free_name(cluster, username)
    rules.require_user_quota(cluster)
    settled = backups.make_due(call, cluster)
    user = HsmUser(name=username.lower(), role=role, password=password)
    call.put(evolve(settled, users=(*settled.users, user)))
    return user


def all_users(cluster: Cluster) -> list[HsmUser]:
    """Return all users: the admins, the crypto users, and AWS's own user, which synchronizes the HSMs."""
    visible = [user for user in cluster.users if user.role != Role.APPLIANCE_USER]
    return [*sorted(visible, key=lambda user: user.role not in _ADMINS), APPLIANCE_USER]


def delete(call: Call, cluster: Cluster, actor: Actor, *, username: str, role: str) -> HsmUser:
    """Delete a user that is not logged in, owns no keys, and is not the last admin. Raises HsmError.

    https://docs.aws.amazon.com/cloudhsm/latest/userguide/cloudhsm_cli-user-delete.html
    """
    rules.require_writable(call, cluster)
    rules.require_admin(actor, "delete a user")
    user = lookup.user(cluster, username, role)
    if user == actor:
        raise errors.LoggedInAndDeleted()
    rules.require_logged_out(call, cluster, user, errors.LoggedInAndDeleted)
    rules.require_no_owned_keys(call, cluster, user)
    rules.require_another_admin(cluster, user)
    settled = backups.make_due(call, cluster)
    call.put(evolve(settled, users=tuple(other for other in settled.users if other is not user)))
    return user


def change_password(call: Call, cluster: Cluster, actor: Actor, *, username: str, role: str, password: str) -> HsmUser:
    """Change the password of a user, which also unlocks it. The user itself or an admin may do it. Raises HsmError.

    https://docs.aws.amazon.com/cloudhsm/latest/userguide/cloudhsm_cli-user-change-password.html
    """
    rules.require_writable(call, cluster)
    user = lookup.user(cluster, username, role)
    if user != actor:
        rules.require_admin(actor, "change the password of another user")
        rules.require_logged_out(call, cluster, user, errors.LoggedInAndChanged)
    rules.require_valid_password(password)
    set_password(call, cluster, user, password)
    return user


def unlock(call: Call, cluster: Cluster, actor: Actor, *, username: str, role: str) -> HsmUser:
    """Unlock a user. AWS's command line has only change-password for that. Raises HsmError."""
    rules.require_writable(call, cluster)
    rules.require_admin(actor, "unlock a user")
    user = lookup.user(cluster, username, role)
    change(call, cluster, user, replace(user, locked=False, failed_logins=0))
    return user


def set_password(call: Call, cluster: Cluster, user: HsmUser, password: str) -> Cluster:
    """Change the password of *user*, which also unlocks it; return the changed cluster."""
    return change(call, cluster, user, replace(user, password=password, locked=False, failed_logins=0))


def count_wrong_password(call: Call, cluster: Cluster, user: HsmUser) -> Cluster:
    """Count a failed login of *user*, and lock it out after too many; return the changed cluster."""
    failed = user.failed_logins + 1
    return change(call, cluster, user, replace(user, failed_logins=failed, locked=failed > WRONG_PASSWORDS_ALLOWED))


def change(call: Call, cluster: Cluster, before: HsmUser, after: HsmUser) -> Cluster:
    """Replace the user *before* by *after*; return the changed cluster."""
    changed = backups.make_due(call, cluster).with_user(before, after)
    call.put(changed)
    return changed
