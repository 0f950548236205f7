"""The caller, from the signature's credential scope, and the errors for a signature that cannot be read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from mockaws.gateway import credentials
from mockaws.gateway.credentials import Scope
from mockaws.gateway.http import Request
from mockaws.model.errors import AWSError
from mockaws.records.sts import GLOBAL, Session
from tests.samples import ACCOUNT, NOW
from tests.wire import json_request, signature

if TYPE_CHECKING:
    from mockaws.gateway.journey import Gateway
    from tests.kinds import MakeWorld

PRESIGNED = (
    "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIA%2F20171004%2Feu-west-1%2Fkms%2Faws4_request"
    "&X-Amz-Date=20171004T161012Z&X-Amz-SignedHeaders=host&X-Amz-Signature=00"
)


def scope(authorization: str = "", query: str = "") -> Scope | None:
    """Return the scope of a request."""
    return credentials.scope(Request("POST", "/", query, b"", authorization=authorization))


def refusal(authorization: str = "", query: str = "") -> tuple[str, str]:
    """Return code and sentence of the error for a request."""
    with pytest.raises(AWSError) as refused:
        scope(authorization, query)
    return refused.value.code, refused.value.message


@pytest.mark.parametrize(
    "authorization",
    [
        "AWS4-HMAC-SHA256 Credential=AKIA/20171004/eu-west-1/kms/aws4_request, SignedHeaders=host, Signature=00",
        "AWS4-HMAC-SHA256 Credential=AKIA/20171004/eu-west-1/kms/aws4_request,SignedHeaders=host,Signature=00",
        "AWS4-HMAC-SHA256 SignedHeaders=host, Signature=00, Credential=AKIA/20171004/eu-west-1/kms/aws4_request",
    ],
)
def test_a_signed_header(authorization: str) -> None:
    """The scope stands in the header's Credential, wherever that stands."""
    assert scope(authorization) == Scope("AKIA", "eu-west-1", "kms")


def test_a_signed_query_string() -> None:
    """The scope of a presigned URL stands in its query string."""
    assert scope(query=PRESIGNED) == Scope("AKIA", "eu-west-1", "kms")
    assert scope(query=f"Action=GetCallerIdentity&{PRESIGNED}&x=%zz") == Scope("AKIA", "eu-west-1", "kms")


@pytest.mark.parametrize(
    "query", ["", "X-Amz-Credential=a", "x=X-Amz-Algorithm", "X-Amz-AlgorithmX=1", "x-amz-algorithm=1"]
)
def test_no_signature(query: str) -> None:
    """A request without Authorization and without X-Amz-Algorithm is not signed, whatever else it has."""
    assert scope(query=query) is None


@pytest.mark.parametrize(
    ("query", "missing"),
    [
        (
            "X-Amz-Algorithm",
            ["X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature", "X-Amz-SignedHeaders", "X-Amz-Date"],
        ),
        (PRESIGNED.replace("Credential", "Kredential"), ["X-Amz-Credential"]),
        (PRESIGNED.replace("Signature=00", "Signature="), ["X-Amz-Signature"]),
    ],
)
def test_a_presigned_url_that_lacks_something(query: str, missing: list[str]) -> None:
    """The missing parts of a presigned URL are named, with AWS's recorded sentences."""
    sentences = " ".join(f"AWS query-string parameters must include '{name}'." for name in missing)
    assert refusal(query=query) == (
        "IncompleteSignatureException",
        f"{sentences} Re-examine the query-string parameters.",
    )


def test_signed_twice() -> None:
    """A request is signed in one place."""
    assert refusal(signature("kms"), PRESIGNED) == (
        "InvalidSignatureException",
        "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.",
    )


@pytest.mark.parametrize(
    ("authorization", "sentence"),
    [
        ("Bearer x", "Unsupported AWS 'algorithm': 'Bearer'. Authorization=Bearer x"),
        ("AWS AKIA:c2ln", "Unsupported AWS 'algorithm': 'AWS'. Authorization=AWS AKIA:c2ln"),
        (
            "AWS4-HMAC-SHA256 Signature=secret",
            (
                "Authorization header requires 'Credential' parameter. "
                "Authorization header requires 'SignedHeaders' parameter. Authorization=AWS4-HMAC-SHA256"
            ),
        ),
        (
            "AWS4-HMAC-SHA256 Credential=garbled, SignedHeaders=host, Signature=secret",
            (
                "Credential must have the form '<access key>/<date>/<Region>/<service>/aws4_request', got 'garbled'. "
                "Authorization=AWS4-HMAC-SHA256 Credential=garbled, SignedHeaders=host,"
            ),
        ),
    ],
)
def test_headers_that_cannot_be_read(authorization: str, sentence: str) -> None:
    """A malformed signature is IncompleteSignatureException; the signature itself is not repeated."""
    assert refusal(authorization) == ("IncompleteSignatureException", sentence)


@pytest.mark.parametrize(
    "credential",
    [
        "",
        "/",
        "////",
        "AKIA/20171004/us-west-2/kms/aws3_request",
        "AKIA/20171004/us west 2/kms/aws4_request",
        "AKIA/20171004/../kms/aws4_request",
        "AKIA/20171004//kms/aws4_request",
        "AKIA/20171004/us-west-2/kms/aws4_request/more",
        "AKIA/20171004/us-west-2\n/kms/aws4_request",
    ],
)
def test_scopes_that_cannot_be_read(credential: str) -> None:
    """A scope has five parts, the third of which is a Region."""
    header = f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, Signature=00"
    assert refusal(header)[0] == "IncompleteSignatureException"


