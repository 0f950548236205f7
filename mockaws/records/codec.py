"""Records as data that JSON can hold, and back.

    RECORD_TYPES     every type of record, by its name
    fields_of        the description of a type's fields, made from the type itself
    encode, decode   functions compiled from that description, without any check of the data

A field that has its default is left out. Bytes are base64, moments are dates, and a member of an enumeration is its
value. Snapshots read the same data from files that users write: `fixtures.record_nodes` checks it, by the same
description.
"""

from __future__ import annotations

import json
import math
from binascii import a2b_base64, b2a_base64
from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from enum import Enum, auto
from functools import cache
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, Union, get_args, get_origin, get_type_hints

from mockaws.moments import exactly, moment
from mockaws.records import backups, cloudhsm, kms, outages, sts
from mockaws.records.base import Record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType

T = TypeVar("T")

# The order of a snapshot; a backup follows the keys that it holds.
_MODULES = (cloudhsm, backups, kms, sts)


def _records_of(module: ModuleType) -> Iterator[tuple[str, type[Record]]]:
    for name, kind in vars(module).items():
        if isinstance(kind, type) and issubclass(kind, Record) and kind.__module__ == module.__name__:
            yield name, kind


RECORD_TYPES: Mapping[str, type[Record]] = dict(pair for module in _MODULES for pair in _records_of(module))

# Records import most types of their fields for the type checker alone.
TYPE_NAMES: Mapping[str, Any] = {
    "Mapping": Mapping,
    **{name: value for module in (*_MODULES, outages) for name, value in vars(module).items()},
}

NEVER = "never"
# Moments that may never come. A history that waited for such a moment anywhere else would stand still.
_ENDLESS = {("Outage", "until"), ("Key", "deletion_at"), ("ReplicaKey", "deletion_at")}


# --- the description -----------------------------------------------------------------------------------------------
class Scalar(Enum):
    """A value without values in it, and a mapping of texts."""

    TEXT = auto()
    WHOLE = auto()
    FLAG = auto()
    MOMENT = auto()
    MOMENT_OR_NEVER = auto()
    BYTES = auto()
    TEXTS = auto()


@dataclass(frozen=True, slots=True)
class OptionalValue:
    """A value that may be None."""

    inner: Shape


@dataclass(frozen=True, slots=True)
class Sequence:
    """A tuple of values of one shape."""

    inner: Shape


@dataclass(frozen=True, slots=True)
class Member:
    """A member of an enumeration."""

    enumeration: type[Enum]


@dataclass(frozen=True, slots=True)
class Compound:
    """A dataclass or a named tuple."""

    kind: type


Shape = Scalar | OptionalValue | Sequence | Member | Compound


class Secret(Enum):
    """The fate of a secret in data that must not hold it: it is left out, or an invented text stands for it."""

    LEFT_OUT = "left out"
    REPLACED = "replaced"


class FieldDescription(NamedTuple):
    """A field of a compound; *default* makes its default and is None if it has none."""

    shape: Shape
    default: Callable[[], Any] | None
    secret: Secret | None = None


_SCALARS = {str: Scalar.TEXT, int: Scalar.WHOLE, bool: Scalar.FLAG, float: Scalar.MOMENT, bytes: Scalar.BYTES}
# The kind of secret of a field that a dataclass keeps out of its `repr`.
_SECRETS = {bytes: Secret.LEFT_OUT, bytes | None: Secret.LEFT_OUT, str: Secret.REPLACED, str | None: Secret.REPLACED}


