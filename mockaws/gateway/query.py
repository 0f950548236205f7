"""AWS Query in, XML out: form fields such as `Action=AssumeRole&PolicyArns.member.1.arn=…`.

https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs
from xml.etree.ElementTree import Element, SubElement, tostring

from mockaws.gateway.wire import Address
from mockaws.model.validation import serialization_error

if TYPE_CHECKING:
    from mockaws.gateway.http import Request
    from mockaws.model.errors import AWSError
    from mockaws.model.service import OperationModel, ServiceModel

# The Query protocol has older names for the errors that all services share, and IAM and STS answer some
# of them with 403: https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html
_COMMON = {
    "AccessDeniedException": ("AccessDenied", 403),
    "ExpiredTokenException": ("ExpiredToken", 403),
    "IncompleteSignatureException": ("IncompleteSignature", 400),
    "InvalidSignatureException": ("SignatureDoesNotMatch", 403),
    "MissingAuthenticationTokenException": ("MissingAuthenticationToken", 403),
    "SerializationException": ("MalformedInput", 400),
    "ThrottlingException": ("Throttling", 400),
    "UnrecognizedClientException": ("InvalidClientTokenId", 403),
    "UnknownOperationException": ("InvalidAction", 400),
    "ValidationException": ("ValidationError", 400),
}
_SERVER_ERRORS = 500
_INTEGER = re.compile(r"[+-]?[0-9]{1,20}")
_INTEGERS = range(-(1 << 31), 1 << 31)
_BOOLEANS = {"true": True, "false": False}


class Query:
    """The Query protocol."""

    name = "query"
    methods = frozenset({"GET", "POST"})
    content_type = "text/xml"
    headers: tuple[tuple[str, str], ...] = ()

    def address(self, request: Request) -> Address:
        """Return the API version, which identifies the service, and the operation."""
        fields = _fields(request)
        return Address(fields.get("Version", ""), fields.get("Action", ""))

    def read(self, request: Request, operation: OperationModel) -> Any:
        """Return the request's document, with numbers and booleans as the model's shapes say."""
        if operation.input_shape is None:
            return {}
        return _read(operation.service, operation.input_shape, _fields(request), "") or {}

    def success(self, operation: OperationModel, result: dict[str, Any] | None, request_id: str) -> bytes:
        """Return the body of an answer."""
        model = operation.service
        root = Element(f"{operation.name}Response", xmlns=model.xml_namespace or "")
        if operation.output_shape is not None:
            parent = SubElement(root, operation.result_wrapper) if operation.result_wrapper else root
            _write(model, operation.output_shape, result or {}, parent)
        add(SubElement(root, "ResponseMetadata"), "RequestId", request_id)
        return tostring(root)

    def failure(self, error: AWSError, request_id: str) -> tuple[int, bytes]:
        """Return the status and the body of an error answer."""
        code, status = common_error(error)
        root = Element("ErrorResponse")
        detail = SubElement(root, "Error")
        add(detail, "Type", "Sender" if status < _SERVER_ERRORS else "Receiver")
        add(detail, "Code", code)
        add(detail, "Message", error.message)
        add(root, "RequestId", request_id)
        return status, tostring(root)


def common_error(error: AWSError) -> tuple[str, int]:
    """Return the code and the status that the Query protocol has for an error."""
    own = error.code, error.status
    return own if error.modelled else _COMMON.get(error.code, own)


def add(parent: Element, tag: str, text: str) -> None:
    """Add an element with *text* to *parent*, with a question mark for each character that XML excludes."""
    SubElement(parent, tag).text = _xml_text(text)


def _xml_text(text: str) -> str:
    return text if text.isascii() and text.isprintable() else _outside_xml().sub("?", text)


@cache
def _outside_xml() -> re.Pattern[str]:
    """The characters that XML 1.0 excludes even as escapes: https://www.w3.org/TR/xml/#charsets.

    To compile the pattern takes 6 ms, so no start waits for it.
    """
    return re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _fields(request: Request) -> dict[str, str]:
    """Return the fields of the query string and of the form; the first of several with one name counts."""
    form = request.body.decode("utf-8", "replace")
    try:
        fields = parse_qs(f"{request.query}&{form}", keep_blank_values=True, max_num_fields=10_000)
    except ValueError:
        raise serialization_error("The form has too many fields") from None
    return {name: values[0] for name, values in fields.items()}


def _read(model: ServiceModel, shape_name: str, fields: dict[str, str], prefix: str) -> Any:
    """Return the value at *prefix*, or None without a field there."""
    shape = model.shapes[shape_name]
    kind = shape["type"]
    if kind == "structure":
        found = {
            name: _read(model, member["shape"], fields, f"{prefix}.{name}" if prefix else name)
            for name, member in shape["members"].items()
        }
        return {name: value for name, value in found.items() if value is not None} or None
    if kind == "list":
        return _read_list(model, shape["member"]["shape"], fields, f"{prefix}.member")
    text = fields.get(prefix)
    if text is None:
        return None
    if kind == "integer":
        return _integer(text, prefix)
    if kind == "boolean":
        if text.lower() not in _BOOLEANS:
            raise _not_of_its_type(text, f"at '{prefix}' is neither true nor false")
        return _BOOLEANS[text.lower()]
    return text


def _integer(text: str, path: str) -> int:
    if not text:
        raise serialization_error("missing value for decimal type")  # recorded
    if not _INTEGER.fullmatch(text) or int(text) not in _INTEGERS:
        raise _not_of_its_type(text, f"at '{path}' is not an integer of 32 bits")
    return int(text)


def _not_of_its_type(text: str, problem: str) -> AWSError:
    """Return the error for a *text* of another type than its shape; the journal does not quote it."""
    return serialization_error(f"'{text}' {problem}", f"Value {problem}")


def _read_list(model: ServiceModel, shape_name: str, fields: dict[str, str], prefix: str) -> list[Any] | None:
    items: list[Any] = []
    while (item := _read(model, shape_name, fields, f"{prefix}.{len(items) + 1}")) is not None:
        items.append(item)
    return items or None


def _write(model: ServiceModel, shape_name: str, value: Any, parent: Element) -> None:
    shape = model.shapes[shape_name]
    match shape["type"]:
        case "structure":
            for name, member in shape["members"].items():
                if value.get(name) is not None:
                    _write(model, member["shape"], value[name], SubElement(parent, name))
        case "list":
            for item in value:
                _write(model, shape["member"]["shape"], item, SubElement(parent, "member"))
        case "timestamp":
            parent.text = datetime.fromtimestamp(value, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        case "boolean":
            parent.text = "true" if value else "false"
        case _:
            parent.text = _xml_text(str(value))
