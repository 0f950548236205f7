"""CloudTrail's ways to show requests and answers, and the members that it hides.

They follow the examples of AWS's guides. If older and newer examples differ, the newer ones count.
https://docs.aws.amazon.com/kms/latest/developerguide/understanding-kms-entries.html
https://docs.aws.amazon.com/cloudhsm/latest/userguide/get-api-logs-using-cloudtrail.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/cloudtrail-integration.html
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from mockaws.model.secrets import HIDDEN, is_secret_member, is_secret_shape

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockaws.model.service import ServiceModel
    from mockaws.services.operation import Operation

_CREDENTIALS = "Credentials"

# Events show the member, and not its value. AWS shows session tokens; here they would be the journal's only secret.
_MASKED = frozenset({"SessionToken"})
_RENAMED = {"CloudHsmClusterId": "clusterId"}

# Error codes that CloudTrail has its own names for.
ERROR_CODES = {"AccessDeniedException": "AccessDenied"}


def is_silent(operation: Operation) -> bool:
    """Return True if the event of an operation has no response elements: it only reads, and returns no credentials."""
    model = operation.model
    return operation.facts.is_read_only and _CREDENTIALS not in members(model.service, model.output_shape)


def members(model: ServiceModel, shape_name: str | None) -> Mapping[str, Mapping[str, Any]]:
    """Return the members of a structure of the model."""
    found: Mapping[str, Mapping[str, Any]] = model.shapes[shape_name].get("members", {}) if shape_name else {}
    return found


def hidden_members(model: ServiceModel, shape_name: str | None) -> frozenset[str]:
    """Return the members of a structure that its event leaves out."""
    return frozenset(
        name
        for name, member in members(model, shape_name).items()
        if is_secret_member(name, model.shapes[member["shape"]])
    )


def shown(model: ServiceModel, shape_name: str | None, value: Mapping[str, Any]) -> dict[str, Any]:
    """Return a structure of the model as an event shows it: in lower camel case, and without hidden members."""
    hidden = hidden_members(model, shape_name)
    return {
        _camel(name): HIDDEN if name in _MASKED else _value(model, member["shape"], value[name])
        for name, member in members(model, shape_name).items()
        if name not in hidden and value.get(name) is not None
    }


def has_secrets(model: ServiceModel, shape_name: str | None) -> bool:
    """Return True if a structure, or one in it, has members that its event leaves out or masks."""
    return any(
        is_secret_member(name, model.shapes[member["shape"]])
        or name in _MASKED
        or (model.shapes[member["shape"]]["type"] == "structure" and has_secrets(model, member["shape"]))
        for name, member in members(model, shape_name).items()
    )


def without_secrets(model: ServiceModel, shape_name: str | None, value: Mapping[str, Any]) -> dict[str, Any]:
    """Return a structure of the model without the members that the journal must not keep; masked ones are masked."""
    found: dict[str, Any] = {}
    for name, member in members(model, shape_name).items():
        shape = model.shapes[member["shape"]]
        if name not in value or is_secret_member(name, shape):
            continue
        inner = value[name]
        if name in _MASKED:
            inner = HIDDEN
        elif shape["type"] == "structure" and inner is not None:
            inner = without_secrets(model, member["shape"], inner)
        found[name] = inner
    return found


def _value(model: ServiceModel, shape_name: str, value: Any) -> Any:
    shape = model.shapes[shape_name]
    if is_secret_shape(shape):
        return HIDDEN
    match shape["type"]:
        case "structure":
            return shown(model, shape_name, value)
        case "list":
            return [_value(model, shape["member"]["shape"], item) for item in value]
        case "map":
            return {key: _value(model, shape["value"]["shape"], item) for key, item in value.items()}
        case "timestamp":
            return date(value)
    return value


def date(moment: float) -> str:
    """Return a date in requests and answers as CloudTrail writes it: `Aug 10, 2022, 10:38:27 PM`."""
    at = datetime.fromtimestamp(moment, UTC)
    return f"{at:%b} {at.day}, {at.year}, {at.hour % 12 or 12}:{at:%M:%S %p}"


def _camel(name: str) -> str:
    return _RENAMED.get(name, name[:1].lower() + name[1:])
