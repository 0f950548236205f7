"""Other services of AWS at another endpoint, to which requests are passed on: `--others URL`."""

from __future__ import annotations

import http.client
import json
import socket
import threading
from contextlib import closing
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError

from mockaws import Mock
from mockaws.server import Server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from tests.kinds import MakeClient

ACCOUNT = "111122223333"
PARTNER = "444455556666"
SIGNED = "AWS4-HMAC-SHA256 Credential={key}/20260101/us-west-2/{service}/aws4_request, SignedHeaders=host, Signature=0"


class Upstream:
    """An endpoint that notes what it is asked, and answers what it was told."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.status, self.headers, self.body = "200 OK", [("Content-Type", "text/plain")], [b"answer"]
        self.more = threading.Event()
        self.server = Server(self, "127.0.0.1", 0)
        self.server.start()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a request."""
        length = int(environ.get("CONTENT_LENGTH") or 0)
        headers = {name: value for name, value in environ.items() if name.startswith(("HTTP_", "CONTENT_"))}
        read = environ["wsgi.input"].read(length)
        self.asked.append(headers | {"line": f"{environ['REQUEST_METHOD']} {environ['REQUEST_URI']}", "body": read})
        start_response(self.status, self.headers)
        return self._chunks()

    def _chunks(self) -> Iterator[bytes]:
        for number, chunk in enumerate(self.body):
            if number:
                self.more.wait(10)
            yield chunk


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    """Return an endpoint that is not ours."""
    made = Upstream()
    yield made
    made.server.stop()


@pytest.fixture
def mock(upstream: Upstream) -> Iterator[Mock]:
    """Return a mock that passes other services' requests on to it."""
    with Mock(others=upstream.server.url, account=ACCOUNT) as made:
        yield made


def send(mock: Mock, method: str, target: str, body: bytes = b"", **headers: str) -> http.client.HTTPResponse:
    """Send a request, and return the answer, of which the body was read."""
    with closing(http.client.HTTPConnection(urlsplit(mock.url).netloc, timeout=20)) as connection:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, target, body or None, sent)
        answer = connection.getresponse()
        answer.body = answer.read()  # type: ignore[attr-defined]
        return answer


def test_a_request_arrives_as_it_was_sent(mock: Mock, upstream: Upstream) -> None:
    """Method, path, query, headers and body go on to the byte; what is between neighbours does not."""
    body = bytes(range(256)) * 8192
    signed = SIGNED.format(key=ACCOUNT, service="s3")
    target = "/bucket/a%2Fb%20c/%C3%BC?list-type=2&prefix=%2F"
    send(
        mock, "PUT", target, body, Authorization=signed, X_Amz_Meta_Owner="team", Keep_Alive="5", Expect="100-continue"
    )
    (asked,) = upstream.asked
    assert (asked["line"], asked["body"] == body) == (f"PUT {target}", True)
    assert (asked["HTTP_AUTHORIZATION"], asked["HTTP_X_AMZ_META_OWNER"]) == (signed, "team")
    assert asked["HTTP_HOST"] == urlsplit(mock.url).netloc  # it may be signed
    assert not {"HTTP_KEEP_ALIVE", "HTTP_EXPECT", "HTTP_CONNECTION"} & set(asked)


