"""Names of servers in the headers Host and Origin, and requests that a browser sends for a page of another site.

https://datatracker.ietf.org/doc/html/rfc9110#field.host-and-authority · https://www.w3.org/TR/fetch-metadata/
"""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_HOST = re.compile(r"(?:\[([0-9A-Fa-f:.]+)(?:%[\w.~%-]+)?\]|([A-Za-z0-9_.-]+))(?::[0-9]{0,5})?", re.ASCII)
_ORIGIN = re.compile(r"https?://([^/?#]+)", re.IGNORECASE)
_NOT_OF_ANOTHER_SITE = frozenset({"same-origin", "same-site", "none"})


def host_name(header: str) -> str:
    """Return the name or the address in a Host header, in small letters; an empty text if the header is malformed.

    It is without a port, a dot at the end, and the zone of an IPv6 address.
    """
    match = _HOST.fullmatch(header)
    if match is None:
        return ""
    address, name = match.groups()
    text: str = address or name.removesuffix(".").lower()
    found = address_of(text)
    if (address is None) == isinstance(found, IPv6Address) or text.startswith(".") or ".." in text:
        return ""
    return text if found is None else str(found)


def origin_name(header: str) -> str:
    """Return the name or the address in an Origin header; an empty text if it is not the origin of a web page."""
    match = _ORIGIN.fullmatch(header)
    return host_name(match[1]) if match else ""


def is_this_machine(name: str) -> bool:
    """Return True for the names that always lead to this machine: loopback addresses and localhost."""
    if name == "localhost" or name.endswith(".localhost"):
        return True
    address = address_of(name)
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped.is_loopback
    return address is not None and address.is_loopback


def address_of(name: str) -> IPv4Address | IPv6Address | None:
    """Return the IP address that *name* is, or None if it is a name."""
    try:
        return ip_address(name)
    except ValueError:
        return None


def is_sent_across_sites(fetch_site: str | None) -> bool:
    """Return True if a browser says in Sec-Fetch-Site that a page of another site made it send the request."""
    return fetch_site is not None and fetch_site.strip().lower() not in _NOT_OF_ANOTHER_SITE


def may_make_world(environ: Mapping[str, Any]) -> bool:
    """Return True if an AWS request, in WSGI's form, may create the world that its path names.

    A page of another site may not. An image or a link there sends GET without Origin, and without Sec-Fetch-Site to an
    address that is not a loopback one. No page can send Authorization that way, and AWS clients send only POST without
    it.
    """
    origin = environ.get("HTTP_ORIGIN")
    if origin is not None:
        name = origin_name(origin)
        return is_this_machine(name) or (bool(name) and name == host_name(environ.get("HTTP_HOST", "")))
    if is_sent_across_sites(environ.get("HTTP_SEC_FETCH_SITE")):
        return False
    return environ["REQUEST_METHOD"] == "POST" or "HTTP_AUTHORIZATION" in environ
