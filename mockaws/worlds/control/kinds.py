"""Kinds of values that parameters of control verbs take, from HTTP, a command line or Python."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_TRUTH = {"": True, "true": True, "false": False}
_MOST_SHOWN = 200
_JSON_NAMES = {
    dict: "an object",
    list: "a list",
    bool: "true or false",
    int: "a number",
    float: "a number",
    type(None): "null",
}


class Kind(NamedTuple):
    """A kind of value: *read* returns it, or raises ValueError or TypeError with what would be right."""

    read: Callable[[Any], Any]
    schema: Mapping[str, Any] = MappingProxyType({})
    """The JSON Schema of a value in a document, or in a query string or path."""


def _text(given: Any) -> str:
    if not isinstance(given, str):
        raise TypeError(f"must be text, not {_JSON_NAMES.get(type(given), repr(given)[:_MOST_SHOWN])}")
    if re.search("[\ud800-\udfff]", given):
        raise ValueError("must be text in UTF-8: it contains half of a character")
    return given


def _texts(given: Any) -> tuple[str, ...]:
    if isinstance(given, str) or not isinstance(given, (list, tuple)):
        raise TypeError("must be a list of texts")
    return tuple(_text(each) for each in given)


def _flag(given: Any) -> bool:
    found = _TRUTH.get(given) if isinstance(given, str) else given
    if not isinstance(found, bool):
        raise TypeError(f"must be true or false, not {shown(given)}")
    return found


def _whole_number(given: Any) -> int:
    if isinstance(given, int) and not isinstance(given, bool) and given >= 0:
        return given
    if not isinstance(given, str) or not re.fullmatch("[0-9]{1,9}", given):
        raise ValueError(f"must be a number of up to nine digits, not {shown(given)}")
    return int(given)


def _duration(given: Any) -> float:
    from datetime import timedelta  # noqa: PLC0415 - commands send text and read no values

    from mockaws import moments  # noqa: PLC0415

    if isinstance(given, timedelta):
        return given.total_seconds()
    try:
        return moments.duration(given)
    except moments.TooLongError:
        raise ValueError(f"duration {shown(given)} is too long: use {moments.AT_MOST}") from None
    except (TypeError, ValueError):
        raise ValueError(f"invalid duration {shown(given)}: use {moments.A_DURATION}") from None


def _moment(given: Any) -> float:
    from datetime import date  # noqa: PLC0415

    from mockaws import moments  # noqa: PLC0415

    try:
        if isinstance(given, bool):
            raise TypeError  # noqa: TRY301 - True would be one second after 1970 began
        return moments.moment(given.isoformat() if isinstance(given, date) else given)
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"invalid moment {shown(given)}: use {moments.A_MOMENT}") from None


def _moment_or_now(given: Any) -> float | None:
    return None if given is True else _moment(given)


def _account(given: Any) -> str:
    if not isinstance(given, str) or not re.fullmatch("[0-9]{12}", given):
        raise ValueError(f"invalid account {shown(given)}: use 12 digits, such as 111122223333")
    return given


def _region(given: Any) -> str:
    from mockaws import regions  # noqa: PLC0415

    if not isinstance(given, str) or not regions.is_region(given):
        raise ValueError(f"invalid Region {shown(given)}: use a name such as us-west-2")
    return given


def shown(given: Any) -> str:
    """Return a value as messages quote it, shortened if it is long."""
    text = f"'{given}'" if isinstance(given, str) else repr(given)
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}…"


_DURATION_SCHEMA = {"$ref": "#/components/schemas/Duration"}
_MOMENT_SCHEMA = {"$ref": "#/components/schemas/Moment"}

ANY = Kind(lambda given: given)
TEXT = Kind(_text, {"type": "string"})
PASSWORD = Kind(_text, {"type": "string", "format": "password"})
TEXTS = Kind(_texts, {"type": "array", "items": {"type": "string"}})
FLAG = Kind(_flag, {"type": "boolean"})
WHOLE_NUMBER = Kind(_whole_number, {"type": "integer"})
DURATION = Kind(_duration, _DURATION_SCHEMA)
MOMENT = Kind(_moment, _MOMENT_SCHEMA)
MOMENT_OR_NOW = Kind(_moment_or_now, {"anyOf": [{"const": True}, _MOMENT_SCHEMA]})
ACCOUNT = Kind(_account, {"type": "string", "pattern": "^[0-9]{12}$"})
REGION = Kind(_region, {"type": "string"})
DOCUMENT = Kind(lambda given: "null" if given is None else given, {"type": ["string", "object"]})
NUMBER = Kind(lambda given: given, {"type": "number"})
FILE = Kind(lambda given: given, {"type": "string"})
