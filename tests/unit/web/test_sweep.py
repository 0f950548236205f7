"""Every member, parameter and header of every control route, each with odd values.

A route fulfils each request or refuses it with a sentence. A refused request changes nothing. After a fulfilled one,
the world has a snapshot that can be read.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import pytest
from werkzeug.test import Client

from mockaws.clock import EARLIEST, LATEST
from mockaws.fixtures import loader, schema
from mockaws.gateway.endpoint import Endpoint
from mockaws.gateway.log import RequestLog
from mockaws.web import create_app
from mockaws.worlds.control.openapi import description
from mockaws.worlds.named import Worlds
from mockaws.worlds.world import World
from tests.samples import NOW
from tests.wire import controlled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockaws.gateway.journey import Gateway

pytestmark = pytest.mark.slow

_VERBS = {"get", "post", "put", "delete"}
_DEEP = 100_000
TEXTS = (
    "",
    " ",
    "x",
    "\0",
    "a\0b",
    "\n",
    "\r\nX-Header: y",
    "\ud800",
    "\udfff\ud800",
    "\ufeff",
    "\x85\u2028",
    "\U0001f600",
    "'\"\\`$(x)",
    "x" * 100_000,
    "../../../etc/passwd",
    "%00%s%n",
    "*",
    "nan",
    "inf",
    "-1",
    "1e400",
    "1_0",
    "\u0661\u0662",
    "9" * 5000,
    "true",
    "null",
    "P999999999W",
    "P9999999999W",
    "P36525D",
    "P36525DT0.1S",
    "PT0.00000000000000000001S",
    "-P1D",
    "P",
    "1970-01-01T00:00:00Z",
    "3000-01-01T00:00:00Z",
    "9999-12-31T23:59:59.999999Z",
    "0001-01-01T00:00:00+23:59",
    "0000-00-00",
    "10000-01-01",
    "a: &a [*a]",
    "!!python/object:x {}",
)
VALUES: tuple[Any, ...] = (
    *TEXTS,
    None,
    True,
    False,
    0,
    -1,
    1,
    0.5,
    1e-320,
    1e308,
    -1e308,
    float("nan"),
    float("inf"),
    -float("inf"),
    2**63,
    -(10**30),
    10**400,
    EARLIEST,
    LATEST,
    [],
    [[]],
    ["x", None],
    {},
    {"a": {"b": []}},
)
BODIES = (
    b"",
    b" ",
    b"null",
    b"true",
    b"[]",
    b'"x"',
    b"5",
    b"9" * 5000,
    b"{",
    b"{}",
    b'{"": ""}',
    b'{"\\ud800": 1}',
    b"\xff\xfe",
    b"\xef\xbb\xbf{}",
    b"\0",
    b"a: b: c",
    b"--- {}\n--- {}",
    b"[" * _DEEP,
    b'{"a":' * _DEEP,
    b"[" * _DEEP + b"]" * _DEEP,
    "{}".encode("utf-16"),
    b"name=x&password=y",
)
CONTENT_TYPES = (
    "",
    "application/json",
    "application/json; charset=utf-7",
    "application/json; charset=nothing",
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "multipart/form-data",
    "\xff",
    "x" * 10_000,
)
HEADERS = {
    "CloudHSM-Role": ("admin", "", "\xff", "x" * 10_000, "admin, admin"),
    "Authorization": (
        "",
        "Basic",
        "Basic !",
        "Basic YQ==",
        "Basic Og==",
        "Basic /zr/",
        "Basic \xff",
        "Basic YTpi",
        "Bearer x",
        "Digest x=",
        "\xff",
        "Basic " + "QUFB" * 10_000,
    ),
    "Accept": ("", "x", "*/*;q=nan", "text/html;q=1e400"),
    "Range": ("bytes=0-0", "bytes=-", "x"),
    "If-None-Match": ("*", '"'),
    "If-Modified-Since": ("x", "Thu, 99 Jan 99999 00:00:00 GMT"),
    "Cookie": ("=", "\xff", "a=b;" * 1000),
    "Content-Encoding": ("gzip", "x"),
    "Content-Length": ("-1", "x", "9" * 5000, "\xb2"),
    "X-Forwarded-For": ("x",),
    "X-HTTP-Method-Override": ("DELETE",),
    "Host": ("localhost:99999999999", "localhost:", "[::1]:x"),
}
# Members that a route needs beside the tested one, and values for names in its path.
BASES: dict[str, dict[str, Any]] = {
    "ClockChange": {},
    "Fault": {"operation": "kms:*", "status": 503},
    "NewWorld": {"name": "new", "document": {}},
    "Password": {"password": "password1"},
    "User": {"username": "alice", "role": "crypto-user", "password": "password1"},
    "UserName": {"username": "alice", "role": "crypto-user"},
}
PLACES = {
    "cluster_id": "cluster-readytwozone",
    "fault_id": "fault-1",
    "name": "there",
    "role": "admin",
    "username": "admin",
    "zone": "us-west-2a",
    "subnet": "subnet-1",
    "hsm": "hsm-1",
}


def _routes() -> Iterator[Any]:
    for path, item in description()["paths"].items():
        for verb in sorted(item.keys() & _VERBS):
            yield pytest.param(path, verb, id=f"{verb} {path}")


class Server:
    """A server with one named world, and its visible state."""

    def __init__(self, gateway: Gateway) -> None:
        begun = loader.load("ready-cluster", now=NOW)
        self.worlds = Worlds(lambda: World.of(begun))
        self.world = self.worlds.named("there")
        self.client = Client(
            Endpoint(
                lambda: create_app(controlled(gateway, self.worlds)), self.worlds, gateway, RequestLog(quiet=True)
            ),
            use_cookies=False,
        )
        self.before = self.state()

    def state(self) -> tuple[Any, ...]:
        """Return what a refused request must not change."""
        here = self.world
        rules = [rule.fault for rule in here.faults.active]
        names = [named.name for named in self.worlds.all()]
        return here.config, here.clock.setting, rules, [id(record) for record in here.store.records()], names

    def send(self, path: str, verb: str, **request: Any) -> None:
        """Send a request, and find the server as it must be then."""
        answer = self.client.open(path, method=verb.upper(), **request)
        assert answer.status_code < 500, (path, request, answer.data)
        refused = answer.status_code >= 400
        if refused:
            assert answer.content_type == "application/problem+json"
            assert json.loads(answer.data)["detail"], (path, request)
        if refused and not _remembers_refusals(path, request):
            assert self.state() == self.before, (path, request, answer.data)
        if self.state() != self.before:
            self.look(path, request)
            self.begin()

    def look(self, *said: Any) -> None:
        """See that a snapshot can be taken and read, that worlds are listed, and that the clock shows a time."""
        found = self.client.get("/worlds/there/_mockaws/state").data
        assert World.of(loader.parse(found, "snapshot", now=NOW)), said
        for path in ("worlds", "clock", "faults", "calls"):
            assert self.client.get(f"/worlds/there/_mockaws/{path}").status_code == 200, said

    def begin(self) -> None:
        """Restore the world."""
        for named in self.worlds.all():
            if named.world is not self.world:
                self.worlds.drop(named.name)
        if self.worlds.get("there") is None:
            self.worlds.add("there", self.world)
        self.world.load(loader.load("ready-cluster", now=NOW))
        self.before = self.state()


def _remembers_refusals(path: str, request: Any) -> bool:
    """Return True for failed logins: the HSMs count them."""
    return path.endswith("/login") or "Authorization" in request.get("headers", ())


@pytest.mark.parametrize(("path", "verb"), list(_routes()))
def test_every_route(gateway: Gateway, path: str, verb: str) -> None:
    """No member, parameter, header or body is a 5xx."""
    server = Server(gateway)
    operation = description()["paths"][path][verb]
    filled = _filled(path)
    for document in _documents(operation):
        server.send(f"/worlds/there{filled}", verb, data=json.dumps(document), content_type="application/json")
    for rule in _parameters(path, operation):
        for text in TEXTS:
            written = quote(text, safe="", errors="surrogatepass")
            if rule["in"] == "path":
                server.send("/worlds/there" + _filled(path, rule["name"], written), verb)
            elif rule["in"] == "query":
                query = urlencode([(rule["name"], text)] * 2, errors="surrogatepass")
                server.send(f"/worlds/there{filled}", verb, query_string=query)
    for name, values in HEADERS.items():
        for value in values:
            server.send(f"/worlds/there{filled}", verb, headers={name: value})
    for body in BODIES:
        server.send(f"/worlds/there{filled}", verb, data=body)
    for content_type in CONTENT_TYPES:
        server.send(f"/worlds/there{filled}", verb, data=b"{}", content_type=content_type)
    server.look()


def test_documents_with_odd_fixtures(gateway: Gateway) -> None:
    """A new world gets each odd value in each part of a fixture, and is there as a whole or not at all."""
    server = Server(gateway)
    parts = [name for name in schema.schema()["properties"] if name != "records"]
    timings = [f"timing.{name}" for name in schema.schema()["$defs"]["timing"]["properties"]]
    for name in (*parts, *timings):
        outer, _, inner = name.partition(".")
        for value in VALUES:
            document = {outer: {inner: value} if inner else value}
            for verb, path, sent in (
                ("post", "/_mockaws/worlds", {"name": "new", "document": document}),
                ("put", "/worlds/there/_mockaws/state", document),
            ):
                server.send(path, verb, data=json.dumps(sent), content_type="application/json")


def _documents(operation: dict[str, Any]) -> Iterator[Any]:
    """Yield documents of which one member is odd, or missing, or too many."""
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    name = content.get("schema", {}).get("$ref", "").rpartition("/")[2]
    if not name:
        return
    base = BASES.get(name, {})
    properties = schema.schema()["$defs"]["fault"] if name == "Fault" else description()["components"]["schemas"][name]
    yield from ({member: value for member, value in base.items() if member != left} for left in base)
    yield from (
        {**base, member: value} for member in (*properties["properties"], "unknown", "\ud800") for value in VALUES
    )


def _parameters(path: str, operation: dict[str, Any]) -> Iterator[dict[str, Any]]:
    components = description()["components"]["parameters"]
    for rule in (*description()["paths"][path].get("parameters", ()), *operation.get("parameters", ())):
        yield components[rule["$ref"].rpartition("/")[2]] if "$ref" in rule else rule


def _filled(path: str, name: str = "", value: str = "") -> str:
    """Return a path with values for the names in braces, one of them *value*."""
    changes = {"hsms": "fail", "zones": "fail", "network": "break", "sessions": "exhaust", "subnets": "fill"}
    change = next((verb for part, verb in changes.items() if f"/{part}/" in path), "")
    for each, usual in (PLACES | {"change": change}).items():
        path = path.replace(f"{{{each}}}", value if each == name else usual)
    return path
