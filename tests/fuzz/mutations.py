"""Changes of documents and texts: small ones, anywhere, as a careless or a hostile author makes them."""

from __future__ import annotations

import copy
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

ANYTHING: tuple[Any, ...] = (
    *(None, "", "x", 5, -1, 1e300, True, [], {}, [None], {"a": "b"}),
    *("never", "AAAA", "2024-01-01T00:00:00Z", "9999-12-31", "RSA_2048", "DELETED", "0" * 64, "eu-central-1"),
    *("P1D", "PT0S", "P999999999W", "realistic", "instant", "0001-01-01", -62135596800, 253402300800, 10**30),
    *("\ud800", "\x00", "a\nb", "é" * 300, "../../etc/passwd", "/dev/zero", {"file": "/dev/zero"}, "1", float("inf")),
)
DURATIONS = (
    "P999999999W",
    "P99999D",
    "P3650000D",
    "PT1E9S",
    "PT0.0000001S",
    "PT0S",
    "-P1D",
    "P1Y",
    "P",
    "PT1H1H",
    "P1.5D",
)
MOMENTS = (
    *("0001-01-01", "9999-12-31T23:59:59.999Z", "1969-12-31", "0000-00-00", "2024-02-30", "2024-06-30T23:59:60Z"),
    0,
    -1,
    1e-9,
    253402300799.9,
    253402300800,
    -62135596800,
    -62135596801,
    1e18,
    -1e18,
    10**30,
    "1e9",
    "\uff12\uff10\uff12\uff14-01-01",
)
NUMBERS = (0, -1, 1, 2**31, 2**63, -(2**63), 10**400, 0.5, 1e300, -0.0, "1")
_DURATION, _MOMENT = re.compile(r"-?P[0-9T]"), re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TEXTS = tuple(each for each in ANYTHING if isinstance(each, str))
PIECES = (
    *(b"\xff", b"\x00", b"\xc3", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\r", b"\t", b"\n", b" ", b"\xe2\x80\xa8"),
    b": ",
    b"- ",
    b"? ",
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b"'",
    b'"',
    b"|\n",
    b">\n",
    b"#",
    b"%YAML 9.9\n",
    b"---\n",
    b"...\n",
    b"&a ",
    b"*a",
    b"&a [*a]",
    b"!!python/object:os.system ",
    b"!!binary ",
    b"!!set ",
    b"!x ",
    b"<<: *a\n",
    b"<<: {a: b}\n",
    b"0x" + b"f" * 400,
    b"1e999",
    b".nan",
    b".inf",
    b"1_000",
    b"012",
    b"2024-13-01",
    b"~",
    b"null",
    b"=",
    b"\\u0000",
    b'"\\ud800"',
    *(b"[" * 60, b"{a: " * 60, b"x" * 5000, b"- - - - - - "),
)
_MOST_BYTES = 256 * 1024


def change(document: Any, random: Random, anything: tuple[Any, ...] = ANYTHING) -> None:
    """Take something away, put something else in its place, give it another name, or have it twice."""
    found = list(_places(document))
    if not found:
        return
    inner, step = random.choice(found)
    match random.choice([0, 1, 1, 1, 2, 3, 4]):
        case 0:
            del inner[step]
        case 1:
            inner[step] = copy.deepcopy(random.choice(_others(inner[step]) or anything))
        case 2:
            other, where = random.choice(found)
            inner[step] = copy.deepcopy(other[where])
        case 3 if isinstance(inner, list):
            inner.insert(step, copy.deepcopy(inner[step]))
        case 4 if isinstance(inner, dict):
            inner[random.choice(found)[1] if random.random() < 0.5 else "nonsense"] = inner.pop(step)


def changed_text(content: bytes, random: Random) -> bytes:
    """Return *content* with a piece put in, taken out, moved, repeated or cut off, up to a bounded size."""
    place = random.randrange(len(content) + 1)
    end = min(len(content), place + random.choice([1, 1, 2, 8, 40, 400]))
    match random.randrange(6):
        case 0:
            found = content[:place] + random.choice(PIECES) + content[place:]
        case 1:
            found = content[:place] + content[end:]
        case 2:
            found = content[:place] + random.choice(PIECES) + content[end:]
        case 3:
            found = content[:place] + content[place:end] * random.choice([2, 3, 30]) + content[end:]
        case 4:
            other = random.randrange(len(content) + 1)
            found = content[:place] + content[other : other + 60] + content[place:]
        case _:
            found = content[:place]
    return found[:_MOST_BYTES]


def _others(value: Any) -> tuple[Any, ...]:
    """Return values of the same kind as *value* that are extreme or just wrong, none where no kind is known."""
    if isinstance(value, str) and _DURATION.match(value):
        return DURATIONS
    if isinstance(value, str) and _MOMENT.match(value):
        return MOMENTS
    if isinstance(value, int | float) and not isinstance(value, bool):
        return (*NUMBERS, *MOMENTS)
    return _TEXTS if isinstance(value, str) else ()


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield each container inside *value* with each of its keys or indexes."""
    for step, inner in list(value.items() if isinstance(value, dict) else enumerate(value)):
        yield value, step
        if isinstance(inner, (dict, list)):
            yield from _places(inner)
