"""Activation of a cluster, by a password for its admin.

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
    """Set the admin's password of an initialized cluster, which CloudHSM backs up and which becomes ACTIVE.

    Raises HsmError if no HSM answers, if the cluster was activated, or if the password is not valid.

    https://docs.aws.amazon.com/cloudhsm/latest/userguide/cloudhsm_cli-cluster-activate.html
    """
    rules.require_hsms_answer(call, cluster)
    if rules.is_activated(cluster):
        raise errors.AlreadyActivated(cluster=cluster.id)
    rules.require_valid_password(password)
    active = ClusterChange(at=call.now + call.config.timing.activate_cluster, state=ClusterState.ACTIVE)
    before = next(user for user in cluster.users if user.role == Role.UNACTIVATED_ADMIN)
    admin = replace(before, role=Role.ADMIN, password=password)
    activated, _ = backups.take(call, cluster.changed(active).with_user(before, admin))
    return activated
