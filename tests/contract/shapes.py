"""The check of JSON answers against the shapes of AWS's model."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mockaws.model.service import ServiceModel


def parsed(service: ServiceModel, shape_name: str | None, value: Any, path: str = "answer") -> Any:
    """Return *value* with its blobs as bytes.

    An AssertionError names the first place that differs from the shape: a member that the model lacks, a required one
    that is missing, a null, a value of another type or outside its enum.
    """
    if shape_name is None:
        assert value is None, f"{path} is {value!r}, and the model has no output"
        return None
    shape = service.shapes[shape_name]
    match shape["type"]:
        case "structure":
            return _structure(service, shape, value, path)
        case "list":
            assert isinstance(value, list), f"{path} is no list: {value!r}"
            member = shape["member"]["shape"]
            return [parsed(service, member, item, f"{path}[{n}]") for n, item in enumerate(value)]
        case "map":
            assert isinstance(value, dict), f"{path} is no map: {value!r}"
            values = shape["value"]["shape"]
            return {key: parsed(service, values, item, f"{path}[{key}]") for key, item in value.items()}
        case kind:
            return _scalar(shape, kind, value, path)


def _structure(service: ServiceModel, shape: Any, value: Any, path: str) -> dict[str, Any]:
    assert isinstance(value, dict), f"{path} is no structure: {value!r}"
    members = shape["members"]
    assert value.keys() <= members.keys(), f"{path} has {sorted(value.keys() - members.keys())}, the model has not"
    missing = sorted(set(shape.get("required", ())) - value.keys())
    assert not missing, f"{path} lacks {missing}"
    return {name: parsed(service, members[name]["shape"], item, f"{path}.{name}") for name, item in value.items()}


_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "blob": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "long": (int,),
    "timestamp": (int, float),
}


def _scalar(shape: Any, kind: str, value: Any, path: str) -> Any:
    assert isinstance(value, _TYPES[kind]), f"{path} is no {kind}: {value!r}"
    assert kind == "boolean" or not isinstance(value, bool), f"{path} is no {kind}: {value!r}"
    # CustomerMasterKeySpec's enum is deprecated and not continued, but AWS gives the newest specs under that name, too.
    if not shape.get("deprecated"):
        assert value in shape.get("enum", (value,)), f"{path} is {value!r}, none of {shape['enum']}"
    return base64.b64decode(value, validate=True) if isinstance(value, str) and kind == "blob" else value
