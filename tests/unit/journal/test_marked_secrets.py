"""Secrets that are sent in the wrong way, in any member or header and any protocol, reach no log, journal or file.

The requests are made from the models, so that a new operation and a new member are among them.
"""

from __future__ import annotations

import base64
import io
import json
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

import cbor2
import pytest

from mockaws.gateway.endpoint import Endpoint
from mockaws.gateway.log import RequestLog
from mockaws.journal.events import event
from mockaws.journal.files import CallsFile
from mockaws.model.service import load
from mockaws.records.world import WorldConfig
from mockaws.web import create_app
from mockaws.worlds.named import Worlds
from mockaws.worlds.world import World
from tests.samples import ACCOUNT, REGION
from tests.unit.journal.test_secrets import SERVICES, document, is_secret
from tests.wire import controlled, query_request, signature

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mockaws.gateway.journey import Gateway
    from mockaws.model.service import OperationModel, ServiceModel

SECRET = "Zq7MarkedSecret4711"
BASE64 = base64.b64encode(SECRET.encode()).decode()
FORMS = (SECRET, BASE64, SECRET.encode().hex(), SECRET.encode().hex().upper())
# Members that are secret although neither the model nor the other test says so.
ALSO_SECRET = {"ProvidedContexts", "Recipient", "TokenCode", "TrustAnchorCertificate"}
OTHER_ACCOUNT = "444455556666"
PROTOCOLS = ("json", "cbor", "query")

Environ = dict[str, Any]


class Answer(NamedTuple):
    """The status and the body of an answer."""

    status: int
    body: bytes


class Served:
    """A world behind its WSGI application, with all places that keep something of its calls."""

    def __init__(self, gateway: Gateway, log_format: str, path: Path) -> None:
        self.log = io.StringIO()
        self.path = path
        self._file = CallsFile(str(path))
        self.world = World.holding(WorldConfig(account=ACCOUNT, region=REGION), listeners=[self._file.write])
        log = RequestLog(log_format, stream=self.log)
        worlds = Worlds(lambda: self.world)
        self._app = Endpoint(lambda: create_app(controlled(gateway, worlds)), worlds, gateway, log)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def send(self, body: bytes = b"", method: str = "POST", path: str = "/", query: str = "", **headers: str) -> Answer:
        """Send a request; *headers* are named as WSGI has them."""
        started: list[str] = []
        environ = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_HOST": "localhost",
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.input": io.BytesIO(body),
            "wsgi.url_scheme": "http",
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "4566",
        }
        answered = b"".join(self._app(environ | headers, lambda status, _: started.append(status)))
        return Answer(int(started[0][:3]), answered)

    def call(self, operation: OperationModel, given: dict[str, Any], protocol: str, account: str = ACCOUNT) -> Answer:
        """Call an operation."""
        model = operation.service
        headers = {"HTTP_AUTHORIZATION": signature(model.signing_name, access_key_id=account)}
        if protocol == "json":
            headers["CONTENT_TYPE"] = "application/x-amz-json-1.1"
            headers["HTTP_X_AMZ_TARGET"] = f"{model.target_prefix}.{operation.name}"
            return self.send(json.dumps(given).encode(), **headers)
        if protocol == "cbor":
            path = f"/service/{model.target_prefix}/operation/{operation.name}"
            headers |= {"CONTENT_TYPE": "application/cbor", "HTTP_SMITHY_PROTOCOL": "rpc-v2-cbor"}
            return self.send(cbor2.dumps(given), path=path, **headers)
        request = query_request(model.name, operation.name, given)
        return self.send(request.body, CONTENT_TYPE=request.content_type, **headers)

    def kept(self) -> dict[str, str]:
        """Return everything that is kept of the calls, by where it is."""
        events = [event(entry) for entry in self.world.journal.entries()]
        route = self.send(method="GET", path="/_mockaws/calls")
        assert route.status == 200
        return {
            "log": self.log.getvalue(),
            "events": json.dumps(events),
            "entries": repr([(entry.arguments, entry.result, entry.error) for entry in self.world.journal.entries()]),
            "route": route.body.decode(),
            "file": self.path.read_text(),
            "snapshot without secrets": self.world.snapshot(secrets=False),
        }


