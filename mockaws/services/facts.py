"""The facts that AWS publishes about each operation: permissions, resources, forms of KeyId, grants, quotas, events.

Each operation states its own facts: see `mockaws.services.operation.operation`. Their sources are

- https://docs.aws.amazon.com/kms/latest/developerguide/kms-api-permissions-reference.html
- https://docs.aws.amazon.com/service-authorization/latest/reference/list_awskeymanagementservice.html
- https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscloudhsm.html
- https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecuritytokenservice.html
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, Flag, auto
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from mockaws.records.key_specs import KeyType, KeyUsage

if TYPE_CHECKING:
    from collections.abc import Mapping


class Kind(Enum):
    """The kinds of things that requests name."""

    KEY = "key"
    KEY_OF_ALIAS = "key of an alias"
    ALIAS = "alias"
    KEY_STORE = "key store"
    CLUSTER = "cluster"
    BACKUP = "backup"
    CLUSTER_OR_BACKUP = "cluster or backup"
    ROLE = "role"
    ANY = "*"


class Resource(NamedTuple):
    """A thing that a request names, and the parameters that name it; the first one that is given counts.

    If none of the parameters is given, a policy's Resource must be `*`.
    """

    kind: Kind
    parameters: tuple[str, ...] = ()


ANY = Resource(Kind.ANY)
KEY = Resource(Kind.KEY, ("key_id",))


class Permission(NamedTuple):
    """An IAM action that a call needs, and the resource that it needs it on.

    An empty *action* is the operation's own name. *if_given* is a parameter without which a call does not need the
    permission. *region_in* is the parameter with the Region of the resource, None for the Region of the call.
    """

    resource: Resource = ANY
    action: str = ""
    if_given: str | None = None
    region_in: str | None = None


class Effect(Enum):
    """The effect of an operation: CloudTrail calls all but CHANGES read-only."""

    CHANGES = "changes something"
    READS = "reads"
    USES_A_KEY = "uses a key"


class SharedQuota(Flag):
    """The request quotas that several operations share; an operation can count against one for each type of key."""

    SYMMETRIC = auto()
    ASYMMETRIC = auto()
    KEY_PAIRS = auto()


class QuotaInOtherRegion(NamedTuple):
    """A quota that a call also counts against, in the Region that its parameter *region_in* names."""

    name: str
    rate: float
    region_in: str
    cost: int = 1


ANY_KEY = "any key"
Grantable = KeyUsage | KeyType | str
"""The keys on which a grant can permit an operation: those of a usage, of a type, or `ANY_KEY`."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Facts:
    """The facts of one operation.

    *permissions* are all that a call needs, in the order in which AWS checks them; *named* is a thing that requests
    name without a permission on it. *by_alias* and *cross_account* say which forms of KeyId the operation takes.
    *on_aws_managed* is True if customers may call it for AWS managed keys. *quota* is the requests per second, or a
    quota shared with others; None where AWS documents no quota. *event_defaults* are request parameters that CloudTrail
    shows even if the caller did not send them. *event_has_key_arn* is True if the event's response elements include the
    key's ARN although the operation does not return it. *errors* are the errors that the operation's page lists.
    """

    service: str = ""
    name: str = ""
    permissions: tuple[Permission, ...] = ()
    named: Resource | None = None
    effect: Effect = Effect.CHANGES
    by_alias: bool = False
    cross_account: bool = False
    on_aws_managed: bool = False
    grantable: Grantable | None = None
    quota: float | SharedQuota | None = None
    quota_in_other_region: QuotaInOtherRegion | None = None
    event_defaults: Mapping[str, object] = field(default_factory=dict)
    event_has_key_arn: bool = False
    errors: frozenset[str] = frozenset()

    @property
    def is_read_only(self) -> bool:
        """The value of CloudTrail's readOnly for the operation."""
        return self.effect is not Effect.CHANGES

    @cached_property
    def action(self) -> str:
        """The IAM action of the operation; of several, the one that AWS checks first."""
        return self.permissions[0].action if self.permissions else f"{self.service}:{self.name}"

    def action_on(self, resource: Resource) -> str:
        """Return the IAM action that the operation needs on one of its resources.

        Raises LookupError if it needs none on that resource.
        """
        for permission in self.permissions:
            if permission.resource == resource:
                return permission.action
        raise LookupError(f"{self.service}:{self.name} needs no permission on {resource}")

    @cached_property
    def grant_operations(self) -> tuple[str, ...]:
        """The names by which grants permit the operation."""
        if self.grantable is None:
            return ()
        return tuple(permission.action.partition(":")[2] for permission in self.permissions)

    @cached_property
    def resources(self) -> tuple[Resource, ...]:
        """All things that requests name, each once."""
        found = [permission.resource for permission in self.permissions]
        return tuple(dict.fromkeys(found if self.named is None else [*found, self.named]))

    @cached_property
    def key_parameters(self) -> tuple[str, ...]:
        """The parameters that name keys, by id, ARN, alias or ciphertext."""
        keys = (resource for resource in self.resources if resource.kind is Kind.KEY)
        return tuple(dict.fromkeys(parameter for resource in keys for parameter in resource.parameters))

    @cached_property
    def has_two_keys(self) -> bool:
        """The mark of an operation whose requests name two keys."""
        return sum(resource.kind is Kind.KEY for resource in self.resources) > 1

    def names(self, kind: Kind) -> bool:
        """Return True if requests name a thing of *kind*."""
        return any(resource.kind is kind for resource in self.resources)


NO_FACTS = Facts()
"""The facts of a call that is no operation of AWS."""
