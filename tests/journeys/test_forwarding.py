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
from tests.raw import ODD_KEYS, Listener, connected, exchange, request, status

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
    """An answer that has begun cannot be taken back: the client's connection ends as well, and nothing else happens."""
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
    """If an old connection ends without an answer, a GET is sent again, and a PUT is not."""
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
    """The first part of an answer is passed on while the rest is still on its way."""
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
    """Credentials of our STS mean nothing there, so the account's number replaces them, as emulators read it.

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
    """If no server answers at the URL, callers get an error in their own protocol, with 400, at once."""
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


@pytest.fixture
def listener() -> Iterator[Listener]:
    """Return an endpoint that keeps the bytes of what it is asked."""
    with Listener() as made:
        yield made


@pytest.fixture
def proxy(listener: Listener) -> Iterator[str]:
    """Return the URL of a mock that passes other services' requests on to the listener."""
    with Mock(others=listener.url, account=ACCOUNT) as made:
        yield made.url


@pytest.mark.parametrize(
    "form", ["@{}/x", ":80@{}/x", "a:@{}/x", "%40{}/x", "http://{}/x", "{}/x", "*", "x", ".{}", "?@{}/"]
)
def test_a_target_that_is_no_path_goes_nowhere(proxy: str, listener: Listener, form: str) -> None:
    """Neither to the endpoint, nor to where a URL leads that it would be a part of."""
    with Listener() as elsewhere:
        answer = exchange(proxy, request(b"GET", form.format(elsewhere.address).encode()))
        assert (status(answer), listener.got, elsewhere.got) == (400, [], [])
        assert b"The request target must be" in answer


@pytest.mark.parametrize("target", ["//{}/x", "/\\{}/x", "/@{}/x", "/%2f{}/x", "/http://{}/x", "/?@{}/", "/b/k?//{}"])
@pytest.mark.parametrize(
    "header", [b"Host: {}", b"X-Forwarded-Host: {}", b"X-Forwarded-For: {}", b"Forwarded: host={}"]
)
def test_no_request_says_where_it_goes(proxy: str, listener: Listener, target: str, header: bytes) -> None:
    """The URL in the settings does, whatever path and headers say."""
    with Listener() as elsewhere:
        named = header.replace(b"{}", elsewhere.address.encode())
        sent = target.format(elsewhere.address).encode()
        assert status(exchange(proxy, request(b"GET", sent, named))) == 200
        assert (listener.lines(), elsewhere.got) == ([b"GET " + sent + b" HTTP/1.1"], [])


def test_no_request_reaches_control_routes() -> None:
    """Another mockaws, whose control routes answer to this machine, is asked for none of them."""
    with Mock(others="moto", account=ACCOUNT) as second:
        for path in ("", "/worlds/shared"):
            with Mock(others=second.url + path, account=ACCOUNT) as first:
                for target in (
                    b"/../../_mockaws/state",
                    b"/x/../_mockaws/state",
                    b"/%2e%2e/_mockaws/state",
                    b"//_mockaws/state",
                    b"/worlds/x//_mockaws/state",
                    b"/worlds/x/../../_mockaws/state",
                    b"/worlds/x/worlds/y/_mockaws/state",
                    b"/worlds/a%2fb/_mockaws/state",
                    b"//moto-api/reset",
                    b"/x/..%2f_localstack/health",
                    b"/_aws/sqs/messages",
                ):
                    answer = exchange(first.url, request(b"GET", target))
                    assert status(answer) in {400, 404}, target
        assert second.calls() == []
        assert second.world("shared").calls() == []


@pytest.mark.parametrize(
    "target",
    [
        "/b/a/../k",
        "/b/./k/.",
        "/b//k",
        "//b/k",
        "/b/%7e~%7E",
        "/b/[k]",
        "/b/%2F%2f%c3%BC",
        "/b/a+b;c=d,e:@!$&'()*",
        '/b/|^`"<>{}\\',
        "/b/%zz%",
        "/b?",
        "/b?a=/../[x]|%7e&&=?",
        "/b/../k",
        "/b/a/../_mockaws/k",
    ],
)
@pytest.mark.parametrize("world", ["", "/worlds/pr-1", "/worlds/pr%2D1"])
def test_a_target_arrives_to_the_byte(proxy: str, listener: Listener, target: str, world: str) -> None:
    """Keys of S3 may hold what a URL's normal form would lose."""
    assert status(exchange(proxy, request(b"PUT", (world + target).encode(), b"Content-Length: 0"))) == 200
    assert listener.lines() == [f"PUT {target} HTTP/1.1".encode()]


