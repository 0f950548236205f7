"""How a function becomes an operation: its signature is the page's list of request parameters, and the model checks it.

    @operation
    def describe_key(call, *, key_id, grant_tokens=()):
        ...

`Service` gathers the functions of its modules when the program starts, and refuses a name that the model does not
have and a parameter that is none of the model's members.
"""

from __future__ import annotations

import inspect
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, cast

from mockaws.model.errors import AWSError
from mockaws.model.service import load
from mockaws.model.validation import snake_case
from mockaws.records.base import Record

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import ModuleType

    from mockaws.ids import Ids
    from mockaws.model.errors import ErrorCatalogue
    from mockaws.model.service import Operation as OperationModel
    from mockaws.records.kms import Key
    from mockaws.records.world import Terms
    from mockaws.services.elsewhere import Elsewhere
    from mockaws.services.quotas import Quota
    from mockaws.store.base import Transaction

    Quotas = Callable[[str, Mapping[str, Any], "Caller", Key | None], tuple[Quota, ...]]

R = TypeVar("R", bound=Record)
T = TypeVar("T")
Result = dict[str, Any]
F = TypeVar("F", bound="Callable[..., Result | None]")

_MARK = "__aws_operation__"


class Caller(NamedTuple):
    """Who calls, and in which account and Region: what the credential scope of the signature says."""

    access_key_id: str
    account: str
    region: str
    arn: str
    user_id: str


@dataclass(slots=True)
class _Thing:
    """What was made, how to undo it, and which run of the call used it last."""

    made: object
    undo: Callable[[], None] | None
    run: int


class Made:
    """The things that a call makes `once`, and the number of its runs, which counts once more when it has failed.

    *wrote* is True once any run has created, changed or removed a record.
    """

    __slots__ = ("runs", "things", "wrote")

    def __init__(self) -> None:
        self.runs = 0
        self.wrote = False
        self.things: dict[str, _Thing] = {}

    def once(self, name: str, make: Callable[[], T], undo: Callable[[T], None] | None) -> T:
        """Return what *make* makes, or made in an earlier run."""
        if name not in self.things:
            made = make()
            self.things[name] = _Thing(made, None if undo is None else partial(undo, made), self.runs)
        self.things[name].run = self.runs
        return cast("T", self.things[name].made)

    def tidy(self) -> None:
        """Undo what the last run did not use, latest first; where that fails there is nothing more to be done."""
        for thing in reversed(self.things.values()):
            if thing.undo is not None and thing.run != self.runs:
                with suppress(AWSError):
                    thing.undo()


@dataclass(slots=True, eq=False)  # nothing changes it; frozen would cost each call time
class Call:
    """One call under way: which operation, who calls, inside which transaction, at which moment.

    *made* is kept when the call runs again: see `once`. *elsewhere* are the services that are not ours, where others
    answer for them.
    """

    operation: str
    caller: Caller
    tx: Transaction
    now: float
    ids: Ids
    terms: Terms
    request_id: str
    made: Made = field(default_factory=Made)
    elsewhere: Elsewhere | None = None

    @property
    def account(self) -> str:
        """The caller's account."""
        return self.caller.account

    @property
    def region(self) -> str:
        """The Region that the caller speaks to."""
        return self.caller.region

    def lookup(self, kind: type[R], id: str) -> R | None:  # noqa: A002 - a record's own word
        """Return a record of the caller's account and Region, or None."""
        return self.tx.get(kind, self.caller.account, self.caller.region, id)

    def get(self, kind: type[R], id: str, missing: Callable[..., AWSError]) -> R:  # noqa: A002
        """Return a record of the caller's account and Region; raise *missing*, told the id, where there is none."""
        record = self.lookup(kind, id)
        if record is None:
            raise missing(id=id)
        return record

    def find(self, kind: type[R], *, after: str = "", limit: int | None = None, **field: str) -> Sequence[R]:
        """Return records of the caller's account and Region in the order of their ids."""
        return self.tx.find(kind, self.caller.account, self.caller.region, after=after, limit=limit, **field)

    def once(self, name: str, make: Callable[[], T], undo: Callable[[T], None] | None = None) -> T:
        """Return what *make* makes, or made already if the call runs again because it met a conflict.

        For what takes so long that others would get in between each time, so that the call would never end; and for
        what happens outside the transaction, which *undo* takes back where the call fails, or does without it when it
        runs again.
        """
        return self.made.once(name, make, undo)

    def put(self, record: Record) -> None:
        """Create or change a record."""
        self.made.wrote = True
        self.tx.put(record)

    def drop(self, record: Record) -> None:
        """Remove a record."""
        self.made.wrote = True
        self.tx.drop(record)


def operation(function: F) -> F:
    """Mark a function as the operation that it is named after: `create_key` answers CreateKey."""
    setattr(function, _MARK, True)
    return function


class Operation(NamedTuple):
    """An operation that is there: its model, and the function that answers it.

    *unknown* are the parameters that the model has and the function lacks: a botocore newer than this code brings them,
    and they are ignored as AWS ignores what it does not know.
    """

    model: OperationModel
    function: Callable[..., Result | None]
    unknown: frozenset[str]


def _no_quotas(*_: object) -> tuple[Quota, ...]:
    return ()


class Service:
    """A service of AWS: its model, the operations that its *modules* have, its errors, and its documented quotas.

    *quotas* tells what a call counts against, by operation, arguments, caller and the KMS key that it is about.
    """

    def __init__(
        self,
        name: str,
        *modules: ModuleType,
        errors: ErrorCatalogue | None = None,
        quotas: Quotas = _no_quotas,
    ) -> None:
        """Gather the operations.

        Raises LookupError for a function that is no operation of the model, or that has a parameter the model lacks.
        """
        self.model = load(name)
        self.errors = errors or self.model.catalogue()
        self.quotas = quotas
        names = {snake_case(operation): operation for operation in self.model.operations}
        found: dict[str, Operation] = {}
        for module in modules:
            for function_name, function in vars(module).items():
                if not hasattr(function, _MARK) or function.__module__ != module.__name__:
                    continue
                if function_name not in names:
                    raise LookupError(f"{name} has no operation for {module.__name__}.{function_name}")
                model = self.model.operations[names[function_name]]
                found[model.name] = Operation(model, function, _unknown_parameters(model, function))
        self.operations: Mapping[str, Operation] = found


def _unknown_parameters(model: OperationModel, function: Callable[..., Any]) -> frozenset[str]:
    """Return the parameters of the model that *function* lacks; raises LookupError for one that the model lacks."""
    members = {snake_case(member) for member in model.members}
    parameters = set(list(inspect.signature(function).parameters)[1:])
    if parameters - members:
        raise LookupError(f"{model.name} has no members {sorted(parameters - members)} as {function.__qualname__} has")
    return frozenset(members - parameters)
