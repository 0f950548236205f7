"""AWS JSON 1.1 and 1.0."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from mockaws.gateway.json11 import Json
from mockaws.model.errors import AWSError
from mockaws.model.service import load
from tests.samples import ACCOUNT, REGION, cluster
from tests.wire import json_request

if TYPE_CHECKING:
    from mockaws.gateway.http import Answer
    from mockaws.gateway.journey import Gateway
    from tests.kinds import MakeWorld

DESCRIBE = "DescribeClusters"


def described(gateway: Gateway, world: MakeWorld, body: bytes = b"{}", **changes: Any) -> Answer:
    """Return the answer to DescribeClusters in a world with one cluster."""
    return gateway.answer(world(cluster()), json_request("cloudhsmv2", DESCRIBE, body, **changes))


def error(answer: Answer) -> tuple[int, Any]:
    """Return status and document of an error answer."""
    return answer.status, json.loads(answer.body)


def test_a_good_answer(gateway: Gateway, world: MakeWorld) -> None:
    """An answer is one JSON object, with timestamps as numbers, under AWS's content type and a request id."""
    answer = described(gateway, world)
    assert (answer.status, answer.content_type) == (200, "application/x-amz-json-1.1")
    assert len(answer.request_id) == 36
    assert json.loads(answer.body)["Clusters"][0]["CreateTimestamp"] == 1507133412.351
    assert (answer.operation, answer.account, answer.region) == ("cloudhsmv2:DescribeClusters", ACCOUNT, REGION)
    assert answer.error == ""


def test_version_1_0(gateway: Gateway, world: MakeWorld) -> None:
    """An answer has the version of its request."""
    answer = described(gateway, world, content_type="application/x-amz-json-1.0")
    assert (answer.status, answer.content_type) == (200, "application/x-amz-json-1.0")


@pytest.mark.parametrize(
    ("result", "document"),
    [
        ({}, {}),
        ({"Plaintext": b"\x00\xff"}, {"Plaintext": "AP8="}),
        ({"KeyId": 'é"', "Plaintext": b"", "Enabled": True}, {"KeyId": 'é"', "Plaintext": "", "Enabled": True}),
        ({"Mac": b"1", "KeyId": "k", "Tags": [{"b": b"2"}]}, {"Mac": "MQ==", "KeyId": "k", "Tags": [{"b": "Mg=="}]}),
    ],
)
def test_blobs_and_other_members(result: dict[str, Any], document: dict[str, Any]) -> None:
    """A blob is a JSON string in base64, whether it is all that an answer has, stands beside others or deeper."""
    body = Json("1.1").success(load("kms").operations["DescribeKey"], result, "")
    assert json.loads(body) == document


@pytest.mark.parametrize("content_type", ["", "application/json", "application/x-amz-json-1.1; charset=utf-8"])
def test_other_content_types(gateway: Gateway, world: MakeWorld, content_type: str) -> None:
    """A target says enough: the content type need not be AWS's."""
    assert described(gateway, world, content_type=content_type).status == 200


@pytest.mark.parametrize(
    "target", ["BaldrApiService.DescribeClusters", "com.amazonaws#BaldrApiService.DescribeClusters"]
)
def test_targets(gateway: Gateway, world: MakeWorld, target: str) -> None:
    """A target is the service's prefix and the operation; a namespace in front of it does not matter."""
    assert described(gateway, world, target=target).status == 200


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"{",
        b"{'a': 1}",
        b'{"MaxResults": 1,}',
        b'{"a": NaN}',
        b'{"a": -Infinity}',
        b'{"a": "\xff\xfe"}',
        b"\xff\xff\xff\xff",
        b"\x00\x00\x00",
        b"[" * 200_000,
        b'{"a":' * 200_000,
        b'{"a": ' + b"9" * 5000 + b"}",
        b"Action=DescribeClusters",
        b"<xml/>",
    ],
)
def test_bodies_that_are_not_json(gateway: Gateway, world: MakeWorld, body: bytes) -> None:
    """A body that cannot be parsed, an empty one too, is SerializationException."""
    assert error(described(gateway, world, body)) == (
        400,
        {"__type": "SerializationException", "Message": "The request body is not valid JSON"},
    )


@pytest.mark.parametrize("body", [b"null", b"[]", b'"text"', b"1", b"true", b"1e999"])
def test_bodies_that_are_no_objects(gateway: Gateway, world: MakeWorld, body: bytes) -> None:
    """A body that is JSON but no object is SerializationException."""
    status, document = error(described(gateway, world, body))
    assert (status, document["__type"]) == (400, "SerializationException")


@pytest.mark.parametrize(
    "body",
    [
        b' {"MaxResults" : 25 , "Unknown": {"a": [1, null]}}\r\n',
        b'{"MaxResults": null, "Filters": null}',
        b'{"MaxResults": 99, "MaxResults": 1}',
        b'\xef\xbb\xbf{"MaxResults": 1}',
        '{"MaxResults": 1}'.encode("utf-16"),
    ],
)
def test_odd_bodies_that_can_be_read(gateway: Gateway, world: MakeWorld, body: bytes) -> None:
    """White space, nulls, unknown members, members given twice (the last counts), byte order marks are no fault."""
    assert described(gateway, world, body).status == 200


def test_an_unreadable_body_comes_before_a_missing_signature(gateway: Gateway, world: MakeWorld) -> None:
    """AWS reads a body before it asks who sent it."""
    assert error(described(gateway, world, b"{", authorization=""))[1]["__type"] == "SerializationException"
    assert error(described(gateway, world, authorization=""))[1]["__type"] == "MissingAuthenticationTokenException"


@pytest.mark.parametrize(
    ("raised", "document"),
    [
        (AWSError("NotFoundException", "Key 'x' does not exist"), {"message": "Key 'x' does not exist"}),
        (AWSError("AccessDeniedException", "no", member="Message"), {"Message": "no"}),
        (AWSError("UnknownOperationException"), {}),
        (AWSError("ValidationException", "Value '\ud800' é"), {"message": "Value '\ud800' é"}),
    ],
)
def test_errors(raised: AWSError, document: dict[str, str]) -> None:
    """An error has its code as __type, and its sentence in the member that the model says, if it has one."""
    status, body = Json("1.1").failure(raised, "id")
    assert (status, json.loads(body)) == (400, {"__type": raised.code} | document)


def test_empty_answers() -> None:
    """An operation without an output shape answers with an empty body, one with an empty structure with `{}`."""
    kms = load("kms").operations
    assert Json("1.1").success(kms["EnableKey"], None, "id") == b""
    assert Json("1.1").success(kms["ConnectCustomKeyStore"], {}, "id") == b"{}"
    assert Json("1.1").success(kms["ConnectCustomKeyStore"], None, "id") == b"{}"


def test_blobs() -> None:
    """Blobs are base64; anything else that JSON cannot say is a mistake of the operation."""
    random = load("kms").operations["GenerateRandom"]
    assert Json("1.1").success(random, {"Plaintext": b"\x00\xff"}, "id") == b'{"Plaintext":"AP8="}'
    with pytest.raises(TypeError, match="set has no place in a JSON answer"):
        Json("1.1").success(random, {"Plaintext": set()}, "id")
