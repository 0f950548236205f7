"""The control routes with any document, query and headers: no 5xx, and what a server knows stays readable."""

from __future__ import annotations

import io
import json
from random import Random
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote_from_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockaws import Mock
from mockaws.clock import Clock
from mockaws.fixtures import loader
from mockaws.worlds.control.openapi import description
from tests.fuzz import noise
from tests.fuzz.effort import effort
from tests.fuzz.mutations import ANYTHING, DURATIONS, MOMENTS, NUMBERS, change
from tests.fuzz.requests import damaged
from tests.fuzz.worlds import require_good

if TYPE_CHECKING:
    from collections.abc import Iterator

REQUESTS = 25
VERBS = {"get", "post", "put", "delete"}
_ALL = description()
ROUTES = [(path, verb) for path, item in _ALL["paths"].items() for verb in item if verb in VERBS]
READABLE = ("state", "state?secrets=false", "worlds", "calls", "clock", "faults", "health", "clusters")
# Good values by the names of members and parameters, so that requests pass the first checks.
KNOWN: dict[str, tuple[Any, ...]] = {
    "account": ("111122223333", "444455556666"),
    "change": ("fail", "recover", "break", "mend", "fill", "free", "remove", "exhaust"),
    "cluster_id": ("cluster-readytwozone",),
    "document": ({"account": "111122223333", "timing": "realistic"}, "region: eu-central-1"),
    "filter": ("attr.label=one", "key-reference=0x0000000000000001", "attr.class=secret-key"),
    "fixture": ("ready-cluster", "empty"),
    "hsm": ("hsm-readyzoneaa", "10.0.1.11"),
    "idle_timeout": ("PT1H", *DURATIONS),
    "advance": ("P1D", *DURATIONS),
    "freeze": (True, *MOMENTS),
    "limit": ("1", "0", "-1", "1" * 5000, "x"),
    "max-items": ("1", "0", "1" * 5000),
    "name": ("pr-1", "other", "default", "AWS_CloudHSM_Root-G1.crt"),
    "password": ("adminPswd1", "kmsPswd123"),
    "region": ("us-west-2", "eu-central-1"),
    "role": ("admin", "crypto-user"),
    "seed": ("one", "\ud800"),
    "set": MOMENTS,
    "since": ("2024-01-01", *map(str, MOMENTS)),
    "subnet": ("subnet-readyzonea",),
    "until": ("2030-01-01", *map(str, MOMENTS)),
    "username": ("kmsuser", "admin", "alice"),
    "zone": ("us-west-2a",),
}
FAULTS: tuple[dict[str, Any], ...] = (
    {"operation": "kms:Encrypt", "error": "ThrottlingException", "times": 2, "every": 2},
    {"operation": "kms:*", "latency": "PT1S", "probability": 0.5, "key": "alias/one", "account": "111122223333"},
    {"operation": "cloudhsmv2:*", "status": 503, "nth": 3, "region": "us-west-2", "message": "no"},
    {"operation": "kms:Decrypt", "throttle": 5},
    {"drop": True},
)
HEADERS: tuple[tuple[str, str], ...] = (
    ("HTTP_HOST", "evil.example"),
    ("HTTP_HOST", ""),
    ("HTTP_HOST", "[::1"),
    ("HTTP_HOST", "\xff:x"),
    ("HTTP_ORIGIN", "https://evil.example"),
    ("HTTP_ORIGIN", "null"),
    ("HTTP_ORIGIN", "http://[" + "1" * 99),
    ("HTTP_AUTHORIZATION", "Basic YWRtaW46YWRtaW5Qc3dkMQ=="),
    ("HTTP_AUTHORIZATION", "Basic ///"),
    ("HTTP_AUTHORIZATION", "Basic \xff"),
    ("HTTP_AUTHORIZATION", "Bearer x"),
    ("HTTP_CLOUDHSM_ROLE", "admin"),
    ("HTTP_CLOUDHSM_ROLE", "crypto-user"),
    ("HTTP_CLOUDHSM_ROLE", "\xff"),
    ("CONTENT_TYPE", "text/plain; charset=utf-99"),
    ("CONTENT_TYPE", "multipart/form-data"),
    ("CONTENT_TYPE", "application/x-www-form-urlencoded"),
    ("REMOTE_ADDR", "10.1.2.3"),
    ("REMOTE_ADDR", ""),
    ("HTTP_RANGE", "bytes=0-1"),
    ("HTTP_X_FORWARDED_HOST", "evil.example"),
    ("HTTP_IF_NONE_MATCH", "*"),
)


class Answer(NamedTuple):
    """A status, and a body."""

    status: int
    body: bytes


def send(mock: Mock, method: str, path: bytes, query: str, body: bytes, **more: Any) -> Answer:
    """Return what the server answers in process: bytes of a path stand for themselves, as WSGI has them."""
    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path.decode("latin-1"),
        "SCRIPT_NAME": "",
        "QUERY_STRING": query,
        "REQUEST_URI": f"{quote_from_bytes(path)}?{query}",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "4566",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "127.0.0.1:4566",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "wsgi.input_terminated": True,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    } | more
    statuses: list[str] = []
    parts = mock.application.endpoint(environ, lambda status, *_: statuses.append(status))
    return Answer(int(statuses[-1].split()[0]), b"".join(parts))


