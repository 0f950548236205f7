"""Another endpoint, without a server before it."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest

from mockaws.model.errors import AWSError
from mockaws.other_services.forwarding import Forwarding
from mockaws.services.operation import Caller
from tests.raw import Listener
from tests.samples import ACCOUNT, REGION

if TYPE_CHECKING:
    from mockaws.other_services.base import Response

CALLER = Caller(ACCOUNT, ACCOUNT, REGION, f"arn:aws:iam::{ACCOUNT}:user/test", "AIDATEST")


def ask(forwarding: Forwarding, body: bytes = b"", /, **environ: Any) -> Response:
    """Send a request."""
    base = {"REQUEST_METHOD": "PUT", "PATH_INFO": "/b/k", "CONTENT_LENGTH": str(len(body)), "wsgi.input": BytesIO(body)}
    return forwarding.answer(base | environ, CALLER, known=True)


def test_a_body_that_is_not_read_to_its_end() -> None:
    """Its connection is not used again, as the rest would be taken for the next answer."""
    with Listener() as listener:
        forwarding = Forwarding(listener.url)
        rest = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"
        listener.answers.insert(0, b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (len(rest) + 9) + b"x" * 9)
        listener.later = rest
        body: Any = ask(forwarding).body
        read = 0
        for chunk in body:
            read += len(chunk)
            if read == 9:
                break
        body.close()
        assert b"".join(ask(forwarding).body) == b"good"


def test_a_connection_is_used_again() -> None:
    """It is where all of the answer was read."""
    with Listener() as listener:
        forwarding = Forwarding(listener.url)
        listener.answers.insert(0, b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood")
        assert b"".join(ask(forwarding).body) == b"good"
        listener.stop()  # so that no other one can be made
        assert b"".join(ask(forwarding).body) == b"good"


def test_a_body_that_is_shorter_than_its_length() -> None:
    """The endpoint does not wait for the rest, and the caller reads why."""
    with Listener() as listener, pytest.raises(AWSError, match="shorter than its Content-Length") as refused:
        ask(Forwarding(listener.url), b"half", CONTENT_LENGTH="8")
    assert refused.value.code == "IncompleteBody"


def test_a_body_in_chunks() -> None:
    """A server that hands them on knows no length, so that they go on in chunks."""
    with Listener() as listener:
        chunked: dict[str, Any] = {
            "CONTENT_LENGTH": "",
            "HTTP_TRANSFER_ENCODING": "chunked",
            "wsgi.input_terminated": True,
        }
        ask(Forwarding(listener.url), b"body", **chunked)
        assert (listener.headers()[b"transfer-encoding"], b"content-length" in listener.headers()) == (
            b"chunked",
            False,
        )
        assert listener.got[0].endswith(b"\r\n\r\n4\r\nbody\r\n0\r\n\r\n")


@pytest.mark.parametrize(("name", "value"), [("HTTP_X_A", "a\r\nX-Evil: 1"), ("HTTP_X_A", "€"), ("HTTP_X\r\nA", "a")])
def test_headers_that_http_does_not_have(name: str, value: str) -> None:
    """Other servers may let them pass, and no connection carries them."""
    with Listener() as listener:
        with pytest.raises(AWSError, match="cannot be passed on") as refused:
            ask(Forwarding(listener.url), b"", **{name: value})
        assert (refused.value.code, listener.got) == ("InvalidRequest", [])
