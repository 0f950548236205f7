"""`mockaws serve`: an address on stdout, a log on stderr, an orderly end."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.config import Config

from mockaws import __version__
from tests.journeys.command import Serving, client_settings, run


def get(url: str, path: str, method: str = "GET") -> tuple[int, Any]:
    """Return the status and the document of a control route."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc)
    connection.request(method, path)
    response = connection.getresponse()
    body = json.loads(response.read())
    connection.close()
    return response.status, body


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ends_with_0_on_a_signal(number: int) -> None:
    """SIGINT and SIGTERM end a server normally."""
    with Serving() as server:
        assert server.first_line == f"mockaws answers on {server.url}\n"
        assert get(server.url, "/_mockaws/health")[0] == 200
        assert server.stop(number)[:2] == (0, "")


def test_a_request_under_way_is_answered_before_the_end() -> None:
    """Draining: a request whose body is still arriving when the signal comes gets its answer."""
    with Serving() as server:
        host, port = urlsplit(server.url).netloc.split(":")
        with socket.create_connection((host, int(port))) as connection:
            body = b"Action=GetCallerIdentity&Version=2011-06-15"
            credential = "Credential=111122223333/20260101/us-west-2/sts/aws4_request, SignedHeaders=host, Signature=0"
            head = (
                f"POST / HTTP/1.1\r\nHost: {host}\r\nAuthorization: AWS4-HMAC-SHA256 {credential}\r\n"
                f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
            )
            connection.sendall(head.encode() + body)
            os.kill(server.process.pid, signal.SIGTERM)
            assert connection.recv(65536).startswith(b"HTTP/1.1 200 OK")
        assert server.process.wait(30) == 0


def test_a_taken_port_is_said_in_words() -> None:
    """A second server on the same port says what is wrong and exits with 2."""
    with Serving() as server:
        port = server.url.rsplit(":", 1)[1]
        done = run("mockaws", "serve", "--port", port)
        assert done.returncode == 2
        assert f"cannot listen on 127.0.0.1:{port}" in done.stderr
        assert "a free port with --port 0" in done.stderr


def test_a_host_that_is_none_is_said_in_words() -> None:
    """An unknown host is a mistake and no traceback."""
    done = run("mockaws", "serve", "--host", "nowhere.invalid", "--port", "0")
    assert done.returncode == 2
    assert done.stderr.startswith(
        "mockaws: cannot listen on nowhere.invalid:0: there is no such host; choose another with --host "
    )


def test_health_tells_version_and_services() -> None:
    """Health routes of mockaws itself and of LocalStack's clients."""
    with Serving() as server:
        status, health = get(server.url, "/_mockaws/health")
        assert (status, health["status"], health["version"]) == (200, "running", __version__)
        assert get(server.url, "/_localstack/health")[1]["services"] == dict.fromkeys(health["services"], "running")


@pytest.mark.parametrize("path", ["/_mockaws/reset", "/moto-api/reset"])
def test_reset_brings_back_what_the_fixture_says(path: str) -> None:
    """A reset removes newer records, and keeps those of the fixture."""
    with Serving("--fixture", "developer-guide") as server:
        kms = boto3.client("kms", **client_settings(server.url))
        kms.create_key()
        kms.disconnect_custom_key_store(CustomKeyStoreId="cks-1234567890abcdef0")
        assert get(server.url, path, "POST")[0] == 200
        assert kms.list_keys()["Keys"] == []
        (store,) = kms.describe_custom_key_stores()["CustomKeyStores"]
        assert store["ConnectionState"] == "CONNECTED"


def test_control_routes_answer_mistakes_as_problem_details() -> None:
    """A wrong path or method is answered with problem details (RFC 9457)."""
    with Serving() as server:
        for path, method, status in (("/_mockaws/nothing", "GET", 404), ("/_mockaws/reset", "GET", 405)):
            answer, problem = get(server.url, path, method)
            assert (answer, problem["status"]) == (status, status)


def test_worlds_are_apart() -> None:
    """Each /worlds/<name> has its own records, with boto3 and its endpoint as it is; a reset concerns one world."""
    with Serving("--fixture", "developer-guide") as server:
        one, other, default = (
            boto3.client("kms", **client_settings(server.url + path)) for path in ("/worlds/one", "/worlds/other", "")
        )
        one.create_key()
        other.create_key()
        other.create_key()
        assert [len(kms.list_keys()["Keys"]) for kms in (one, other, default)] == [1, 2, 0]
        assert len(one.describe_custom_key_stores()["CustomKeyStores"]) == 1
        get(server.url, "/worlds/other/_mockaws/reset", "POST")
        assert [len(kms.list_keys()["Keys"]) for kms in (one, other, default)] == [1, 0, 0]


