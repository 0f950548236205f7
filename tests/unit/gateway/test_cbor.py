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
        {"body": bytes.fromhex("d9d9f7a0")},
        {"body": bytes.fromhex("d9d9f7d9d9f7bfff")},
        {"body": bytes.fromhex("a16a4d6178526573756c7473f94900")},  # 10.0, in half precision
        {
            "body": bytes.fromhex(
                "a27f61786179ff5f41004100ff67556e6b6e6f776e9f80a0bfffc11a5a000000c1fb3ff0000000000000f4f5f6ff"
            )
        },
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
        b"\xd9\xd9\xf7" * 100_000,
        b"\xd9\xd9\xf7",
        b"\x9a\x00\x0f\x00\x00" + b"\x80" * 0xF0000,  # 60 MB of empty lists
        b"\x7f" + b"\x60" * 100_000,
        bytes.fromhex("a0a0"),
        bytes.fromhex("a0f6"),
        bytes.fromhex("d9d9f7a0ff"),
        bytes.fromhex("a10102"),  # a key that is a number
        bytes.fromhex("a1416102"),  # bytes
        bytes.fromhex("a1f602"),  # null
        bytes.fromhex("a1a001"),  # a map
        bytes.fromhex("bf6178ff"),  # a break in the place of a value
        bytes.fromhex("a16178ff"),
        bytes.fromhex("81ff"),
        bytes.fromhex("a161781c"),  # a reserved length
        bytes.fromhex("a161781f"),  # a number without an end
        bytes.fromhex("a16178f820"),  # simple value 32
        bytes.fromhex("a16178e0"),  # simple value 0
        bytes.fromhex("a161787f4161ff"),  # bytes in a text
        bytes.fromhex("a161787f7f6161ffff"),  # parts in parts
        bytes.fromhex("a1617862c328"),  # not UTF-8
        bytes.fromhex("a1617863eda080"),  # half of a surrogate pair
        bytes.fromhex("a16178d9d9f701"),  # self-described where nothing asks for it
        bytes.fromhex("a16178c101" + "00"),
        bytes.fromhex("a16178c13f"),
        bytes.fromhex("a16178c16131"),  # a timestamp as text
        bytes.fromhex("a16178c1f97e00"),  # NaN
        bytes.fromhex("a16178c11bffffffffffffffff"),  # the year 584,554,051,223
        bytes.fromhex("a16178c074323031332d30332d32315432303a30343a30305a"),  # tag 0
        bytes.fromhex("a16178c24101"),  # a big number
        bytes.fromhex("a16178c48200c24101"),  # a decimal fraction
        bytes.fromhex("a16178d81e820102"),  # a rational number
        bytes.fromhex("a16178d8246161"),  # a MIME message
        bytes.fromhex("a16178d90102" + "8101"),  # a set
        bytes.fromhex("a16178d90100816161"),  # string references
        bytes.fromhex("a16178d864" + "01"),  # days
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
    """Violations of the model have the same errors as in JSON."""
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