def test_the_endpoints_own_path_goes_before() -> None:
    """It is in the URL of the settings, and no request leaves it."""
    with Listener() as listener, Mock(others=f"{listener.url}/base/") as mock:
        exchange(mock.url, request(b"GET", b"/b/a/../k"))
        assert status(exchange(mock.url, request(b"GET", b"/b/../../k"))) == 400
        assert listener.lines() == [b"GET /base/b/a/../k HTTP/1.1"]


@pytest.mark.parametrize("target", [b"/b/k#fragment", b"/b/a\tb", b"/b/\x01", b"/b/\x7f", b"/b/\xff"])
def test_a_target_that_http_does_not_have(proxy: str, listener: Listener, target: bytes) -> None:
    """It is refused, and not repaired."""
    assert status(exchange(proxy, request(b"GET", target))) == 400
    assert listener.got == []


def test_headers_arrive_as_they_came(proxy: str, listener: Listener) -> None:
    """Their values do, and none is added but the account; the names are WSGI's, which knows no letter case."""
    exchange(proxy, request(b"GET", b"/b/k", b"X-A: \xe9\xff  a,b", b"X-Twice: 1", b"X-Twice: 2", b"x-amz-meta-a: B"))
    headers = listener.headers()
    assert headers.pop(b"authorization").startswith(b"AWS4-HMAC-SHA256 Credential=111122223333/")
    assert headers == {
        b"host": b"localhost",
        b"x-a": b"\xe9\xff  a,b",
        b"x-twice": b"1, 2",
        b"x-amz-meta-a": b"B",
        b"x-moto-account-id": ACCOUNT.encode(),
    }


def test_headers_of_one_connection_stay_there(proxy: str, listener: Listener) -> None:
    """So do those that Connection names, which cannot take away what others need."""
    hop = [b"Connection: close, X-Hop,x-other , Host, Content-Length, X-Moto-Account-Id", b"X-Hop: 1", b"X-Other: 1"]
    more = [b"Keep-Alive: 5", b"TE: trailers", b"Trailer: X", b"Upgrade: h2c", b"Proxy-Authorization: x", b"X-Stays: 1"]
    with connected(proxy) as connection:
        connection.sendall(request(b"PUT", b"/b/k", *hop, *more, b"Content-Length: 4", body=b"body"))
        assert status(connection.recv(65536)) == 200
    assert set(listener.headers()) == {
        b"host",
        b"authorization",
        b"content-length",
        b"x-stays",
        b"x-moto-account-id",
    }
    assert listener.got[0].endswith(b"\r\n\r\nbody")


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ([b"Content-Length: 4"], b"body"),
        ([b"Content-Length: 0004"], b"body"),
        ([b"Transfer-Encoding: chunked"], b"3\r\nbod\r\n1;x=y\r\ny\r\n0\r\nX-Trailer: 1\r\n\r\n"),
    ],
)
def test_a_body_is_framed_once(proxy: str, listener: Listener, headers: list[bytes], body: bytes) -> None:
    """By its length, however it came, so that the endpoint can read it in no other way."""
    assert status(exchange(proxy, request(b"PUT", b"/b/k", *headers, body=body))) == 200
    found = listener.headers()
    assert (found[b"content-length"], found.get(b"transfer-encoding")) == (b"4", None)
    assert listener.got[0].endswith(b"\r\n\r\nbody")


def test_a_body_that_is_framed_twice_goes_nowhere(proxy: str, listener: Listener) -> None:
    """The endpoint could read it in the other way."""
    headers = [b"Transfer-Encoding: chunked", b"Content-Length: 99"]
    assert status(exchange(proxy, request(b"PUT", b"/b/k", *headers, body=b"4\r\nbody\r\n0\r\n\r\n"))) == 400
    assert listener.got == []


def test_chunks_of_aws_are_a_body(proxy: str, listener: Listener) -> None:
    """S3's own chunks are signed, and go on as they are."""
    body = b"5;chunk-signature=0\r\nhello\r\n0;chunk-signature=0\r\nx-amz-checksum-crc32:AAAA\r\n\r\n"
    headers = [
        b"Content-Encoding: aws-chunked",
        b"X-Amz-Trailer: x-amz-checksum-crc32",
        b"Content-Length: %d" % len(body),
    ]
    exchange(proxy, request(b"PUT", b"/b/k", *headers, body=body))
    assert listener.got[0].endswith(b"\r\n\r\n" + body)
    assert listener.headers()[b"content-encoding"] == b"aws-chunked"


def test_no_tunnel(proxy: str, listener: Listener) -> None:
    """CONNECT would make one of the connection to the endpoint."""
    assert status(exchange(proxy, request(b"CONNECT", b"/b"))) == 405
    assert listener.got == []


