r"""What the *server* checks of a request, compiled from the shapes of its model, in AWS's words.

Two kinds of fault, as AWS tells them apart:

- A value of the wrong JSON type cannot be read at all: SerializationException, at the first one.
- A value that breaks a constraint (required, length, range, pattern, enum): ValidationException, or what else the
  service says, all of them at once, "2 validation errors detected: Value '…' at '…' failed to satisfy constraint: …;
  …".

Unknown members are ignored, as AWS ignores them. Sources: recorded answers, gathered in the KMS API reference's common
errors (https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html); the sentences about wrong JSON types are
recorded from other services of the same framework (Kinesis, Athena).
"""

from __future__ import annotations

import base64
import binascii
import math
import re
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from mockaws.model.errors import AWSError
from mockaws.model.secrets import HIDDEN, is_secret_member, is_secret_shape

if TYPE_CHECKING:
    from mockaws.model.errors import Declared

Shapes = Mapping[str, Mapping[str, Any]]

_NAMES = {
    "string": "a String",
    "integer": "an Integer",
    "long": "a Long",
    "boolean": "a Boolean",
    "blob": "a Blob",
    "timestamp": "a Timestamp",
}
_TOKENS = {int: "NUMBER_VALUE", float: "DECIMAL_VALUE", str: "STRING_VALUE", type(None): "NULL_VALUE"}
_LONG_BITS = 64
# The years 1 to 9999, which is as far as calendars on either side of the wire reach.
_TIMESTAMPS = range(-62_135_596_800, 253_402_300_800)
# Java's regular expressions know Unicode categories; inside a class Python has these to say the same.
_JAVA_CATEGORIES = {
    r"\p{ASCII}": r"[\x00-\x7f]",
    r"\p{L}": r"\w",
    r"\p{N}": r"\w",
    r"\p{Z}": " \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000",
}


class Fault(NamedTuple):
    """One broken constraint: where, which value (None: not to be shown), which rule; *pattern* marks a regex.

    A *secret* value is shown to its caller alone.
    """

    path: str
    value: str | None
    constraint: str
    pattern: bool = False
    secret: bool = False

    def __str__(self) -> str:
        shown = "" if self.value is None else f" {self.value}"
        return f"Value{shown} at '{self.path}' failed to satisfy constraint: {self.constraint}"


Faults = list[Fault]
Reader = Callable[[Any, str, Faults], Any]


def serialization_error(message: str, loggable: str | None = None) -> AWSError:
    """Return the error for a body that cannot be read into the shapes of the model; see AWSError for *loggable*."""
    return AWSError("SerializationException", message, member="Message", loggable=loggable)


def _sentence(faults: Collection[Fault]) -> str:
    """Return the sentence that names all broken constraints at once."""
    plural = "" if len(faults) == 1 else "s"
    return f"{len(faults)} validation error{plural} detected: {'; '.join(map(str, faults))}"


def _loggable(faults: Collection[Fault]) -> str | None:
    """Return the sentence without secret values, None if it has no secret values."""
    if not any(fault.secret for fault in faults):
        return None
    return _sentence([fault._replace(value=HIDDEN) if fault.secret and fault.value else fault for fault in faults])


class Input:
    """Reads the document of one operation's request: checks it and turns it into Python values.

    Blobs become bytes, timestamps epoch seconds, member names the `snake_case` of the operation's parameters. *error*
    is what the service answers with where constraints are broken.
    """

    def __init__(self, shapes: Shapes, shape_name: str | None, error: Declared) -> None:
        self._error = error
        self._read = _structure(shapes, shapes[shape_name], as_parameters=True) if shape_name else None

    def read(self, document: Any, excused: Collection[str] = ()) -> dict[str, Any]:
        """Return the operation's keyword arguments, without the members that the caller left out.

        *excused* are ids that may break their pattern, because a fixture defines them: the ids in AWS's own guides do.

        Raises AWSError: SerializationException for a wrong JSON type, the service's own for broken constraints.
        """
        if self._read is None:
            return {}
        faults: Faults = []
        arguments: dict[str, Any] = self._read(document, "", faults)
        if faults:
            faults = [fault for fault in faults if not (fault.pattern and (fault.value or "")[1:-1] in excused)]
            if faults:
                raise self._broken(faults)  # in a variable it would keep itself alive, and the request's body
        return arguments

    def _broken(self, faults: Collection[Fault]) -> AWSError:
        """Return the error that names the broken constraints."""
        error = self._error(faults=_sentence(faults))
        error.loggable = _loggable(faults) or error.loggable
        return error


