"""Principals: what can be one, and for whom a caller passes. iam.py asks whether one exists.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mockaws import arns

if TYPE_CHECKING:
    from mockaws.services.operation import Caller

USER = "mockaws"
"""The name of the user that callers are who have no other."""

# An account, a user or a role; a session of a role or of a federated user.
_ENTITIES = {
    "iam": re.compile(r"root|(user|role)/.+"),
    "sts": re.compile(r"assumed-role/[^/]+/[^/]+|(federated-user|self)/.+|self"),
}
_SESSION_WITH_PATH = re.compile(r"assumed-role/[^/]+/[^/]+/")
_ACCOUNT = re.compile(r"[0-9]{12}")
_SERVICE = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*\.amazonaws\.com(\.cn)?")


def is_account(text: str) -> bool:
    """Tell whether *text* is the number of an account."""
    return _ACCOUNT.fullmatch(text) is not None


def is_entity(arn: arns.Arn) -> bool:
    """Tell whether an ARN is of something that can call AWS: groups and organizations cannot."""
    resource = _ENTITIES.get(arn.service)
    return resource is not None and resource.fullmatch(arn.resource) is not None


def is_principal(name: str) -> bool:
    """Tell whether *name* is the ARN of a principal in an account, or the name of a service of AWS."""
    arn = arns.parse(name)
    if arn is None:
        return _SERVICE.fullmatch(name) is not None
    return is_account(arn.account) and is_entity(arn)


def is_well_formed(name: str) -> bool:
    """Tell whether *name* is an ARN in form; the ARN of a session has the name of its role without the role's path."""
    arn = arns.parse(name)
    return arn is not None and (arn.service != "sts" or not _SESSION_WITH_PATH.match(arn.resource))


def is_caller(principal: str, caller: Caller) -> bool:
    """Tell whether *principal* is the caller: by its own ARN, its role's, or its account's."""
    names = {caller.arn, role(caller), arns.account_root(caller.region, caller.account)}
    return pathless(principal) in names


def is_default(caller: Caller) -> bool:
    """Tell whether a caller is the user that callers are who have no other name."""
    return caller.arn == arns.iam(caller.region, caller.account, f"user/{USER}")


def role(caller: Caller) -> str:
    """Return the ARN of the role behind a caller's session, or the caller's own ARN."""
    return role_of(caller.arn)


def role_of(principal: str) -> str:
    """Return the ARN of the role behind the ARN of a session, or of a role, without a path; or *principal* itself."""
    arn = arns.parse(principal)
    if arn is None or not arn.resource.startswith("assumed-role/"):
        return pathless(principal)
    return str(arn._replace(service="iam", resource=f"role/{arn.resource.split('/')[1]}"))


def pathless(principal: str) -> str:
    """Return the ARN of a role without its path, which the ARNs of the role's sessions do not have either."""
    arn = arns.parse(principal)
    if arn is None or not arn.resource.startswith("role/"):
        return principal
    return str(arn._replace(resource=f"role/{arn.resource.rpartition('/')[2]}"))
