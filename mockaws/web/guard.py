"""Rules for clients of the control routes: programs of this machine, but no page of another site in its browser.

Such a page can make a browser send requests to a server on this machine. The browser names the page in Origin, or says
in Sec-Fetch-Site that it is of another site. It does neither if the page's own name leads here (DNS rebinding); that
name stands in Host.
"""

from __future__ import annotations

from dataclasses import dataclass

import flask

from mockaws.gateway import sites
from mockaws.web.problems import ForbiddenError

_REMOTE = "start mockaws with --allow-remote-control, or with MOCKAWS_ALLOW_REMOTE_CONTROL=1 in its environment"
_NAMED = "start mockaws with --allowed-hosts {name}, or with MOCKAWS_ALLOWED_HOSTS={name} in its environment"


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """The rules of one server.

    It listens on *host*, lets other machines in if *remote* is True, and is also called by the *allowed_hosts*: a name
    with a dot in front stands for the names below it, too.
    """

    host: str = "127.0.0.1"
    remote: bool = False
    allowed_hosts: tuple[str, ...] = ()

    def require_own_client(self) -> None:
        """Raise ForbiddenError if the request comes from another machine, or from a page of another site."""
        client, headers = flask.request.remote_addr, flask.request.headers
        # A Unix socket has no address; it is one of this machine.
        if not self.remote and client and not sites.is_this_machine(client):
            raise ForbiddenError(
                f"the control routes answer to this machine only, and this request came from {client} (to a server in "
                f"a container everything outside is another machine): {_REMOTE}"
            )
        host = headers.get("Host")
        if host is not None:  # every browser sends one
            self._require_own_name(host)
        self._require_own_page(headers.get("Origin"), headers.get("Sec-Fetch-Site"))

    def _require_own_name(self, host: str) -> None:
        name = sites.host_name(host)
        if self._is_own(name) or (self.remote and (sites.address_of(name) is not None or _is_single_label(name))):
            return
        remedy = _NAMED.format(name=name or "NAME")
        own = "an IP address, localhost or a name without dots" if self.remote else "127.0.0.1, localhost or [::1]"
        offer = remedy if self.remote else f"{remedy}; to let other machines in, {_REMOTE}"
        raise ForbiddenError(f"the Host {host or '(nothing)'} does not name this server: use {own}, or {offer}")

    def _require_own_page(self, origin: str | None, fetch_site: str | None) -> None:
        if origin is None and sites.is_sent_across_sites(fetch_site):
            raise ForbiddenError(
                "this request comes from another site, and pages of other sites may not use the control routes"
            )
        if origin is not None and not self._is_own(sites.origin_name(origin)):
            raise ForbiddenError(
                f"this request comes from a page of {origin}, and pages of other sites may not use the control routes"
            )

    def _is_own(self, name: str) -> bool:
        if not name:
            return False
        return sites.is_this_machine(name) or name == _listening(self.host) or self._is_allowed(name)

    def _is_allowed(self, name: str) -> bool:
        return any(
            name == allowed.removeprefix(".") or (allowed.startswith(".") and name.endswith(allowed))
            for allowed in self.allowed_hosts
        )


def _is_single_label(name: str) -> bool:
    """Return True for a name such as `mockaws`, which containers of one network have; no site has such a name."""
    return bool(name) and "." not in name


def _listening(host: str) -> str:
    return sites.host_name(f"[{host}]" if ":" in host else host)
