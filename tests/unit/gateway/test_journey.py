"""The steps of a request: what is told apart, what is refused, and what an operation gets to see."""

from __future__ import annotations

import json
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

from mockaws.gateway.http import Request
from mockaws.gateway.journey import MAX_BODY, Gateway
from mockaws.ids import Ids
from mockaws.model.errors import AWSError
from mockaws.records.cloudhsm import Cluster
from mockaws.services.operation import Service, operation
from tests.samples import ACCOUNT, CLUSTER, NOW, REGION, cluster
from tests.wire import RefusedError, ask, json_request, query_request, signature, xml_error

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockaws.services.operation import Call, Result
    from tests.kinds import MakeWorld


def document(gateway: Gateway, world: MakeWorld, **changes: Any) -> tuple[int, dict[str, str]]:
    """Return status and document of the answer to a request for KMS's ListKeys with *changes*."""
    answer = gateway.answer(world(), json_request("kms", "ListKeys", b"{}", **changes))
    return answer.status, json.loads(answer.body)


def gateway_with(function: Callable[..., Any]) -> Gateway:
    """Return a gateway to a CloudHSM that has only *function*."""
    module = ModuleType("module")
    function.__module__ = "module"
    vars(module)[function.__name__] = operation()(function)
    return Gateway([Service("cloudhsmv2", module)])


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"target": ""}, "nothing here answers this request"),
        ({"target": "ListKeys"}, "nothing here answers ListKeys"),
        ({"target": "."}, "nothing here answers this request"),
        ({"target": "TrentService."}, "AWS Key Management Service has no operation (none was named)"),
        ({"target": "TrentService.listkeys"}, "AWS Key Management Service has no operation listkeys"),
        ({"target": "TrentService.Nonsense"}, "AWS Key Management Service has no operation Nonsense"),
        ({"target": "TrentService.__init__"}, "AWS Key Management Service has no operation __init__"),
        ({"target": "2011-06-15.GetCallerIdentity"}, "nothing here answers 2011-06-15.GetCallerIdentity"),
        ({"method": "GET"}, "AWS Key Management Service takes POST, not GET"),
        ({"method": "PUT"}, "AWS Key Management Service takes POST, not PUT"),
    ],
)
def test_operations_that_are_not_there(
    gateway: Gateway, world: MakeWorld, changes: dict[str, str], sentence: str
) -> None:
    """A missing target, an unknown operation or service and a wrong method are UnknownOperationException."""
    status, found = document(gateway, world, **changes)
    assert (status, found["__type"]) == (400, "UnknownOperationException")
    assert found["message"].endswith(sentence)


def test_operations_that_are_not_there_need_no_signature(gateway: Gateway, world: MakeWorld) -> None:
    """The error names an operation that is not there."""
    assert (
        document(gateway, world, target="TrentService.Nope", authorization="")[1]["__type"]
        == "UnknownOperationException"
    )


@pytest.mark.parametrize("make", [json_request, query_request])
def test_the_largest_body(gateway: Gateway, world: MakeWorld, make: Any) -> None:
    """A body of 1 MiB is read; one byte more is RequestEntityTooLargeException, HTTP 413."""
    if make is json_request:
        requests = [json_request("kms", "ListKeys", b"{}" + b" " * (size - 2)) for size in (MAX_BODY, MAX_BODY + 1)]
    else:
        form = b"Action=GetCallerIdentity&Version=2011-06-15&x="
        requests = [
            query_request("sts", "GetCallerIdentity", {}, body=form + b"y" * (size - len(form)))
            for size in (MAX_BODY, MAX_BODY + 1)
        ]
    good, bad = (gateway.answer(world(), request) for request in requests)
    assert good.status == 200
    assert (bad.status, bad.error) == (413, "RequestEntityTooLargeException")
    assert b"1048576 bytes" in bad.body


def test_a_fault_of_the_model_comes_after_the_signature(gateway: Gateway, world: MakeWorld) -> None:
    """The caller is checked before the arguments."""
    request = json_request("kms", "DescribeKey", b"{}", authorization="")
    assert json.loads(gateway.answer(world(), request).body)["__type"] == "MissingAuthenticationTokenException"
    request = json_request("kms", "DescribeKey", b"{}")
    answer = gateway.answer(world(), request)
    assert answer.error == "ValidationException"
    assert (answer.operation, answer.account, answer.region) == ("kms:DescribeKey", ACCOUNT, REGION)


