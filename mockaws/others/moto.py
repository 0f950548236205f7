"""moto in this process: one WSGI application, whose tables are changed for those of the world that a request is for.

moto keeps what it knows once for the whole process. Worlds are to be apart, so each keeps tables of its own, and
whoever calls takes turns.

moto is imported when the first call for it comes: that takes a second.
"""

from __future__ import annotations

import re
from base64 import b64encode
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from mockaws.model.errors import AWSError
from mockaws.others import asking, moto_iam, moto_kms, moto_tables, received
from mockaws.others.base import HOP_BY_HOP, TOKEN, WITHOUT_BODY, Passed, status_line
from mockaws.others.turns import Turns
from mockaws.services.elsewhere import RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable
    from xml.etree.ElementTree import Element

    from mockaws.others.base import Act, Environ, Headers
    from mockaws.services.operation import Caller

_NAME = "moto"
_ANSWERS = range(200, 500)
_SERVICE = re.compile(r"(?:/|%2F)([a-z0-9-]+)(?:/|%2F)aws4_request")
_CHANGE_IAM = ("iam", "cloudformation")
_READ = ("Get", "List")
_MOST_TOLD = 10_000
_LONGEST_QUESTION = 1024
_EXCERPT = 200
_NOWHERE = "127.0.0.1"  # for clients of HTTP/1.0, who need not say where they think they are
# https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html#API_GetObject_RequestSyntax
_OVERRIDES = frozenset(
    f"response-{name}"
    for name in (
        "cache-control",
        "content-disposition",
        "content-encoding",
        "content-language",
        "content-type",
        "expires",
    )
)
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
# werkzeug's page for a path that no operation of moto's is at; no client can read it.
_NO_ROUTE = b"<!doctype html>\n<html lang=en>\n<title>404 Not Found</title>"


class Moto:
    """The services of moto, as one world has them."""

    def __init__(self) -> None:
        # What moto knows of this world, while another one has its turn.
        self._tables = moto_tables.NOTHING
        self._used = False
        # What IAM told our operations: it is asked on every call of its users, and changes by requests that come here.
        self._told: dict[tuple[str, asking.Question], Element | tuple[str, str]] = {}
        self.act: Act | None = None

    @property
    def untouched(self) -> bool:
        """Whether there can be nothing that anybody has made."""
        return not self._used

    def meet(self, act: Act) -> None:
        """Ask the KMS of a world for the keys that moto's services are told of."""
        self.act = act

    def answer(self, environ: Environ, caller: Caller, *, known: bool) -> Passed:  # noqa: ARG002 - the header says who calls
        """Answer a request."""
        service = _SERVICE.search(environ.get("HTTP_AUTHORIZATION", "") or environ.get("QUERY_STRING", ""))
        try:
            return self._answer(environ, caller.account, caller if service and service[1] == "iam" else None)
        finally:
            if service is None or service[1] in _CHANGE_IAM:
                self._told = {}

    def _answer(self, environ: Environ, account: str, at_iam: Caller | None = None) -> Passed:
        given: list[tuple[str, Headers]] = []

        def start_response(status: str, headers: Headers, *_: object) -> None:
            given.append((status, headers))

        self._used = True
        _require_header_values(environ.get("QUERY_STRING", ""))
        environ = (
            {"HTTP_HOST": _NOWHERE}
            | environ
            | {
                "HTTP_X_MOTO_ACCOUNT_ID": account,
                # Keys of S3 may hold what decoding would lose: moto wants the path as it was sent, too.
                "RAW_URI": received.target(environ),
                "SCRIPT_NAME": "",
            }
        )
        application = _application()
        with _TURNS.of(self):
            if at_iam is not None:
                environ = moto_iam.introduced(environ, at_iam)
            try:
                body = b"".join(application(environ, start_response))
                status, headers = given[-1]
                number = int(status[:4])
            except Exception as error:  # noqa: BLE001 - so it ends where moto lacks a service, or an operation
                raise _unable(environ, f"{type(error).__name__}: {error}") from None
        if number not in _ANSWERS or body.startswith(_NO_ROUTE):
            raise _unable(environ, f"{status}: {body[:_EXCERPT].decode('utf-8', 'replace')}")
        headers = _sendable(headers)
        if environ["REQUEST_METHOD"] != "HEAD":
            headers = [(name, value) for name, value in headers if name.lower() != "content-length"]
            headers += [("Content-Length", str(len(body)))] if number not in WITHOUT_BODY else []
        return Passed(status_line(number, status[4:]), headers, (body,))

    def ask(self, service: str, account: str, region: str, action: str, **parameters: str) -> Element:
        """Call an operation with a Query API, as the owner of an account. Raises RefusedError."""
        asked = asking.question(service, account, region, action, parameters)
        if service == "iam" and action.startswith(_READ):
            return self._remembered(asked, account)
        try:
            return self._ask(asked, account)
        finally:
            if service in _CHANGE_IAM:
                self._told = {}

    def _remembered(self, asked: asking.Question, account: str) -> Element:
        """Return what IAM tells, now or earlier. Raises RefusedError."""
        told = self._told  # what is told now must not stay when somebody changes IAM meanwhile
        answer = told.get((account, asked))
        if answer is None:
            try:
                answer = self._ask(asked, account)
            except RefusedError as refused:
                answer = refused.code, refused.message
            if len(told) < _MOST_TOLD and len(asked.body) <= _LONGEST_QUESTION:
                told[account, asked] = answer
        if isinstance(answer, tuple):
            raise RefusedError(*answer)
        return answer

    def _ask(self, asked: asking.Question, account: str) -> Element:
        passed = self._answer(_environ(asked), account)
        return asking.read(int(passed.status.split()[0]), b"".join(passed.body), _NAME)

    def reset(self) -> None:
        """Forget everything."""
        if self._used:
            with _TURNS.of(self, alone=True):
                moto_tables.forgotten()
            self._used, self._told = False, {}

    def another(self) -> Moto:
        """Return the services for another world, with nothing in them."""
        return Moto()

    def leave(self) -> None:
        """Take this world's tables out of moto, so that it is empty."""
        self._tables = moto_tables.taken()

    def enter(self) -> None:
        """Give this world's tables to an empty moto."""
        moto_tables.given(self._tables)
        self._tables = moto_tables.NOTHING


