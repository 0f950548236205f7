"""What CloudTrail tells of which operation, and what it never tells: the tables.

They follow the examples of AWS's guides; where these are older and newer, the newer ones.
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

    from mockaws.model.service import Operation, ServiceModel

# The use of a key changes nothing, so that it is read-only in CloudTrail's eyes.
_CRYPTOGRAPHIC = (
    "Decapsulate",
    "Decrypt",
    "DeriveSharedSecret",
    "Encapsulate",
    "Encrypt",
    "Generate",
    "ReEncrypt",
    "Sign",
    "Verify",
)
_READING = ("Describe", "Get", "List", *_CRYPTOGRAPHIC)
_CREDENTIALS = "Credentials"

# Shown, but not its value. AWS shows session tokens; here they would be the only secret in the journal.
_MASKED = frozenset({"SessionToken"})
_RENAMED = {"CloudHsmClusterId": "clusterId"}

# What the event of a call tells although the caller did not say it.
DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "CreateKey": {
        "bypassPolicyLockoutSafetyCheck": False,
        "description": "",
        "keySpec": "SYMMETRIC_DEFAULT",
        "keyUsage": "ENCRYPT_DECRYPT",
        "origin": "AWS_KMS",
    },
    "Decrypt": {"encryptionAlgorithm": "SYMMETRIC_DEFAULT"},
    "Encrypt": {"encryptionAlgorithm": "SYMMETRIC_DEFAULT"},
    "PutKeyPolicy": {"bypassPolicyLockoutSafetyCheck": False},
    "ReEncrypt": {
        "destinationEncryptionAlgorithm": "SYMMETRIC_DEFAULT",
        "sourceEncryptionAlgorithm": "SYMMETRIC_DEFAULT",
    },
    "ReplicateKey": {"bypassPolicyLockoutSafetyCheck": False, "description": ""},
    "Sign": {"messageType": "RAW"},
    "Verify": {"messageType": "RAW"},
}
# "CloudTrail log entries for this operation recorded on or after December 2022 include the key ARN of the affected KMS
# key in the responseElements.keyId value, even though this operation does not return the key ARN."
WITH_KEY_ARN = frozenset(
    {
        "CreateAlias",
        "CreateGrant",
        "DeleteAlias",
        "DisableKey",
        "EnableKey",
        "EnableKeyRotation",
        "ImportKeyMaterial",
        "UpdateAlias",
    }
)
# CloudTrail has a name of its own for it.
ERROR_CODES = {"AccessDeniedException": "AccessDenied"}


def is_read_only(service: str, operation: str) -> bool:
    """Tell whether CloudTrail calls an operation read-only; those of STS are so, too, that give out credentials."""
    return service == "sts" or operation.startswith(_READING)


def is_cryptographic(operation: str) -> bool:
    """Tell whether an operation of KMS uses a key."""
    return operation.startswith(_CRYPTOGRAPHIC)


def is_silent(operation: Operation) -> bool:
    """Tell whether the event of an operation has no response elements: it only reads, and gives out no credentials."""
    model = operation.service
    only_reads = is_read_only(model.signing_name, operation.name)
    return only_reads and _CREDENTIALS not in members(model, operation.output_shape)


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
    """Return a structure of the model as an event shows it: in lower camel case, and without what must not be told."""
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
    """Return a structure of the model without what must not be kept; what is masked has the mask for its value."""
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
    """Return a date among parameters and response elements, as Java writes it: `Aug 10, 2022, 10:38:27 PM`."""
    at = datetime.fromtimestamp(moment, UTC)
    return f"{at:%b} {at.day}, {at.year}, {at.hour % 12 or 12}:{at:%M:%S %p}"


def _camel(name: str) -> str:
    return _RENAMED.get(name, name[:1].lower() + name[1:])
