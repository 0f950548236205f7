"""The OpenAPI document of the control routes, made from the table of verbs."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from mockaws import __version__
from mockaws.fixtures import schema
from mockaws.worlds.control.table import VERBS
from mockaws.worlds.control.verbs import Place, Scope

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mockaws.worlds.control.verbs import Parameter, Verb

    JSON = dict[str, Any]

_DESCRIPTION = (
    "A test uses these routes to control a mockaws server beside AWS's own operations. Behind /worlds/NAME, as in "
    "/worlds/pr-1842/_mockaws/clock, a route concerns the world of that name; otherwise the default world. A change "
    "creates a missing world from the server's fixture; GET creates none and shows how it would begin. Routes answer "
    "this machine only, or others as well if the server was started with --allow-remote-control, and never a page of "
    "another site: Host must be an address, localhost, a name without a dot, or one of --host and --allowed-hosts. "
    "Mistakes are answered as problem details (RFC 9457)."
)
_TEXT = {"type": "string"}
_COUNT = {"type": "integer", "minimum": 0}


def _object(required: Iterable[str] = (), **properties: JSON) -> JSON:
    return {"type": "object", "required": list(required), "properties": properties}


_REMOVED = _object(["removed"], removed=_COUNT)
_SCHEMAS: dict[str, JSON] = {
    "ActiveFault": {
        "description": "A fault, with the calls that it has seen and struck.",
        **_object(["id", "operation", "calls", "struck"], id=_TEXT, operation=_TEXT, calls=_COUNT, struck=_COUNT),
    },
    "Calls": _object(["Records"], Records={"type": "array", "items": {"type": "object"}}),
    "Certificate": _TEXT,
    "Clock": _object(["now", "frozen"], now={"type": "string", "format": "date-time"}, frozen={"type": "boolean"}),
    "Document": {"type": "object"},
    "Done": {"description": "The data that AWS's CloudHSM CLI prints.", "type": "object"},
    "Duration": {
        "description": "An ISO 8601 duration of weeks, days, hours, minutes and seconds, at most P36525D (100 years).",
        "type": "string",
        "examples": ["P30D", "PT1H30M", "PT0.5S"],
    },
    "Faults": _object(["faults"], faults={"type": "array", "items": {"$ref": "#/components/schemas/ActiveFault"}}),
    "Health": _object(
        ["status", "version", "fixture", "services"],
        status={"const": "running"},
        version=_TEXT,
        fixture=_TEXT,
        services={"type": "object", "additionalProperties": {"type": "integer"}},
    ),
    "Loaded": {
        **_object(
            ["status", "account", "region", "records"],
            status={"const": "loaded"},
            account={"type": "string", "description": "The account of the world."},
            region={"type": "string", "description": "The Region of the world."},
            records={
                "type": "object",
                "description": "The number of records of each kind.",
                "additionalProperties": {"type": "integer"},
            },
        ),
        "additionalProperties": False,
    },
    "LocalStackHealth": _object(
        ["services", "edition", "version"],
        services={"type": "object", "additionalProperties": {"const": "running"}},
        edition={"const": "mockaws"},
        version=_TEXT,
    ),
    "Moment": {
        "description": "An ISO 8601 date-time, in UTC unless it says otherwise, or epoch seconds.",
        "type": ["string", "number"],
        "examples": ["2030-05-01T12:00:00Z", 1900000000],
    },
    "Problem": {
        "description": "Problem details as in RFC 9457.",
        **_object(
            ["title", "status", "detail"],
            title=_TEXT,
            status={"type": "integer"},
            detail={"type": ["string", "null"]},
            problems={
                "description": "Each mistake of a fixture or a fault.",
                "type": "array",
                "items": _object(line={"type": "integer"}, path=_TEXT, message=_TEXT, expected=_TEXT),
            },
        ),
    },
    "Removed": _REMOVED,
    "Snapshot": _TEXT,
    "Status": _object(["status"], status=_TEXT),
    "World": _object(
        ["name", "endpoint", "account", "region"],
        name=_TEXT,
        endpoint={"description": "The value for AWS_ENDPOINT_URL.", "type": "string", "format": "uri"},
        fixture={"description": "The shipped fixture that the world began with, or document.", "type": "string"},
        account=_TEXT,
        region=_TEXT,
        idle_timeout={"$ref": "#/components/schemas/Duration"},
    ),
    "Worlds": _object(["worlds"], worlds={"type": "array", "items": {"$ref": "#/components/schemas/World"}}),
}
_REFUSALS = {
    400: ("Mistake", "The request has a mistake, which detail describes with what would be right. Nothing was done."),
    403: (
        "Forbidden",
        "The request came from another machine or another site's page, or Host does not name the server.",
    ),
    404: ("NotFound", "The request names something that does not exist. Nothing was done."),
    409: ("Conflict", "The name is in use. Nothing was done."),
}
_LOCATIONS = {
    name: {"name": name, "in": "query", "description": f"The {what}; by default the world's.", "schema": _TEXT}
    for name, what in (("account", "account"), ("region", "Region"))
}
_ROLE = {"name": "CloudHSM-Role", "in": "header", "schema": {"type": "string", "enum": ["admin", "crypto-user"]}}


@cache
def description() -> JSON:
    """Return the OpenAPI document."""
    schemas = dict(_SCHEMAS)
    paths: dict[str, JSON] = {}
    routes: dict[tuple[str, str], list[Verb]] = {}
    for verb in VERBS.values():
        routes.setdefault((verb.path, verb.method), []).append(verb)
    for (path, method), verbs in routes.items():
        paths.setdefault(path, {})[method.lower()] = _operation(verbs, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "mockaws, the control routes",
            "version": __version__,
            "description": _DESCRIPTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [
            {"url": "http://127.0.0.1:4566"},
            {"url": "http://127.0.0.1:4566/worlds/{world}", "variables": {"world": {"default": "example"}}},
        ],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "hsmUser": {
                    "description": "A user of the HSMs, with the role in the header CloudHSM-Role. Without one, "
                    "everything is permitted.",
                    "type": "http",
                    "scheme": "basic",
                }
            },
            "parameters": {**_LOCATIONS, "CloudHSM-Role": _ROLE},
            "responses": {
                name: {"description": meaning, "content": {"application/problem+json": {"schema": _schema("Problem")}}}
                for name, meaning in _REFUSALS.values()
            },
            "schemas": schemas,
        },
    }


def _operation(verbs: Sequence[Verb], schemas: dict[str, JSON]) -> JSON:
    """Return what the document says of a route; the schema of its body joins *schemas*."""
    verb = verbs[0]
    parameters: list[JSON] = [_parameter(each) for each in verb.parameters if each.place in {Place.PATH, Place.QUERY}]
    if verb.scope is Scope.HSMS:
        parameters += [{"$ref": f"#/components/parameters/{name}"} for name in _LOCATIONS]
    if verb.as_user:
        parameters.append({"$ref": "#/components/parameters/CloudHSM-Role"})
    operation: JSON = {"operationId": verb.identifier, "summary": " ".join(each.summary for each in verbs)}
    if parameters:
        operation["parameters"] = parameters
    if verb.as_user:
        operation["security"] = [{}, {"hsmUser": []}]
    body = _body(verbs, schemas)
    if body is not None:
        operation["requestBody"] = body
    answer = {
        "description": verb.answer_description or "Done.",
        "content": {verb.media: {"schema": _schema(verb.answer)}},
    }
    refusals = {
        str(int(each)): {"$ref": f"#/components/responses/{_REFUSALS[each][0]}"} for each in (*verb.refusals, 403)
    }
    operation["responses"] = {str(int(verb.status)): answer, **dict(sorted(refusals.items()))}
    return operation


def _parameter(parameter: Parameter) -> JSON:
    rule: JSON = {"name": parameter.spelled, "in": parameter.place.value, "description": parameter.help}
    if parameter.required:
        rule["required"] = True
    rule["schema"] = _value(parameter)
    if parameter.default not in {None, ()} and not parameter.required:
        rule["schema"]["default"] = parameter.default
    return rule


def _value(parameter: Parameter) -> JSON:
    """Return the schema of a parameter's value."""
    found: JSON = dict(parameter.kind.schema)
    if parameter.choices:
        found["enum"] = list(parameter.choices)
    if parameter.sample:
        found["examples"] = [parameter.sample]
    return found


