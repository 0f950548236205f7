"""Who may use the control routes: this machine, and no page of another site in its browser.

Such a page can make a browser send requests to a server on this machine. Where it does so openly, the browser names it
in Origin; where its own name leads here (DNS rebinding), that name stands in Host.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from ipaddress import IPv6Address, ip_address
from urllib.parse import urlsplit

import flask

from mockaws.web.problems import ProblemError

_REMEDY = "start mockaws with --allow-remote-control, or with MOCKAWS_ALLOW_REMOTE_CONTROL=1 in its environment"


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """Refuses requests from elsewhere; *host* is what the server listens on, *remote* lets other machines in."""

    host: str = "127.0.0.1"
    remote: bool = False

    def check(self) -> None:
        """Let the request pass, or raise ProblemError, 403 Forbidden."""
        client, headers = flask.request.remote_addr, flask.request.headers
        host, origin = headers.get("Host"), headers.get("Origin")
        if not self.remote and client and not _is_loopback(client):
            raise _refusal(
                f"the control routes answer to this machine only, and this request came from {client} (to a server in "
                f"a container everything outside is another machine): {_REMEDY}"
            )
        if not self.remote and host is not None and not self._is_ours(_name(f"//{host}")):
            raise _refusal(
                f"{host or '(nothing)'} is no name of this server: say 127.0.0.1, localhost or [::1], or {_REMEDY}"
            )
        if origin is not None and not self._is_ours(_name(origin)):
            raise _refusal(f"this request comes from a page of {origin}, and pages of other sites have no say here")

    def _is_ours(self, name: str) -> bool:
        return name in {self.host, "localhost"} or name.endswith(".localhost") or _is_loopback(name)


def _is_loopback(text: str) -> bool:
    try:
        address = ip_address(text)
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped.is_loopback
    return address.is_loopback


def _name(url: str) -> str:
    """Return the host in a URL, an empty text where there is none that can be read."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _refusal(sentence: str) -> ProblemError:
    return ProblemError(sentence, HTTPStatus.FORBIDDEN)