@pytest.mark.parametrize(
    "region", ["us-west-2", "us-gov-east-1", "us-isob-east-1", "eusc-de-east-1", "mx-central-1", "aws-global"]
)
def test_regions(region: str) -> None:
    """Regions of all partitions can be called."""
    found = scope(signature("kms", region=region))
    assert found is not None
    assert found.region == region


def test_a_slash_in_a_key() -> None:
    """An access key id may hold slashes: the parts are counted from the end."""
    assert scope(signature("kms", access_key_id="a/b")) == Scope("a/b", "us-west-2", "kms")


@pytest.mark.parametrize(
    ("authorization", "query", "service"),
    [
        (signature("s3"), "", "s3"),
        ("", "X-Amz-Credential=AKIA%2F20171004%2Feu-west-1%2Fs3%2Faws4_request", "s3"),
        ("", "X-Amz-Credential=AKIA/20171004/eu-west-1/ec2/aws4_request", "ec2"),
        ("Bearer x", "", ""),
        ("", "", ""),
    ],
)
def test_the_service_of_a_signature(authorization: str, query: str, service: str) -> None:
    """The service that a request is signed for can be told even where the rest cannot."""
    assert credentials.service(Request("GET", "/", query, b"", authorization=authorization)) == service


def test_anyone(world: MakeWorld) -> None:
    """The caller of an operation that needs no signature is in the world's own account and Region."""
    caller = credentials.unsigned_caller(world(region="eu-west-1"))
    assert (caller.account, caller.region, caller.access_key_id) == (ACCOUNT, "eu-west-1", "")


def test_a_session(world: MakeWorld) -> None:
    """Temporary credentials of this world speak for their role, in every Region, until they expire."""
    here = world()
    key = here.ids.access_key("444455556666")
    session = Session(
        account="444455556666", region=GLOBAL, id=key, arn="arn:of:role", user_id="AROA:x", expires_at=NOW + 1
    )
    here.store.run(lambda tx: tx.put(session))
    for region in ("us-west-2", "eu-west-1"):
        caller = credentials.signed_caller(Scope(key, region, "kms"), here)
        assert caller == (key, "444455556666", region, "arn:of:role", "AROA:x")
    here.clock.advance(1)
    with pytest.raises(
        AWSError, match=r"^ExpiredTokenException: The security token included in the request is expired$"
    ):
        credentials.signed_caller(Scope(key, "us-west-2", "kms"), here)


@pytest.mark.parametrize(
    ("changes", "code", "sentence"),
    [
        ({"authorization": ""}, "MissingAuthenticationTokenException", "Missing Authentication Token"),
        ({"authorization": "nonsense"}, "IncompleteSignatureException", "Unsupported AWS 'algorithm'"),
        ({"query": "X-Amz-Algorithm=x"}, "InvalidSignatureException", "Found both"),
    ],
)
def test_answers(gateway: Gateway, world: MakeWorld, changes: dict[str, Any], code: str, sentence: str) -> None:
    """In JSON these errors are HTTP 400."""
    answer = gateway.answer(world(), json_request("kms", "ListKeys", b"{}", **changes))
    document = json.loads(answer.body)
    assert (answer.status, document["__type"], answer.error) == (400, code, code)
    assert document["message"].startswith(sentence)
    assert (answer.operation, answer.account, answer.region) == ("kms:ListKeys", "-", "-")


@pytest.mark.parametrize("name", ["service", "region"])
def test_names_that_are_too_long(name: str) -> None:
    """No service and no Region has a name of more than 64 characters; such a scope cannot be read."""
    names = {"service": "k" * 64, "region": f"us-{'w' * 59}-2"}
    longer = names | {name: names[name].replace(names[name][4], names[name][4] * 2, 1)}
    assert scope(signature(names["service"], region=names["region"])) is not None
    assert refusal(signature(longer["service"], region=longer["region"]))[0] == "IncompleteSignatureException"


@pytest.mark.parametrize(("length", "refused"), [(128, False), (129, True), (100_000, True)])
def test_the_longest_access_key_id(world: MakeWorld, length: int, refused: bool) -> None:
    """An access key id has at most 128 characters; a longer one is the id of no key."""
    found = scope(signature("kms", access_key_id="A" * length))
    if not refused:
        assert credentials.signed_caller(found, world()).access_key_id == "A" * length
        return
    with pytest.raises(AWSError) as error:
        credentials.signed_caller(found, world())
    assert error.value.code == "UnrecognizedClientException"


def test_long_scopes_are_not_remembered() -> None:
    """Credentials of callers are remembered up to a length, so that they take little memory."""
    before = credentials._parse_scope.cache_info().currsize  # noqa: SLF001 - what is remembered is what this is about
    for number in range(20):
        scope(signature("kms", access_key_id=f"{number}{'A' * 10_000}"))
    assert credentials._parse_scope.cache_info().currsize == before  # noqa: SLF001