def _body(verbs: Sequence[Verb], schemas: dict[str, JSON]) -> JSON | None:
    """Return what the document says of a request's body, None for a route that reads none."""
    verb = verbs[0]
    if any(each.place is Place.CONTENT for each in verb.parameters):
        content = {"application/yaml": {"schema": _TEXT}, "application/json": {"schema": {"type": "object"}}}
        return {"required": True, "content": content}
    members = {
        each.spelled: {"description": each.help, **_value(each)}
        for one in verbs
        for each in one.parameters
        if each.place is Place.MEMBER
    }
    name = f"{verb.identifier[0].upper()}{verb.identifier[1:]}"
    if verb.has_document:
        name = "Fault"
        schemas[name] = {"description": "A fault, as it stands in a fixture.", **schema.schema()["$defs"]["fault"]}
    elif members:
        for one in verbs:
            if one.chosen_by and one.chosen_by not in members:
                members[one.chosen_by] = {"description": one.summary, "const": True}
        required = [] if len(verbs) > 1 else _required(verb)
        schemas[name] = {**_object(required, **members), "additionalProperties": False}
        if len(verbs) > 1:
            schemas[name]["description"] = f"One of {', '.join(one.chosen_by for one in verbs)}."
    else:
        return None
    media: JSON = {"schema": _schema(name)}
    examples = {
        re.sub(r"\W+", "-", example.does): {"value": one.document(example.arguments)}
        for one in verbs
        for example in one.examples
    }
    if examples:
        media["examples"] = examples
    return {
        "required": verb.has_document or len(verbs) > 1 or bool(_required(verb)),
        "content": {"application/json": media},
    }


def _required(verb: Verb) -> list[str]:
    return [each.spelled for each in verb.parameters if each.place is Place.MEMBER and each.required]


def _schema(name: str) -> JSON:
    return {"$ref": f"#/components/schemas/{name}"}