OK = b"HTTP/1.1 200 OK\r\n"
LENGTH = b"Content-Length: 4\r\n"


@pytest.mark.parametrize(
    "answer",
    [
        b"SSH-2.0-OpenSSH\r\n\r\n",
        b"HTTP/1.1\r\n\r\n",
        b"HTTP/1.1 99 Low\r\n\r\n",
        b"HTTP/1.1 1000 High\r\n\r\n",
        b"HTTP/2.0 200 OK\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
        b"HTTP/1.1 103 Early Hints\r\n\r\n" * 40,
        OK + LENGTH + b"X-Nul: a\0b\r\n\r\ngood",
        OK + LENGTH + b"X-Cr: a\rb\r\n\r\ngood",
        OK + LENGTH + b"No colon\r\n\r\ngood",
        OK + LENGTH + b"Two words: x\r\n\r\ngood",
        OK + LENGTH + b"X(Y): x\r\n\r\ngood",
        OK + LENGTH + b": x\r\n\r\ngood",
        OK + LENGTH + b"X: " + b"x" * 70_000 + b"\r\n\r\ngood",
        OK + b"X: x\r\n" * 150 + LENGTH + b"\r\ngood",
        OK + LENGTH + b"Content-Length: 5\r\n\r\ngood!",
        *(OK + b"Content-Length: " + text + b"\r\n\r\ngood" for text in (b"x", b"", b"-4", b"+4", b"4_0", b"9" * 5000)),
        OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n4\r\ngood\r\n0\r\n\r\n",
        OK + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n4\r\ngood\r\n0\r\n\r\n",
        b"HTTP/1.1 404 No\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        b"HTTP/1.1 404 No\r\nContent-Length: 999\r\n\r\nhalf",
    ],
)
def test_an_answer_that_is_none(
    proxy: str, listener: Listener, answer: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    """The caller gets a sentence about it, with 400, and the next request is answered well."""
    listener.answers, listener.ends = [answer], True
    for method in (b"PUT", b"GET"):
        got = exchange(proxy, request(method, b"/b/k"))
        assert (
            status(got),
            b"EndpointConnectionError" in got,
            b"http://" + listener.address.encode() in got or b"ended too early" in got,
        ) == (
            400,
            True,
            True,
        )
    listener.answers = [OK + LENGTH + b"\r\ngood"]
    assert exchange(proxy, request(b"PUT", b"/b/k")).endswith(b"\r\n\r\ngood")
    assert "Traceback" not in capfd.readouterr().err


@pytest.mark.parametrize(
    ("answer", "line", "more"),
    [
        (b"HTTP/1.1 200\r\n" + LENGTH + b"\r\ngood", b"200 Unknown", b"\r\n\r\ngood"),
        (b"HTTP/1.1 999 High\r\n" + LENGTH + b"\r\ngood", b"999 High", b"\r\n\r\ngood"),
        (b"HTTP/1.1 200 a\rb\r\n" + LENGTH + b"\r\ngood", b"200 a?b", b"\r\n\r\ngood"),
        (b"HTTP/1.1 100 Go\r\n\r\nHTTP/1.1 103 Hints\r\n\r\n" + OK + LENGTH + b"\r\ngood", b"200 OK", b"\r\n\r\ngood"),
        (OK + LENGTH + b"X-A: a\r\n \tb\r\n\r\ngood", b"200 OK", b"X-A: a b\r\n"),
        (OK + LENGTH + b"X-A: \xe2\x82\xac\xff\r\n\r\ngood", b"200 OK", b"X-A: \xe2\x82\xac\xff\r\n"),
        (OK + LENGTH + LENGTH + b"\r\ngood", b"200 OK", b"\r\n\r\ngood"),
        (
            OK + LENGTH + b"Transfer-Encoding: chunked\r\n\r\n2\r\ngo\r\n0\r\n\r\n",
            b"200 OK",
            b"\r\n2\r\ngo\r\n0\r\n\r\n",
        ),
        (b"HTTP/1.1 304 Same\r\nETag: x\r\n" + LENGTH + b"\r\n", b"304 Same", b"Etag: x\r\n"),
        (b"HTTP/1.1 304 Same\r\nTransfer-Encoding: chunked\r\n\r\n", b"304 Same", b"\r\n\r\n"),
        (b"HTTP/1.1 204 None\r\n" + LENGTH + b"\r\n", b"204 None", b"\r\n\r\n"),
        (
            b"HTTP/1.1 302 Go\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
            b"302 Go",
            b"Location: http://127.0.0.1:1/",
        ),
        (b"HTTP/1.1 503 Slow\r\nRetry-After: 3600\r\n" + LENGTH + b"\r\ngood", b"503 Slow", b"Retry-After: 3600\r\n"),
    ],
)
def test_an_odd_answer_comes_back(
    proxy: str, listener: Listener, answer: bytes, line: bytes, more: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    """It is asked for once, has a head of its own, and nothing of it is left for the next one."""
    listener.answers = [answer]
    got = exchange(proxy, request(b"GET", b"/b/k"))
    assert got.startswith(b"HTTP/1.1 " + line + b"\r\n")
    assert more in got
    assert len(listener.got) == 1
    listener.answers = [OK + LENGTH + b"\r\nnext"]
    assert exchange(proxy, request(b"PUT", b"/b/k")).endswith(b"\r\n\r\nnext")
    assert capfd.readouterr().err.count("Traceback") == 0


def test_headers_of_the_endpoints_connection_stay_there(proxy: str, listener: Listener) -> None:
    """WSGI has none of them, and those that the answer's Connection names are no business of the caller."""
    listener.answers = [
        OK + LENGTH + b"Connection: close, X-Hop\r\nX-Hop: 1\r\nKeep-Alive: 5\r\nUpgrade: x\r\n\r\ngood"
    ]
    answer = exchange(proxy, request(b"GET", b"/b/k")).lower()
    assert answer.endswith(b"\r\n\r\ngood")
    assert not any(name in answer for name in (b"x-hop", b"keep-alive", b"upgrade"))


def test_a_body_is_sent_once(proxy: str, listener: Listener) -> None:
    """A GET is sent again where a connection ends without an answer, but not what of its body is gone."""
    listener.answers, listener.ends = [b""], True
    assert status(exchange(proxy, request(b"GET", b"/b/k", b"Content-Length: 4", body=b"body"))) == 400
    assert len(listener.got) == 1
    assert status(exchange(proxy, request(b"GET", b"/b/k"))) == 400
    assert len(listener.got) == 3


@pytest.mark.parametrize("line", [b"200 OK", b"404 Not Found"])
def test_an_answer_to_head_has_no_body(proxy: str, listener: Listener, line: bytes) -> None:
    """It has the length of what it would bring, and the endpoint's connection is used again."""
    listener.answers = [b"HTTP/1.1 " + line + b"\r\nContent-Length: 1234\r\n\r\n"]
    for _ in range(2):
        answer = exchange(proxy, request(b"HEAD", b"/b/k"))
        assert answer.startswith(b"HTTP/1.1 " + line)
        assert b"Content-Length: 1234\r\n" in answer
        assert answer.endswith(b"\r\n\r\n")


def test_a_refused_head_has_no_body(proxy: str) -> None:
    """Neither that of a way to a control route, nor that of a target that is no path."""
    for target in (b"/x/../_mockaws/state", b"*"):
        answer = exchange(proxy, request(b"HEAD", target))
        assert (status(answer), answer.endswith(b"\r\n\r\n")) == (400, True)


def test_an_error_without_an_end() -> None:
    """An error is read as a whole, and so has a size at which that ends."""
    with Listener() as listener, Mock(others=listener.url) as mock:
        listener.answers = [b"HTTP/1.1 500 No\r\n\r\n" + b"x" * 17_000_000]
        answer = exchange(mock.url, request(b"GET", b"/b/k"))
        assert (status(answer), b"is larger than" in answer) == (400, True)


def test_a_password_in_the_url_is_not_shown() -> None:
    """Callers read where nothing answers, and not how one logs in there."""
    with Mock(others="http://user:secret@127.0.0.1:1") as mock:
        answer = exchange(mock.url, request(b"GET", b"/b/k"))
        assert b"http://127.0.0.1:1, which does not answer" in answer
        assert b"secret" not in answer


KEYS = [*ODD_KEYS, "/", "_mockaws/k"]


def test_odd_keys_of_s3(client: MakeClient) -> None:
    """They are the same on both sides of a chain."""
    with Mock(others="moto") as second, Mock(others=second.url) as first:
        here, there = (client("s3", mock.url, region="us-east-1") for mock in (first, second))
        here.create_bucket(Bucket="bucket")
        for key in KEYS:
            here.put_object(Bucket="bucket", Key=key, Body=key.encode())
        for s3 in (here, there):
            assert {entry["Key"] for entry in s3.list_objects_v2(Bucket="bucket")["Contents"]} == set(KEYS)
            for key in KEYS:
                assert s3.get_object(Bucket="bucket", Key=key)["Body"].read() == key.encode()
