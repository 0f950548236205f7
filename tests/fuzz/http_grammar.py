"""HTTP requests as bytes: good ones, odd ones, and broken ones, in pieces and one after the other."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from tests.wire import signature

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

DESCRIBE_KEY = json.dumps({"KeyId": "1234abcd-12ab-34cd-56ef-1234567890ab"}).encode()
_METHODS = ("GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "CONNECT", "TRACE", "get", "G@T", "", "X" * 300)
_VERSIONS = ("HTTP/1.1",) * 12 + ("HTTP/1.0", "HTTP/0.9", "HTTP/2.0", "HTTP/1.10", "http/1.1", "HTTP/1.1.1", "", "\xff")
_SERVICES = ("kms", "kms", "cloudhsm", "sts", "s3", "s3", "ec2", "nothing")
_SEGMENTS = (
    "b",
    "k",
    "..",
    ".",
    "",
    "a%2Fb",
    "%7e",
    "%2e%2e",
    "%2E%2E",
    "[k]",
    "a b",
    "%",
    "%zz",
    "%00",
    "%0d%0aX:%20y",
    "\xff",
    "_mockaws",
    "_mockaws",
    "moto-api",
    "_localstack",
    "worlds",
    "pr-1",
    "state",
    "reset",
    "health",
    "é",
    ":80@",
    "a:b@c",
    "service",
    "BaldrApiService",
    "operation",
    "DescribeClusters",
    "x" * 5000,
    ";a=b",
    "#f",
    "\\",
    "*",
    "%u0041",
    "\uff05",
)
_QUERIES = (
    "",
    "",
    "",
    "?",
    "?list-type=2&prefix=%2F",
    "?Action=GetCallerIdentity&Version=2011-06-15",
    "?%ff",
    "?" + "&" * 300,
    "?response-content-language=%e2%82%ac",
    "?response-content-type=a%0d%0ab:c",
    "?X-Amz-Algorithm&X-Amz-Credential=a%2fb",
    *("?a=" + "x" * 9000, "?secrets=false", "?secrets", "?[", "?a=\xff"),
)
_PREFIXES = (
    "@",
    ":80@",
    "a:@",
    "%40",
    ":@",
    ".",
    "",
    "//",
    "///",
    "\\\\",
    "/\\",
    "http://",
    "https://",
    "http:///",
    "ftp://",
    "?@",
    *("http://user@", "//a:b@", "*", "http://[", "http://[::1]:", "#@", ";@", "\t//"),
)
_TARGETS = (
    "TrentService.ListKeys",
    "BaldrApiService.DescribeClusters",
    ".",
    "TrentService.",
    "x" * 5000,
    "\xff",
)
_TYPES = (
    "application/cbor",
    "application/x-www-form-urlencoded",
    "text/plain",
    "",
    "application/x-amz-json-1.0",
    "\xff",
)
_ODD_HEADERS = (
    "Smithy-Protocol: rpc-v2-cbor",
    "Connection: close",
    "Connection: keep-alive, x",
    "Origin: https://evil.example",
    "X-Forwarded-For: 1.2.3.4",
    "X-Forwarded-Host: evil.example",
    "Expect: 200-ok",
    "Upgrade: h2c",
    "Te: trailers",
    "X: " + "y" * 9000,
    " folded: x",
    "NoColon",
    ": empty",
    "X : space",
    "X\x00: nul",
    "X: a\x00b",
    "Host: twice",
    "é: x",
    "Content-Encoding: gzip",
    "Range: bytes=0-1",
    "If-Match: *",
    "Proxy-Authorization: Basic eDp5",
    "Keep-Alive: 5",
)
_AUTHORIZATIONS = (
    "Basic eDp5",
    "AWS4-HMAC-SHA256",
    "AWS4-HMAC-SHA256 Credential=////",
    "\xff",
    "x" * 9000,
)
_FRAMINGS = (
    "length",
    "length",
    "length",
    "length",
    "chunked",
    "chunked",
    "none",
    "short",
    "long",
    "huge",
    "digits",
    "negative",
    "twice",
    "both",
    "gzip",
    "bad chunks",
    "long chunk line",
    "trailers",
    "expect",
)
_BODIES = (
    DESCRIBE_KEY,
    b"",
    b"{}",
    b"{",
    b"\xd9\xd9\xf7\xa0",
    b"Action=GetCallerIdentity&Version=2011-06-15",
    b"\x00\xff" * 40,
    b"[" * 3000,
    b'{"a":' * 3000,
    b"x" * 70_000,
    b"1" * 5000,
    b"P1D",
)


_CHUNKED = "Transfer-Encoding: chunked"
_ODD_LENGTHS = ("1" * 5000, "0" * 5000, "\u0663", "0x10", "1_0", "+1", " 1 ", "1,1", "")
_LENGTHS: dict[str, Callable[[Random, int], object]] = {
    "length": lambda _, length: length,
    "short": lambda _, length: length // 2,
    "long": lambda _, length: length + 9,
    "huge": lambda random, _: random.choice([1 << 21, 1 << 40, 10**30]),
    "digits": lambda random, _: random.choice(_ODD_LENGTHS),
    "negative": lambda _, __: -1,
}


class Sent(NamedTuple):
    """The bytes of one connection: *pieces*, one after the other; *leaves* says that the client goes away early."""

    pieces: list[bytes]
    leaves: bool

    @property
    def wire(self) -> bytes:
        """All of it."""
        return b"".join(self.pieces)


def describe_key(authority: str) -> bytes:
    """Return an ordinary DescribeKey."""
    lines = [
        "POST / HTTP/1.1",
        f"Host: {authority}",
        "Content-Type: application/x-amz-json-1.1",
        "X-Amz-Target: TrentService.DescribeKey",
        f"Authorization: {signature('kms')}",
        f"Content-Length: {len(DESCRIBE_KEY)}",
        "Connection: close",
    ]
    return "\r\n".join([*lines, "", ""]).encode() + DESCRIBE_KEY


def connection(random: Random, authority: str, elsewhere: str) -> Sent:
    """Return what one client sends; *elsewhere* is an authority that the server must never turn to."""
    wire = b"".join(_request(random, authority, elsewhere) for _ in range(random.choice([1, 1, 1, 2, 3])))
    if random.random() < 0.25:
        wire = _mutated(random, wire)
    leaves = random.random() < 0.1
    if leaves:
        wire = wire[: random.randrange(len(wire) + 1)]
    count = random.choice([1, 1, 1, 2, 5])
    places = sorted(random.randrange(len(wire) + 1) for _ in range(count - 1))
    pieces = [wire[start:end] for start, end in zip([0, *places], [*places, len(wire)], strict=True)]
    return Sent([piece for piece in pieces if piece], leaves)


def _request(random: Random, authority: str, elsewhere: str) -> bytes:
    line = f"{_one(random, _METHODS, 'POST')} {_target(random, authority, elsewhere)} {random.choice(_VERSIONS)}"
    framing = random.choice(_FRAMINGS)
    lines, body = _framed(random, framing, random.choice(_BODIES))
    lines = [line, *_headers(random, authority, elsewhere), *lines]
    ending = "\n" if random.random() < 0.03 else "\r\n"
    return ending.join([*lines, "", ""]).encode("latin-1", "replace") + body


def _one(random: Random, values: tuple[str, ...], usual: str) -> str:
    return usual if random.random() < 0.5 else random.choice(values)


def _target(random: Random, authority: str, elsewhere: str) -> str:
    path = "/" + "/".join(random.choice(_SEGMENTS) for _ in range(random.choice([0, 0, 1, 2, 3, 4])))
    control = random.choice(["/_mockaws/state", "/../../_mockaws/state", "/b/%2e%2e/_mockaws/reset", "/moto-api/reset"])
    path = control if random.random() < 0.1 else path
    target = path + random.choice(_QUERIES)
    if random.random() < 0.75:
        return target
    other = random.choice([elsewhere, authority])
    prefix = random.choice(_PREFIXES)
    return random.choice([f"{prefix}{other}{target}", f"{prefix}{other}", f"{prefix}{target}"])


def _headers(random: Random, authority: str, elsewhere: str) -> list[str]:
    service = random.choice(_SERVICES)
    found = [f"Host: {_one(random, (elsewhere, 'localhost', '', 'a b', '[', 'evil.example'), authority)}"]
    if random.random() < 0.9:
        found.append(f"Authorization: {_one(random, (signature(service), *_AUTHORIZATIONS), signature(service))}")
    if service in {"kms", "cloudhsm"} and random.random() < 0.9:
        found.append(f"X-Amz-Target: {_one(random, _TARGETS, 'TrentService.DescribeKey')}")
    found.append(f"Content-Type: {_one(random, _TYPES, 'application/x-amz-json-1.1')}")
    found += random.sample(_ODD_HEADERS, random.choice([0, 0, 0, 1, 2]))
    if random.random() < 0.02:
        found += [f"X-{number}: y" for number in range(2000)]
    random.shuffle(found)
    return found


def _framed(random: Random, framing: str, body: bytes) -> tuple[list[str], bytes]:
    """Return the headers that say how long a body is, and the body as it is sent."""
    if framing in _LENGTHS:
        return [f"Content-Length: {_LENGTHS[framing](random, len(body))}"], body
    length = f"Content-Length: {len(body)}"
    headers: dict[str, list[str]] = {
        "none": [],
        "twice": [length, f"Content-Length: {len(body) + random.choice([0, 1])}"],
        "expect": [length, "Expect: 100-continue"],
        "both": [length, _CHUNKED],
        "gzip": [f"Transfer-Encoding: {random.choice(['gzip', 'gzip, chunked', 'chunked, gzip', 'identity', ''])}"],
    }
    sent = body if framing in {"none", "twice", "expect"} else _chunks(random, framing, body)
    return headers.get(framing, [_CHUNKED]), sent


def _chunks(random: Random, framing: str, body: bytes) -> bytes:
    """Return a body in chunks, or in what looks like them."""
    if framing == "bad chunks":
        size = random.choice([b"zz", b"-1", b"", b"f" * 30, b"0x5", b"5;a=b", b"5 ", b"\xff"])
        return size + b"\r\nhello\r\n" + random.choice([b"0\r\n\r\n", b"", b"\r\n"])
    if framing == "long chunk line":
        return b"5;" + b"x" * random.choice([1000, 100_000]) + b"\r\nhello\r\n0\r\n\r\n"
    if framing == "trailers":
        trailers = b"".join(b"X-%d: y\r\n" % number for number in range(random.choice([1, 3000])))
        return b"5\r\nhello\r\n0\r\n" + trailers + b"\r\n"
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:7], body[7:]) if part) + b"0\r\n\r\n"


def _mutated(random: Random, wire: bytes) -> bytes:
    place = random.randrange(len(wire))
    end = place + random.choice([1, 1, 3, 20])
    pieces = (
        b"\r\n",
        b"\n",
        b"\r",
        b" ",
        b"\x00",
        b"\xff",
        b":",
        b"\r\n\r\n",
        b"%",
        b"/",
        random.randbytes(3),
        b"0" * 60,
    )
    match random.randrange(4):
        case 0:
            return wire[:place] + random.choice(pieces) + wire[place:]
        case 1:
            return wire[:place] + wire[end:]
        case 2:
            return wire[:place] + random.choice(pieces) + wire[end:]
    return wire[:place] + wire[place:end] * 3 + wire[end:]
