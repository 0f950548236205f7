"""A call in the form of CloudTrail's events.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from mockaws import ids
from mockaws.journal import cloudtrail
from mockaws.journal.entries import CutArguments
from mockaws.journal.identities import user_identity
from mockaws.journal.resources import additional_data, key_arns, resources
from mockaws.model.validation import snake_case
from mockaws.records.sts import GLOBAL

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockaws.journal.entries import Entry
    from mockaws.model.service import OperationModel

Event = dict[str, Any]

_VERSION = "1.11"
_GLOBAL_REGION = "us-east-1"  # CloudTrail puts calls of STS's global endpoint there


def event(entry: Entry) -> Event:
    """Return the event of a call.

    It has no tlsDetails, as nothing is encrypted on the way here, and no readOnly where no operation was called.
    """
    caller, operation = entry.caller, entry.operation
    shown: Event = {
        "eventVersion": _VERSION,
        "userIdentity": user_identity(entry),
        "eventTime": datetime.fromtimestamp(int(entry.at), UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "eventSource": f"{entry.service}.amazonaws.com" if entry.service else "-",
        "eventName": entry.name,
        "awsRegion": region(entry),
        "sourceIPAddress": entry.source,
        "userAgent": entry.agent,
    }
    if entry.error is not None:
        shown["errorCode"] = error_code(entry)
        shown["errorMessage"] = entry.error[1]
    shown["requestParameters"] = _parameters(entry) or None
    shown["responseElements"] = _response(entry) or None
    additional = additional_data(entry)
    if additional:
        shown["additionalEventData"] = additional
    shown["requestID"] = entry.request_id
    shown["eventID"] = ids.event_id(entry.request_id)
    if operation is not None:
        shown["readOnly"] = operation.facts.is_read_only
    used = resources(entry)
    if used is not None:
        shown["resources"] = used
    return shown | {
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": caller.account if caller is not None else None,
        "eventCategory": "Management",
    }


def error_code(entry: Entry) -> str:
    """Return the code of the error that a call ended with, an empty string if it succeeded."""
    code = entry.error[0] if entry.error is not None else ""
    return cloudtrail.ERROR_CODES.get(code, code)


def region(entry: Entry) -> str | None:
    """Return the Region that a call was made in; None if that was not known when it ended."""
    if entry.caller is None:
        return None
    return _GLOBAL_REGION if entry.caller.region == GLOBAL else entry.caller.region


def _parameters(entry: Entry) -> Event:
    """Return the parameters of a call, with the defaults that AWS's events have.

    There are none if the request was not read, and if they were too large to be kept.
    """
    operation, arguments = entry.operation, entry.arguments
    if operation is None or arguments is None or isinstance(arguments, CutArguments):
        return {}
    model = operation.model
    given = cloudtrail.shown(model.service, model.input_shape, _document(model, arguments))
    if entry.name == "CreateKey":
        given = _with_both_names(given)
    return {**operation.facts.event_defaults, **given}


def _document(operation: OperationModel, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return *arguments* under the names of the model's members."""
    return {member: arguments.get(snake_case(member)) for member in operation.members}


def _with_both_names(given: Event) -> Event:
    """Return parameters with the spec of a new key under its old name as well."""
    spec = given.get("keySpec") or given.get("customerMasterKeySpec") or "SYMMETRIC_DEFAULT"
    return given | {"keySpec": spec, "customerMasterKeySpec": spec}


def _response(entry: Entry) -> Event:
    """Return the part of the answer that the event shows."""
    operation, result = entry.operation, entry.result
    if operation is None or entry.error is not None or cloudtrail.is_silent(operation):
        return {}
    shown = cloudtrail.shown(operation.model.service, operation.model.output_shape, result or {})
    keys = key_arns(entry) if operation.facts.event_has_key_arn else []
    return shown | {"keyId": keys[0]} if keys else shown
