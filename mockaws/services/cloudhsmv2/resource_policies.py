"""Resource policies, by which an account shares its backups.

https://docs.aws.amazon.com/cloudhsm/latest/userguide/sharing.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockaws import arns
from mockaws.records.base import evolve
from mockaws.services import policies, principals
from mockaws.services.cloudhsmv2 import errors, lookup, rules
from mockaws.services.cloudhsmv2.resources import BACKUP_BY_ARN
from mockaws.services.facts import Effect
from mockaws.services.hsm import sharing
from mockaws.services.operation import operation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockaws.records.backups import Backup
    from mockaws.services.operation import Call, Result

_STATEMENT_MEMBERS = {"Sid", "Effect", "Principal", "Action", "Resource", "Condition"}


@operation(BACKUP_BY_ARN, effect=Effect.READS)
def get_resource_policy(call: Call, *, resource_arn: str | None = None) -> Result:
    """Return the policy of a backup exactly as it was put, or an empty answer without a policy.

    https://docs.aws.amazon.com/cloudhsm/latest/APIReference/API_GetResourcePolicy.html
    """
    backup = _backup(call, resource_arn)
    return {} if backup.policy is None else {"Policy": backup.policy}


@operation(BACKUP_BY_ARN)
def put_resource_policy(call: Call, *, resource_arn: str | None = None, policy: str | None = None) -> Result:
    """Share a backup: the principals of the policy can create clusters from it, by its ARN.

    https://docs.aws.amazon.com/cloudhsm/latest/APIReference/API_PutResourcePolicy.html
    """
    backup = _backup(call, resource_arn)
    rules.require_ready(backup, call.now)
    text = rules.required_member("Policy", policy)
    _require_policy(text, backup)
    call.put(evolve(backup, policy=text))
    return {"ResourceArn": backup.arn, "Policy": text}


@operation(BACKUP_BY_ARN)
def delete_resource_policy(call: Call, *, resource_arn: str | None = None) -> Result:
    """Remove the policy of a backup. Clusters that were created from the backup stay.

    https://docs.aws.amazon.com/cloudhsm/latest/APIReference/API_DeleteResourcePolicy.html
    """
    backup = _backup(call, resource_arn)
    call.put(evolve(backup, policy=None))
    return {"ResourceArn": backup.arn} | ({} if backup.policy is None else {"Policy": backup.policy})


def _backup(call: Call, resource_arn: str | None) -> Backup:
    """Return the caller's backup with an ARN.

    Raises CloudHsmInvalidRequestException if the ARN is absent or not that of a backup, and
    CloudHsmResourceNotFoundException if there is no such backup.
    """
    given = rules.required_member("ResourceArn", resource_arn)
    arn = arns.parse(given)
    if arn is None or not arn.resource.startswith("backup/"):
        raise errors.NoResourcePolicies(arn=given)
    backup = lookup.backup(call, arn.resource.removeprefix("backup/"), errors.ResourceNotFound, given)
    if backup.arn != given:
        raise errors.ResourceNotFound(id=given)
    return backup


def flaws(document: object) -> Iterator[policies.Flaw]:
    """Yield the flaws in the grammar of a parsed resource policy."""
    return policies.flaws(document, _STATEMENT_MEMBERS)


def _require_policy(text: str, backup: Backup) -> None:
    """Require a valid policy of *backup*. Raises CloudHsmInvalidRequestException."""
    statements = policies.statements(text, errors.MalformedPolicy, flaws)
    policies.require_bounded_depth(text, errors.MalformedPolicy)
    if not statements:
        raise errors.MalformedPolicy(flaw="it has no Statement")
    for statement in statements:
        _require_statement(statement, backup)


def _require_statement(statement: policies.Statement, backup: Backup) -> None:
    _require_principals(statement.get("Principal"))
    actions = [action.lower() for action in sharing.ACTIONS]
    for action in _texts(statement, "Action"):
        if action.lower() not in actions:
            raise errors.MalformedPolicy(flaw=f"Action {action} is none of {', '.join(sharing.ACTIONS)}")
    for resource in _texts(statement, "Resource"):
        if resource != backup.arn:
            raise errors.MalformedPolicy(flaw=f"Resource {resource} is not {backup.arn}")


def _require_principals(principal: Any) -> None:
    """Require accounts, roles and users as principals. They need not exist.

    Raises CloudHsmInvalidRequestException otherwise.
    """
    if not isinstance(principal, dict) or principal.keys() != {"AWS"}:
        raise errors.MalformedPolicy(flaw="the Principal of a statement is not an object with AWS, and nothing else")
    for name in _texts(principal, "AWS"):
        arn = arns.parse(name)
        entity = arn is not None and principals.is_account(arn.account) and principals.is_entity(arn)
        if not entity and not principals.is_account(name):
            raise errors.MalformedPolicy(flaw=f"Principal {name} is neither an account nor the ARN of a role or user")


def _texts(holder: dict[str, Any], name: str) -> list[str]:
    values = policies.as_list(holder.get(name))
    if not values or not all(isinstance(value, str) for value in values):
        raise errors.MalformedPolicy(flaw=f"{name} in a statement is neither a string nor a list of strings")
    return values
