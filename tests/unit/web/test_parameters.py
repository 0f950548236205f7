"""Query strings of control routes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mockaws.worlds.control.openapi import description

if TYPE_CHECKING:
    from tests.unit.web.kinds import Routes


def resolved(rule: dict[str, Any]) -> dict[str, Any]:
    """Return a parameter, which may stand among the components."""
    name = rule.get("$ref", "").rpartition("/")[2]
    found: dict[str, Any] = description()["components"]["parameters"][name] if name else rule
    return found


ROUTES = [
    pytest.param(verb, path, [resolved(rule) for rule in item[verb].get("parameters", ())], id=f"{verb} {path}")
    for path, item in description()["paths"].items()
    for verb in item
    if verb != "parameters" and path.startswith("/_mockaws/")
]


@pytest.mark.parametrize(("verb", "path", "parameters"), ROUTES)
def test_each_route_takes_what_is_described_and_nothing_else(
    routes: Routes, verb: str, path: str, parameters: list[dict[str, Any]]
) -> None:
    """An unknown parameter is refused: a client that writes `secret=false` wants no secrets."""
    filled = path.replace("{change}", _first(parameters, "change"))
    answer = routes().open(f"{filled}?secret=false", method=verb.upper())
    known = ", ".join(sorted(rule["name"] for rule in parameters if rule["in"] == "query"))
    assert answer.status_code == 400
    told, _, listed = answer.get_json(force=True)["detail"].partition("; there are ")
    assert told == "secret: no such parameter"
    assert ", ".join(sorted(listed.split(", "))) == (known or "none")


def test_routes_of_others_take_what_theirs_take(routes: Routes) -> None:
    """Clients of LocalStack may ask for its health with parameters."""
    assert routes().get("/_localstack/health?reload=1").status_code == 200


def _first(parameters: list[dict[str, Any]], name: str) -> str:
    return next((str(rule["schema"]["enum"][0]) for rule in parameters if rule["name"] == name), "")
