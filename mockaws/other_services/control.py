r"""The rule that keeps other services' control routes out of reach.

Another mockaws, moto's server and LocalStack have routes that reset them or show their whole state. A request may come
from another machine, and would reach them from this one.

Servers read a path in different ways. They decode it once, or a proxy has done so before. They take `\` for `/`, drop
spaces and what follows `;` or a NUL, merge slashes, and resolve dots before or after that. So a path is read in all of
these ways, and is refused if any of them leads to a control route. An S3 key may hold dots, escapes and control routes'
names: `/bucket/a/../_mockaws/k` passes, as no way of reading it leaves the bucket.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

from mockaws.model.errors import AWSError

if TYPE_CHECKING:
    from collections.abc import Iterator

# mockaws, moto's server, LocalStack twice: https://docs.localstack.cloud/references/internal-endpoints/
NAMES = ("_mockaws", "moto-api", "_localstack", "_aws")
_WORLDS = "worlds"
_DECODINGS = 2
_ENDED = re.compile(r"[;\0].*", re.DOTALL)
# A key of S3 has up to 1,024 bytes, and a byte takes up to three.
_LONGEST = 1 << 14
_TOO_LONG = 414


def require_no_control_route(target: str, base: str = "") -> None:
    """Raise AWSError if a target leads to a control route of the endpoint at the path *base*, or out of that path."""
    path = target.partition("?")[0]
    if len(path) > _LONGEST:
        raise AWSError("InvalidURI", f"the path is too long: send at most {_LONGEST} bytes", _TOO_LONG)
    if base:
        for segments in _readings(path):
            if _climbs(segments):
                raise AWSError("InvalidURI", f"the path {path} leads out of {base}/: use fewer '..' segments")
    most_decoded = path
    for _ in range(_DECODINGS):
        most_decoded = unquote(most_decoded, "latin-1")
    if any(name in most_decoded.lower() for name in NAMES):
        for whole in (path, base + path):
            if any(_is_control(way) for segments in _readings(whole) for way in _resolved(segments)):
                raise AWSError(
                    "InvalidURI",
                    f"the path {path} leads to a control route ({', '.join(f'/{name}/' for name in NAMES)}) "
                    "of the other endpoint: send it there directly",
                )


def _readings(path: str) -> Iterator[list[str]]:
    """Yield the segments of a path, as servers read them."""
    for _ in range(_DECODINGS + 1):
        for read in (path, path.replace("\\", "/")):
            yield [_ENDED.sub("", segment).strip() for segment in read.split("/")[1:]]
        path = unquote(path, "latin-1")


def _resolved(segments: list[str]) -> Iterator[list[str]]:
    """Yield segments as they are, with dots resolved, and with slashes merged before that."""
    yield segments
    for merged in (segments, [segment for segment in segments if segment]):
        left: list[str] = []
        for segment in merged:
            if segment == "..":
                del left[-1:]
            elif segment != ".":
                left.append(segment)
        yield left


def _climbs(segments: list[str]) -> bool:
    """Return True if dots lead above the first segment."""
    depth = 0
    for segment in segments:
        if segment == "..":
            depth -= 1
        elif segment not in {"", "."}:
            depth += 1
        if depth < 0:
            return True
    return False


def _is_control(segments: list[str]) -> bool:
    """Return True for a control route, also one of a world."""
    at = 0
    while at < len(segments) and segments[at] in {"", _WORLDS}:
        at += 2 if segments[at] == _WORLDS else 1
    return at < len(segments) and segments[at].lower() in NAMES
