"""Backups that are shared with other accounts: what a backup's resource policy lets them do.

https://docs.aws.amazon.com/cloudhsm/latest/userguide/sharing.html
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from mockaws import arns
from mockaws.services import principals

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
    matching = [
        statement
        for statement in listed(json.loads(backup.policy)["Statement"])
        if action.lower() in map(str.lower, listed(statement["Action"])) and _names(statement, caller)
    ]
    denied = any(statement["Effect"] == "Deny" and "Condition" not in statement for statement in matching)
    return not denied and any(statement["Effect"] == "Allow" for statement in matching)


def listed(value: Any) -> list[Any]:
    """Return what a policy has one or a list of as a list."""
    return value if isinstance(value, list) else [value]


def _names(statement: dict[str, Any], caller: Caller) -> bool:
    given = {principals.pathless(name) for name in listed(statement["Principal"]["AWS"])}
    account = {caller.account, arns.account_root(caller.region, caller.account)}
    return not given.isdisjoint({caller.arn, principals.role(caller)} | account)