class Drawing:
    """Draws requests for control routes from their description."""

    def __init__(self, random: Random) -> None:
        self._random = random

    def _likely(self, probability: float) -> bool:
        return self._random.random() < probability

    def request(self) -> tuple[str, bytes, str, bytes, dict[str, str]]:
        """Return the method, path, query, body and headers of a request."""
        random = self._random
        path, verb = random.choice(ROUTES)
        item = _ALL["paths"][path]
        rules = [_resolved(rule) for rule in (*item.get("parameters", ()), *item[verb].get("parameters", ()))]
        for rule in rules:
            if rule["in"] == "path":
                path = path.replace(f"{{{rule['name']}}}", self._text(rule["name"]))
        query = "&".join(
            f"{rule['name']}={self._quoted(rule['name'])}"
            for rule in rules
            if rule["in"] == "query" and self._likely(0.3)
        )
        if self._likely(0.05):
            query += random.choice(["&x=1", "&&", "&%ff=%ff", "&account=", "&secrets=no", "&=", "&filter=" * 50])
        if self._likely(0.2):
            path = f"/worlds/{self._text('name')}{path}"
        if self._likely(0.05):
            path = random.choice([path + "/", path.replace("/_", "//_", 1), f"/..{path}", path.upper(), path + "\x00"])
        body = self._body(item[verb], path) if "requestBody" in item[verb] or self._likely(0.05) else b""
        headers = dict(random.choice(HEADERS) for _ in range(random.choice([0, 0, 0, 1, 2])))
        method = verb.upper() if self._likely(0.97) else random.choice(["HEAD", "OPTIONS", "PATCH", "X", ""])
        return method, path.encode("utf-8", "surrogateescape"), query, body, headers

    def _text(self, name: str) -> str:
        value = self._random.choice(KNOWN[name] if name in KNOWN and self._likely(0.85) else ANYTHING)
        return str(value).encode("utf-8", "replace").decode()

    def _quoted(self, name: str) -> str:
        return quote_from_bytes(self._text(name).encode(), safe="" if self._likely(0.5) else "/:%+")

    def _body(self, operation: dict[str, Any], path: str) -> bytes:
        random = self._random
        content = operation.get("requestBody", {}).get("content", {})
        schema = content.get("application/json", {}).get("schema", {})
        document: Any = self.value(schema, "")
        if path.endswith("/faults"):
            document = dict(random.choice(FAULTS))
        if path.endswith("/state"):
            document = {"account": "111122223333"} | ({"faults": list(FAULTS)} if self._likely(0.3) else {})
            document["timing"] = {"connect": random.choice(DURATIONS), "create_hsm": "PT1M"}
        document = json.loads(json.dumps(document))
        if isinstance(document, dict) and self._likely(0.4):
            change(document, random)
        body = json.dumps(document, ensure_ascii=self._likely(0.7)).encode("utf-8", "surrogatepass")
        return damaged(random, body) if self._likely(0.08) else body

    def value(self, schema: dict[str, Any], name: str) -> Any:
        """Return a value as a schema has it, as a rule."""
        random = self._random
        if name and self._likely(0.12):
            return random.choice((*ANYTHING, *NUMBERS))
        if name in KNOWN:
            return random.choice(KNOWN[name])
        schema = _resolved(schema)
        if "enum" in schema:
            return random.choice(schema["enum"])
        if "const" in schema:
            return schema["const"]
        if "anyOf" in schema:
            return self.value(random.choice(schema["anyOf"]), name)
        kind = schema.get("type", "object")
        kind = random.choice(kind) if isinstance(kind, list) else kind
        if kind == "object":
            required = schema.get("required", ())
            return {
                member: self.value(inner, member)
                for member, inner in schema.get("properties", {}).items()
                if member in required or self._likely(0.35)
            }
        return {"array": [], "boolean": True, "integer": 1, "number": 1.5}.get(kind, "text")


def _resolved(found: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in found:
        _, _, kind, name = found["$ref"].split("/")
        found = _ALL["components"][kind][name]
    return found


def require_readable(mock: Mock) -> None:
    """Require that everything that can be looked at can be seen, of each world, and that a snapshot brings it back."""
    names = [each["name"] for each in json.loads(send(mock, "GET", b"/_mockaws/worlds", "", b"").body)["worlds"]]
    for prefix in ("", *(f"/worlds/{name}" for name in names)):
        for what in READABLE:
            path, _, query = f"{prefix}/_mockaws/{what}".partition("?")
            answer = send(mock, "GET", path.encode(), query, b"")
            assert answer.status == 200, (path, answer)
            if what.startswith("state"):
                require_good(loader.parse(answer.body, "state", now=Clock().now()))
            else:
                json.loads(answer.body)


def history(seed: int) -> Iterator[tuple[str, bytes, str, bytes, dict[str, str]]]:
    """Yield the requests of one seed."""
    random = Random(seed)
    for _ in range(REQUESTS):
        yield Drawing(random).request()


@pytest.mark.slow
@effort(120)
@given(seed=st.integers(0, 2**32 - 1))
def test_any_control_request(seed: int) -> None:
    """No request is answered with 5xx, and after any of them each world can be seen, kept and brought back."""
    mock = Mock(fixture="ready-cluster", quiet=True)
    with noise.listening() as sound:
        asked = []
        for method, path, query, body, headers in history(seed):
            asked.append((method, path, query, body[:300], headers))
            answer = send(mock, method, path, query, body, **headers)
            assert 200 <= answer.status < 500, (answer, asked[-1])
            sound.require_none()
        try:
            require_readable(mock)
        except Exception as error:
            error.add_note(f"after {asked}")
            raise
