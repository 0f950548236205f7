"""The servers on the port of `mockaws serve`, and at the endpoints of AWS clients."""

from __future__ import annotations

import json
import socket
from contextlib import closing
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from mockaws import __version__
from mockaws.doctor import destinations
from mockaws.doctor.findings import Finding, ok, problem, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockaws.doctor.surroundings import Surroundings

PORT, ENDPOINT = "port", "endpoint"
_PATIENCE = 2.0
_HOST = "127.0.0.1"
_OK, _FORBIDDEN = 200, 403
_LARGEST = 1 << 16


class _Server(NamedTuple):
    """A description of the server that answered, and whether it is a mockaws."""

    name: str
    is_mockaws: bool = False
    version: str = ""


def check_port(port: int) -> Finding:
    """Report whether `mockaws serve` could take the port, or which server has it."""
    if port == 0:
        return ok(PORT, "0: `mockaws serve` takes a free one")
    server = _server(f"http://{_HOST}:{port}")
    if server is not None and server.is_mockaws:
        return _judged(PORT, server, f"{_HOST}:{port}")
    if server is not None:
        remedy = "mockaws serve --port N, or MOCKAWS_PORT; `mockaws exec` takes a free port by itself"
        return warning(PORT, f"{_HOST}:{port} is taken by {server.name}", remedy)
    with closing(socket.socket()) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((_HOST, port))
        except OSError as error:
            return warning(PORT, f"{_HOST}:{port} cannot be listened on: {error.strerror}", "mockaws serve --port N")
    return ok(PORT, f"{_HOST}:{port} is free")


def check_endpoints(surroundings: Surroundings) -> Iterator[Finding]:
    """Report whether the servers at the endpoints of AWS clients are up; real AWS is never called."""
    said: dict[str, str] = {}
    for destination in destinations.of(surroundings):
        if destination.url and not destination.is_aws and destination.service in destinations.OURS.values():
            said.setdefault(destination.url, destination.said_by)
    for url, said_by in said.items():
        server, shown = _server(url), destinations.shown(url)
        if server is None:
            yield problem(ENDPOINT, f"nothing answers on {shown} ({said_by})", "start it: mockaws serve")
        elif server.is_mockaws:
            yield _judged(ENDPOINT, server, shown)
        else:
            yield warning(ENDPOINT, f"{server.name} answers on {shown} ({said_by}), not mockaws", f"unset {said_by}")


def _judged(check: str, server: _Server, where: str) -> Finding:
    if server.version and server.version != __version__:
        found = f"{server.name} answers on {where}; this command is {__version__}"
        return warning(check, found, "start the server again, to have the same")
    return ok(check, f"{server.name} answers on {where}")


def _server(url: str) -> _Server | None:
    """Return the server that answers at *url*, or None."""
    answered = _get(url, "/_mockaws/health")
    if answered is None:
        return None
    status, document = answered
    if status == _OK and "version" in document:
        fixture = f", fixture {document['fixture']}" if document.get("fixture") else ""
        return _Server(f"mockaws {document['version']}{fixture}", is_mockaws=True, version=str(document["version"]))
    if status == _FORBIDDEN and "--allow" in str(document.get("detail")):  # -remote-control, or -ed-hosts
        return _Server("a mockaws whose control routes are closed", is_mockaws=True)
    status, document = _get(url, "/_localstack/health") or (0, {})
    if status == _OK and "services" in document:
        return _Server(f"LocalStack {document.get('version', '')}".strip())
    return _Server("something else")


def _get(url: str, path: str) -> tuple[int, dict[str, Any]] | None:
    """Return status and document of a route, or None without a server; another body than JSON is an empty document."""
    try:
        parts = urlsplit(url)
        connect = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        with closing(connect(parts.hostname or "", parts.port, timeout=_PATIENCE)) as connection:
            connection.request("GET", parts.path.rstrip("/") + path)
            response = connection.getresponse()
            content = response.read(_LARGEST)
    except (ConnectionRefusedError, socket.gaierror, ValueError):
        return None
    except (OSError, HTTPException):
        return 0, {}
    try:
        document = json.loads(content)
    except ValueError:
        document = {}
    return response.status, document if isinstance(document, dict) else {}
