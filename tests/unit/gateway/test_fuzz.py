"""Nothing that a caller does makes an answer of 5xx."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import cbor2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mockaws.gateway.http import Request
from mockaws.model.service import load
from mockaws.records.world import WorldConfig
from mockaws.worlds.world import World
from tests.samples import ACCOUNT, CLUSTER, REGION, SUBNET_A, ZONE_A, cluster, hsm, subnet
from tests.wire import parse, signature

if TYPE_CHECKING:
    from mockaws.gateway.http import Answer
    from mockaws.gateway.journey import Gateway

pytestmark = pytest.mark.slow

bounded = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)

text = st.text(max_size=40)
headers = st.text(st.characters(max_codepoint=255), max_size=60)
texts = text | st.sampled_from(
    [CLUSTER, SUBNET_A, ZONE_A, "hsm-abcdefghijk", "10.0.1.11", "clusterIds", "states", "ACTIVE", "alias/a", "\ud800"]
)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | texts
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3), max_leaves=10
)


def fresh() -> World:
    """Return a world with a cluster in it."""
    return World.holding(
        WorldConfig(account=ACCOUNT, region=REGION), [cluster(hsms=(hsm(),)), subnet()], id_seed="fuzz"
    )


def check(answer: Answer) -> None:
    """Check that an answer is good, or an error that its caller made, and can be read."""
    assert answer.status in {200, 400, 403, 413}, answer.body
    if "json" in answer.content_type and answer.body:
        json.loads(answer.body)
    elif "xml" in answer.content_type:
        parse(answer.body)
    elif "cbor" in answer.content_type and answer.body:
        cbor2.loads(answer.body)
    assert answer.request_id


@st.composite
def calls(draw: st.DrawFn, service: str) -> tuple[str, dict[str, Any]]:
    """Draw one of a service's operations, and members that have its names and any values."""
    name, operation = draw(st.sampled_from(sorted(load(service).operations.items())))
    members = {member: draw(values) for member in operation.members if draw(st.booleans())}
    return name, members


@bounded
@given(
    method=st.sampled_from(["GET", "POST", "PUT", "HEAD"]) | headers,
    path=headers.map(lambda path: f"/{path}") | st.just("/service/BaldrApiService/operation/DescribeClusters"),
    query=headers | st.sampled_from(["Action=", "X-Amz-Algorithm", "X-Amz-Credential=&X-Amz-Algorithm=%ff", "&" * 20]),
    body=st.binary(max_size=200) | text.map(str.encode),
    content_type=headers
    | st.sampled_from(["application/x-amz-json-1.1", "application/x-www-form-urlencoded", "application/cbor"]),
    target=headers | st.sampled_from(["TrentService.ListKeys", "BaldrApiService.DescribeClusters", "."]),
    authorization=headers
    | st.sampled_from([signature("kms"), signature("s3"), signature("ec2")])
    | headers.map(lambda tail: f"AWS4-HMAC-SHA256 Credential={tail}, SignedHeaders=, Signature="),
    smithy_protocol=st.sampled_from(["", "rpc-v2-cbor"]) | headers,
)
def test_any_request(gateway: Gateway, **fields: Any) -> None:
    """Any method, path, query string, body and headers are answered."""
    check(gateway.answer(fresh(), Request(**fields)))


@pytest.mark.parametrize("service", ["cloudhsmv2", "kms"])
@bounded
@given(data=st.data())
def test_any_json_document(gateway: Gateway, service: str, data: st.DataObject) -> None:
    """Any operation answers any document in JSON."""
    name, members = data.draw(calls(service))
    request = Request(
        "POST",
        "/",
        "",
        json.dumps(members).encode(),
        "application/x-amz-json-1.1",
        f"{load(service).target_prefix}.{name}",
        signature(load(service).signing_name),
    )
    check(gateway.answer(fresh(), request))


@bounded
@given(st.data())
def test_any_cbor_document(gateway: Gateway, data: st.DataObject) -> None:
    """Any operation of CloudHSM answers any document in CBOR, and any body at all."""
    name, members = data.draw(calls("cloudhsmv2"))
    encoded = st.just(members).map(lambda document: cbor2.dumps(_encodable(document)))
    request = Request(
        "POST",
        f"/service/BaldrApiService/operation/{name}",
        "",
        data.draw(encoded | st.binary(max_size=100)),
        "application/cbor",
        "",
        signature("cloudhsm"),
        "rpc-v2-cbor",
    )
    check(gateway.answer(fresh(), request))


@bounded
@given(st.data())
def test_any_form(gateway: Gateway, data: st.DataObject) -> None:
    """Any operation of STS answers any form."""
    name, operation = data.draw(st.sampled_from(sorted(load("sts").operations.items())))
    members = st.sampled_from([*operation.members, "Tags.member.1.Key", "PolicyArns.member.1.arn", "X"]) | text
    fields = data.draw(st.dictionaries(members, texts.map(_sound) | st.integers().map(str), max_size=6))
    form = {"Action": name, "Version": "2011-06-15", "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/x"} | {
        _sound(key): value for key, value in fields.items()
    }
    tail = data.draw(st.binary(max_size=20).map(lambda raw: quote(raw).encode() + raw))
    request = Request(
        "POST",
        "/",
        "",
        urlencode(form).encode() + b"&" + tail,
        "application/x-www-form-urlencoded",
        "",
        signature("sts"),
    )
    check(gateway.answer(fresh(), request))


def _sound(words: str) -> str:
    return words.encode(errors="replace").decode()


def _encodable(value: Any) -> Any:
    if isinstance(value, str):
        return _sound(value)
    if isinstance(value, list):
        return [_encodable(item) for item in value]
    if isinstance(value, dict):
        return {_sound(key): _encodable(item) for key, item in value.items()}
    return value
