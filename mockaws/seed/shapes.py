"""How records are written as plain values and read again: a codec for each type, made from the type itself.

The dataclasses say what there is, so that a field is in snapshots from the day on which a record gets it. What has its
default is left out. Bytes are base64, moments are dates, an enumeration's member is its value.
"""

from __future__ import annotations

import math
from base64 import b64decode, b64encode, encodebytes
from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, field, fields, is_dataclass
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, NamedTuple, Union, get_args, get_origin, get_type_hints

from mockaws import moments
from mockaws.clock import EARLIEST, LATEST
from mockaws.seed.kinds import NAMES
from mockaws.seed.problems import MAX_PROBLEMS, Fault, TooManyFaultsError, guess, kind_of, one_of, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from mockaws.seed.problems import Path
    from mockaws.seed.safe_yaml import Node

MADE_ANEW = b""
"""What is read of a secret that was left out."""

NEVER = "never"
# What may never come; a history that waits for such a moment anywhere else would stand still.
_ENDLESS = {("Outage", "until"), ("Key", "deletion_at"), ("ReplicaKey", "deletion_at")}

_LATEST = LATEST + 30 * moments.LONGEST
"""The year 6000. What AWS counts on from a moment of a clock comes before that: the longest are 28 HSMs that change
their type one after the other."""

_NOTHING: Any = object()
_ON_ONE_LINE = 64
_MOMENT = "a moment such as 2024-05-01T12:00:00.5Z"


class Secret(Enum):
    """What becomes of a secret that is not to be shown: it is left out, or gets a name."""

    LEFT_OUT = "left out"
    NAMED = "named"


# Which kind of secret a field is that a dataclass keeps out of its `repr`.
_SECRETS = {bytes: Secret.LEFT_OUT, bytes | None: Secret.LEFT_OUT, str: Secret.NAMED, str | None: Secret.NAMED}


@dataclass(slots=True)
class Writing:
    """What is written so far.

    *shared* are the types of which the same object is the same value each time, so that YAML writes it once. *names*
    are those of passwords, equal ones the same; None where secrets are written as they are.
    """

    shared: tuple[type, ...] = ()
    names: dict[str, str] | None = None
    written: dict[int, dict[str, Any]] = field(default_factory=dict)

    def hidden(self, secret: Secret, value: Any) -> Any:
        """Return what stands for a secret value that is not to be shown."""
        if self.names is None or secret is Secret.LEFT_OUT:
            return _NOTHING
        return self.names.setdefault(value, f"leftOut{len(self.names) + 1}")


@dataclass(slots=True)
class Reading:
    """What is wrong with what was read so far; what YAML repeats is read once."""

    faults: list[tuple[int, Fault]] = field(default_factory=list)
    read: dict[tuple[int, type], Any] = field(default_factory=dict)

    def wrong(self, node: Node, path: Path, message: str, expected: str) -> Any:
        """Note what is wrong at *path*, and return what stands for no value. Raises TooManyFaultsError."""
        return self._note(node.line, Fault(path, message, expected))

    def unknown(self, node: Node, path: Path, what: str, known: Iterable[str]) -> Any:
        """Note that the mapping *node* has a key, at *path*, that is none of those *known*."""
        name = str(path[-1])
        line = (node.key_lines or {}).get(name, node.line)
        return self._note(line, Fault(path, f"there is no such {what}{guess(name, known)}", one_of(known)))

    def _note(self, line: int, fault: Fault) -> Any:
        self.faults.append((line, fault))
        if len(self.faults) > MAX_PROBLEMS:
            raise TooManyFaultsError
        return _NOTHING


class Codec(NamedTuple):
    """Writes the values of one type, and reads them."""

    write: Callable[[Any, Writing], Any]
    read: Callable[[Node, Path, Reading], Any]


class _Field(NamedTuple):
    """A field of a dataclass or of a named tuple; *default* is None where it has none."""

    codec: Codec
    default: Callable[[], Any] | None
    secret: Secret | None = None


