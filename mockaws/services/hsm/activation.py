"""Activating a cluster: its admin gets a password, and with that everything else becomes possible.

https://docs.aws.amazon.com/cloudhsm/latest/userguide/activate-cluster.html
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mockaws.records.cloudhsm import ClusterChange, ClusterState, Role
from mockaws.services.hsm import backups, errors, rules

if TYPE_CHECKING:
    from mockaws.records.cloudhsm import Cluster
    from mockaws.services.operation import Call


def activate(call: Call, cluster: Cluster, password: str) -> Cluster:
    """Give the admin of an initialized cluster *password*; CloudHSM makes the first backup, and sees it ACTIVE soon.

    https://docs.aws.amazon.com/cloudhsm/latest/userguide/cloudhsm_cli-cluster-activate.html
    """
    rules.answers(call, cluster)
    if rules.activated(cluster):
        raise errors.AlreadyActivated(cluster=cluster.id)
    rules.password(password)
    active = ClusterChange(at=call.now + call.terms.timing.activate_cluster, state=ClusterState.ACTIVE)
    before = next(user for user in cluster.users if user.role == Role.UNACTIVATED_ADMIN)
    admin = replace(before, role=Role.ADMIN, password=password)
    activated, _ = backups.take(call, cluster.changed(active).with_user(before, admin))
    return activated
