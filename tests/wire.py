"""AWS requests without a socket: `ask(gateway, world, "cloudhsmv2", "DescribeClusters", {...})`."""

from __future__ import annotations

import http.client
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit
from xml.etree import ElementTree as ET

from mockaws.gateway.http import Request
from mockaws.model.service import load
from mockaws.worlds.control.verbs import Server
from mockaws.worlds.world import World
from tests.samples import ACCOUNT, REGION

if TYPE_CHECKING:
    from mockaws.gateway.http import Answer
    from mockaws.gateway.journey import Gateway
    from mockaws.worlds.named import NamedWorld, Worlds


class RefusedError(Exception):
    """An error answer."""

    def __init__(self, code: str, message: str, status: int) -> None:
        super().__init__(f"{code}: {message}")
        assert "None" not in message, message  # a blank of the sentence that was filled with nothing
        self.code = code
        self.message = message
        self.status = status


def signature(service: str, *, access_key_id: str = ACCOUNT, region: str = REGION) -> str:
    """Return an Authorization header as SDKs make it; nothing verifies its last part."""
    scope = f"{access_key_id}/20171004/{region}/{service}/aws4_request"
    return f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host;x-amz-date, Signature=00"


def json_request(service: str, operation: str, body: bytes, **changes: Any) -> Request:
    """Return a request in AWS JSON 1.1; *changes* are fields of `Request`."""
    model = load(service)
    fields: dict[str, Any] = {
        "method": "POST",
        "path": "/",
        "query": "",
        "body": body,
        "content_type": "application/x-amz-json-1.1",
        "target": f"{model.target_prefix}.{operation}",
        "authorization": signature(model.signing_name),
    }
    return Request(**fields | changes)


def query_request(service: str, operation: str, document: dict[str, Any], **changes: Any) -> Request:
    """Return a request in AWS Query; *changes* are fields of `Request`."""
    model = load(service)
    form = {"Action": operation, "Version": model.api_version} | _flat(document, "")
    fields: dict[str, Any] = {
        "method": "POST",
        "path": "/",
        "query": "",
        "body": urlencode(form).encode(),
        "content_type": "application/x-www-form-urlencoded; charset=utf-8",
        "authorization": signature(model.signing_name),
    }
    return Request(**fields | changes)


def ask(
    gateway: Gateway, world: World, service: str, operation: str, document: dict[str, Any] | None = None, **changes: Any
) -> Any:
    """Return what AWS answers to a request with *document*. Raises RefusedError for an error answer."""
    document = document or {}
    if load(service).target_prefix:
        answer = gateway.answer(world, json_request(service, operation, json.dumps(document).encode(), **changes))
        return _json_answer(answer)
    answer = gateway.answer(world, query_request(service, operation, document, **changes))
    return _xml_answer(answer, operation)


def parse(body: bytes) -> ET.Element:
    """Return an answer's XML."""
    return ET.fromstring(body)  # noqa: S314 - mockaws wrote it


def xml_error(body: bytes) -> dict[str, str]:
    """Return the texts of an XML error by their tags, wherever they stand."""
    return {_tag(element): element.text or "" for element in parse(body).iter() if not len(element)}


def _json_answer(answer: Answer) -> Any:
    document: Any = json.loads(answer.body) if answer.body else None
    if answer.status != 200:
        raise RefusedError(document["__type"], document.get("message", document.get("Message", "")), answer.status)
    return document


def _xml_answer(answer: Answer, operation: str) -> Any:
    if answer.status != 200:
        error = xml_error(answer.body)
        raise RefusedError(error["Code"], error.get("Message", ""), answer.status)
    root = parse(answer.body)
    return _tree(next(child for child in root if _tag(child) == f"{operation}Result"))


def _tree(element: ET.Element) -> Any:
    return {_tag(child): _tree(child) for child in element} if len(element) else element.text


def _tag(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def _flat(value: Any, prefix: str) -> dict[str, Any]:
    if isinstance(value, dict):
        parts = [_flat(item, f"{prefix}.{name}" if prefix else name) for name, item in value.items()]
    elif isinstance(value, list):
        parts = [_flat(item, f"{prefix}.member.{n}") for n, item in enumerate(value, 1)]
    else:
        return {prefix: value}
    return {name: item for part in parts for name, item in part.items()}


def controlled(gateway: Gateway, worlds: Worlds) -> Server:
    """Return a server for control routes, which makes worlds of *worlds*."""

    def create(
        name: str, fixture: Any = None, *, id_seed: str | None = None, idle_timeout: float | None = None
    ) -> NamedWorld:
        world = worlds.make() if fixture is None else World.of(fixture, id_seed=id_seed)
        return worlds.add(name, world, fixture=fixture and fixture.source, idle_timeout=idle_timeout)

    return Server(worlds, gateway.operation_counts, create)


def control(
    url: str, method: str, path: str, document: object = None, headers: dict[str, str] | None = None
) -> tuple[int, Any]:
    """Return the status and the document of a control route's answer, text where it is no JSON.

    Bytes are sent as they are.
    """
    where = urlsplit(url)
    connection = http.client.HTTPConnection(where.netloc)
    body = document if isinstance(document, bytes | None) else json.dumps(document)
    connection.request(method, where.path + path, body, headers or {})
    response = connection.getresponse()
    content = response.read()
    is_json = "json" in (response.getheader("Content-Type") or "")
    connection.close()
    return response.status, json.loads(content) if is_json else content.decode()
