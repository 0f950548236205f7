"""A line a request, and never what was in it."""

from __future__ import annotations

import io
import json
import re
from typing import TYPE_CHECKING

import pytest

from mockaws.gateway.http import Answer
from mockaws.gateway.log import RequestLog
from tests.samples import ACCOUNT, REGION
from tests.wire import json_request

if TYPE_CHECKING:
    from mockaws.gateway.journey import Gateway
    from tests.kinds import MakeWorld

GOOD = Answer(200, "x", b"secret", "the-id", (), "kms:Decrypt", ACCOUNT, REGION)
BAD = Answer(400, "x", b"secret", "the-id", (), "kms:Decrypt", ACCOUNT, REGION, "DisabledException")
TIME = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z"


@pytest.mark.parametrize(("answer", "result"), [(GOOD, "200"), (BAD, "400 DisabledException")])
def test_text(answer: Answer, result: str) -> None:
    """A line tells when, which operation, whose, how it ended and how long it took."""
    stream = io.StringIO()
    RequestLog(stream=stream).request(answer, 0.00123)
    assert re.fullmatch(f"{TIME} kms:Decrypt {ACCOUNT}/{REGION} {result} 1.2 ms\n", stream.getvalue())


@pytest.mark.parametrize(("answer", "error"), [(GOOD, None), (BAD, "DisabledException")])
def test_json(answer: Answer, error: str | None) -> None:
    """The same as a JSON object, with the request id."""
    stream = io.StringIO()
    RequestLog("json", stream=stream).request(answer, 0.00123)
    line = json.loads(stream.getvalue())
    assert re.fullmatch(TIME, line.pop("time"))
    assert line == {
        "operation": "kms:Decrypt",
        "account": ACCOUNT,
        "region": REGION,
        "status": answer.status,
        "error": error,
        "ms": 1.2,
        "request_id": "the-id",
    }


def test_notes() -> None:
    """The server can say something of itself, in the same form."""
    stream = io.StringIO()
    RequestLog(stream=stream).note("hello")
    RequestLog("json", stream=stream).note("hello")
    text, line = stream.getvalue().splitlines()
    assert re.fullmatch(f"{TIME} hello", text)
    assert json.loads(line)["note"] == "hello"


def test_quiet() -> None:
    """A quiet log says nothing."""
    stream = io.StringIO()
    log = RequestLog(quiet=True, stream=stream)
    log.request(GOOD, 0.1)
    log.note("hello")
    assert stream.getvalue() == ""


def test_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    """The log goes to stderr: stdout belongs to the command."""
    RequestLog().request(GOOD, 0.1)
    assert capsys.readouterr().out == ""
    RequestLog().note("again")
    assert "again" in capsys.readouterr().err


@pytest.mark.parametrize("log_format", ["text", "json"])
@pytest.mark.parametrize("name", ["two\nlines", "\r\x1b[31m", "\u2028", "\ud800", "é"])
def test_what_a_caller_named_its_operation(log_format: str, name: str) -> None:
    """Whatever a caller names its operation, it is one line, and no terminal is driven by it."""
    stream = io.StringIO()
    RequestLog(log_format, stream=stream).request(GOOD._replace(operation=name), 0.1)
    assert len(stream.getvalue().splitlines()) == 1
    assert stream.getvalue().removesuffix("\n").isprintable()


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_a_long_name(log_format: str) -> None:
    """A name as long as a header can be is cut."""
    stream = io.StringIO()
    RequestLog(log_format, stream=stream).request(GOOD._replace(operation="x" * 200_000), 0.1)
    assert len(stream.getvalue()) < 500


def test_no_secrets(gateway: Gateway, world: MakeWorld) -> None:
    """Passwords and plaintexts of a request are in no line, not even of one that is refused for them."""
    stream = io.StringIO()
    log = RequestLog("json", stream=stream)
    for operation, members in (
        ("CreateCustomKeyStore", {"CustomKeyStoreName": "x", "KeyStorePassword": "kmsPswd123"}),
        ("Encrypt", {"KeyId": "kmsPswd123", "Plaintext": "kmsPswd123"}),
        ("kmsPswd", {"Plaintext": "kmsPswd123"}),
    ):
        log.request(gateway.answer(world(), json_request("kms", operation, json.dumps(members).encode())), 0.1)
    assert len(stream.getvalue().splitlines()) == 3
    assert "kmsPswd123" not in stream.getvalue()
