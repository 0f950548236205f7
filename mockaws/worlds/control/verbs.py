"""The form of a control verb: its name, parameters, action, answer, and how each way of calling it spells it."""

from __future__ import annotations

from enum import Enum
from http import HTTPStatus
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mockaws.fixtures.loader import Fixture
    from mockaws.services.hsm.sessions import Credentials
    from mockaws.services.operation import Call
    from mockaws.worlds.control.kinds import Kind
    from mockaws.worlds.named import NamedWorld, Worlds
    from mockaws.worlds.world import World

T = TypeVar("T")

PREFIX = "/_mockaws"
MIB = 1024 * 1024


class ControlError(ValueError):
    """A mistake of the caller, as a sentence that says what is wrong and what would be right."""

    status = HTTPStatus.BAD_REQUEST


class NotThereError(ControlError):
    """The caller names something that does not exist."""

    status = HTTPStatus.NOT_FOUND


class TakenError(ControlError):
    """The caller gives a name that is in use."""

    status = HTTPStatus.CONFLICT


class ControlledServer(Protocol):
    """The part of a server that verbs use: its worlds, and a method that creates more."""

    @property
    def worlds(self) -> Worlds:
        """The default world and the named ones."""
        ...

    @property
    def fixture(self) -> str:
        """The source of the fixture that the server was started with."""
        ...

    def operation_counts(self) -> dict[str, int]:
        """Return the number of operations of each service."""
        ...

    def create_world(
        self,
        name: str,
        fixture: Fixture | None = None,
        *,
        id_seed: str | None = None,
        idle_timeout: float | None = None,
    ) -> NamedWorld:
        """Create a named world, from the server's own fixture if *fixture* is None.

        Raises NoWorldError if the name is invalid or there are too many worlds, and WorldTakenError if a world has
        that name.
        """
        ...


class Server(NamedTuple):
    """A server for control verbs that is not an `Application`, such as one of a test."""

    worlds: Worlds
    operation_counts: Callable[[], dict[str, int]]
    create_world: Callable[..., NamedWorld]
    fixture: str = "empty"


class Context(NamedTuple):
    """A world, its server, and the account, Region and credentials of a request.

    An account or Region that is None is the world's own.
    """

    world: World
    server: ControlledServer | None = None
    account: str | None = None
    region: str | None = None
    credentials: Credentials | None = None
    """Those of a user of the HSMs; without them everything is permitted."""
    address: str = ""
    """The URL of the server as the client wrote it."""

    def act(self, work: Callable[[Call], T]) -> T:
        """Do *work* in one transaction, as the owner of the account, and return its result."""
        config = self.world.config
        return self.world.act("control", self.account or config.account, self.region or config.region, work)

    @property
    def controlled(self) -> ControlledServer:
        """The server. Raises ControlError if there is none."""
        if self.server is None:
            raise ControlError("this world has no server: use the methods of the Mock that it belongs to")
        return self.server


class Place(Enum):
    """The part of an HTTP request that has a parameter."""

    PATH = "path"
    QUERY = "query"
    MEMBER = "a member of the JSON document"
    DOCUMENT = "the JSON document as a whole"
    CONTENT = "the body as it is"


class Scope(Enum):
    """The subject of a verb."""

    WORLD = "the world of the request"
    HSMS = "the HSMs of an account and Region in the world of the request"
    SERVER = "the server with all its worlds"


class Output(Enum):
    """The form in which a command prints the answer."""

    JSON = "the document"
    EVENTS = "a line for each call"
    FILE = "the content, to a file if the caller names one"
    CLOUDHSM = "the envelope of AWS's CloudHSM CLI around the document"
    CLOUDHSM_SENTENCE = "the envelope of AWS's CloudHSM CLI around the document's message"


class _Required:
    """The default of a parameter that has none."""

    def __repr__(self) -> str:
        return "REQUIRED"


REQUIRED: Any = _Required()


class Parameter(NamedTuple):
    """A parameter of a verb: its name in Python, and where it is in a request and on a command line."""

    name: str
    kind: Kind
    help: str
    place: Place = Place.MEMBER
    default: Any = REQUIRED
    member: str = ""
    """Its name in a request, if that is not *name*."""
    flags: tuple[str, ...] = ()
    """Its flags on the command line; without any it is an argument by position."""
    metavar: str | None = None
    sample: str = ""
    """A value for the OpenAPI document."""
    choices: tuple[str, ...] = ()
    group: str = ""
    """The heading in a command's help."""
    on_command_line: bool = True
    in_python: bool = True
    keyword: bool = False
    """True if a method takes it by keyword only."""
    implied: bool = False
    """True if a command and a method may leave it out although a request must have it."""
    each: bool = False
    """True if a command takes several values and sends a request for each."""
    is_new: bool = False
    """True for a new password, which a command asks for twice."""

    @property
    def spelled(self) -> str:
        """Its name in a request."""
        return self.member or self.name

    @property
    def required(self) -> bool:
        """Return True if a request must have it."""
        return self.default is REQUIRED

    def read(self, given: Any, spelled: str) -> Any:
        """Return the value of *given*. Raises ControlError if it is invalid; the message calls it *spelled*."""
        try:
            return self.kind.read(given)
        except (TypeError, ValueError) as error:
            mark = "" if str(error).startswith("must ") else ":"
            raise ControlError(f"{spelled}{mark} {error}") from None