@cache
def shape_of(kind: Any) -> Shape:
    """Return the shape of the values of a type. Raises TypeError for a type that has none."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in {Union, UnionType}:
        (inner,) = (argument for argument in arguments if argument is not NoneType)
        return OptionalValue(shape_of(inner))
    if origin is tuple and arguments[1:] == (...,):
        return Sequence(shape_of(arguments[0]))
    if origin is Mapping and arguments == (str, str):
        return Scalar.TEXTS
    if kind in _SCALARS:
        return _SCALARS[kind]
    if isinstance(kind, type) and issubclass(kind, Enum):
        return Member(kind)
    if is_dataclass(kind) or hasattr(kind, "_field_defaults"):
        return Compound(kind)
    raise TypeError(f"no field of a record can be {kind}")


@cache
def fields_of(kind: Any) -> Mapping[str, FieldDescription]:
    """Return the fields of a dataclass or of a named tuple by their names. Raises TypeError as `shape_of` does."""
    types = get_type_hints(kind, localns=dict(TYPE_NAMES))
    if not is_dataclass(kind):
        defaults = kind._field_defaults
        return {
            name: FieldDescription(_field_shape(kind, name, types[name]), _constant(defaults.get(name, MISSING)))
            for name in kind._fields
        }
    return {
        each.name: FieldDescription(
            _field_shape(kind, each.name, types[each.name]),
            _default(each),
            None if each.repr else _SECRETS.get(types[each.name]),
        )
        for each in fields(kind)
    }


def _field_shape(kind: Any, name: str, its_type: Any) -> Shape:
    if (kind.__name__, name) not in _ENDLESS:
        return shape_of(its_type)
    return Scalar.MOMENT_OR_NEVER if its_type is float else OptionalValue(Scalar.MOMENT_OR_NEVER)


def _default(of: Field[Any]) -> Callable[[], Any] | None:
    return _constant(of.default) if of.default_factory is MISSING else of.default_factory


def _constant(value: Any) -> Callable[[], Any] | None:
    return None if value is MISSING else lambda: value


# --- the compiled functions ----------------------------------------------------------------------------------------
def encode(value: Any) -> dict[str, Any]:
    """Return a record, or a compound value of one, as dict, list, text, number, bool and None."""
    kind: Any = type(value)
    encoded: dict[str, Any] = _encoder(kind)(value)
    return encoded


def decode(kind: type[T], data: Mapping[str, Any]) -> T:
    """Return the value of a *kind* that `encode` has made into *data*; other data raises any exception."""
    hashable: Any = kind
    found: T = _decoder(hashable)(data)
    return found


_JSON = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":")).encode


def to_json(value: Any) -> str:
    """Return a record as JSON text; equal records have the same text."""
    return _JSON(encode(value))


def from_json(kind: type[T], text: str) -> T:
    """Return the value of a *kind* that `to_json` has made into *text*."""
    return decode(kind, json.loads(text))


@cache
def _encoder(kind: type) -> Any:
    """Compile the function that encodes values of a *kind*."""
    names: dict[str, Any] = {}
    lines = ["def encode(value):", " data = {}"]
    for name, each in fields_of(kind).items():
        lines.append(f" field = value.{name}")
        put = f"data[{name!r}] = {_encoding(each.shape, 'field', names)}"
        lines.append(f" {put}" if each.default is None else f" if field != {_named(each.default(), names)}: {put}")
    return _compiled("encode", [*lines, " return data"], names)


@cache
def _decoder(kind: type) -> Any:
    """Compile the function that makes values of a *kind*."""
    names: dict[str, Any] = {"kind": kind}
    lines = ["def decode(data):", " return kind("]
    for name, each in fields_of(kind).items():
        value = _decoding(each.shape, f"data[{name!r}]", names)
        otherwise = "" if each.default is None else f" if {name!r} in data else {_named(each.default, names)}()"
        lines.append(f"  {name}={value}{otherwise},")
    return _compiled("decode", [*lines, " )"], names)


def _compiled(name: str, lines: list[str], names: dict[str, Any]) -> Any:
    """Return the function that the *lines* define; they hold names of fields and of *names*, and nothing from data."""
    exec("\n".join(lines), names)  # noqa: S102
    return names[name]


def _named(value: Any, names: dict[str, Any]) -> str:
    """Return a name under which compiled code finds *value*."""
    name = f"_{len(names)}"
    names[name] = value
    return name


def _encoding(shape: Shape, value: str, names: dict[str, Any]) -> str:
    """Return the expression for the data of the expression *value*."""
    match shape:
        case OptionalValue(inner):
            return f"None if {value} is None else {_encoding(inner, value, names)}"
        case Sequence(inner):
            return f"[{_encoding(inner, 'each', names)} for each in {value}]"
        case Member():
            return f"{value}.value"
        case Compound(kind):
            return f"{_named(_encoder(kind), names)}({value})"
    if shape in _ENCODERS:
        return f"{_named(_ENCODERS[shape], names)}({value})"
    return value


def _decoding(shape: Shape, data: str, names: dict[str, Any]) -> str:
    """Return the expression for the value of the expression *data*."""
    match shape:
        case OptionalValue(inner):
            return f"(None if {data} is None else {_decoding(inner, data, names)})"
        case Sequence(inner):
            return f"tuple([{_decoding(inner, 'each', names)} for each in {data}])"
        case Member(enumeration):
            return f"{_named({member.value: member for member in enumeration}, names)}[{data}]"
        case Compound(kind):
            return f"{_named(_decoder(kind), names)}({data})"
    if shape in _DECODERS:
        return f"{_named(_DECODERS[shape], names)}({data})"
    return data


def moment_or_never(seconds: float) -> str | float:
    """Return a moment as a date; infinity is NEVER."""
    return NEVER if seconds == math.inf else exactly(seconds)


def _read_moment_or_never(given: str | float) -> float:
    return math.inf if given == NEVER else moment(given)


def base64_text(value: bytes) -> str:
    """Return bytes as base64 on one line."""
    return b2a_base64(value, newline=False).decode("ascii")


_ENCODERS: Mapping[Shape, Callable[[Any], Any]] = {
    Scalar.MOMENT: exactly,
    Scalar.MOMENT_OR_NEVER: moment_or_never,
    Scalar.BYTES: base64_text,
    Scalar.TEXTS: dict,
}
_DECODERS: Mapping[Shape, Callable[[Any], Any]] = {
    Scalar.MOMENT: moment,
    Scalar.MOMENT_OR_NEVER: _read_moment_or_never,
    Scalar.BYTES: a2b_base64,
    Scalar.TEXTS: dict,
}
