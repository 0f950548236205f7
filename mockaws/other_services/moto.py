"""moto in this process: one WSGI application, with the tables of the world that a request is for.

moto has one state for the whole process. Worlds are isolated, so each has tables of its own, which are swapped in for
its requests.

moto is imported when the first request for it arrives: that takes a second.
"""

from __future__ import annotations

import re
from base64 import b64encode
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from mockaws.model.errors import AWSError
from mockaws.other_services import moto_iam, moto_kms, moto_tables, query_client, targets
from mockaws.other_services.base import HOP_BY_HOP, TOKEN, WITHOUT_BODY, Response, status_line
from mockaws.other_services.scheduling import SharedLock
from mockaws.services.other_services import RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable
    from xml.etree.ElementTree import Element

    from mockaws.other_services.base import Act, Environ, Headers
    from mockaws.services.operation import Caller

_NAME = "moto"
_ANSWERS = range(200, 500)
_SERVICE = re.compile(r"(?:/|%2F)([a-z0-9-]+)(?:/|%2F)aws4_request")
_CHANGE_IAM = ("iam", "cloudformation")
_READ = ("Get", "List")
_MOST_CACHED = 10_000
_LONGEST_CACHED = 1024
_EXCERPT = 200
_NOWHERE = "127.0.0.1"  # for clients of HTTP/1.0, which may omit Host
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
# werkzeug's page for a path without an operation of moto; AWS clients cannot read it.
_NO_ROUTE = b"<!doctype html>\n<html lang=en>\n<title>404 Not Found</title>"


class Moto:
    """The services of moto in one world."""

    def __init__(self) -> None:
        # The state of this world while another world holds moto.
        self._tables = moto_tables.NOTHING
        self._used = False
        # Answers of IAM to our operations: each request of its users asks, and only requests that come here change IAM.
        self._iam_answers: dict[tuple[str, query_client.QueryRequest], Element | tuple[str, str]] = {}
        self.act: Act | None = None

    @property
    def is_untouched(self) -> bool:
        """The absence of any state: no request has come that may have created something."""
        return not self._used

    def bind(self, act: Act) -> None:
        """Take the function by which moto's services look up keys in the world's KMS."""
        self.act = act

    def answer(self, environ: Environ, caller: Caller, *, known: bool) -> Response:  # noqa: ARG002 - moto reads the account from a header
        """Answer a request."""
        service = _SERVICE.search(environ.get("HTTP_AUTHORIZATION", "") or environ.get("QUERY_STRING", ""))
        try:
            return self._answer(environ, caller.account, caller if service and service[1] == "iam" else None)
        finally:
            if service is None or service[1] in _CHANGE_IAM:
                self._iam_answers = {}

    def _answer(self, environ: Environ, account: str, iam_caller: Caller | None = None) -> Response:
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
                # Decoding would lose parts of S3 keys, so moto needs the path as it was sent as well.
                "RAW_URI": targets.target_of(environ),
                "SCRIPT_NAME": "",
            }
        )
        application = _application()
        with _LOCK.held_by(self):
            if iam_caller is not None:
                environ = moto_iam.with_user(environ, iam_caller)
            try:
                body = b"".join(application(environ, start_response))
                status, headers = given[-1]
                number = int(status[:4])
            except Exception as error:  # noqa: BLE001 - moto raises many kinds for a missing service or operation
                raise _failure(environ, f"{type(error).__name__}: {error}") from None
        if number not in _ANSWERS or body.startswith(_NO_ROUTE):
            raise _failure(environ, f"{status}: {body[:_EXCERPT].decode('utf-8', 'replace')}")
        headers = _sendable(headers)
        if environ["REQUEST_METHOD"] != "HEAD":
            headers = [(name, value) for name, value in headers if name.lower() != "content-length"]
            headers += [("Content-Length", str(len(body)))] if number not in WITHOUT_BODY else []
        return Response(status_line(number, status[4:]), headers, (body,))

    def ask(self, service: str, account: str, region: str, action: str, **parameters: str) -> Element:
        """Call an operation with a Query API, as the owner of an account. Raises RefusedError if it fails."""
        asked = query_client.query_request(service, account, region, action, parameters)
        if service == "iam" and action.startswith(_READ):
            return self._cached(asked, account)
        try:
            return self._ask(asked, account)
        finally:
            if service in _CHANGE_IAM:
                self._iam_answers = {}

    def _cached(self, asked: query_client.QueryRequest, account: str) -> Element:
        """Return the answer of IAM, from the cache if it is there. Raises RefusedError if it is an error."""
        cache = self._iam_answers  # a request that changes IAM meanwhile replaces it, and this answer with it
        answer = cache.get((account, asked))
        if answer is None:
            try:
                answer = self._ask(asked, account)
            except RefusedError as refused:
                answer = refused.code, refused.message
            if len(cache) < _MOST_CACHED and len(asked.body) <= _LONGEST_CACHED:
                cache[account, asked] = answer
        if isinstance(answer, tuple):
            raise RefusedError(*answer)
        return answer

    def _ask(self, asked: query_client.QueryRequest, account: str) -> Element:
        passed = self._answer(_environ(asked), account)
        return query_client.read_answer(int(passed.status.split()[0]), b"".join(passed.body), _NAME)

    def reset(self) -> None:
        """Delete the state of this world."""
        if self._used:
            with _LOCK.held_by(self, alone=True):
                moto_tables.clear()
            self._used, self._iam_answers = False, {}

    def for_new_world(self) -> Moto:
        """Return the services for another world, without state."""
        return Moto()

    def swap_out(self) -> None:
        """Take this world's tables out of moto."""
        self._tables = moto_tables.take_out()

    def swap_in(self) -> None:
        """Put this world's tables into an empty moto."""
        moto_tables.put_in(self._tables)
        self._tables = moto_tables.NOTHING


