"""The target and the length of a request, from PEP 3333's environ."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from urllib.parse import unquote

import pytest

from mockaws.model.errors import AWSError
from mockaws.other_services import targets


@pytest.mark.parametrize(
    "sent",
    [
        "/",
        "/?",
        "/b/a/../k?x=/y//z",
        "/b/%7e/[k]",
        "/b/a%2Fb%2f",
        "//b/k",
        "/\\b/k",
        "/b/%zz",
        "/b/|^`'\"<>;+",
        "/?a?b",
    ],
)
def test_the_target_is_what_was_sent(sent: str) -> None:
    """It is in REQUEST_URI or RAW_URI, as the server has it; waitress drops slashes in front of PATH_INFO."""
    path, _, query = sent.partition("?")
    decoded = unquote(path, "latin-1")
    for variable in ("REQUEST_URI", "RAW_URI"):
        for seen in (decoded, "/" + decoded.lstrip("/")):
            environ: dict[str, Any] = {"PATH_INFO": seen, "QUERY_STRING": query, variable: sent}
            assert targets.target_of(environ) == sent
            mounted = environ | {"SCRIPT_NAME": "/aws", variable: "/aws" + sent}
            assert targets.target_of(mounted) == sent


@pytest.mark.parametrize(
    ("environ", "target"),
    [
        ({"PATH_INFO": "/b/a b"}, "/b/a%20b"),
        ({"PATH_INFO": "/b/\xc3\xbc", "QUERY_STRING": "a=%2F"}, "/b/%C3%BC?a=%2F"),
        ({"PATH_INFO": "", "QUERY_STRING": ""}, "/"),
        ({"PATH_INFO": "/changed", "REQUEST_URI": "/as/it/came"}, "/changed"),
        ({"PATH_INFO": "/x", "REQUEST_URI": "/aw%73/x", "SCRIPT_NAME": "/aws"}, "/x"),
        ({"PATH_INFO": "", "REQUEST_URI": "/aws?a", "SCRIPT_NAME": "/aws"}, "/?a"),
    ],
)
def test_a_target_is_built_where_the_server_keeps_none(environ: dict[str, Any], target: str) -> None:
    """So it is where a middleware has changed the path meanwhile."""
    assert targets.target_of(environ) == target


@pytest.mark.parametrize(
    "sent",
    [
        "*",
        "b/k",
        "@h:1/x",
        ":80@h/x",
        "%40h/x",
        "http://h/x",
        "/a b",
        "/a#b",
        "/a\tb",
        "/a\r\nb",
        "/a\x00",
        "/a\x7f",
        "/\xe9",
    ],
)
def test_targets_that_are_no_path(sent: str) -> None:
    """They are refused, whatever the server takes for their path."""
    for path in ("/x", sent, "/" + sent):
        with pytest.raises(AWSError, match="send a path that starts with '/'"):
            targets.target_of({"PATH_INFO": path, "REQUEST_URI": sent})
    with pytest.raises(AWSError):
        targets.target_of({"PATH_INFO": "*"})


@pytest.mark.parametrize(
    ("sent", "world", "rest"),
    [
        ("/", None, "/"),
        ("/b/k", None, "/b/k"),
        ("/?a=/worlds/x/", None, "/?a=/worlds/x/"),
        ("/worldsx/y", None, "/worldsx/y"),
        ("//worlds/x/y", None, "//worlds/x/y"),
        ("/worlds%2Fx/y", None, "/worlds%2Fx/y"),
        ("/worlds", "", "/"),
        ("/worlds/", "", "/"),
        ("/worlds//x", "", "/x"),
        ("/worlds/x", "x", "/"),
        ("/worlds/x/", "x", "/"),
        ("/worlds/x?a=/b/c/d", "x", "/?a=/b/c/d"),
        ("/worlds/x/b/k?a=/b", "x", "/b/k?a=/b"),
        ("/worlds/x//k", "x", "//k"),
        ("/worlds/pr%2D1/b%2Fk", "pr-1", "/b%2Fk"),
        ("/%77orlds/x/y", "x", "/y"),
        ("/worlds/a%2Fb/_mockaws/state", "a/b", "/_mockaws/state"),
        ("/worlds/%2e%2e/y", "..", "/y"),
        ("/worlds/x/worlds/y/z", "x", "/worlds/y/z"),
    ],
)
def test_the_world_of_a_target(sent: str, world: str | None, rest: str) -> None:
    """It is the second segment; an encoded slash separates nothing, and a query has no segments."""
    assert targets.split_world(sent) == (world, rest)


@pytest.mark.parametrize(("text", "length"), [("", 0), ("0", 0), ("12", 12), ("0012", 12), ("9" * 18, 10**18 - 1)])
def test_lengths(text: str, length: int) -> None:
    """They are in digits."""
    assert targets.body_length({"CONTENT_LENGTH": text}) == length


@pytest.mark.parametrize("text", ["-1", "+1", "1_0", " 1", "1.5", "x", "²", "٣", "1, 1", "9" * 19, "9" * 5000])
def test_lengths_that_are_none(text: str) -> None:
    """They are refused before a byte is read."""
    with pytest.raises(AWSError, match="invalid Content-Length header"):
        targets.body_length({"CONTENT_LENGTH": text})


def test_the_length_of_chunks() -> None:
    """A server may hand on chunks as they come, and says so."""
    chunked = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input": BytesIO()}
    assert targets.body_length(chunked | {"wsgi.input_terminated": True}) == targets.CHUNKED
    assert targets.body_length(chunked) == 0  # nothing would end it
    assert targets.body_length(chunked | {"wsgi.input_terminated": True, "CONTENT_LENGTH": "5"}) == 5
