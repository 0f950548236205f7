"""Services that are not there say no in their callers' own protocol, always with HTTP 400."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from mockaws.gateway.http import Request
from tests.wire import parse, query_request, signature, xml_error

if TYPE_CHECKING:
    from mockaws.gateway.http import Answer
    from mockaws.gateway.journey import Gateway
    from tests.kinds import MakeWorld


def answer_to(gateway: Gateway, world: MakeWorld, method: str, path: str, service: str, **changes: Any) -> Answer:
    """Return the answer to a REST request that is signed for *service*."""
    fields: dict[str, Any] = {"query": "", "body": b"", "authorization": signature(service)}
    return gateway.answer(world(), Request(method, path, **fields | changes))


@pytest.mark.parametrize(
    ("method", "path", "service"),
    [
        ("GET", "/2015-03-31/functions/", "lambda"),
        ("PUT", "/2015-03-31/functions/x/code", "lambda"),
        ("POST", "/", "execute-api"),
        ("GET", "/", ""),
        ("BREW", "/é\x00\x7f", "pot"),
        ("GET", "/a b\n2031-05-01T12:00:00Z kms:Decrypt", "s3control"),
    ],
)
def test_rest_with_json(gateway: Gateway, world: MakeWorld, method: str, path: str, service: str) -> None:
    """Lambda and most others: JSON, with the code in a header, as their SDKs look for it there."""
    answer = answer_to(gateway, world, method, path, service)
    assert (answer.status, answer.content_type) == (400, "application/json")
    assert answer.headers == (("x-amzn-ErrorType", "UnknownOperationException"),)
    document = json.loads(answer.body)
    assert document["__type"] == "UnknownOperationException"
    assert document["message"].startswith("mockaws answers as AWS CloudHSM V2, AWS Key Management Service, AWS Sec")
    assert document["message"].endswith(f"nothing here answers {method} {quote(path, safe='/:', encoding='latin-1')}")


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {
            "authorization": "",
            "query": "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=a%2F20171004%2Fus-west-2%2Fs3%2Faws4_request",
        },
    ],
)
def test_s3(gateway: Gateway, world: MakeWorld, changes: dict[str, str]) -> None:
    """S3: one XML element, for presigned URLs too."""
    answer = answer_to(gateway, world, "GET", "/bucket/ke\x00y", "s3", **changes)
    assert (answer.status, answer.content_type) == (400, "application/xml")
    assert parse(answer.body).tag == "Error"
    error = xml_error(answer.body)
    assert (error["Code"], error["RequestId"]) == ("UnknownOperationException", answer.request_id)
    assert error["Message"].endswith("nothing here answers GET /bucket/ke%00y")


@pytest.mark.parametrize("service", ["route53", "cloudfront"])
def test_route_53_and_cloudfront(gateway: Gateway, world: MakeWorld, service: str) -> None:
    """Route 53 and CloudFront: REST, with errors as in Query."""
    answer = answer_to(gateway, world, "GET", "/2013-04-01/hostedzone", service)
    assert (answer.status, answer.content_type) == (400, "application/xml")
    assert parse(answer.body).tag == "ErrorResponse"
    assert xml_error(answer.body)["Code"] == "InvalidAction"


def test_iam(gateway: Gateway, world: MakeWorld) -> None:
    """IAM: Query. Terraform asks it who it is before it asks STS, and must be refused at once."""
    answer = gateway.answer(world(), query_request("iam", "GetUser", {}))
    assert (answer.status, answer.content_type) == (400, "text/xml")
    assert parse(answer.body).tag == "ErrorResponse"
    error = xml_error(answer.body)
    assert (error["Type"], error["Code"]) == ("Sender", "InvalidAction")
    assert (answer.operation, answer.error) == ("GetUser", "UnknownOperationException")


def test_ec2(gateway: Gateway, world: MakeWorld) -> None:
    """EC2: Query with errors of its own form."""
    answer = gateway.answer(world(), query_request("ec2", "DescribeVpcs", {}))
    assert (answer.status, answer.content_type) == (400, "text/xml")
    assert [element.tag for element in parse(answer.body).iter()] == [
        "Response",
        "Errors",
        "Error",
        "Code",
        "Message",
        "RequestID",
    ]
    error = xml_error(answer.body)
    assert (error["Code"], error["RequestID"]) == ("InvalidAction", answer.request_id)
    assert error["Message"].endswith("nothing here answers 2016-11-15.DescribeVpcs")


@pytest.mark.parametrize(
    ("target", "version"),
    [("AmazonSQS.ListQueues", "1.0"), ("DynamoDB_20120810.ListTables", "1.0"), ("Nonsense", "1.1")],
)
def test_json(gateway: Gateway, world: MakeWorld, target: str, version: str) -> None:
    """SQS, DynamoDB and others: AWS JSON of the version that they speak."""
    content_type = f"application/x-amz-json-{version}"
    answer = answer_to(gateway, world, "POST", "/", "sqs", target=target, content_type=content_type)
    assert (answer.status, answer.content_type) == (400, content_type)
    document = json.loads(answer.body)
    assert document["__type"] == "UnknownOperationException"
    assert document["message"].endswith(f"nothing here answers {target}")