@pytest.fixture(params=["text", "json"])
def served(request: pytest.FixtureRequest, gateway: Gateway, tmp_path: Path) -> Iterator[Served]:
    """Return a world without records, with a log in either format."""
    made = Served(gateway, request.param, tmp_path / "calls.jsonl")
    yield made
    made.close()


def assert_nothing_leaked(served: Served) -> None:
    """Look for the secret, in all its forms, in everything that is kept, and in answers to another caller."""
    found = served.kept()
    for model in map(load, SERVICES):
        protocol = "json" if model.target_prefix else "query"
        for name, operation in model.operations.items():
            if name.startswith(("Describe", "List", "Get")):
                answer = served.call(operation, {}, protocol, OTHER_ACCOUNT)
                found[f"another's {name}"] = found.get(f"another's {name}", "") + answer.body.decode()
    assert {where: form for where, text in found.items() for form in FORMS if form.rstrip("=") in text} == {}


def secret_paths(model: ServiceModel, shape_name: str | None, within: bool = False) -> Iterator[tuple[str, ...]]:
    """Yield the paths to all secret members of a structure."""
    for name, member in model.shapes[shape_name].get("members", {}).items() if shape_name else ():
        secret = within or is_secret(model, name, member["shape"]) or name in ALSO_SECRET
        shape = model.shapes[member["shape"]]
        if secret:
            yield (name,)
        if shape["type"] == "structure":
            yield from ((name, *path) for path in secret_paths(model, member["shape"], secret))


def wrong(shape: dict[str, Any]) -> Iterator[Any]:
    """Yield the secret in many ways: as it should be, in other types, too long, in characters that are not allowed."""
    yield from (SECRET, BASE64, f"{SECRET}\n\ud800 ü", SECRET * 3000)
    yield from ([SECRET], [SECRET] * 60, [[SECRET]], [{SECRET: SECRET}], {SECRET: SECRET}, {"Name": {SECRET: [SECRET]}})
    yield from ([f"{SECRET} \x00", None], [SECRET * 3000])
    if shape["type"] == "list":
        members = {"ProviderArn": SECRET, "ContextAssertion": SECRET * 200}
        yield [members] * 7
    if shape["type"] == "structure":
        yield dict.fromkeys(shape["members"], SECRET * 3000)


def replaced(given: dict[str, Any], path: tuple[str, ...], value: Any) -> dict[str, Any]:
    """Return a request's document with *value* at *path*."""
    first, *rest = path
    inner = given.get(first)
    return given | {first: replaced(inner if isinstance(inner, dict) else {}, tuple(rest), value) if rest else value}


def encodable(value: Any) -> Any:
    """Return a value as CBOR and forms can carry it: half a surrogate pair is no text."""
    if isinstance(value, str):
        return value.replace("\ud800", "?")
    if isinstance(value, dict):
        return {encodable(name): encodable(item) for name, item in value.items()}
    return list(map(encodable, value)) if isinstance(value, list) else value


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_in_any_member(served: Served, protocol: str) -> None:
    """Nothing that is kept of a call quotes a secret member of its request, however wrong that was."""
    create_key = load("kms").operations["CreateKey"]
    key_id = json.loads(served.call(create_key, {}, "json").body)["KeyMetadata"]["KeyId"]
    statuses = []
    for model in map(load, SERVICES):
        for operation in model.operations.values():
            plain = document(model, operation.input_shape, "placeholder", key_id)
            members = model.shapes[operation.input_shape]["members"] if operation.input_shape else {}
            for path in secret_paths(model, operation.input_shape):
                for value in wrong(model.shapes[members[path[0]]["shape"]]):
                    given = replaced(plain, path, value)
                    statuses.append(
                        served.call(operation, given if protocol == "json" else encodable(given), protocol).status
                    )
    assert len(statuses) > 700
    assert set(statuses) <= {200, 400, 403, 404}
    assert_nothing_leaked(served)