_TURNS = Turns()
_LOADING = Lock()


def _act_here() -> Act | None:
    """Return how to ask the world whose turn this thread is in; None where it is in nobody's."""
    guest = _TURNS.here
    return guest.act if isinstance(guest, Moto) else None


def _application() -> Any:
    with _LOADING:  # a second thread would meet modules of which half is there
        return _loaded()


@lru_cache(1)
def _loaded() -> Any:
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app  # noqa: PLC0415
    from moto.s3.models import FakeKey  # noqa: PLC0415
    from moto.sqs.models import Queue  # noqa: PLC0415

    queue: Any = Queue
    queue.wait_for_messages = _waiting(queue.wait_for_messages)
    s3_object: Any = FakeKey
    s3_object.__del__ = s3_object.dispose  # moto warns of one that nobody closed, as those of a world that is gone are
    moto_kms.replace(_act_here)
    dispatcher = DomainDispatcherApplication(create_backend_app)
    return lambda environ, start_response: dispatcher.get_application(environ)(environ, start_response)


def _waiting(wait: Callable[[Any, int], None]) -> Callable[[Any, int], None]:
    """Return how a queue waits for messages: for up to 20 seconds, in which other worlds have their turn."""

    def waiting(queue: Any, timeout: int) -> None:
        with _TURNS.given_up():
            wait(queue, timeout)

    return waiting


def _require_header_values(query: str) -> None:
    """Raise AWSError, in S3's words, if a query has a value for an answer's header that HTTP cannot send."""
    if "response-" not in query:
        return
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name in _OVERRIDES and not _VALUE.fullmatch(value):
            raise AWSError("InvalidArgument", f"Header value cannot be represented using ISO-8859-1. ({name})")


def _sendable(headers: Headers) -> Headers:
    """Return an answer's headers as they can be sent: without those of a connection, in characters of Latin 1.

    S3 writes metadata in other characters as RFC 2047 has it, and counts metadata whose names no header can have.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html
    """
    sent = [
        (name, value if _VALUE.fullmatch(value) else _encoded_word(value))
        for name, value in headers
        if name.lower() not in HOP_BY_HOP and TOKEN.fullmatch(name)
    ]
    missing = sum(not TOKEN.fullmatch(name) for name, _ in headers)
    return [*sent, ("x-amz-missing-meta", str(missing))] if missing else sent


def _encoded_word(value: str) -> str:
    return f"=?UTF-8?B?{b64encode(value.encode('utf-8', 'replace')).decode()}?="


def _unable(environ: Environ, said: str) -> AWSError:
    """Return what a caller is told where moto fails; a 5xx would be sent again, by Terraform's provider for minutes."""
    request = f"{environ['REQUEST_METHOD']} {environ['RAW_URI'].partition('?')[0]}"
    return AWSError("UnknownOperationException", f"moto answers for this service, and cannot answer {request}: {said}")


def _environ(asked: asking.Question) -> Environ:
    from werkzeug.test import create_environ  # noqa: PLC0415 - as moto itself

    headers = {"Authorization": asked.authorization, "Content-Type": asking.CONTENT_TYPE}
    return create_environ("/", "http://127.0.0.1", method="POST", headers=headers, data=asked.body)
