r"""Server-side validation of requests, compiled from the shapes of the model, with AWS's messages.

AWS distinguishes two kinds of violations:

- A value of the wrong JSON type is a SerializationException, raised at the first one.
- A value that violates a constraint (required, length, range, pattern, enum) is a ValidationException, or the service's
  own error. It lists all violations: "2 validation errors detected: Value '…' at '…' failed to satisfy constraint: …;
  …".

Unknown members are ignored, as on AWS. Sources: recorded answers and the common errors of the KMS API reference
(https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html). The sentences about wrong JSON types are
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


class Violation(NamedTuple):
    """One violated constraint: its path, the value (None if it is hidden) and the rule; *pattern* marks a regex.

    Only the caller sees a *secret* value.
    """

    path: str
    value: str | None
    constraint: str
    pattern: bool = False
    secret: bool = False

    def __str__(self) -> str:
        shown = "" if self.value is None else f" {self.value}"
        return f"Value{shown} at '{self.path}' failed to satisfy constraint: {self.constraint}"


Violations = list[Violation]
Reader = Callable[[Any, str, Violations], Any]


def serialization_error(message: str, loggable: str | None = None) -> AWSError:
    """Return the error for a body that does not fit the shapes of the model. See AWSError for *loggable*."""
    return AWSError("SerializationException", message, member="Message", loggable=loggable)


def _sentence(violations: Collection[Violation]) -> str:
    """Return the sentence that lists all violated constraints."""
    plural = "" if len(violations) == 1 else "s"
    return f"{len(violations)} validation error{plural} detected: {'; '.join(map(str, violations))}"


def _loggable(violations: Collection[Violation]) -> str | None:
    """Return the sentence with its secret values replaced; None if it has none."""
    if not any(violation.secret for violation in violations):
        return None
    return _sentence(
        [
            violation._replace(value=HIDDEN) if violation.secret and violation.value else violation
            for violation in violations
        ]
    )


class Input:
    """The validator of one operation's request document, which converts it into Python values.

    Blobs become bytes, timestamps epoch seconds, member names the `snake_case` of the operation's parameters. *error*
    is the service's error for violated constraints.
    """

    def __init__(self, shapes: Shapes, shape_name: str | None, error: Declared) -> None:
        self._error = error
        self._read = _structure(shapes, shapes[shape_name], as_parameters=True) if shape_name else None

    def read(self, document: Any, excused: Collection[str] = ()) -> dict[str, Any]:
        """Return the operation's keyword arguments, without absent members.

        *excused* are ids from a fixture that may violate their pattern, as the ids in AWS's own guides do. Raises
        SerializationException for a wrong JSON type, and the service's own error for violated constraints.
        """
        if self._read is None:
            return {}
        violations: Violations = []
        arguments: dict[str, Any] = self._read(document, "", violations)
        if violations:
            violations = [
                violation
                for violation in violations
                if not (violation.pattern and (violation.value or "")[1:-1] in excused)
            ]
            if violations:
                raise self._broken(violations)  # in a variable it would keep itself alive, and the request's body
        return arguments

    def _broken(self, violations: Collection[Violation]) -> AWSError:
        """Return the error that lists the violated constraints."""
        error = self._error(violations=_sentence(violations))
        error.loggable = _loggable(violations) or error.loggable
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

    def read(value: Any, path: str, violations: Violations) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise _unexpected(value, "structure")
        result = {}
        get = value.get
        for member, camel, name, read_member, is_required, null in members:
            given = get(member)
            if given is not None:
                result[name] = read_member(given, f"{path}.{camel}" if path else camel, violations)
            elif is_required:
                violations.append(Violation(f"{path}.{camel}" if path else camel, null, "Member must not be null"))
        return result

    return read


def _member(shapes: Shapes, name: str, shape_name: str) -> Reader:
    """Return the reader of the member *name*. It marks the violations of secret values."""
    read = compile_shape(shapes, shape_name)
    if not is_secret_member(name, shapes[shape_name]):
        return read

    def read_secret(value: Any, path: str, violations: Violations) -> Any:
        broken: Violations = []
        result = read(value, path, broken)
        violations += (violation._replace(secret=True) for violation in broken)
        return result

    return read_secret


def _holds_secrets(shapes: Shapes, shape_name: str) -> bool:
    """Return True if values of a shape are sensitive or contain sensitive values."""
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

    def read(value: Any, path: str, violations: Violations) -> list[Any]:
        if not isinstance(value, list):
            raise _unexpected(value, "list")
        if None in value:
            raise serialization_error("A list must not hold null values")
        # Members are read first: what is of a wrong type cannot even be shown.
        broken: Violations = []
        if scalar:
            result = [read_member(item, path, broken) for item in value]
        else:
            result = [read_member(item, f"{path}.{n}.member", broken) for n, item in enumerate(value, 1)]

        def shown() -> str | None:
            return None if hidden else f"'[{', '.join(map(str, value))}]'"

        _check_length(value, low, high, path, shown, violations)
        if not scalar:
            violations += broken
        elif broken:
            violations.append(Violation(path, shown(), f"Member must satisfy constraint: [{constraints}]"))
        return result

    return read


def _map(shapes: Shapes, shape: Mapping[str, Any]) -> Reader:
    key_shape, value_shape = shapes[shape["key"]["shape"]], shapes[shape["value"]["shape"]]
    read_key = compile_shape(shapes, shape["key"]["shape"])
    read_value = compile_shape(shapes, shape["value"]["shape"])
    scalar = value_shape["type"] not in {"structure", "list", "map"}
    hidden = _holds_secrets(shapes, shape["key"]["shape"]) or _holds_secrets(shapes, shape["value"]["shape"])
    low, high = shape.get("min"), shape.get("max")

    def read(value: Any, path: str, violations: Violations) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise _unexpected(value, "map")

        broken_keys: Violations = []
        broken_values: Violations = []
        result = {}
        for key, item in value.items():
            if item is None:
                raise serialization_error("A map must not hold null values")
            name = read_key(key, path, broken_keys)
            result[name] = read_value(item, f"{path}.{name}.member", broken_values)

        def shown() -> str | None:
            return None if hidden else f"'{{{', '.join(f'{key}={item}' for key, item in value.items())}}}'"

        _check_length(value, low, high, path, shown, violations)
        if broken_keys:
            violations.append(
                Violation(path, shown(), f"Map keys must satisfy constraint: [{_constraints(key_shape)}]")
            )
        if not scalar:
            violations += broken_values
        elif broken_values:
            violations.append(
                Violation(path, shown(), f"Map value must satisfy constraint: [{_constraints(value_shape)}]")
            )
        return result

    return read


def _string(shape: Mapping[str, Any], *, hidden: bool) -> Reader:
    low, high = shape.get("min"), shape.get("max")
    allowed = frozenset(shape["enum"]).union(shape.get("also", ())) if "enum" in shape else None
    pattern = shape.get("pattern")
    matches = _java_regex(pattern).fullmatch if pattern else None
    must_match = _pattern(pattern or "")

    def read(given: Any, path: str, violations: Violations) -> str:
        if type(given) is not str:
            raise _unexpected(given, "string")
        # JSON can escape half a surrogate pair, which is no text: AWS's Java writes a question mark for it.
        value = given if given.isascii() else given.encode(errors="replace").decode()
        if low is not None or high is not None:
            _check_length(value, low, high, path, lambda: None if hidden else f"'{value}'", violations)
        if matches is not None and not matches(value):
            violations.append(Violation(path, None if hidden else f"'{value}'", must_match, pattern=True))
        if allowed is not None and value not in allowed:
            violations.append(Violation(path, None if hidden else f"'{value}'", _enum(shape)))
        return value

    return read


def _integer(shape: Mapping[str, Any], kind: str) -> Reader:
    low, high = shape.get("min"), shape.get("max")

    def read(value: Any, path: str, violations: Violations) -> int:
        if type(value) is float and math.isfinite(value):
            value = int(value)  # AWS drops the fraction
        if type(value) is not int or value.bit_length() > _LONG_BITS:
            raise _unexpected(value, kind)
        if low is not None and value < low:
            violations.append(Violation(path, f"'{value}'", f"Member must have value greater than or equal to {low}"))
        if high is not None and value > high:
            violations.append(Violation(path, f"'{value}'", f"Member must have value less than or equal to {high}"))
        return value

    return read


def _boolean(value: Any, path: str, violations: Violations) -> bool:  # noqa: ARG001 - every reader has the same signature
    if type(value) is not bool:
        raise _unexpected(value, "boolean")
    return value


def _blob(shape: Mapping[str, Any]) -> Reader:
    low, high = shape.get("min"), shape.get("max")

    def read(value: Any, path: str, violations: Violations) -> bytes:
        blob = _bytes(value)
        _check_length(blob, low, high, path, lambda: None, violations)
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


def _timestamp(value: Any, path: str, violations: Violations) -> float:  # noqa: ARG001 - every reader has the same signature
    if isinstance(value, datetime):
        return value.timestamp()
    if type(value) not in {int, float} or not _TIMESTAMPS[0] <= value <= _TIMESTAMPS[-1]:
        raise _unexpected(value, "timestamp")
    return float(value)


def _check_length(
    value: Any, low: int | None, high: int | None, path: str, shown: Callable[[], str | None], violations: Violations
) -> None:
    length = len(value)
    if high is not None and length > high:
        violations.append(Violation(path, shown(), f"Member must have length less than or equal to {high}"))
    if low is not None and length < low:
        violations.append(Violation(path, shown(), f"Member must have length greater than or equal to {low}"))


def _constraints(shape: Mapping[str, Any]) -> str:
    """Return all constraints of a scalar shape, as AWS lists them if a member of a list or a map violates one."""
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
    """Return the error for a value of the wrong JSON type, with the message of AWS's JSON parser."""
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
