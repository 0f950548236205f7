"""Checks of every answer: its status, its error, its shape, and that an acknowledged write can be read."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import cbor2

from mockaws.gateway.query import _COMMON as QUERY_NAMES
from mockaws.model.errors import COMMON_ERRORS
from tests.contract.shapes import parsed
from tests.fuzz.requests import sound
from tests.unit.services.kms.calling import UNDECLARED
from tests.wire import parse, xml_error

if TYPE_CHECKING:
    from collections.abc import Callable
    from xml.etree.ElementTree import Element

    from mockaws.gateway.http import Answer
    from mockaws.model.service import ServiceModel
    from tests.fuzz.requests import Drawn

_SERVER_ERRORS = 500
_OF_MOCKAWS = "mockaws failed"


class Refusal(NamedTuple):
    """An error answer."""

    code: str
    message: str
    status: int


def read(asked: Drawn, answer: Answer, faults: frozenset[str] = frozenset()) -> Any:
    """Return what an answer says, blobs as bytes, or a Refusal.

    Raises AssertionError if it is not in the shape of the model, an error that the operation does not declare, or a 5xx
    that the model lacks. Errors in *faults* were asked for.
    """
    operation = asked.model.operations[asked.operation]
    assert answer.request_id
    if answer.status == 200:
        return parsed(asked.model, operation.output_shape, _document(asked, answer))
    refusal = _refusal(answer)
    assert _OF_MOCKAWS not in refusal.message, refusal
    if refusal.code in faults:
        return refusal
    declared = {asked.model.errors[name].code: asked.model.errors[name].status for name in operation.errors}
    excused = (asked.operation, refusal.code) in UNDECLARED
    known = declared.keys() | COMMON_ERRORS | {code for code, _ in QUERY_NAMES.values()}
    assert refusal.code in known or excused, f"{asked.operation} answers {refusal}, which its page does not list"
    if answer.status >= _SERVER_ERRORS:
        assert declared.get(refusal.code, 0) >= _SERVER_ERRORS, f"{asked.operation} answers {refusal}"
    else:
        assert answer.status in {400, 403, 404, 409, 413}, refusal
    return refusal


def _refusal(answer: Answer) -> Refusal:
    if "xml" in answer.content_type:
        error = xml_error(answer.body)
        return Refusal(error["Code"], error.get("Message", ""), answer.status)
    load = cbor2.loads if "cbor" in answer.content_type else json.loads
    document = load(answer.body)
    return Refusal(document["__type"], document.get("message", document.get("Message", "")), answer.status)


def _document(asked: Drawn, answer: Answer) -> Any:
    if "xml" in answer.content_type:
        (result,) = [child for child in parse(answer.body) if child.tag.endswith("Result")]
        return _of_xml(asked.model, asked.model.operations[asked.operation].output_shape or "", result)
    if "cbor" in answer.content_type:
        return _of_cbor(cbor2.loads(answer.body)) if answer.body else None
    return json.loads(answer.body) if answer.body else None


def _of_cbor(value: Any) -> Any:
    """Return what JSON would say."""
    if isinstance(value, dict):
        return {name: _of_cbor(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_of_cbor(item) for item in value]
    return value.timestamp() if isinstance(value, datetime) else value


def _of_xml(model: ServiceModel, shape_name: str, element: Element) -> Any:
    """Return what JSON would say."""
    shape = model.shapes[shape_name]
    children = {child.tag.rpartition("}")[2]: child for child in element}
    match shape["type"]:
        case "structure":
            members = shape["members"]
            assert children.keys() <= members.keys(), f"{shape_name} has {sorted(children.keys() - members.keys())}"
            return {name: _of_xml(model, members[name]["shape"], child) for name, child in children.items()}
        case "list":
            return [_of_xml(model, shape["member"]["shape"], child) for child in element]
        case "integer":
            return int(element.text or "")
        case "boolean":
            return {"true": True, "false": False}[element.text or ""]
        case "timestamp":
            return datetime.fromisoformat(element.text or "").timestamp()
    return element.text or ""


class Reading(NamedTuple):
    """A request that shows what another one has acknowledged, and whether its answer does."""

    operation: str
    document: dict[str, Any]
    shows: Callable[[Any], bool]
    access_key_id: str | None = None


def readings(asked: Drawn, answer: Any) -> Reading | None:
    """Return how what an answer acknowledges can be read, None where there is nothing to read."""
    if not isinstance(asked.document, dict) or asked.document.get("DryRun"):
        return None
    make = _READINGS.get((asked.service, asked.operation))
    # Half of a character in JSON becomes a question mark, as UTF-8 cannot write it.
    return make(sound(asked.document), answer) if make is not None else None


def _described_key(document: dict[str, Any], answer: dict[str, Any]) -> Reading:
    made = answer["KeyMetadata"]
    same = ("Arn", "Description", "KeySpec", "KeyUsage", "Origin")
    return Reading(
        "DescribeKey",
        {"KeyId": made["Arn"]},
        lambda found: (
            all(found["KeyMetadata"][name] == made[name] for name in same)
            and made["Description"] == (document.get("Description") or "")
        ),
    )


# Keys in key stores and those without material are enabled, but not Enabled, until that has an end.
_NOT_ENABLED = {"PendingImport", "Unavailable"}


def _key(name: str, value: Any) -> Callable[[dict[str, Any], Any], Reading]:
    def make(document: dict[str, Any], _: Any) -> Reading:
        expected = document[value] if isinstance(value, str) and value in document else value
        return Reading(
            "DescribeKey",
            {"KeyId": document["KeyId"]},
            lambda found: found["KeyMetadata"][name] == expected or found["KeyMetadata"]["KeyState"] in _NOT_ENABLED,
        )

    return make


def _decrypted(document: dict[str, Any], answer: dict[str, Any]) -> Reading:
    asked = {"CiphertextBlob": answer["CiphertextBlob"], "KeyId": answer["KeyId"]}
    asked |= {
        name: document[name] for name in ("EncryptionContext", "EncryptionAlgorithm") if document.get(name) is not None
    }
    return Reading("Decrypt", asked, lambda found: bool(found["Plaintext"] == document["Plaintext"]))


def _verified(document: dict[str, Any], answer: dict[str, Any]) -> Reading:
    names = ("Message", "MessageType", "SigningAlgorithm")
    asked = {name: document[name] for name in names if document.get(name) is not None}
    asked |= {"KeyId": answer["KeyId"], "Signature": answer["Signature"]}
    return Reading("Verify", asked, lambda found: found["SignatureValid"] is True)


def _mac_verified(document: dict[str, Any], answer: dict[str, Any]) -> Reading:
    asked = {"Message": document["Message"], "MacAlgorithm": document["MacAlgorithm"]}
    asked |= {"KeyId": answer["KeyId"], "Mac": answer["Mac"]}
    return Reading("VerifyMac", asked, lambda found: found["MacValid"] is True)


def _has_all(found: list[dict[str, str]], tags: list[dict[str, str]], key: str, value: str) -> bool:
    there = {tag[key]: tag[value] for tag in found}
    return all(there.get(tag[key]) == tag[value] for tag in tags)


def _in_cluster(document: dict[str, Any], answer: dict[str, Any]) -> Reading:
    hsm = answer["Hsm"]["HsmId"]
    return Reading(
        "DescribeClusters",
        {"Filters": {"clusterIds": [document["ClusterId"]]}},
        lambda found: any(each["HsmId"] == hsm for each in found["Clusters"][0]["Hsms"]),
    )


_READINGS: dict[tuple[str, str], Callable[[dict[str, Any], Any], Reading]] = {
    ("kms", "CreateKey"): _described_key,
    ("kms", "UpdateKeyDescription"): _key("Description", "Description"),
    ("kms", "EnableKey"): _key("Enabled", True),
    ("kms", "DisableKey"): _key("Enabled", False),
    ("kms", "CancelKeyDeletion"): _key("Enabled", False),
    ("kms", "CreateAlias"): lambda document, _: Reading(
        "ListAliases",
        {"KeyId": document["TargetKeyId"]},
        lambda found: found["Truncated"] or document["AliasName"] in {each["AliasName"] for each in found["Aliases"]},
    ),
    ("kms", "PutKeyPolicy"): lambda document, _: Reading(
        "GetKeyPolicy", {"KeyId": document["KeyId"]}, lambda found: bool(found["Policy"] == document["Policy"])
    ),
    ("kms", "TagResource"): lambda document, _: Reading(
        "ListResourceTags",
        {"KeyId": document["KeyId"]},
        lambda found: found["Truncated"] or _has_all(found["Tags"], document["Tags"], "TagKey", "TagValue"),
    ),
    ("kms", "CreateGrant"): lambda document, answer: Reading(
        "ListGrants",
        {"KeyId": document["KeyId"], "GrantId": answer["GrantId"]},
        lambda found: [each["GrantId"] for each in found["Grants"]] == [answer["GrantId"]],
    ),
    ("kms", "CreateCustomKeyStore"): lambda document, answer: Reading(
        "DescribeCustomKeyStores",
        dict(answer),
        lambda found: bool(found["CustomKeyStores"][0]["CustomKeyStoreName"] == document["CustomKeyStoreName"]),
    ),
    ("kms", "Encrypt"): _decrypted,
    ("kms", "Sign"): _verified,
    ("kms", "GenerateMac"): _mac_verified,
    ("cloudhsmv2", "CreateCluster"): lambda _, answer: Reading(
        "DescribeClusters",
        {"Filters": {"clusterIds": [answer["Cluster"]["ClusterId"]]}},
        lambda found: len(found["Clusters"]) == 1,
    ),
    ("cloudhsmv2", "CreateHsm"): _in_cluster,
    ("cloudhsmv2", "TagResource"): lambda document, _: Reading(
        "ListTags",
        {"ResourceId": document["ResourceId"]},
        lambda found: "NextToken" in found or _has_all(found["TagList"], document["TagList"], "Key", "Value"),
    ),
    ("sts", "AssumeRole"): lambda _, answer: Reading(
        "GetCallerIdentity",
        {},
        lambda found: bool(found["Arn"] == answer["AssumedRoleUser"]["Arn"]),
        answer["Credentials"]["AccessKeyId"],
    ),
}
