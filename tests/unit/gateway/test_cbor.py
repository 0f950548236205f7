"""Smithy RPC v2 CBOR, as SDKs may speak it to CloudHSM v2."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import cbor2
import pytest

from mockaws.gateway.cbor import Cbor
from mockaws.gateway.http import Request
from mockaws.model.errors import AWSError
from mockaws.model.service import load
from tests.samples import CLUSTER, NOW, cluster
from tests.wire import signature

if TYPE_CHECKING:
    from mockaws.gateway.http import Answer
    from mockaws.gateway.journey import Gateway
    from tests.kinds import MakeWorld

PATH = "/service/BaldrApiService/operation/DescribeClusters"


def described(gateway: Gateway, world: MakeWorld, body: bytes = b"\xa0", **changes: Any) -> Answer:
    """Return the answer to DescribeClusters in a world with one cluster."""
    fields: dict[str, Any] = {
        "method": "POST",
        "path": PATH,
        "query": "",
        "body": body,
        "content_type": "application/cbor",
        "authorization": signature("cloudhsm"),
        "smithy_protocol": "rpc-v2-cbor",
    }
    return gateway.answer(world(cluster(tags={"team": "crypto"})), Request(**fields | changes))


def error(answer: Answer) -> tuple[int, str]:
    """Return the status and the code of an error answer."""
    return answer.status, cbor2.loads(answer.body)["__type"]


def test_a_good_answer(gateway: Gateway, world: MakeWorld) -> None:
    """An answer is a CBOR map with timestamps as tag 1, under the protocol's header."""
    answer = described(gateway, world)
    assert (answer.status, answer.content_type) == (200, "application/cbor")
    assert answer.headers == (("smithy-protocol", "rpc-v2-cbor"),)
    (shown,) = cbor2.loads(answer.body)["Clusters"]
    assert shown["CreateTimestamp"] == datetime.fromtimestamp(NOW, UTC)
    assert (shown["ClusterId"], shown["State"], shown["Hsms"]) == (CLUSTER, "ACTIVE", [])
    assert shown["SubnetMapping"] == {"us-west-2a": "subnet-a6b10bd1", "us-west-2b": "subnet-b6b10bd2"}
    assert shown["TagList"] == [{"Key": "team", "Value": "crypto"}]


@pytest.mark.parametrize(
    "changes",
    [
        {"body": b""},
        {"path": "/prefix" + PATH},
        {"path": PATH.replace("Baldr", "com.amazonaws.cloudhsmv2.Baldr")},
        {"body": cbor2.dumps({"Filters": {"clusterIds": [CLUSTER]}, "MaxResults": 1, "Unknown": None})},
        {"body": bytes.fromhex("bf6a4d6178526573756c747301ff")},
    ],
)
def test_ways_to_ask(gateway: Gateway, world: MakeWorld, changes: dict[str, Any]) -> None:
    """An empty body is an empty structure; the path may have a prefix; maps may be of indefinite length."""
    answer = described(gateway, world, **changes)
    assert len(cbor2.loads(answer.body)["Clusters"]) == 1


@pytest.mark.parametrize(
    "body",
    [
        b"\xff",
        b"{}",
        b"\xa1",
        b"\xa1\x61\xff\x01",
        b"\x81" * 100_000,
        b"\xc6" * 100_000 + b"\x01",
        b"\xbb\x7f\xff\xff\xff\xff\xff\xff\xff",
        b"\x5b\x7f\xff\xff\xff\xff\xff\xff\xff",
        b"\xc5\x82\x1a\x7f\xff\xff\xff\x01",
        b"\xd8\x23\x61(",
        b"\x01",
        b"\xf6",
        b"\x80",
        cbor2.dumps({"MaxResults": "1"}),
        cbor2.dumps({"MaxResults": 1 << 100_000}),
        cbor2.dumps({"Filters": {1: ["x"]}}),
        cbor2.dumps({"Filters": {"states": [b"ACTIVE"]}}),
        cbor2.dumps({"Filters": {"states": {"ACTIVE"}}}),
        cbor2.dumps({"NextToken": cbor2.undefined}),
        bytes.fromhex("a16746696c74657273d81ca1617381d81d00"),
    ],
)
def test_bodies_that_cannot_be_read(gateway: Gateway, world: MakeWorld, body: bytes) -> None:
    """Garbage, bombs and values of wrong types are SerializationException."""
    assert error(described(gateway, world, body)) == (400, "SerializationException")


def test_faults_in_aws_words(gateway: Gateway, world: MakeWorld) -> None:
    """What breaks the model is said as in JSON."""
    document = cbor2.loads(described(gateway, world, cbor2.dumps({"MaxResults": 26})).body)
    assert document == {
        "__type": "CloudHsmInvalidRequestException",
        "Message": "1 validation error detected: Value '26' at 'maxResults' failed to satisfy constraint: "
        "Member must have value less than or equal to 25",
    }


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"path": "/service/BaldrApiService/operation/Nonsense"}, "UnknownOperationException"),
        ({"path": "/service/TrentService/operation/ListKeys"}, "UnknownOperationException"),
        ({"path": "/service/GraniteServiceVersion20100801/operation/ListMetrics"}, "UnknownOperationException"),
        ({"path": "/"}, "UnknownOperationException"),
        ({"path": "/operation/DescribeClusters"}, "UnknownOperationException"),
        ({"method": "GET"}, "UnknownOperationException"),
        ({"authorization": ""}, "MissingAuthenticationTokenException"),
    ],
)
def test_refused_in_the_protocol(gateway: Gateway, world: MakeWorld, changes: dict[str, Any], code: str) -> None:
    """Whatever else is wrong is said in CBOR too: KMS, for one, does not speak it, and says so."""
    answer = described(gateway, world, **changes)
    assert answer.content_type == "application/cbor"
    assert error(answer) == (400, code)


def test_errors() -> None:
    """An error has its code as __type, and its sentence in the member that the model says, if it has one."""
    status, body = Cbor().failure(AWSError("CloudHsmInternalFailureException", "x", 500, "Message"), "id")
    assert (status, cbor2.loads(body)) == (500, {"__type": "CloudHsmInternalFailureException", "Message": "x"})
    assert cbor2.loads(Cbor().failure(AWSError("UnknownOperationException"), "id")[1]) == {
        "__type": "UnknownOperationException"
    }


def test_empty_answers() -> None:
    """An empty structure is an empty map, and an operation without an output shape answers with an empty body."""
    assert Cbor().success(load("cloudhsmv2").operations["TagResource"], {}, "id") == b"\xa0"
    assert Cbor().success(load("kms").operations["EnableKey"], None, "id") == b""
