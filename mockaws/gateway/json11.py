"""AWS JSON 1.1 (and 1.0), both ways: the operation in X-Amz-Target, a JSON object in the body.

https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
"""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from mockaws.gateway.wire import Address
from mockaws.model.validation import serialization_error

if TYPE_CHECKING:
    from mockaws.gateway.http import Request
    from mockaws.model.errors import AWSError
    from mockaws.model.service import OperationModel


class Json:
    """One version of AWS JSON; versions differ in their content type only."""

    name = "json"
    methods = frozenset({"POST"})
    headers: tuple[tuple[str, str], ...] = ()

    def __init__(self, version: str) -> None:
        self.content_type = f"application/x-amz-json-{version}"

    def address(self, request: Request) -> Address:
        """Return the target prefix and the operation: `TrentService`, `CreateKey`."""
        service, _, operation = request.target.rpartition(".")
        return Address(service.rpartition("#")[2], operation)

    def read(self, request: Request, operation: OperationModel) -> Any:  # noqa: ARG002 - JSON tells its own types
        """Return the request's document. Raises AWSError, SerializationException, if it is not JSON."""
        try:
            return _DECODER.decode(request.body.decode(json.detect_encoding(request.body), "surrogatepass"))
        except (ValueError, RecursionError):
            raise serialization_error("The request body is not valid JSON") from None

    def success(self, operation: OperationModel, result: dict[str, Any] | None, request_id: str) -> bytes:  # noqa: ARG002
        """Return the body of an answer; an operation without an output shape answers an empty one."""
        if operation.output_shape is None:
            return b""
        result = result or {}
        blobs = {name: value for name, value in result.items() if isinstance(value, bytes)}
        if not blobs:
            return _ENCODER.encode(result).encode()
        # Blobs may be long, and JSON escapes no character of base64, so the encoder need not search them.
        members = [b'"%b":"%b"' % (name.encode(), base64.b64encode(blob)) for name, blob in blobs.items()]
        if len(blobs) < len(result):
            rest = {name: value for name, value in result.items() if name not in blobs}
            members.append(_ENCODER.encode(rest).encode()[1:-1])
        return b"{" + b",".join(members) + b"}"

    def failure(self, error: AWSError, request_id: str) -> tuple[int, bytes]:  # noqa: ARG002
        """Return the status and the body of an error answer; an error without a sentence has no message member."""
        document = {"__type": error.code}
        if error.message:
            document[error.member] = error.message
        return error.status, _ENCODER.encode(document).encode()


def _jsonable(value: Any) -> str:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    raise TypeError(f"{type(value).__name__} has no place in a JSON answer")


def _no_constant(name: str) -> None:
    raise ValueError(name)


# Created once: json.loads and json.dumps would create one for each call, because these have other options.
_DECODER = json.JSONDecoder(parse_constant=_no_constant)
_ENCODER = json.JSONEncoder(default=_jsonable, separators=(",", ":"))