def test_worlds_speak_every_protocol() -> None:
    """The path prefix of a world is no hindrance to CBOR, whose path says the operation, nor to Query."""
    with Serving("--fixture", "developer-guide") as server:
        settings = client_settings(server.url + "/worlds/one")
        assert len(boto3.client("cloudhsmv2", **settings).describe_clusters()["Clusters"]) == 1
        assert boto3.client("sts", **settings).get_caller_identity()["Account"] == "111122223333"


def test_accounts_and_regions_are_apart() -> None:
    """An access key of 12 digits selects its account; the Region is the signature's."""
    with Serving() as server:
        here = boto3.client("kms", **client_settings(server.url))
        here.create_key()
        assert len(here.list_keys()["Keys"]) == 1
        for settings in (
            client_settings(server.url, account="444455556666"),
            client_settings(server.url, region="eu-central-1"),
        ):
            assert boto3.client("kms", **settings).list_keys()["Keys"] == []


def test_a_hundred_clients_at_once_lose_nothing() -> None:
    """Each of 100 clients adds a tag to one key; none sees an error, and each tag is there."""
    with Serving("--quiet") as server:
        clients = [
            boto3.client("kms", **client_settings(server.url), config=Config(retries={"total_max_attempts": 1}))
            for _ in range(4)
        ]
        keys = [clients[0].create_key()["KeyMetadata"]["KeyId"] for _ in range(2)]

        def tag(number: int) -> None:
            tags = [{"TagKey": f"tag-{number}", "TagValue": str(number)}]
            clients[number % 4].tag_resource(KeyId=keys[number % 2], Tags=tags)

        with ThreadPoolExecutor(50) as pool:
            list(pool.map(tag, range(100)))
        for half, key in enumerate(keys):
            found = {entry["TagKey"] for entry in clients[0].list_resource_tags(KeyId=key)["Tags"]}
            assert found == {f"tag-{number}" for number in range(100) if number % 2 == half}


def test_the_log_tells_every_request_and_no_secret() -> None:
    """The log has a line for each request, without passwords, plaintext and key material."""
    with Serving("--fixture", "ready-cluster", "--log-format", "json") as server:
        kms = boto3.client("kms", **client_settings(server.url, account="000000000000"))
        with pytest.raises(kms.exceptions.IncorrectTrustAnchorException):
            kms.create_custom_key_store(
                CustomKeyStoreName="store",
                CloudHsmClusterId="cluster-readytwozone",
                TrustAnchorCertificate="not the anchor",
                KeyStorePassword="Secret0Password",
            )
        key = kms.create_key()["KeyMetadata"]["KeyId"]
        kms.encrypt(KeyId=key, Plaintext=b"Secret0Plaintext")
        with pytest.raises(kms.exceptions.ClientError):
            kms.encrypt(KeyId=key, Plaintext=b"Secret0Plaintext" * 1000)
        _, _, log = server.stop(signal.SIGTERM)
    assert "Secret0" not in log
    assert "U2VjcmV0MF" not in log  # the same in base64
    lines = [json.loads(line) for line in log.splitlines()]
    calls = [(line["operation"], line["error"]) for line in lines if "operation" in line]
    assert calls == [
        ("kms:CreateCustomKeyStore", "IncorrectTrustAnchorException"),
        ("kms:CreateKey", None),
        ("kms:Encrypt", None),
        ("kms:Encrypt", "ValidationException"),
    ]
    assert {(line["account"], line["region"]) for line in lines if "operation" in line} == {
        ("000000000000", "us-west-2")
    }
    assert any("relaxation in force: connect: on_create" in line.get("note", "") for line in lines)


def test_quiet_is_quiet() -> None:
    """--quiet writes no log."""
    with Serving("--quiet") as server:
        boto3.client("kms", **client_settings(server.url)).create_key()
        assert server.stop(signal.SIGTERM) == (0, "", "")


def test_idle_connections_do_not_keep_a_server_from_its_end() -> None:
    """A server that ends closes connections that clients keep open."""
    with Serving() as server:
        connection = http.client.HTTPConnection(urlsplit(server.url).netloc)
        connection.request("GET", "/_mockaws/health")
        connection.getresponse().read()
        idle = connection.sock
        assert idle is not None
        assert server.stop(signal.SIGTERM)[0] == 0
        assert idle.recv(1) == b""
        connection.close()


def test_waiting_for_a_server() -> None:
    """`mockaws health --wait` asks again until a server answers, or until the time is over."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    waiting = ("mockaws", "health", "--endpoint", f"http://127.0.0.1:{port}", "--wait")
    assert run(*waiting, "0.2").returncode == 2
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(run, *waiting, "60")
        with Serving("--port", str(port)):
            assert asked.result().returncode == 0