def test_what_an_operation_sees(world: MakeWorld) -> None:
    """An operation sees who calls, one moment, and the config of its world."""
    seen: list[Call] = []

    def untag_resource(call: Call, *, resource_id: str, tag_key_list: list[str]) -> Result:
        seen.append(call)
        assert (resource_id, tag_key_list) == (CLUSTER, ["a"])
        return {}

    here = world()
    authorization = signature("cloudhsm", access_key_id="444455556666", region="eu-west-1")
    members = {"ResourceId": CLUSTER, "TagKeyList": ["a"]}
    gateway = gateway_with(untag_resource)
    assert ask(gateway, here, "cloudhsmv2", "UntagResource", members, authorization=authorization) == {}
    (call,) = seen
    assert (call.operation, call.account, call.region, call.now) == ("UntagResource", "444455556666", "eu-west-1", NOW)
    assert call.config == here.config
    assert call.ids.uuid() == Ids("tests  2").uuid()  # the request id took number 1
    assert gateway.operation_counts() == {"cloudhsmv2": 1}


def test_a_refused_call_changes_nothing(world: MakeWorld) -> None:
    """Changes that an operation made before it refused are undone."""

    def list_tags(call: Call, *, resource_id: str, next_token: Any = None, max_results: int = 1) -> Result:
        call.put(cluster())
        raise AWSError("CloudHsmServiceException", "no")

    here = world()
    with pytest.raises(RefusedError, match=r"^CloudHsmServiceException: no$"):
        ask(gateway_with(list_tags), here, "cloudhsmv2", "ListTags", {"ResourceId": CLUSTER})
    assert here.store.run(lambda tx: tx.get(Cluster, ACCOUNT, REGION, CLUSTER)) is None


def test_a_fault_of_mockaws(world: MakeWorld, capsys: pytest.CaptureFixture[str]) -> None:
    """A fault of mockaws itself is InternalFailure, HTTP 500, in the caller's protocol, with its story on stderr."""

    def list_tags(call: Call, *, resource_id: str, next_token: Any = None, max_results: int = 1) -> Result:
        raise ZeroDivisionError("told on stderr")

    body = json.dumps({"ResourceId": CLUSTER}).encode()
    answer = gateway_with(list_tags).answer(world(), json_request("cloudhsmv2", "ListTags", body))
    assert (answer.status, json.loads(answer.body)["__type"]) == (500, "InternalFailure")
    assert "ZeroDivisionError: told on stderr" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("request_", "content_type"),
    [
        (Request("POST", "/", "", b"", "application/x-amz-json-1.1"), "application/x-amz-json-1.1"),
        (Request("POST", "/", "", b"", "application/cbor", smithy_protocol="rpc-v2-cbor"), "application/cbor"),
        (Request("POST", "/", "", b"", "application/x-www-form-urlencoded"), "text/xml"),
        (Request("GET", "/", "Action=x", b""), "text/xml"),
        (Request("POST", "/", "", b"", "application/cbor"), "application/json"),
        (Request("GET", "/", "", b""), "application/json"),
    ],
)
def test_protocols_are_told_apart(gateway: Gateway, world: MakeWorld, request_: Request, content_type: str) -> None:
    """A target or AWS's JSON type means JSON, Smithy's header CBOR, an Action or a form Query, all else REST."""
    answer = gateway.answer(world(), request_)
    assert (answer.status, answer.content_type, answer.error) == (400, content_type, "UnknownOperationException")


def test_request_ids(gateway: Gateway, world: MakeWorld) -> None:
    """Every answer has a request id of its own, in XML also in the body."""
    here = world()
    answers = [
        gateway.answer(here, query_request("sts", name, {}))
        for name in ("GetCallerIdentity", "GetCallerIdentity", "No")
    ]
    assert len({answer.request_id for answer in answers}) == 3
    assert xml_error(answers[-1].body)["RequestId"] == answers[-1].request_id


def test_an_operation_too_many() -> None:
    """A function that is named after no operation is refused when the program starts."""

    def list_clusters(call: Call) -> Result:
        return {}

    with pytest.raises(LookupError, match=r"cloudhsmv2 has no operation for module\.list_clusters"):
        gateway_with(list_clusters)
