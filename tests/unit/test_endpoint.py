"""The WSGI application, called as other servers than ours may call it."""

from __future__ import annotations

import json
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest

from mockaws import Mock
from tests.samples import ACCOUNT
from tests.wire import signature

if TYPE_CHECKING:
    from collections.abc import Iterator

CREATE: dict[str, Any] = {
    "REQUEST_METHOD": "POST",
    "HTTP_X_AMZ_TARGET": "TrentService.CreateKey",
    "CONTENT_TYPE": "application/x-amz-json-1.1",
    "HTTP_AUTHORIZATION": signature("kms"),
}
RESET: dict[str, Any] = {"REQUEST_METHOD": "POST"}


class Answer:
    """An answer of the application."""

    def __init__(self, status: str, headers: list[tuple[str, str]], body: bytes) -> None:
        self.status = int(status[:3])
        self.headers = dict(headers)
        self.body = body


def call(mock: Mock, path: str = "/", body: bytes = b"{}", **environ: Any) -> Answer:
    """Send a request to the application."""
    given: list[tuple[str, list[tuple[str, str]]]] = []
    base = {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "localhost",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(body),
    }
    answered = b"".join(
        mock.application.endpoint(base | environ, lambda status, headers: given.append((status, headers)))
    )
    status, headers = given[-1]
    return Answer(status, headers, answered)


@pytest.fixture
def mock() -> Iterator[Mock]:
    """Return a mock, of which no server is asked for."""
    made = Mock(account=ACCOUNT)
    yield made
    made.stop()


def calls(mock: Mock) -> dict[str, int]:
    """Return how many calls there were in the default world and in pr-1."""
    return {"default": len(mock.calls()), "pr-1": len(mock.world("pr-1").calls())}


@pytest.mark.parametrize("length", ["-1", "+2", "1_0", "x", "²", "9" * 5000, "9" * 19])
@pytest.mark.parametrize("others", [None, "moto", "http://127.0.0.1:1"])
def test_a_length_that_is_none(length: str, others: str | None) -> None:
    """It is refused for all services before anything is read. Control routes ignore it, or refuse it as too large."""
    mock = Mock(others=others, account=ACCOUNT)
    for service in ("kms", "s3"):
        answer = call(mock, **CREATE | {"HTTP_AUTHORIZATION": signature(service)}, CONTENT_LENGTH=length)
        assert answer.status in {400, 413}
        assert "Content-Length" in json.loads(answer.body)["message"]
    assert call(mock, "/_mockaws/reset", **RESET, CONTENT_LENGTH=length).status in {200, 400, 413}
    assert mock.calls() == []