def test_in_any_header(served: Served) -> None:
    """Invalid credentials, tokens and signatures are not kept, wherever they stand in the head of a request."""
    scope = f"{ACCOUNT}/20171004/{REGION}/kms/aws4_request"
    authorizations = [
        f"Basic {BASE64}",
        f"Bearer {SECRET}",
        f"{SECRET}",
        f"AWS AKIA:{SECRET}",
        f"AWS4-HMAC-SHA256 {SECRET}",
        f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature={SECRET}",
        f"AWS4-HMAC-SHA256 Credential={SECRET}, SignedHeaders=host, Signature=00",
        f"AWS4-HMAC-SHA256 Credential={scope}, Signature=00, Token={SECRET}",
        f"AWS4-HMAC-SHA256 Credential={ACCOUNT}/{SECRET}/{REGION}/kms/aws4_request, SignedHeaders=host, Signature=00",
        f"AWS4-HMAC-SHA256 Signature={SECRET}, Credential={ACCOUNT}/x/y, SignedHeaders=host",
        f"AWS4-HMAC-SHA256 Credential={'A' * 200}{scope.replace(ACCOUNT, SECRET)}, SignedHeaders=a, Signature=",
    ]
    formats: list[dict[str, str]] = [
        {"CONTENT_TYPE": "application/x-amz-json-1.1", "HTTP_X_AMZ_TARGET": "TrentService.ListKeys"},
        {"CONTENT_TYPE": "application/x-www-form-urlencoded"},
        {"HTTP_SMITHY_PROTOCOL": "rpc-v2-cbor", "path": "/service/BaldrApiService/operation/DescribeClusters"},
        {"method": "GET", "path": "/bucket/key"},
    ]
    for fields in formats:
        for authorization in authorizations:
            served.send(b"{}", HTTP_AUTHORIZATION=authorization, **fields)
        for header in ("X_AMZ_SECURITY_TOKEN", "COOKIE", "X_API_KEY", "X_AMZ_CREDENTIAL", "PROXY_AUTHORIZATION"):
            served.send(b"{}", **fields | {"HTTP_AUTHORIZATION": signature("kms"), f"HTTP_{header}": SECRET})
        for presigned in (
            {"X-Amz-Algorithm": "AWS4-HMAC-SHA256", "X-Amz-Signature": SECRET, "X-Amz-Security-Token": SECRET},
            {
                "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
                "X-Amz-Credential": SECRET,
                "X-Amz-Signature": SECRET,
                "X-Amz-SignedHeaders": SECRET,
                "X-Amz-Date": SECRET,
            },
            {"Action": "GetCallerIdentity", "Version": "2011-06-15", "X-Amz-Security-Token": SECRET},
        ):
            served.send(b"{}", query=urlencode(presigned), **fields)
    assert len(served.world.journal.entries()) > 70
    assert_nothing_leaked(served)


def test_what_the_caller_reads(served: Served) -> None:
    """The caller's own answer quotes the value, as AWS's do; the journal has the same sentence without it."""
    given = {"RoleArn": f"arn:aws:iam::{ACCOUNT}:role/a", "RoleSessionName": "a!", "TokenCode": SECRET}
    answer = served.call(load("sts").operations["AssumeRole"], given, "query")
    assert f"Value '{SECRET}' at 'tokenCode' failed to satisfy constraint".encode() in answer.body
    (entry,) = served.world.journal.entries()
    assert entry.error is not None
    assert "Value HIDDEN_DUE_TO_SECURITY_REASONS at 'tokenCode' failed to satisfy constraint: Member" in entry.error[1]
    assert "Value 'a!' at 'roleSessionName' failed to satisfy constraint" in entry.error[1]
