"""The users of the HSMs, and who is logged in. https://docs.aws.amazon.com/cloudhsm/latest/userguide/manage-hsm-users.html

Six wrong passwords in a row lock a user out, until an admin changes the password.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mockaws.services.hsm import backups

if TYPE_CHECKING:
    from mockaws.records.cloudhsm import Cluster, HsmUser
    from mockaws.services.operation import Call

WRONG_PASSWORDS_ALLOWED = 5


def set_password(call: Call, cluster: Cluster, user: HsmUser, password: str) -> Cluster:
    """Give *user* another password, which also unlocks; return the cluster as it is then."""
    settled = backups.settle(call, cluster)
    changed = settled.with_user(user, replace(user, password=password, locked=False, failed_logins=0))
    call.put(changed)
    return changed


def note_wrong_password(call: Call, cluster: Cluster, user: HsmUser) -> Cluster:
    """Count a failed login of *user*, and lock it out after too many; return the cluster as it is then."""
    failed = user.failed_logins + 1
    changed = cluster.with_user(user, replace(user, failed_logins=failed, locked=failed > WRONG_PASSWORDS_ALLOWED))
    call.put(changed)
    return changed
