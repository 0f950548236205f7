"""The OpenAPI document against the control routes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from mockaws import __version__
from mockaws.records.world import WorldConfig
from mockaws.web import create_app
from mockaws.worlds.control.openapi import description
from mockaws.worlds.named import Worlds
from mockaws.worlds.world import World
from tests.wire import controlled

if TYPE_CHECKING:
    from mockaws.gateway.journey import Gateway
    from tests.unit.web.kinds import Routes

_VERBS = {"GET", "POST", "PUT", "PATCH", "DELETE"}


def test_every_route_is_described_and_nothing_else(gateway: Gateway) -> None:
    """The document and the application have the same paths and methods."""
    there = {
        (re.sub(r"<(?:[^:>]+:)?(\w+)>", r"{\1}", rule.rule), method)
        for rule in create_app(controlled(gateway, Worlds(lambda: World.holding(WorldConfig())))).url_map.iter_rules()
        for method in _VERBS & (rule.methods or set())
    }
    described = {
        (path, verb.upper()) for path, item in description()["paths"].items() for verb in item if verb.upper() in _VERBS
    }
    assert described == there


def test_every_parameter_of_a_path_is_described(gateway: Gateway) -> None:
    """Each name in braces in a path is a parameter."""
    converted = {
        re.sub(r"<(?:[^:>]+:)?(\w+)>", r"{\1}", rule.rule): dict(re.findall(r"<any\(([^)]+)\):(\w+)>", rule.rule))
        for rule in create_app(controlled(gateway, Worlds(lambda: World.holding(WorldConfig())))).url_map.iter_rules()
    }
    for path, item in description()["paths"].items():
        for verb in item.keys() & {verb.lower() for verb in _VERBS}:
            given = [_resolved(one) for one in [*item.get("parameters", ()), *item[verb].get("parameters", ())]]
            named = {one["name"]: one for one in given if one["in"] == "path"}
            assert named.keys() == set(re.findall(r"{(\w+)}", path)), path
            for values, name in converted[path].items():
                assert named[name]["schema"]["enum"] == values.split(", ")


def test_the_document_is_served(routes: Routes) -> None:
    """A server answers the document with its own version."""
    served = routes().get("/_mockaws/openapi.json").get_json()
    assert served == description()
    assert (served["openapi"], served["info"]["version"]) == ("3.1.0", __version__)


def test_every_reference_leads_somewhere() -> None:
    """Each reference has a component, and each component a reference."""
    found = set(re.findall(r"#/components/(\w+/[\w-]+)", str(description()))) | {"securitySchemes/hsmUser"}
    components = description()["components"]
    assert found == {f"{kind}/{name}" for kind in components for name in components[kind]}


@pytest.mark.parametrize(
    ("verb", "path", "document"),
    [
        ("get", "/_mockaws/health", None),
        ("post", "/_mockaws/reset", None),
        ("get", "/_mockaws/clock", None),
        ("post", "/_mockaws/clock", {"advance": "P1D"}),
        ("get", "/_mockaws/faults", None),
        ("post", "/_mockaws/faults", {"drop": True}),
        ("delete", "/_mockaws/faults", None),
        ("put", "/_mockaws/state", {"timing": "realistic"}),
        ("get", "/_mockaws/worlds", None),
        ("post", "/_mockaws/worlds", {"name": "x", "document": "timing: realistic", "idle_timeout": "PT1H"}),
        ("get", "/_mockaws/calls", None),
        ("delete", "/_mockaws/calls", None),
        ("get", "/_localstack/health", None),
        ("post", "/moto-api/reset", None),
    ],
)
def test_answers_are_as_described(routes: Routes, verb: str, path: str, document: Any) -> None:
    """Requests and answers are what the document's schemas say."""
    client = routes()
    client.post("/_mockaws/faults", json={"latency": "PT1S"})
    client.post("/_mockaws/worlds", json={"name": "there"})
    operation = description()["paths"][path][verb]
    if document is not None:
        validator(operation["requestBody"]["content"]["application/json"]["schema"]).validate(document)
    answer = client.open(path, method=verb.upper(), json=document)
    validator(_schema(operation["responses"][str(answer.status_code)])).validate(answer.get_json())


def test_problems_are_as_described(routes: Routes) -> None:
    """Problem details have the members that the document says."""
    for document in ({}, {"drop": 5}, {"operation": "kms:Nothing"}):
        answer = routes().post("/_mockaws/faults", json=document)
        validator({"$ref": "#/components/schemas/Problem"}).validate(answer.get_json(force=True))


def test_the_examples_are_good() -> None:
    """The examples of requests satisfy their schemas."""
    for item in description()["paths"].values():
        content = item.get("post", {}).get("requestBody", {}).get("content", {}).get("application/json", {})
        for example in content.get("examples", {}).values():
            validator(content["schema"]).validate(example["value"])


def validator(schema: dict[str, Any]) -> Any:
    """Return a validator for a schema of the document."""
    # With the packages for `format` that other development tools need, the import takes a second of each worker.
    from jsonschema import Draft202012Validator  # noqa: PLC0415

    return Draft202012Validator({**schema, "components": description()["components"]})


def _resolved(rule: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in rule:
        return rule
    _, _, kind, name = rule["$ref"].split("/")
    found: dict[str, Any] = description()["components"][kind][name]
    return found


def _schema(response: dict[str, Any]) -> dict[str, Any]:
    schema: dict[str, Any] = _resolved(response)["content"]["application/json"]["schema"]
    return schema