class Example(NamedTuple):
    """A use of a verb for the docs: what it does there, and its arguments."""

    does: str
    arguments: Mapping[str, Any] = MappingProxyType({})
    command: str = ""
    """The command line, where the arguments do not say it."""
    python: str = ""
    """The Python expression, where the arguments do not say it."""


class Verb(NamedTuple):
    """One thing that a caller can do to a world, or to a server."""

    name: str
    """`topic.function`: the module beside this one, and the function there, that does it."""
    method: str
    path: str
    summary: str
    parameters: tuple[Parameter, ...] = ()
    scope: Scope = Scope.WORLD
    chosen_by: str = ""
    """The member that chooses this verb, where several share method and path."""
    shape: str = ""
    """The function beside the action that makes an answer's JSON of its result."""
    status: HTTPStatus = HTTPStatus.OK
    answer: str = "Status"
    """The name of the answer's schema."""
    answer_description: str = ""
    media: str = "application/json"
    refusals: tuple[HTTPStatus, ...] = ()
    """The statuses of its refusals, but for 403, which all have."""
    as_user: bool = False
    """True if a request may have the credentials of a user of the HSMs."""
    reads_document: bool = False
    """True if a body with unknown members is refused although the verb has no members."""
    lenient: bool = False
    """True if unknown parameters in the query string are ignored."""
    largest_body: int = MIB
    too_large: str = ""
    """The advice for a body that is too large."""
    commands: tuple[str, ...] = ()
    """The words of its commands behind `mockaws`."""
    command_summary: str = ""
    """The summary in a command's help, if that is not *summary*."""
    is_default: bool = False
    """True if the command runs it when no further word follows."""
    switch: str = ""
    """The flag that chooses this verb, where several share a command."""
    waits: bool = False
    """True if the command can wait for the server."""
    output: Output = Output.JSON
    python: str = ""
    """The method of a `Mock` that does it; none if programs look at something else, see *view*."""
    view: str = ""
    """The Python expression that shows the same, with arguments in braces."""
    in_aws_cli: bool = False
    """True if AWS's CloudHSM CLI has the command."""
    note: str = ""
    """A remark for the table of commands in docs/hsm.md."""
    examples: tuple[Example, ...] = ()
    operation_id: str = ""
    """Its operationId in the OpenAPI document, if that does not follow from the name."""

    @property
    def changes(self) -> bool:
        """Return True if it can change something."""
        return self.method != "GET"

    @property
    def has_document(self) -> bool:
        """Return True if the action reads the JSON document itself, with all its members."""
        return any(each.place is Place.DOCUMENT for each in self.parameters)

    @property
    def identifier(self) -> str:
        """The operationId in the OpenAPI document."""
        if self.operation_id:
            return self.operation_id
        first, *more = self.name.partition(".")[2].split("_")
        return first + "".join(word.capitalize() for word in more)

    def parameter(self, name: str) -> Parameter:
        """Return the parameter called *name*. Raises ControlError if there is none."""
        for parameter in self.parameters:
            if parameter.name == name:
                return parameter
        known = ", ".join(parameter.name for parameter in self.parameters) or "none"
        raise ControlError(f"{name}: no such parameter of {self.name}; there are {known}")

    def document(self, given: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return the JSON document of a request, with given arguments; None if the verb has no members."""
        members = [each for each in self.parameters if each.place in {Place.MEMBER, Place.DOCUMENT}]
        if not members and not self.chosen_by and not self.reads_document:
            return None
        found = {self.chosen_by: True} if self.chosen_by else {}
        return found | {self.parameter(name).spelled: given[name] for name in given if self.parameter(name) in members}

    def read(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return the arguments of the action: what a request has, by the parameters' names in Python.

        Raises ControlError if one is missing or not valid.
        """
        missing = [each.spelled for each in self.parameters if each.required and each.name not in given]
        if missing:
            raise ControlError(f"{', '.join(missing)} must be given")
        return {
            each.name: each.read(given[each.name], each.spelled) if each.name in given else each.default
            for each in self.parameters
        }

    def run(self, context: Context, arguments: Mapping[str, Any]) -> Any:
        """Return the result of the action with *arguments* that were read. Raises what it raises."""
        return self.function(self.name.partition(".")[2])(context, **arguments)

    def shaped(self, context: Context, result: Any) -> Any:
        """Return the answer to a request: the result of the action as JSON, text or bytes."""
        return self.function(self.shape)(context, result) if self.shape else result

    def perform(self, context: Context, **given: Any) -> Any:
        """Return the result of the action for a program's arguments, of which None stands for one that is left out.

        Raises ControlError if an argument is not valid, and what the action raises.
        """
        if self.has_document:
            return self.run(context, given)
        arguments = {}
        for name, value in given.items():
            parameter = self.parameter(name)
            if value is not None or (parameter.required and not parameter.implied):
                arguments[name] = parameter.read(value, name)
        for parameter in self.parameters:
            if parameter.name not in arguments and parameter.required and not parameter.implied:
                raise ControlError(f"{parameter.name} must be given")
            arguments.setdefault(parameter.name, None if parameter.implied else parameter.default)
        return self.run(context, arguments)

    def function(self, name: str) -> Callable[..., Any]:
        """Return a function of the module that the verb's topic names."""
        # The module is imported when the verb runs: a command that sends a request needs no services.
        function: Callable[..., Any] = getattr(import_module(f"{__package__}.{self.name.partition('.')[0]}"), name)
        return function
