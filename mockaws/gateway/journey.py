"""The steps of a request, in order."""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING, Any, NamedTuple

from mockaws.gateway import credentials
from mockaws.gateway.absent_services import Ec2Query, Rest, RestXml, RestXmlLikeQuery
from mockaws.gateway.cbor import Cbor
from mockaws.gateway.http import DROPPED, Answer
from mockaws.gateway.json11 import Json
from mockaws.gateway.query import Query
from mockaws.journal.entries import Entry
from mockaws.model.errors import AWSError
from mockaws.worlds.active_faults import DroppedError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mockaws.gateway.http import Request
    from mockaws.gateway.wire import Address, Wire
    from mockaws.services.operation import Call, Caller, Operation, Service
    from mockaws.worlds.world import World

FORM = "application/x-www-form-urlencoded"
# The largest request that KMS has is an encrypted key material with its token, some 12 KiB; CloudHSM's certificates
# come to 40 KiB. AWS documents no limit.
MAX_BODY = 1 << 20
_TOO_LARGE = 413

_FAILURE = AWSError("InternalFailure", "mockaws failed; its stderr says how. Please report it.", status=500)

_JSON_1_0 = Json("1.0")
_JSON_1_1 = Json("1.1")
_QUERY = Query()
_EC2_QUERY = Ec2Query()
_CBOR = Cbor()
_REST = Rest()
_REST_XML = RestXml()
_REST_XML_LIKE_QUERY = RestXmlLikeQuery()
_REST_WITH_XML: dict[str, Wire] = {
    "s3": _REST_XML,
    "s3express": _REST_XML,
    "s3-outposts": _REST_XML,
    "route53": _REST_XML_LIKE_QUERY,
    "cloudfront": _REST_XML_LIKE_QUERY,
}


class Recognised(NamedTuple):
    """The protocol of a request, and the service and the operation that it names; *is_ours* if a service here has it.

    *operation* is empty for one of ours whose signature alone named the service.
    """

    protocol: Wire
    service: str
    operation: str
    is_ours: bool


class Gateway:
    """The way of AWS requests through the protocols to *services*, and of their answers back."""

    def __init__(self, services: Iterable[Service]) -> None:
        self._services: dict[str, Service] = {}
        for service in services:
            # JSON and CBOR name a service by its target prefix, Query by its API version.
            self._services[service.model.target_prefix or service.model.api_version] = service
        self._signing_names = {service.model.signing_name for service in self._services.values()}
        self._names = ", ".join(sorted(service.model.full_name for service in self._services.values()))

    def recognise(self, request: Request) -> Recognised:
        """Return the protocol, the service and the operation of a request.

        Its signature names the service, or else its protocol does. Raises AWSError if a form cannot be read.
        """
        protocol, service = _protocol_of(request), credentials.service(request)
        if service in self._signing_names:
            return Recognised(protocol, service, "", is_ours=True)
        address = protocol.address(request)
        return Recognised(protocol, service, address.operation, is_ours=address.service in self._services)

    def answer(self, world: World, request: Request, protocol: Wire | None = None) -> Answer:
        """Answer one AWS request in *world*; *protocol* is given if it was recognised before."""
        wire = protocol or _protocol_of(request)
        request_id = world.ids.uuid()
        name, caller = "-", None
        entry = Entry(request_id, request.source, request.user_agent, len(request.body) or len(request.query))
        try:
            address = wire.address(request)
            name = address.operation or "-"
            service, operation = self._route(wire, request, address)
            name = f"{service.model.name}:{operation.model.name}"
            entry.operation = operation
            document = wire.read(request, operation.model)
            scope = credentials.scope(request)
            unsigned = scope is None and operation.model.unsigned
            entry.caller = caller = (
                credentials.unsigned_caller(world) if unsigned else credentials.signed_caller(scope, world)
            )
            state = world.store.state
            entry.arguments = operation.model.input.read(document, state.config.irregular_ids)
            if state.faults:
                world.faults.strike(service, operation.model.name, caller, entry.arguments)
            entry.result = result = _perform(world, caller, operation, entry)
            status, body, error = 200, wire.success(operation.model, result, request_id), ""
        except AWSError as refused:
            (status, body), error = wire.failure(refused, request_id), refused.code
            entry.error = refused.code, refused.loggable
        except DroppedError:
            status, body, error = DROPPED, b"", "ConnectionDropped"
            entry.error = error, "A fault of the world closed the connection without an answer."
        except Exception:  # noqa: BLE001 - a defect of mockaws itself, which its user must see
            traceback.print_exc()
            (status, body), error = wire.failure(_FAILURE, request_id), _FAILURE.code
            entry.error = _FAILURE.code, _FAILURE.message
        if entry.operation is None:
            entry.asked = credentials.service(request), name
        world.journal.keep(entry, entry.call.now if entry.call is not None else world.clock.now(), len(body))
        account, region = (caller.account, caller.region) if caller else ("-", "-")
        return Answer(status, wire.content_type, body, request_id, wire.headers, name, account, region, error)

    def operation_counts(self) -> dict[str, int]:
        """Return how many operations each service has here."""
        return {service.model.name: len(service.operations) for service in self._services.values()}

    def _route(self, wire: Wire, request: Request, address: Address) -> tuple[Service, Operation]:
        if len(request.body) > MAX_BODY:
            raise AWSError("RequestEntityTooLargeException", f"A request's body ends at {MAX_BODY} bytes", _TOO_LARGE)
        service = self._services.get(address.service)
        if service is None or wire.name not in service.model.protocols:
            raise _unknown(f"mockaws answers as {self._names}; nothing here answers {_shown(address)}")
        operation = service.operations.get(address.operation)
        if operation is None:
            if address.operation in service.model.operations:
                raise _unknown(
                    f"mockaws does not have the operation {address.operation} of {service.model.full_name} yet"
                )
            raise _unknown(f"{service.model.full_name} has no operation {address.operation or '(none was named)'}")
        if request.method not in wire.methods:
            raise _unknown(
                f"{service.model.full_name} takes {' and '.join(sorted(wire.methods))}, not {request.method}"
            )
        return service, operation


def _perform(world: World, caller: Caller, operation: Operation, entry: Entry) -> dict[str, Any] | None:
    """Run the operation inside one transaction, at one moment of the world's clock."""
    arguments = entry.arguments or {}
    for parameter in operation.unknown:
        arguments.pop(parameter, None)

    def answer(call: Call) -> dict[str, Any] | None:
        entry.call = call
        return operation.function(call, **arguments)

    return world.run(operation.model.name, caller, entry.request_id, answer, facts=operation.facts, arguments=arguments)


def _protocol_of(request: Request) -> Wire:
    """Return the protocol of a request, by its headers alone."""
    if request.target or request.content_type.startswith("application/x-amz-json-"):
        return _JSON_1_0 if request.content_type.endswith("-1.0") else _JSON_1_1
    if request.smithy_protocol == "rpc-v2-cbor":
        return _CBOR
    if "Action=" in request.query or request.content_type.startswith(FORM):
        return _EC2_QUERY if credentials.service(request) == "ec2" else _QUERY
    return _REST_WITH_XML.get(credentials.service(request), _REST)


def _unknown(sentence: str) -> AWSError:
    return AWSError("UnknownOperationException", sentence)


def _shown(address: Address) -> str:
    return f"{address.service}.{address.operation}" if address.service else address.operation or "this request"
