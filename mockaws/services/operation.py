"""Operations: functions whose signature is the list of request parameters on AWS's page.

    @operation(KEY, effect=Effect.READS, by_alias=True, grantable=ANY_KEY, quota=2000)
    def describe_key(call, *, key_id, grant_tokens=()):
        ...

`Service` gathers the functions of its modules when the program starts. It refuses a function that is named after no
operation of AWS's model.
"""

from __future__ import annotations

import inspect
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, cast

from mockaws.model.errors import AWSError
from mockaws.model.service import load
from mockaws.model.validation import snake_case
from mockaws.records.base import Record
from mockaws.services.facts import NO_FACTS, Effect, Facts, Permission, Resource

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import ModuleType
    from typing import TypedDict, Unpack

    from mockaws.ids import Ids
    from mockaws.model.errors import ErrorCatalogue
    from mockaws.model.service import OperationModel
    from mockaws.records.kms import Key
    from mockaws.records.world import WorldConfig
    from mockaws.services.facts import Grantable, QuotaInOtherRegion, SharedQuota
    from mockaws.services.other_services import OtherServicesClient
    from mockaws.services.quotas import Quota
    from mockaws.store.base import Transaction

    Quotas = Callable[[Facts, Mapping[str, Any], "Caller", Key | None], tuple[Quota, ...]]

    class _StatedFacts(TypedDict, total=False):
        """The facts that `operation` hands on as they are."""

        named: Resource
        effect: Effect
        grantable: Grantable
        quota: float | SharedQuota
        quota_in_other_region: QuotaInOtherRegion
        event_defaults: Mapping[str, object]
        event_has_key_arn: bool


R = TypeVar("R", bound=Record)
T = TypeVar("T")
Result = dict[str, Any]
F = TypeVar("F", bound="Callable[..., Result | None]")

_FACTS = "__aws_operation__"


class Caller(NamedTuple):
    """The caller of an operation, with the account and Region from the credential scope of its signature."""

    access_key_id: str
    account: str
    region: str
    arn: str
    user_id: str


@dataclass(slots=True)
class _SideEffect:
    """A thing that a call made outside its transaction, the way to undo it, and the last run that used it."""

    made: object
    undo: Callable[[], None] | None
    run: int


class SideEffects:
    """The things that a call makes `once`, and the number of its runs; a failure counts as one more run.

    *wrote* is True once any run has created, changed or removed a record.
    """

    __slots__ = ("runs", "things", "wrote")

    def __init__(self) -> None:
        self.runs = 0
        self.wrote = False
        self.things: dict[str, _SideEffect] = {}

    def once(self, name: str, make: Callable[[], T], undo: Callable[[T], None] | None) -> T:
        """Return the result of *make* from this run or an earlier one."""
        if name not in self.things:
            made = make()
            self.things[name] = _SideEffect(made, None if undo is None else partial(undo, made), self.runs)
        self.things[name].run = self.runs
        return cast("T", self.things[name].made)

    def undo_unused(self) -> None:
        """Undo the things that the last run did not use, latest first; errors of AWS are ignored."""
        for thing in reversed(self.things.values()):
            if thing.undo is not None and thing.run != self.runs:
                with suppress(AWSError):
                    thing.undo()


@dataclass(slots=True, eq=False)  # never changed; a frozen class would cost each call time
class Call:
    """One call under way: its operation and arguments, its caller, its transaction, and its moment.

    *operation* is the operation's name, or that of a control verb; *facts* and *arguments* are empty for the latter.
    *side_effects* are kept when the call runs again: see `once`. *other_services* answers for all services but ours, if
    the world has them.
    """

    operation: str
    caller: Caller
    tx: Transaction
    now: float
    ids: Ids
    config: WorldConfig
    request_id: str
    side_effects: SideEffects = field(default_factory=SideEffects)
    other_services: OtherServicesClient | None = None
    facts: Facts = NO_FACTS
    arguments: Mapping[str, Any] = field(default_factory=dict)

    @property
    def account(self) -> str:
        """The caller's account."""
        return self.caller.account

    @property
    def region(self) -> str:
        """The Region that the caller sent the request to."""
        return self.caller.region

    def lookup(self, kind: type[R], id: str) -> R | None:  # noqa: A002 - a record's own word
        """Return a record of the caller's account and Region, or None if there is none."""
        return self.tx.get(kind, self.caller.account, self.caller.region, id)

    def get(self, kind: type[R], id: str, missing: Callable[..., AWSError]) -> R:  # noqa: A002
        """Return a record of the caller's account and Region; raises *missing* with the id if there is none."""
        record = self.lookup(kind, id)
        if record is None:
            raise missing(id=id)
        return record

    def find(self, kind: type[R], *, after: str = "", limit: int | None = None, **field: str) -> Sequence[R]:
        """Return records of the caller's account and Region in the order of their ids."""
        return self.tx.find(kind, self.caller.account, self.caller.region, after=after, limit=limit, **field)

    def once(self, name: str, make: Callable[[], T], undo: Callable[[T], None] | None = None) -> T:
        """Return the result of *make*, which runs once even if the call runs again after a conflict.

        Slow work belongs here, as it would otherwise meet a conflict each time. So do changes outside the transaction:
        *undo* takes them back if the call fails, or if it runs again and does not need them. A call whose reads are out
        of date runs again before *make* does.
        """
        if name not in self.side_effects.things:
            self.tx.confirm()
        return self.side_effects.once(name, make, undo)

    def put(self, record: Record) -> None:
        """Create or change a record."""
        self.side_effects.wrote = True
        self.tx.put(record)

    def drop(self, record: Record) -> None:
        """Remove a record."""
        self.side_effects.wrote = True
        self.tx.drop(record)