def snake_case(member: str) -> str:
    """Return the Python name of a member: `KeyId` → `key_id`, `XksProxyUriPath` → `xks_proxy_uri_path`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", member).lower()


def _lower_camel(member: str) -> str:
    return member[:1].lower() + member[1:]


def compile_shape(shapes: Shapes, name: str, *, hidden: bool = False) -> Reader:
    """Return the closure that reads one value of the shape called *name*; *hidden* keeps the value out of messages."""
    shape = shapes[name]
    hidden = hidden or shape.get("sensitive", False)
    kind = shape["type"]
    match kind:
        case "structure":
            return _structure(shapes, shape)
        case "list":
            return _list(shapes, shape)
        case "map":
            return _map(shapes, shape)
        case "string":
            return _string(shape, hidden=hidden)
        case "integer" | "long":
            return _integer(shape, kind)
        case "boolean":
            return _boolean
        case "blob":
            return _blob(shape)
        case "timestamp":
            return _timestamp
    raise NotImplementedError(f"shape {name} has type {kind}, which no service of mockaws takes as input so far")


def _structure(shapes: Shapes, shape: Mapping[str, Any], *, as_parameters: bool = False) -> Reader:
    required = frozenset(shape.get("required", ()))
    members = [
        (
            member,
            _lower_camel(member),
            snake_case(member) if as_parameters else member,
            _member(shapes, member, reference["shape"]),
            member in required,
            None if shapes[reference["shape"]].get("sensitive") else "null",
        )
        for member, reference in shape["members"].items()
    ]

    def read(value: Any, path: str, faults: Faults) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise _unexpected(value, "structure")
        result = {}
        get = value.get
        for member, camel, name, read_member, is_required, null in members:
            given = get(member)
            if given is not None:
                result[name] = read_member(given, f"{path}.{camel}" if path else camel, faults)
            elif is_required:
                faults.append(Fault(f"{path}.{camel}" if path else camel, null, "Member must not be null"))
        return result

    return read


def _member(shapes: Shapes, name: str, shape_name: str) -> Reader:
    """Return the reader of the member *name*; the constraints that a secret breaks are marked."""
    read = compile_shape(shapes, shape_name)
    if not is_secret_member(name, shapes[shape_name]):
        return read

    def read_secret(value: Any, path: str, faults: Faults) -> Any:
        broken: Faults = []
        result = read(value, path, broken)
        faults += (fault._replace(secret=True) for fault in broken)
        return result

    return read_secret


def _holds_secrets(shapes: Shapes, shape_name: str) -> bool:
    """Return True if values of a shape are sensitive, or have sensitive values in them."""
    shape = shapes[shape_name]
    inner = [*shape.get("members", {}).values(), *(shape[part] for part in ("member", "key", "value") if part in shape)]
    return is_secret_shape(shape) or any(_holds_secrets(shapes, reference["shape"]) for reference in inner)


def _list(shapes: Shapes, shape: Mapping[str, Any]) -> Reader:
    member = shapes[shape["member"]["shape"]]
    read_member = compile_shape(shapes, shape["member"]["shape"])
    scalar = member["type"] not in {"structure", "list", "map"}
    hidden = _holds_secrets(shapes, shape["member"]["shape"])
    constraints = _constraints(member)
    low, high = shape.get("min"), shape.get("max")

    def read(value: Any, path: str, faults: Faults) -> list[Any]:
        if not isinstance(value, list):
            raise _unexpected(value, "list")
        if None in value:
            raise serialization_error("A list must not hold null values")
        # Members are read first: what is of a wrong type cannot even be shown.
        broken: Faults = []
        if scalar:
            result = [read_member(item, path, broken) for item in value]
        else:
            result = [read_member(item, f"{path}.{n}.member", broken) for n, item in enumerate(value, 1)]

        def shown() -> str | None:
            return None if hidden else f"'[{', '.join(map(str, value))}]'"

        _check_length(value, low, high, path, shown, faults)
        if not scalar:
            faults += broken
        elif broken:
            faults.append(Fault(path, shown(), f"Member must satisfy constraint: [{constraints}]"))
        return result

    return read


def _map(shapes: Shapes, shape: Mapping[str, Any]) -> Reader:
    key_shape, value_shape = shapes[shape["key"]["shape"]], shapes[shape["value"]["shape"]]
    read_key = compile_shape(shapes, shape["key"]["shape"])
    read_value = compile_shape(shapes, shape["value"]["shape"])
    scalar = value_shape["type"] not in {"structure", "list", "map"}
    hidden = _holds_secrets(shapes, shape["key"]["shape"]) or _holds_secrets(shapes, shape["value"]["shape"])
    low, high = shape.get("min"), shape.get("max")

    def read(value: Any, path: str, faults: Faults) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise _unexpected(value, "map")

        broken_keys: Faults = []
        broken_values: Faults = []
        result = {}
        for key, item in value.items():
            if item is None:
                raise serialization_error("A map must not hold null values")
            name = read_key(key, path, broken_keys)
            result[name] = read_value(item, f"{path}.{name}.member", broken_values)

        def shown() -> str | None:
            return None if hidden else f"'{{{', '.join(f'{key}={item}' for key, item in value.items())}}}'"

        _check_length(value, low, high, path, shown, faults)
        if broken_keys:
            faults.append(Fault(path, shown(), f"Map keys must satisfy constraint: [{_constraints(key_shape)}]"))
        if not scalar:
            faults += broken_values
        elif broken_values:
            faults.append(Fault(path, shown(), f"Map value must satisfy constraint: [{_constraints(value_shape)}]"))
        return result

    return read


def _string(shape: Mapping[str, Any], *, hidden: bool) -> Reader:
    low, high = shape.get("min"), shape.get("max")
    allowed = frozenset(shape["enum"]).union(shape.get("also", ())) if "enum" in shape else None
    pattern = shape.get("pattern")
    matches = _java_regex(pattern).fullmatch if pattern else None
    must_match = _pattern(pattern or "")

    def read(given: Any, path: str, faults: Faults) -> str:
        if type(given) is not str:
            raise _unexpected(given, "string")
        # JSON can escape half a surrogate pair, which is no text: AWS's Java writes a question mark for it.
        value = given if given.isascii() else given.encode(errors="replace").decode()
        if low is not None or high is not None:
            _check_length(value, low, high, path, lambda: None if hidden else f"'{value}'", faults)
        if matches is not None and not matches(value):
            faults.append(Fault(path, None if hidden else f"'{value}'", must_match, pattern=True))
        if allowed is not None and value not in allowed:
            faults.append(Fault(path, None if hidden else f"'{value}'", _enum(shape)))
        return value

    return read


def _integer(shape: Mapping[str, Any], kind: str) -> Reader:
    low, high = shape.get("min"), shape.get("max")

    def read(value: Any, path: str, faults: Faults) -> int:
        if type(value) is float and math.isfinite(value):
            value = int(value)  # AWS drops the fraction
        if type(value) is not int or value.bit_length() > _LONG_BITS:
            raise _unexpected(value, kind)
        if low is not None and value < low:
            faults.append(Fault(path, f"'{value}'", f"Member must have value greater than or equal to {low}"))
        if high is not None and value > high:
            faults.append(Fault(path, f"'{value}'", f"Member must have value less than or equal to {high}"))
        return value

    return read


def _boolean(value: Any, path: str, faults: Faults) -> bool:  # noqa: ARG001 - every reader has the same signature
    if type(value) is not bool:
        raise _unexpected(value, "boolean")
    return value


def _blob(shape: Mapping[str, Any]) -> Reader:
    low, high = shape.get("min"), shape.get("max")

    def read(value: Any, path: str, faults: Faults) -> bytes:
        blob = _bytes(value)
        _check_length(blob, low, high, path, lambda: None, faults)
        return blob

    return read


def _bytes(value: Any) -> bytes:
    """Return a blob: base64 in JSON, bytes in CBOR."""
    if isinstance(value, bytes):
        return value
    if not isinstance(value, str):
        raise _unexpected(value, "blob")
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise serialization_error("Expected a base64-encoded string") from None


def _timestamp(value: Any, path: str, faults: Faults) -> float:  # noqa: ARG001 - every reader has the same signature
    if isinstance(value, datetime):
        return value.timestamp()
    if type(value) not in {int, float} or not _TIMESTAMPS[0] <= value <= _TIMESTAMPS[-1]:
        raise _unexpected(value, "timestamp")
    return float(value)


def _check_length(
    value: Any, low: int | None, high: int | None, path: str, shown: Callable[[], str | None], faults: Faults
) -> None:
    length = len(value)
    if high is not None and length > high:
        faults.append(Fault(path, shown(), f"Member must have length less than or equal to {high}"))
    if low is not None and length < low:
        faults.append(Fault(path, shown(), f"Member must have length greater than or equal to {low}"))


def _constraints(shape: Mapping[str, Any]) -> str:
    """Return all constraints of a scalar shape, as AWS lists them when a member of a list or a map breaks one."""
    what = "value" if shape["type"] in {"integer", "long"} else "length"
    sentences = []
    if "max" in shape:
        sentences.append(f"Member must have {what} less than or equal to {shape['max']}")
    if "min" in shape:
        sentences.append(f"Member must have {what} greater than or equal to {shape['min']}")
    if "pattern" in shape:
        sentences.append(_pattern(shape["pattern"]))
    if "enum" in shape:
        sentences.append(_enum(shape))
    return ", ".join(sentences)


def _enum(shape: Mapping[str, Any]) -> str:
    return f"Member must satisfy enum value set: [{', '.join(shape.get('shown', shape['enum']))}]"


def _pattern(pattern: str) -> str:
    return f"Member must satisfy regular expression pattern: {pattern}"


def _java_regex(java: str) -> re.Pattern[str]:
    r"""Compile a pattern of the model; \w and \d are ASCII in Java, unless the pattern names Unicode categories."""
    if r"\p{" not in java:
        return re.compile(java, re.ASCII)
    for category, python in _JAVA_CATEGORIES.items():
        java = java.replace(category, python)
    return re.compile(java)


def _unexpected(value: Any, wanted: str) -> AWSError:
    """Return the error for a value of the wrong JSON type, in the words of AWS's JSON parser."""
    if isinstance(value, dict):
        return serialization_error("Start of structure or map found where not expected.")
    if isinstance(value, list):
        return serialization_error("Start of list found where not expected")
    if wanted == "structure":
        return serialization_error("Expected null")
    if wanted in {"map", "list"}:
        return serialization_error(f"Expected {wanted} or null")
    token = f"{value}_VALUE".upper() if isinstance(value, bool) else _TOKENS.get(type(value), "UNKNOWN_VALUE")
    return serialization_error(f"{token} can not be converted to {_NAMES[wanted]}")
