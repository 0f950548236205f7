"""Smithy RPC v2 CBOR, both ways: the model of CloudHSM v2 names it before JSON, so that an SDK may speak it.

The path ends in `/service/BaldrApiService/operation/DescribeClusters`, the body is a CBOR map.
https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockaws.gateway.wire import Address
from mockaws.model.validation import serialization_error

if TYPE_CHECKING:
    from mockaws.gateway.http import Request
    from mockaws.model.errors import AWSError
    from mockaws.model.service import OperationModel, ServiceModel

_EPOCH_SECONDS = 1


class Cbor:
    """The protocol; cbor2 is imported with the first request that needs it."""

    name = "smithy-rpc-v2-cbor"
    methods = frozenset({"POST"})
    content_type = "application/cbor"
    headers = (("smithy-protocol", "rpc-v2-cbor"),)

    def address(self, request: Request) -> Address:
        """Return the service's shape name and the operation, from the path."""
        parts = request.path.split("/")
        if len(parts) < 4 or parts[-4] != "service" or parts[-2] != "operation":  # noqa: PLR2004
            return Address("", "")
        return Address(parts[-3].rpartition(".")[2], parts[-1])

    def read(self, request: Request, operation: OperationModel) -> Any:  # noqa: ARG002 - CBOR tells its own types
        """Return the request's document. Raises AWSError, SerializationException, if it is not CBOR."""
        import cbor2  # noqa: PLC0415 - most servers never need it

        from mockaws.gateway.plain_cbor import plain  # noqa: PLC0415

        if not request.body:
            return {}
        try:
            return cbor2.loads(plain(request.body))
        except (cbor2.CBORDecodeError, ValueError, RecursionError):  # such as text that is not UTF-8
            raise serialization_error("The request body is not valid CBOR") from None

    def success(self, operation: OperationModel, result: dict[str, Any] | None, request_id: str) -> bytes:  # noqa: ARG002
        """Return the body of an answer, with timestamps tagged as the model says."""
        import cbor2  # noqa: PLC0415

        if operation.output_shape is None:
            return b""
        return cbor2.dumps(_tagged(operation.service, operation.output_shape, result or {}))

    def failure(self, error: AWSError, request_id: str) -> tuple[int, bytes]:  # noqa: ARG002
        """Return the status and the body of an error answer."""
        import cbor2  # noqa: PLC0415

        document = {"__type": error.code}
        if error.message:
            document[error.member] = error.message
        return error.status, cbor2.dumps(document)


def _tagged(model: ServiceModel, shape_name: str, value: Any) -> Any:
    """Return *value* with each timestamp as CBOR's tag 1; all other types encode themselves."""
    import cbor2  # noqa: PLC0415

    shape = model.shapes[shape_name]
    match shape["type"]:
        case "timestamp":
            return cbor2.CBORTag(_EPOCH_SECONDS, value)
        case "structure":
            members = shape["members"]
            return {name: _tagged(model, members[name]["shape"], item) for name, item in value.items()}
        case "list":
            return [_tagged(model, shape["member"]["shape"], item) for item in value]
        case "map":
            return {key: _tagged(model, shape["value"]["shape"], item) for key, item in value.items()}
    return value