def operation(
    *needs: Resource | Permission,
    needs_permission: bool = True,
    by_alias: bool | None = None,
    cross_account: bool | None = None,
    on_aws_managed: bool | None = None,
    **facts: Unpack[_StatedFacts],
) -> Callable[[F], F]:
    """Mark a function as the operation that it is named after, and state the operation's facts.

    *needs* are the permissions that a call needs. A bare resource stands for the operation's own action on it. Without
    any, a call needs the own action on `*`. *needs_permission* is False for an operation that AWS allows every caller.
    *by_alias* is by default True for operations that use a key, *cross_account* as *by_alias*, and *on_aws_managed* as
    *cross_account*. All other arguments are as in `Facts`.
    """
    permissions = [each if isinstance(each, Permission) else Permission(each) for each in needs]
    if needs_permission and not permissions:
        permissions = [Permission()]
    by_alias = facts.get("effect") is Effect.USES_A_KEY if by_alias is None else by_alias
    cross_account = by_alias if cross_account is None else cross_account
    on_aws_managed = cross_account if on_aws_managed is None else on_aws_managed
    stated = Facts(
        permissions=tuple(permissions),
        by_alias=by_alias,
        cross_account=cross_account,
        on_aws_managed=on_aws_managed,
        **facts,
    )

    def mark(function: F) -> F:
        setattr(function, _FACTS, stated)
        return function

    return mark


class Operation:
    """An operation that is answered here: its model, the function that answers it, and its facts.

    A program uses few of the operations, so facts and parameters are joined with the model at the first call.
    """

    def __init__(self, model: OperationModel, function: Callable[..., Result | None]) -> None:
        self.model = model
        self.function = function
        self.name = model.name

    @cached_property
    def facts(self) -> Facts:
        """The facts that the function states, completed by the model: service, names of actions, errors."""
        stated: Facts = getattr(self.function, _FACTS)
        service = self.model.service.signing_name
        permissions = tuple(
            permission._replace(action=_full_name(permission.action or self.name, service))
            for permission in stated.permissions
        )
        errors = frozenset(self.model.errors)
        return replace(stated, service=service, name=self.name, permissions=permissions, errors=errors)

    @cached_property
    def parameters(self) -> frozenset[str]:
        """The request parameters that the function accepts."""
        return frozenset(list(inspect.signature(self.function).parameters)[1:])

    @cached_property
    def unknown(self) -> frozenset[str]:
        """The parameters that the model has and the function lacks.

        A botocore newer than this code brings them. They are ignored, as AWS ignores members that it does not know.
        """
        return frozenset({snake_case(member) for member in self.model.members} - self.parameters)


def _no_quotas(*_: object) -> tuple[Quota, ...]:
    return ()


class Service:
    """A service of AWS: its model, the operations that its *modules* define, its errors, and its documented quotas.

    *quotas* returns the quotas that a call counts against, from the facts of its operation, its arguments, its caller
    and the KMS key that it is about.
    """

    def __init__(
        self,
        name: str,
        *modules: ModuleType,
        errors: ErrorCatalogue | None = None,
        quotas: Quotas = _no_quotas,
    ) -> None:
        """Gather the operations.

        Raises LookupError for a function that is no operation of the model.
        """
        self.model = load(name)
        self.errors = errors or self.model.catalogue()
        self.quotas = quotas
        names = {snake_case(operation): operation for operation in self.model.operations}
        found: dict[str, Operation] = {}
        for module in modules:
            for function_name, function in vars(module).items():
                if getattr(function, _FACTS, None) is None or function.__module__ != module.__name__:
                    continue
                if function_name not in names:
                    raise LookupError(f"{name} has no operation for {module.__name__}.{function_name}")
                model = self.model.operations[names[function_name]]
                found[model.name] = Operation(model, function)
        self.operations: Mapping[str, Operation] = found


def _full_name(action: str, service: str) -> str:
    return action if ":" in action else f"{service}:{action}"
