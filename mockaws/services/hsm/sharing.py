"""Backups that are shared with other accounts: what a backup's resource policy lets them do.

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


def allows(backup: Backup, caller: Caller, action: str) -> bool:
    """Tell whether the policy of *backup* lets *caller*, of another account, do *action*, given that its IAM does.

    Conditions are not evaluated: a conditional Allow counts, a conditional Deny does not.
    """
    if backup.policy is None:
        return False
    statements = policies.listed(json.loads(backup.policy)["Statement"])
    return policies.allow(statements, policies.Asked(caller, action, backup.account))
