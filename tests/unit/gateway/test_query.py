"""AWS Query in, XML out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mockaws.gateway.http import Request
from mockaws.gateway.query import Query
from mockaws.model.errors import CHOSEN, AWSError
from mockaws.model.service import load
from tests.samples import ACCOUNT
from tests.wire import parse, query_request, signature, xml_error

if TYPE_CHECKING:
    from mockaws.gateway.http import Answer
    from mockaws.gateway.journey import Gateway
    from tests.kinds import MakeWorld

STS = load("sts")
WIRE = Query()
IDENTITY = b"Action=GetCallerIdentity&Version=2011-06-15"
NAMESPACE = "{https://sts.amazonaws.com/doc/2011-06-15/}"


def identity(gateway: Gateway, world: MakeWorld, **changes: Any) -> Answer:
    """Return the answer to GetCallerIdentity with *changes* in the request."""
    return gateway.answer(world(), query_request("sts", "GetCallerIdentity", {}, **changes))


def read(operation: str, query: str) -> Any:
    """Return the document of a request with the fields of *query*."""
    return WIRE.read(Request("POST", "/", "", query.encode()), STS.operations[operation])


def test_a_good_answer(gateway: Gateway, world: MakeWorld) -> None:
    """An answer is XML in the service's namespace: the result in its wrapper, then the request id."""
    answer = identity(gateway, world)
    assert (answer.status, answer.content_type) == (200, "text/xml")
    root = parse(answer.body)
    assert root.tag == f"{NAMESPACE}GetCallerIdentityResponse"
    assert [child.tag for child in root] == [f"{NAMESPACE}GetCallerIdentityResult", f"{NAMESPACE}ResponseMetadata"]
    assert root.findtext(f".//{NAMESPACE}Account") == ACCOUNT
    assert root.findtext(f"{NAMESPACE}ResponseMetadata/{NAMESPACE}RequestId") == answer.request_id


@pytest.mark.parametrize(
    "changes",
    [
        {"method": "GET", "query": IDENTITY.decode(), "body": b"", "content_type": ""},
        {"method": "POST", "query": IDENTITY.decode(), "body": b"", "content_type": ""},
        {"body": IDENTITY + b"&Unknown=value"},
        {"body": IDENTITY + b"&Action=NoSuchAction&Version=2000-01-01"},
        {"body": b"&&" + IDENTITY + b"&=&=x&%&%zz=%zz&a"},
        {"body": IDENTITY + b"&x=\xff\xfe%ff%00%ed%a0%80"},
        {"query": "Action=GetCallerIdentity", "body": b"Version=2011-06-15"},
        {"content_type": "application/x-www-form-urlencoded"},
    ],
)
def test_ways_to_ask(gateway: Gateway, world: MakeWorld, changes: dict[str, Any]) -> None:
    """Fields may stand in the query string and in the form, of one given twice the first counts, garbage is ignored."""
    assert identity(gateway, world, **changes).status == 200


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"Version=2011-06-15", "AWS Security Token Service has no operation (none was named)"),
        (b"Action=&Version=2011-06-15", "AWS Security Token Service has no operation (none was named)"),
        (b"Action=NoSuchAction&Version=2011-06-15", "AWS Security Token Service has no operation NoSuchAction"),
        (
            b"Action=GetFederationToken&Version=2011-06-15",
            "mockaws does not have the operation GetFederationToken of AWS Security Token Service yet",
        ),
        (b"Action=GetUser&Version=2010-05-08", "nothing here answers 2010-05-08.GetUser"),
        (b"Action=GetCallerIdentity", "nothing here answers GetCallerIdentity"),
        (b"Action=ListKeys&Version=TrentService", "nothing here answers TrentService.ListKeys"),
        (b"Action=Get%00Caller&Version=%0b", "nothing here answers ?.Get?Caller"),
        (b"", "nothing here answers this request"),
    ],
)
def test_operations_that_are_not_there(gateway: Gateway, world: MakeWorld, body: bytes, sentence: str) -> None:
    """An unknown operation or service, such as IAM, is InvalidAction, HTTP 400, with a sentence."""
    answer = identity(gateway, world, body=body)
    found = xml_error(answer.body)
    assert (answer.status, answer.content_type, found["Code"]) == (400, "text/xml", "InvalidAction")
    assert found["Message"].endswith(sentence)
    assert found["RequestId"] == answer.request_id


@pytest.mark.parametrize("method", ["PUT", "DELETE", "HEAD", "OPTIONS", "BREW"])
def test_methods(gateway: Gateway, world: MakeWorld, method: str) -> None:
    """Query is asked with GET and POST."""
    answer = identity(gateway, world, method=method)
    assert answer.status == 400
    assert xml_error(answer.body)["Message"] == f"AWS Security Token Service takes GET and POST, not {method}"


