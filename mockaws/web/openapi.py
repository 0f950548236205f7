"""The description of the control routes, for whoever makes a client from it."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import flask

from mockaws import __version__
from mockaws.seed import safe_yaml, schema

FILE = Path(__file__).with_name("openapi.yaml")

blueprint = flask.Blueprint("openapi", __name__)


@blueprint.get("/_mockaws/openapi.json")
def show() -> dict[str, Any]:
    """Return the OpenAPI document."""
    return description()


@cache
def description() -> dict[str, Any]:
    """Return the document as it ships, with this version's number, and a fault's properties as a fixture has them."""
    root = safe_yaml.parse(FILE.read_bytes()).root
    found: dict[str, Any] = root.plain() if root is not None else {}
    found["info"]["version"] = __version__
    found["components"]["schemas"]["Fault"] |= schema.schema()["$defs"]["fault"]
    return found
