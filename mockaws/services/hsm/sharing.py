"""Shared backups: the permissions that a backup's resource policy grants to other accounts.

https://docs.aws.amazon.com/cloudhsm/latest/userguide/sharing.html
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from mockaws.services import policies

if TYPE_CHECKING:
    from mockaws.records.backups import Backup
    from mockaws.services.operation import Caller

CREATE_CLUSTER = "cloudhsm:CreateCluster"
DESCRIBE_BACKUPS = "cloudhsm:DescribeBackups"
ACTIONS = (CREATE_CLUSTER, DESCRIBE_BACKUPS)


def is_allowed(backup: Backup, caller: Caller, action: str) -> bool:
    """Return True if the policy of *backup* allows *caller*, of another account, to do *action*.

    Conditions are not evaluated: a conditional Allow counts, a conditional Deny does not. The caller's own IAM policies
    are assumed to allow the action.
    """
    if backup.policy is None:
        return False
    statements = policies.as_list(json.loads(backup.policy)["Statement"])
    return policies.is_allowed(statements, policies.PolicyRequest(caller, action, backup.account))
