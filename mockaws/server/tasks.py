"""The answer to a request: without a body if HTTP has none, and the last of its connection if the server is ending."""

from __future__ import annotations

import re
from typing import Any

from waitress.channel import ClientDisconnected
from waitress.task import ErrorTask, WSGITask

_METADATA = re.compile(rb"^X-Amz-Meta-[^:]+", re.MULTILINE)


class _Answering:
    """The part that both kinds of answers share; mixed into a task of waitress."""

    channel: Any
    request: Any
    chunked_response: bool
    close_on_finish: bool
    content_bytes_written: int

    def build_response_header(self) -> bytes:
        """Return the head, which announces the end of the connection if the client or the ending server closes it."""
        if self.request.connection_close or self.channel.server.task_dispatcher.draining:
            self.set_close_on_finish()  # type: ignore[attr-defined]
        built: bytes = super().build_response_header()  # type: ignore[misc]
        if self.request.command == "HEAD":
            self.chunked_response = False
        return built

    def write(self, data: bytes) -> None:
        """Write a part of the body, after the head. waitress writes a body for HEAD, too."""
        if self.request.command == "HEAD":
            self.content_bytes_written += len(data)
            data = b""
        super().write(data)  # type: ignore[misc]

    def finish(self) -> None:
        """End the answer, and the connection if the server has begun to end meanwhile."""
        super().finish()  # type: ignore[misc]
        if self.channel.server.task_dispatcher.draining:
            self.close_on_finish = True


class Refusal(_Answering, ErrorTask):  # type: ignore[misc]
    """The answer to a malformed request."""

    def execute(self) -> None:
        """Answer, and let the client read the answer before the connection ends."""
        self.channel.lingers = True
        super().execute()


class AppAnswer(_Answering, WSGITask):  # type: ignore[misc]
    """The application's answer: its head and body in one write, and no answer if the application aborts the connection.

    With two writes, the connection of an SDK sometimes ended between them. The SDK then repeated the call, and the
    second answer was that the thing exists already. One write is also faster.
    """

    wrote_header: bool

    def execute(self) -> None:
        """Call the application; if it aborts the connection, end that as if the client were gone."""
        try:
            super().execute()
        except ConnectionAbortedError:
            raise ClientDisconnected from None

    def get_environment(self) -> dict[str, Any]:
        """Return the WSGI environment, without a file wrapper, whose file would be sent with HEAD and 304 as well."""
        environ: dict[str, Any] = super().get_environment()
        environ.pop("wsgi.file_wrapper", None)
        return environ

    def build_response_header(self) -> bytes:
        """Return the head. waitress capitalizes names, but names of S3's metadata are data, in small letters."""
        built = super().build_response_header()
        return _METADATA.sub(lambda name: name[0].lower(), built) if b"X-Amz-Meta-" in built else built

    def write(self, data: bytes) -> None:
        """Write a part of the body, and the head before the first."""
        whole = self.content_length == len(data) and self.has_body and self.request.command != "HEAD"
        if whole and not self.wrote_header:
            built = self.build_response_header()
            self.wrote_header = True
            self.content_bytes_written += len(data)
            self.channel.write_soon(built + data)
        else:
            super().write(data)