def test_a_body_in_chunks(mock: Mock) -> None:
    """A server that hands them on has no length for them, and ends them itself."""
    chunked: dict[str, Any] = {"CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}
    answer = call(mock, body=b'{"Description": "chunked"}', **CREATE, **chunked)
    assert json.loads(answer.body)["KeyMetadata"]["Description"] == "chunked"
    assert call(mock, body=b" " * 2_000_000, **CREATE, **chunked).status == 413


@pytest.mark.parametrize(
    "path", ["/", "/bucket/key", "/worlds/-/x", "/_mockaws/health", "/_mockaws/nothing", "/worlds"]
)
@pytest.mark.parametrize("others", [None, "moto", "http://127.0.0.1:1"])
def test_head_has_no_body(path: str, others: str | None) -> None:
    """This holds for services of ours, for others and for control routes."""
    mock = Mock(others=others, account=ACCOUNT)
    for authorization in (signature("s3"), signature("kms"), ""):
        head = call(mock, path, b"", REQUEST_METHOD="HEAD", HTTP_AUTHORIZATION=authorization)
        assert head.body == b""
        assert head.status == call(mock, path, b"", HTTP_AUTHORIZATION=authorization).status


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/worlds/pr-1/_mockaws//reset", 404),
        ("/worlds/pr-1/_mockaws/reset/", 404),
        ("/worlds/pr-1/_mockaws/reset//", 404),
        ("/worlds/pr-1//_mockaws/reset", 404),
        ("/worlds/pr-1/moto-api//reset", 404),
        ("//_mockaws/reset", 404),
        ("///_mockaws/reset", 404),
        ("/_mockaws//reset", 404),
        ("//worlds/pr-1/_mockaws/reset", 400),
        ("/worlds//pr-1/_mockaws/reset", 400),
        ("/worlds//_mockaws/reset", 400),
        ("/worlds/_mockaws/reset", 400),
        ("/worlds/%2e%2e/_mockaws/reset", 400),
        ("/worlds/../_mockaws/reset", 400),
        ("/worlds/pr-1/../_mockaws/reset", 400),
        ("/worlds/pr-1%2F_mockaws%2Freset", 400),
        ("/worlds/a%2Fpr-1/_mockaws/reset", 400),
        ("/worlds%2Fpr-1/_mockaws/reset", 400),
    ],
)
@pytest.mark.parametrize("others", [None, "moto"])
def test_a_path_that_is_nearly_a_route(path: str, status: int, others: str | None) -> None:
    """It resets nothing, in no world, and leads no client to a route that does."""
    mock = Mock(others=others, account=ACCOUNT)
    for prefix in ("/", "/worlds/pr-1/"):
        call(mock, prefix, **CREATE)
    decoded = path.replace("%2F", "/").replace("%2e", ".")
    for seen in (decoded, "/" + decoded.lstrip("/")):
        answer = call(mock, seen, REQUEST_URI=path, **RESET, HTTP_AUTHORIZATION=signature("s3"))
        assert (answer.status, answer.headers.get("Location")) == (status, None)
    assert len(mock.client("kms").list_keys()["Keys"]) == 1
    assert len(mock.world("pr-1").client("kms").list_keys()["Keys"]) == 1


@pytest.mark.parametrize(
    "path", ["/worlds/pr-1", "/worlds/pr-1/", "/worlds/pr%2D1/", "/%77orlds/pr-1/x", "/worlds/pr-1/?a=/b/c"]
)
def test_the_world_of_a_request(mock: Mock, path: str) -> None:
    """It is the one that the path names, however the path is written."""
    decoded = path.partition("?")[0].replace("%2D", "-").replace("%77", "w")
    for named in ({"REQUEST_URI": path}, {"RAW_URI": path}, {}):
        assert call(mock, decoded, **CREATE | named).status == 200
    assert calls(mock) == {"default": 0, "pr-1": 3}


@pytest.mark.parametrize("path", ["/worlds", "/worlds/", "/worlds//", "/worlds?a"])
def test_worlds_without_a_name(mock: Mock, path: str) -> None:
    """A client whose endpoint lost its world's name does not act in the default one."""
    answer = call(mock, path.partition("?")[0], REQUEST_URI=path, **CREATE)
    assert (answer.status, calls(mock)) == (400, {"default": 0, "pr-1": 0})


@pytest.mark.parametrize(
    "target", ["*", "http://localhost/", "http://localhost/_mockaws/reset", "@localhost/", "/ ", "/#"]
)
def test_a_target_that_is_no_path(mock: Mock, target: str) -> None:
    """It is refused for all services, and for control routes."""
    call(mock, **CREATE)
    for path in ("/", "/_mockaws/reset", target):
        answer = call(mock, path, REQUEST_URI=target, **CREATE)
        assert (answer.status, json.loads(answer.body)["__type"]) == (400, "InvalidURI")
    assert calls(mock)["default"] == 1


def test_a_server_that_mounts_the_application(mock: Mock) -> None:
    """Control routes answer below its path, and name the worlds that are there."""
    mounted: dict[str, Any] = {"SCRIPT_NAME": "/aws", "REQUEST_URI": "/aws/worlds/pr-1/_mockaws/worlds"}
    mock.world("pr-1")
    answer = call(mock, "/worlds/pr-1/_mockaws/worlds", **mounted)
    assert [world["endpoint"] for world in json.loads(answer.body)["worlds"]] == ["http://localhost/aws/worlds/pr-1"]
    assert call(mock, "/worlds/pr-1", SCRIPT_NAME="/aws", REQUEST_URI="/aws/worlds/pr-1", **CREATE).status == 200
    assert calls(mock) == {"default": 0, "pr-1": 1}
