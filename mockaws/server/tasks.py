"""The answer to a request: without a body where HTTP has none, and the last one of its connection at a server's end."""

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
        """Return the head, which says that the connection ends if the client or the end of the server wants that."""
        if self.request.connection_close or self.channel.server.task_dispatcher.draining:
            self.set_close_on_finish()  # type: ignore[attr-defined]
        built: bytes = super().build_response_header()  # type: ignore[misc]
        if self.request.command == "HEAD":
            self.chunked_response = False
        return built

    def write(self, data: bytes) -> None:
        """Write a part of the body, after the head. waitress writes one for HEAD, too."""
        if self.request.command == "HEAD":
            self.content_bytes_written += len(data)
            data = b""
        super().write(data)  # type: ignore[misc]

    def finish(self) -> None:
        """End the answer, and the connection where the server has begun to end meanwhile."""
        super().finish()  # type: ignore[misc]
        if self.channel.server.task_dispatcher.draining:
            self.close_on_finish = True


class Refusal(_Answering, ErrorTask):  # type: ignore[misc]
    """The answer to a malformed request."""

    def execute(self) -> None:
        """Answer, and let the client read that before the connection ends."""
        self.channel.lingers = True
        super().execute()


class AppAnswer(_Answering, WSGITask):  # type: ignore[misc]
    """The application's answer: its head and body in one write, and no answer where the app aborts the connection.

    With two writes, an SDK now and then sees the connection end between them and sends the call again, which the second
    time answers that the thing exists already. One write is also the cheaper.
    """

    wrote_header: bool

    def execute(self) -> None:
        """Call the app; where it aborts the connection, that ends as it does when the client is gone."""
        try:
            super().execute()
        except ConnectionAbortedError:
            raise ClientDisconnected from None

    def get_environment(self) -> dict[str, Any]:
        """Return the WSGI environment. A file that the app handed over would be sent with HEAD and 304 as well."""
        environ: dict[str, Any] = super().get_environment()
        environ.pop("wsgi.file_wrapper", None)
        return environ

    def build_response_header(self) -> bytes:
        """Return the head. waitress capitalizes names, but what S3's metadata is called is data, in small letters."""
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