@cache
def codec(kind: Any) -> Codec:
    """Return the codec of a type. Raises TypeError for a type that has none."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in {Union, UnionType}:
        (inner,) = (argument for argument in arguments if argument is not NoneType)
        return _optional(codec(inner))
    if origin is tuple and arguments[1:] == (...,):
        return _list(codec(arguments[0]))
    if origin is Mapping and arguments == (str, str):
        return Codec(lambda value, _: dict(value), _read_texts)
    if kind in _PLAIN:
        return _PLAIN[kind]
    if isinstance(kind, type) and issubclass(kind, Enum):
        return _enumeration(kind)
    if is_dataclass(kind) or hasattr(kind, "_field_defaults"):
        return _compound(kind)
    raise TypeError(f"no snapshot can hold {kind}")


def write(value: Any, writing: Writing) -> Any:
    """Return *value* as it is written."""
    kind: Any = type(value)
    return codec(kind).write(value, writing)


def read(kind: type, node: Node, path: Path, reading: Reading) -> Any:
    """Return the value of a *kind* that stands in *node*, None where *reading* notes that something is wrong."""
    found = codec(kind).read(node, path, reading)
    return None if found is _NOTHING else found


# --- plain values --------------------------------------------------------------------------------------------------
def _read_text(node: Node, path: Path, reading: Reading) -> Any:
    if isinstance(node.value, str):
        return node.value
    return reading.wrong(node, path, _unfit(node), "text: put it in quotes" if node.text else "text")


def _read_whole(node: Node, path: Path, reading: Reading) -> Any:
    return node.value if type(node.value) is int else reading.wrong(node, path, _unfit(node), "a whole number")


def _read_flag(node: Node, path: Path, reading: Reading) -> Any:
    return node.value if isinstance(node.value, bool) else reading.wrong(node, path, _unfit(node), "true or false")


def _read_moment(node: Node, path: Path, reading: Reading) -> Any:
    if isinstance(node.value, bool) or not isinstance(node.value, (str, int, float)):
        return reading.wrong(node, path, _unfit(node), _MOMENT)
    try:
        found = moments.moment(node.value)
    except (ValueError, OverflowError):
        return reading.wrong(node, path, f"{shown(node.text)} is no moment", _MOMENT)
    if not EARLIEST <= found <= _LATEST:
        return reading.wrong(node, path, f"{shown(node.text)} is not of this world", "a moment from 1970 to 6000")
    return found


def _read_moment_or_never(node: Node, path: Path, reading: Reading) -> Any:
    return math.inf if node.value == NEVER else _read_moment(node, path, reading)


def _write_bytes(value: bytes, _: Writing) -> str:
    return (b64encode(value) if len(value) <= _ON_ONE_LINE else encodebytes(value)).decode("ascii")


def _read_bytes(node: Node, path: Path, reading: Reading) -> Any:
    text = node.value if isinstance(node.value, str) else ""
    try:
        found = b64decode("".join(text.split()), validate=True)
    except ValueError:
        found = b""
    return found or reading.wrong(node, path, "the value is no base64", "base64, or nothing for a new secret")


def _read_texts(node: Node, path: Path, reading: Reading) -> Any:
    if not isinstance(node.value, dict):
        return reading.wrong(node, path, _unfit(node), "a mapping of texts")
    return _sound({name: _read_text(inner, (*path, name), reading) for name, inner in node.value.items()})


_PLAIN = {
    str: Codec(lambda value, _: str(value), _read_text),  # of an enumeration's member too
    int: Codec(lambda value, _: value, _read_whole),
    bool: Codec(lambda value, _: value, _read_flag),
    float: Codec(lambda value, _: NEVER if value == math.inf else moments.exactly(value), _read_moment),
    bytes: Codec(_write_bytes, _read_bytes),
}


_MOMENT_OR_NEVER = Codec(_PLAIN[float].write, _read_moment_or_never)


# --- values of values ----------------------------------------------------------------------------------------------
def _optional(inner: Codec) -> Codec:
    def write(value: Any, writing: Writing) -> Any:
        return None if value is None else inner.write(value, writing)

    def read_optional(node: Node, path: Path, reading: Reading) -> Any:
        return None if node.value is None else inner.read(node, path, reading)

    return Codec(write, read_optional)


def _list(inner: Codec) -> Codec:
    def write(values: Iterable[Any], writing: Writing) -> Any:
        return [inner.write(value, writing) for value in values]

    def read_list(node: Node, path: Path, reading: Reading) -> Any:
        if not isinstance(node.value, list):
            return reading.wrong(node, path, _unfit(node), "a list")
        found = tuple(inner.read(each, (*path, index), reading) for index, each in enumerate(node.value))
        return _NOTHING if _NOTHING in found else found

    return Codec(write, read_list)


def _enumeration(kind: type[Enum]) -> Codec:
    members = {member.value: member for member in kind}

    def read_member(node: Node, path: Path, reading: Reading) -> Any:
        if not isinstance(node.value, str):
            return reading.wrong(node, path, _unfit(node), one_of(members))
        if node.value not in members:
            message = f"{shown(node.value)} is not known here{guess(node.value, members)}"
            return reading.wrong(node, path, message, one_of(members))
        return members[node.value]

    return Codec(lambda member, _: member.value, read_member)


def _compound(kind: Any) -> Codec:
    known = dict(_fields(kind))

    def write(value: Any, writing: Writing) -> Any:
        if not isinstance(value, writing.shared):
            return _write_fields(known, value, writing)
        if id(value) not in writing.written:
            writing.written[id(value)] = _write_fields(known, value, writing)
        return writing.written[id(value)]

    def read_compound(node: Node, path: Path, reading: Reading) -> Any:
        if not isinstance(node.value, dict):
            return reading.wrong(node, path, _unfit(node), f"the fields of a {kind.__name__}")
        identity = (id(node), kind)
        if identity not in reading.read:
            found = _read_fields(known, node, path, reading)
            reading.read[identity] = found if found is _NOTHING else kind(**found)
        return reading.read[identity]

    return Codec(write, read_compound)


def _write_fields(known: Mapping[str, _Field], value: Any, writing: Writing) -> dict[str, Any]:
    written = {}
    for name, each in known.items():
        inner = getattr(value, name)
        if each.default is not None and inner == each.default():
            continue
        hides = writing.names is not None and bool(inner)
        plain = writing.hidden(each.secret, inner) if each.secret and hides else each.codec.write(inner, writing)
        if plain is not _NOTHING:
            written[name] = plain
    return written


def _read_fields(known: Mapping[str, _Field], node: Node, path: Path, reading: Reading) -> Any:
    found = {
        name: known[name].codec.read(inner, (*path, name), reading)
        if name in known
        else reading.unknown(node, (*path, name), "field", sorted(known))
        for name, inner in node.value.items()
    }
    for name, each in known.items():
        if name in found or each.default is not None:
            continue
        left_out = each.secret is Secret.LEFT_OUT
        found[name] = MADE_ANEW if left_out else reading.wrong(node, (*path, name), "is missing", "a value")
    return _sound(found)


def _sound(found: dict[str, Any]) -> Any:
    """Return what was found, nothing where any of it is nothing."""
    return _NOTHING if any(value is _NOTHING for value in found.values()) else found


def _fields(kind: Any) -> Iterator[tuple[str, _Field]]:
    """Yield the fields of a dataclass or a named tuple, each with its name."""
    types = get_type_hints(kind, localns=dict(NAMES))
    if not is_dataclass(kind):
        for name in kind._fields:
            yield name, _Field(_codec_of(kind, name, types[name]), _given(kind._field_defaults.get(name, MISSING)))
        return
    for each in fields(kind):
        secret = None if each.repr else _SECRETS.get(types[each.name])
        yield each.name, _Field(_codec_of(kind, each.name, types[each.name]), _default(each), secret)


def _codec_of(kind: Any, name: str, its_type: Any) -> Codec:
    """Return the codec of a field."""
    if (kind.__name__, name) not in _ENDLESS:
        return codec(its_type)
    return _MOMENT_OR_NEVER if its_type is float else _optional(_MOMENT_OR_NEVER)


def _default(of: Field[Any]) -> Callable[[], Any] | None:
    return _given(of.default) if of.default_factory is MISSING else of.default_factory


def _given(default: Any) -> Callable[[], Any] | None:
    return None if default is MISSING else lambda: default


def _unfit(node: Node) -> str:
    return f"{shown(node.text)} is {kind_of(node.value)}" if node.text else f"is {kind_of(node.value)}"
