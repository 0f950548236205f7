"""moto in this process: one WSGI application, whose tables are changed for those of the world that a request is for.

moto keeps what it knows in one `BackendDict` a service for the whole process. Worlds are to be apart, so each keeps
tables of its own, and whoever calls takes turns: requests of one world run side by side, those of another wait until
these are done.

moto is imported when the first call for it comes: that takes a second.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from functools import lru_cache
from threading import Condition, Lock
from typing import TYPE_CHECKING, Any

from mockaws.model.errors import AWSError
from mockaws.others import asking, moto_iam, moto_kms
from mockaws.others.base import Passed
from mockaws.services.elsewhere import RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

    from mockaws.others.base import Act, Environ, Headers
    from mockaws.services.operation import Caller

_Table = tuple[Any, dict[str, Any], dict[str, Any]]

_NAME = "moto"
_SERVER_ERRORS = 500
_SERVICE = re.compile(r"(?:/|%2F)([a-z0-9-]+)(?:/|%2F)aws4_request")
_CHANGE_IAM = ("iam", "cloudformation")
_READ = ("Get", "List")
_MOST_TOLD = 10_000
_EXCERPT = 200
# werkzeug's page for a path that no operation of moto's is at; no client can read it.
_NO_ROUTE = b"<!doctype html>\n<html lang=en>\n<title>404 Not Found</title>"


class Moto:
    """The services of moto, as one world has them."""

    def __init__(self) -> None:
        # Of each service's BackendDict what it holds, and its attributes, while another world has its turn.
        self._tables: list[_Table] = []
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
        environ = environ | {
            "HTTP_X_MOTO_ACCOUNT_ID": account,
            # Keys of S3 may hold what decoding would lose: moto wants the path as it was sent, too.
            "RAW_URI": environ.get("REQUEST_URI", environ["PATH_INFO"]),
        }
        application = _application()
        with _TURNS.of(self):
            if at_iam is not None:
                environ = moto_iam.introduced(environ, at_iam)
            try:
                body = b"".join(application(environ, start_response))
            except Exception as error:  # noqa: BLE001 - so it ends where moto lacks a service, or an operation
                raise _unable(environ, f"{type(error).__name__}: {error}") from None
        status, headers = given[-1]
        if int(status[:3]) >= _SERVER_ERRORS or body.startswith(_NO_ROUTE):
            raise _unable(environ, f"{status}: {body[:_EXCERPT].decode('utf-8', 'replace')}")
        return Passed(status, headers, (body,))

    def ask(self, service: str, account: str, region: str, action: str, **parameters: str) -> Element:
        """Call an operation with a Query API, as the owner of an account. Raises RefusedError."""
        asked = asking.question(service, account, region, action, parameters)
        if service != "iam":
            return self._ask(asked, account)
        if not action.startswith(_READ):
            try:
                return self._ask(asked, account)
            finally:
                self._told = {}
        told = self._told  # what is told now must not stay when somebody changes IAM meanwhile
        answer = told.get((account, asked))
        if answer is None:
            try:
                answer = self._ask(asked, account)
            except RefusedError as refused:
                answer = refused.code, refused.message
            if len(told) < _MOST_TOLD:
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
                _forget()
            self._used, self._told = False, {}

    def another(self) -> Moto:
        """Return the services for another world, with nothing in them."""
        return Moto()

    def leave(self) -> None:
        """Take this world's tables out of moto, so that it is empty."""
        self._tables = _taken()

    def enter(self) -> None:
        """Give this world's tables to an empty moto."""
        _give(self._tables)
        self._tables = []


class _Turns:
    """Whose tables moto has; who wants other ones waits until nobody uses these."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._whose: Moto | None = None
        self._users = 0

    def act(self) -> Act | None:
        """Return how to ask the KMS of the world whose turn it is; None where it is nobody's."""
        whose = self._whose if self._users else None
        return None if whose is None else whose.act

    @contextmanager
    def of(self, world: Moto, *, alone: bool = False) -> Iterator[None]:
        """Let the block run with the tables of *world*, beside others of the same world unless it must be *alone*."""
        with self._changed:
            while self._users and (alone or world is not self._whose):
                self._changed.wait()
            if world is not self._whose:
                if self._whose is not None:
                    self._whose.leave()
                world.enter()
                self._whose = world
            self._users += 1
        try:
            yield
        finally:
            with self._changed:
                self._users -= 1
                self._changed.notify_all()


_TURNS = _Turns()
_LOADING = Lock()


def _application() -> Any:
    with _LOADING:  # a second thread would meet modules of which half is there
        return _loaded()


@lru_cache(1)
def _loaded() -> Any:
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app  # noqa: PLC0415

    moto_kms.replace(_TURNS.act)
    dispatcher = DomainDispatcherApplication(create_backend_app)
    return lambda environ, start_response: dispatcher.get_application(environ)(environ, start_response)


def _unable(environ: Environ, said: str) -> AWSError:
    """Return what a caller is told where moto fails; a 5xx would be sent again, by Terraform's provider for minutes."""
    request = f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}"
    return AWSError("UnknownOperationException", f"moto answers for this service, and cannot answer {request}: {said}")


def _taken() -> list[_Table]:
    """Empty all tables of moto, and return what was in them."""
    tables = []
    for table in _in_use():
        attributes = {name: value for name, value in vars(table).items() if isinstance(value, dict)}
        tables.append((table, dict(table), attributes))
        table.clear()
        for name in attributes:
            setattr(table, name, {})
    _in_use().clear()
    return tables


def _give(tables: list[_Table]) -> None:
    for table, content, attributes in tables:
        table.update(content)
        for name, value in attributes.items():
            setattr(table, name, value)
        _in_use().append(table)


def _in_use() -> list[Any]:
    """Return moto's own list of the tables that hold something."""
    from moto.core import base_backend  # noqa: PLC0415

    tables: Any = base_backend.BackendDict
    in_use: list[Any] = tables._instances  # noqa: SLF001 - as moto's reset does; there is no other way to find them
    return in_use


def _forget() -> None:
    for _, content, _ in _taken():
        for account in content.values():
            account.reset()  # which closes the files that S3 keeps objects in


def _environ(asked: asking.Question) -> Environ:
    from werkzeug.test import create_environ  # noqa: PLC0415 - as moto itself

    headers = {"Authorization": asked.authorization, "Content-Type": asking.CONTENT_TYPE}
    return create_environ("/", "http://127.0.0.1", method="POST", headers=headers, data=asked.body)