_LOCK = SharedLock()
_LOADING = Lock()


def _act_of_holder() -> Act | None:
    """Return `World.act` of the world for which this thread holds moto; None if it holds it for none."""
    holder = _LOCK.holder
    return holder.act if isinstance(holder, Moto) else None


def _application() -> Any:
    with _LOADING:  # a second thread would see half-imported modules
        return _loaded()


@lru_cache(1)
def _loaded() -> Any:
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app  # noqa: PLC0415
    from moto.s3.models import FakeKey  # noqa: PLC0415
    from moto.sqs.models import Queue  # noqa: PLC0415

    queue: Any = Queue
    queue.wait_for_messages = _releasing_lock(queue.wait_for_messages)
    s3_object: Any = FakeKey
    s3_object.__del__ = s3_object.dispose  # moto warns of open ones, and removed worlds have some
    moto_kms.replace(_act_of_holder)
    dispatcher = DomainDispatcherApplication(create_backend_app)
    return lambda environ, start_response: dispatcher.get_application(environ)(environ, start_response)


def _releasing_lock(wait: Callable[[Any, int], None]) -> Callable[[Any, int], None]:
    """Return a queue's `wait_for_messages` that releases the lock while it waits, for up to 20 seconds."""

    def releasing(queue: Any, timeout: int) -> None:
        with _LOCK.released():
            wait(queue, timeout)

    return releasing


def _require_header_values(query: str) -> None:
    """Raise S3's error if a query sets a header of the answer to a value that HTTP cannot send."""
    if "response-" not in query:
        return
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name in _OVERRIDES and not _VALUE.fullmatch(value):
            raise AWSError("InvalidArgument", f"Header value cannot be represented using ISO-8859-1. ({name})")


def _sendable(headers: Headers) -> Headers:
    """Return the headers of an answer that HTTP can send: without those of a connection, in Latin 1.

    S3 encodes metadata in other characters as in RFC 2047, and counts metadata with names that are invalid in headers.
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


def _failure(environ: Environ, reason: str) -> AWSError:
    """Return the error for a request on which moto fails: 400, because Terraform retries a 5xx for minutes."""
    request = f"{environ['REQUEST_METHOD']} {environ['RAW_URI'].partition('?')[0]}"
    return AWSError(
        "UnknownOperationException", f"moto answers for this service, and cannot answer {request}: {reason}"
    )


def _environ(asked: query_client.QueryRequest) -> Environ:
    from werkzeug.test import create_environ  # noqa: PLC0415 - as moto itself

    headers = {"Authorization": asked.authorization, "Content-Type": query_client.CONTENT_TYPE}
    return create_environ("/", "http://127.0.0.1", method="POST", headers=headers, data=asked.body)
