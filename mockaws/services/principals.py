"""Principals: the forms of their names, and which of them a caller is. iam.py knows which of them exist.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mockaws import arns

if TYPE_CHECKING:
    from mockaws.services.operation import Caller

USER = "mockaws"
"""The name of the default user: a caller whose access key belongs to no other user."""

# An account, a user or a role; a session of a role or of a federated user.
_ENTITIES = {
    "iam": re.compile(r"root|(user|role)/.+"),
    "sts": re.compile(r"assumed-role/[^/]+/[^/]+|(federated-user|self)/.+|self"),
}
_SESSION_WITH_PATH = re.compile(r"assumed-role/[^/]+/[^/]+/")
_ACCOUNT = re.compile(r"[0-9]{12}")
_SERVICE = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*\.amazonaws\.com(\.cn)?")


def is_account(text: str) -> bool:
    """Return True if *text* is an account number."""
    return _ACCOUNT.fullmatch(text) is not None


def is_entity(arn: arns.Arn) -> bool:
    """Return True if an ARN names an entity that can call AWS. Groups and organizations cannot."""
    resource = _ENTITIES.get(arn.service)
    return resource is not None and resource.fullmatch(arn.resource) is not None


def is_principal(name: str) -> bool:
    """Return True if *name* is the ARN of a principal in an account, or the name of an AWS service."""
    arn = arns.parse(name)
    if arn is None:
        return _SERVICE.fullmatch(name) is not None
    return is_account(arn.account) and is_entity(arn)


def is_well_formed(name: str) -> bool:
    """Return True if *name* has the form of an ARN. In the ARN of a session, the role has no path."""
    arn = arns.parse(name)
    return arn is not None and (arn.service != "sts" or not _SESSION_WITH_PATH.match(arn.resource))


def is_caller(principal: str, caller: Caller) -> bool:
    """Return True if *principal* is the ARN of the caller, of its role, or of its account."""
    names = {caller.arn, role(caller), arns.account_root(caller.region, caller.account)}
    return pathless(principal) in names


def is_default_user(caller: Caller) -> bool:
    """Return True if a caller is the default user."""
    return caller.arn == arns.iam(caller.region, caller.account, f"user/{USER}")


def role(caller: Caller) -> str:
    """Return the ARN of the role behind a caller's session, or the caller's own ARN."""
    return role_of(caller.arn)


def role_of(principal: str) -> str:
    """Return the ARN, without a path, of a role or of the role behind a session; else *principal* itself."""
    arn = arns.parse(principal)
    if arn is None or not arn.resource.startswith("assumed-role/"):
        return pathless(principal)
    return str(arn._replace(service="iam", resource=f"role/{arn.resource.split('/')[1]}"))


def pathless(principal: str) -> str:
    """Return the ARN of a role without its path, as the ARNs of its sessions have it."""
    arn = arns.parse(principal)
    if arn is None or not arn.resource.startswith("role/"):
        return principal
    return str(arn._replace(resource=f"role/{arn.resource.rpartition('/')[2]}"))