@pytest.mark.parametrize(
    ("raised", "code", "status", "kind"),
    [
        (AWSError("ValidationException", "x"), "ValidationError", 400, "Sender"),
        (AWSError("AccessDeniedException", "x"), "AccessDenied", 403, "Sender"),
        (AWSError("ExpiredTokenException", "x"), "ExpiredToken", 403, "Sender"),
        (AWSError("MissingAuthenticationTokenException", "x"), "MissingAuthenticationToken", 403, "Sender"),
        (AWSError("IncompleteSignatureException", "x"), "IncompleteSignature", 400, "Sender"),
        (AWSError("SerializationException", "x"), "MalformedInput", 400, "Sender"),
        (AWSError("RequestEntityTooLargeException", "x", 413), "RequestEntityTooLargeException", 413, "Sender"),
        (AWSError("InternalFailure", "x", 500), "InternalFailure", 500, "Receiver"),
        (STS.catalogue()("ExpiredTokenException", CHOSEN, "x")(), "ExpiredTokenException", 400, "Sender"),
        (STS.catalogue()("IDPRejectedClaimException", CHOSEN, "x")(), "IDPRejectedClaim", 403, "Sender"),
    ],
)
def test_errors(raised: AWSError, code: str, status: int, kind: str) -> None:
    """Query has older names for the errors that all services share; those of the service's model keep theirs."""
    answered, body = WIRE.failure(raised, "the-id")
    assert answered == status
    assert xml_error(body) == {"Type": kind, "Code": code, "Message": "x", "RequestId": "the-id"}


def test_nothing_but_xml() -> None:
    """Text of a caller is escaped, and has question marks for characters that XML lacks."""
    sentence = "<b>&\"'\x00\x1f\ud800\ufffe</b>é\U0001f600\t"
    _, body = WIRE.failure(AWSError("ValidationException", sentence), "id")
    assert xml_error(body)["Message"] == "<b>&\"'????</b>é\U0001f600\t"


def test_lists_and_structures() -> None:
    """Lists are numbered from 1, structures have their members behind a dot; where a number is missing, a list ends."""
    query = (
        "Tags.member.1.Key=a&Tags.member.1.Value=&Tags.member.2.Value=x&Tags.member.4.Key=d"
        "&PolicyArns.member.1.arn=arn%3Aaws&TransitiveTagKeys.member.1=a&TransitiveTagKeys.member.2=b"
        "&Tags.member.x=1&Tags=2&PolicyArns.member.2=3"
    )
    assert read("AssumeRole", query) == {
        "Tags": [{"Key": "a", "Value": ""}, {"Value": "x"}],
        "PolicyArns": [{"arn": "arn:aws"}],
        "TransitiveTagKeys": ["a", "b"],
    }


def test_numbers() -> None:
    """Numbers are decimal, and fit into 32 bits."""
    assert read("AssumeRole", "DurationSeconds=%2B0900") == {"DurationSeconds": 900}
    assert read("AssumeRole", "DurationSeconds=-2147483648") == {"DurationSeconds": -2147483648}


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("DurationSeconds=", "missing value for decimal type"),
        ("DurationSeconds=2147483648", "'2147483648' at 'DurationSeconds' is not an integer of 32 bits"),
        ("DurationSeconds=1.0", "'1.0' at 'DurationSeconds' is not an integer of 32 bits"),
        ("DurationSeconds=+1", "' 1' at 'DurationSeconds' is not an integer of 32 bits"),
        ("&".join(f"a{n}=" for n in range(20_000)), "The form has too many fields"),
    ],
)
def test_fields_that_cannot_be_read(query: str, sentence: str) -> None:
    """A field that is not what the model wants is SerializationException, which Query calls MalformedInput."""
    with pytest.raises(AWSError) as refused:
        read("AssumeRole", query)
    assert (refused.value.code, refused.value.message) == ("SerializationException", sentence)


def test_booleans() -> None:
    """A boolean is true or false, in any letter case; STS takes none, so that another service's model shows it."""
    publish = load("iam").operations["CreatePolicyVersion"]

    def version(text: str) -> Any:
        return WIRE.read(Request("POST", "/", "", f"SetAsDefault={text}".encode()), publish)

    assert version("TRUE") == {"SetAsDefault": True}
    assert version("false") == {"SetAsDefault": False}
    with pytest.raises(AWSError, match="'yes' at 'SetAsDefault' is neither true nor false"):
        version("yes")


def test_values_of_answers() -> None:
    """Timestamps are in seconds, booleans in small letters, lists in `member` elements."""
    roles = load("iam").operations["ListAccessKeys"]
    result = {
        "AccessKeyMetadata": [
            {"UserName": "a\x01", "CreateDate": 1507133412.9},
            {"UserName": None, "AccessKeyId": "x"},
        ],
        "IsTruncated": False,
    }
    root = parse(WIRE.success(roles, result, "id"))
    namespace = root.tag.partition("}")[0] + "}"
    members = root.findall(f".//{namespace}member")
    assert [{child.tag.removeprefix(namespace): child.text for child in member} for member in members] == [
        {"UserName": "a?", "CreateDate": "2017-10-04T16:10:12Z"},
        {"AccessKeyId": "x"},
    ]
    assert root.findtext(f".//{namespace}IsTruncated") == "false"


def test_an_operation_without_output() -> None:
    """An operation without an output shape answers with the request id alone."""
    root = parse(WIRE.success(load("iam").operations["DeleteUser"], None, "the-id"))
    assert [element.text for element in root.iter() if element.text] == ["the-id"]


def test_the_service_is_told_by_the_version(gateway: Gateway, world: MakeWorld) -> None:
    """The service of the signature does not matter: the API version names the service."""
    assert identity(gateway, world, authorization=signature("iam")).status == 200