def test_the_answer_comes_back_as_it_is(mock: Mock, upstream: Upstream) -> None:
    """So do status, headers and body, also of errors and redirects, whatever they are."""
    upstream.status = "307 Temporary Redirect"
    upstream.headers = [("Location", "http://127.0.0.1:1/elsewhere"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")]
    upstream.body = [b"<Error><Code>TemporaryRedirect</Code></Error>"]
    answer = send(mock, "GET", "/bucket", Authorization=SIGNED.format(key=ACCOUNT, service="s3"))
    assert (answer.status, answer.reason, answer.headers["Location"]) == (
        307,
        "Temporary Redirect",
        "http://127.0.0.1:1/elsewhere",
    )
    assert answer.headers.get_all("Set-Cookie") == ["a=1", "b=2"]
    upstream.status, upstream.headers, upstream.body = "503 Slow Down", [], [b"<Error><Code>SlowDown</Code></Error>"]
    answer = send(mock, "GET", "/bucket", Authorization=SIGNED.format(key=ACCOUNT, service="s3"))
    assert (answer.status, answer.reason) == (503, "Slow Down")
    assert answer.body == upstream.body[0]  # type: ignore[attr-defined]
    assert [(event["eventName"], event.get("errorCode")) for event in mock.calls()] == [
        ("GET /bucket", None),
        ("GET /bucket", "SlowDown"),
    ]


def rude(answers: list[bytes]) -> Iterator[str]:
    """Yield the URL of an endpoint that ends the connection after each of *answers*, which are requests' in turn."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            for answer in answers:
                with listening.accept()[0] as connection:
                    connection.recv(65536)
                    connection.sendall(answer)

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


FOUND, MISSING = (b"HTTP/1.1 " + status + b"\r\nContent-Length: 4\r\n\r\n" for status in (b"200 OK", b"404 Not Found"))


def test_an_error_that_ends_too_early(client: MakeClient) -> None:
    """Half of an error is none that a client could read: it is told so, with 400."""
    for url in rude([MISSING + b"ha"]):
        with Mock(others=url) as mock, pytest.raises(ClientError, match=r"404 Not Found|ended too early") as refused:
            client("s3", mock.url).get_object(Bucket="bucket", Key="key")
        assert refused.value.response["Error"]["Code"] == "EndpointConnectionError"


def test_an_object_that_ends_too_early(capfd: pytest.CaptureFixture[str]) -> None:
    """What has begun cannot be taken back: the connection ends for the client as well, and nothing else happens."""
    for url in rude([FOUND + b"ha"]):
        with Mock(others=url) as mock, pytest.raises(http.client.IncompleteRead):
            send(mock, "GET", "/bucket/key", Authorization=SIGNED.format(key=ACCOUNT, service="s3"))
    assert "Traceback" not in capfd.readouterr().err
    for url in rude([FOUND + b"ha"]):
        with pytest.raises(ConnectionClosedError):
            Mock(others=url).client("s3", config=Config(retries={"total_max_attempts": 1})).get_object(
                Bucket="bucket", Key="key"
            )


def test_what_reads_is_sent_again() -> None:
    """Where a connection ends without an answer, as old ones do, a GET is sent again, and a PUT is not."""
    signed = SIGNED.format(key=ACCOUNT, service="s3")
    for url in rude([b"", FOUND + b"good", b""]):
        with Mock(others=url) as mock:
            assert send(mock, "GET", "/bucket/key", Authorization=signed).status == 200
            assert send(mock, "PUT", "/bucket/key", b"new", Authorization=signed).status == 400


def test_head(mock: Mock, upstream: Upstream) -> None:
    """An answer to HEAD keeps the length of what it does not bring."""
    upstream.headers, upstream.body = [("Content-Length", "1234567")], []
    answer = send(mock, "HEAD", "/bucket/key", Authorization=SIGNED.format(key=ACCOUNT, service="s3"))
    assert (answer.status, answer.headers["Content-Length"]) == (200, "1234567")


@pytest.mark.parametrize("length", [[], [("Content-Length", "200005")]])
def test_answers_stream(mock: Mock, upstream: Upstream, length: list[tuple[str, str]]) -> None:
    """What has come is passed on while the rest is still on its way."""
    upstream.headers, upstream.body = length, [b"x" * 200_000, b"later"]
    with closing(http.client.HTTPConnection(urlsplit(mock.url).netloc, timeout=5)) as connection:
        connection.request("GET", "/bucket/key", headers={"Authorization": SIGNED.format(key=ACCOUNT, service="s3")})
        answer = connection.getresponse()
        assert len(answer.read(200_000)) == 200_000
        upstream.more.set()
        assert answer.read() == b"later"


def test_what_stays_ours(mock: Mock, upstream: Upstream, client: MakeClient) -> None:
    """KMS, CloudHSM v2 and STS are not passed on."""
    client("kms", mock.url).list_keys()
    client("cloudhsmv2", mock.url).describe_clusters()
    client("sts", mock.url).get_caller_identity()
    with pytest.raises(ClientError):
        client("sts", mock.url).get_federation_token(Name="somebody")
    assert upstream.asked == []


def test_credentials_of_ours_are_translated(mock: Mock, upstream: Upstream, client: MakeClient) -> None:
    """What our STS gave out means nothing there, so that the account's number takes its place, as emulators read it.

    AssumeRole asks IAM, and goes on where what answers is no IAM.
    """
    role = client("sts", mock.url).assume_role(RoleArn=f"arn:aws:iam::{PARTNER}:role/deploy", RoleSessionName="ci")
    key, token = role["Credentials"]["AccessKeyId"], role["Credentials"]["SessionToken"]
    signed = SIGNED.format(key=key, service="sqs")
    send(
        mock, "POST", "/", b"{}", Authorization=signed, X_Amz_Security_Token=token, X_Amz_Target="AmazonSQS.ListQueues"
    )
    *_, asked = upstream.asked
    assert asked["HTTP_AUTHORIZATION"] == SIGNED.format(key=PARTNER, service="sqs")
    assert asked["HTTP_X_MOTO_ACCOUNT_ID"] == PARTNER
    assert "HTTP_X_AMZ_SECURITY_TOKEN" not in asked


def test_a_named_world(mock: Mock, upstream: Upstream) -> None:
    """The path of a world is ours, and is taken off."""
    send(mock, "GET", "/worlds/one/bucket/key?acl", Authorization=SIGNED.format(key=ACCOUNT, service="s3"))
    send(mock, "GET", "/worlds/one", Authorization=SIGNED.format(key=ACCOUNT, service="s3"))
    assert [asked["line"] for asked in upstream.asked] == ["GET /bucket/key?acl", "GET /"]


def test_a_chain(client: MakeClient) -> None:
    """Another mockaws with moto is an endpoint as any: what is made through one is there in the other."""
    with Mock(others="moto") as second, Mock(others=f"{second.url}/worlds/shared") as first:
        client("s3", first.url, region="us-east-1").create_bucket(Bucket="bucket")
        client("s3", first.url).put_object(Bucket="bucket", Key="a b+c", Body=b"hello")
        shared = client("s3", f"{second.url}/worlds/shared")
        assert shared.get_object(Bucket="bucket", Key="a b+c")["Body"].read() == b"hello"
        assert client("s3", second.url).list_buckets()["Buckets"] == []
        first.reset()
        assert [bucket["Name"] for bucket in shared.list_buckets()["Buckets"]] == ["bucket"]  # it is not first's own


@pytest.mark.parametrize("service", ["s3", "ec2", "iam", "dynamodb", "lambda"])
def test_nobody_answers(client: MakeClient, service: str) -> None:
    """Where nobody answers at the URL, callers read so in their own protocol, with 400, and are not kept waiting."""
    operation = {"s3": "list_buckets", "ec2": "describe_vpcs", "iam": "list_roles", "dynamodb": "list_tables"}
    with Mock(others="http://127.0.0.1:1") as mock, pytest.raises(ClientError) as refused:
        getattr(client(service, mock.url), operation.get(service, "list_functions"))()
    error = refused.value.response["Error"]
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert error["Code"] == "EndpointConnectionError"
    assert "http://127.0.0.1:1, which does not answer" in error["Message"]


def test_the_log_and_the_journal(mock: Mock, capfd: pytest.CaptureFixture[str]) -> None:
    """Calls that were passed on are in both, under the name of their service."""
    with Mock(others=mock.settings.others, quiet=False, log_format="json") as loud:
        send(
            loud,
            "POST",
            "/",
            b"Action=DescribeVpcs&Version=2016-11-15",
            Authorization=SIGNED.format(key=PARTNER, service="ec2"),
            Content_Type="application/x-www-form-urlencoded",
        )
        (event,) = loud.calls()
    line = json.loads(capfd.readouterr().err)
    assert (line["operation"], line["account"], line["region"], line["status"], line["error"]) == (
        "ec2:DescribeVpcs",
        PARTNER,
        "us-west-2",
        200,
        None,
    )
    assert (event["eventSource"], event["eventName"], event["recipientAccountId"]) == (
        "ec2.amazonaws.com",
        "DescribeVpcs",
        PARTNER,
    )
