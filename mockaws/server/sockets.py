"""Bound sockets for all addresses of a host name, and the number of connections that a process can have."""

from __future__ import annotations

import errno
import os
import socket
from typing import TYPE_CHECKING, Any

from mockaws.server import limits

if TYPE_CHECKING:
    from collections.abc import Sequence

_ATTEMPTS = 20


def connection_limit() -> int:
    """Return how many connections can be open at once, with the file descriptors of this process."""
    try:
        import resource  # noqa: PLC0415 - Windows does not have it
    except ImportError:
        return limits.CONNECTIONS
    descriptors, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if descriptors == resource.RLIM_INFINITY:
        return limits.CONNECTIONS
    return max(1, min(limits.CONNECTIONS, descriptors - limits.DESCRIPTORS_BESIDE_CONNECTIONS))


def bind(host: str, port: int) -> list[socket.socket]:
    """Return a bound socket for each address of *host*, all with the same port; 0 is a free one. Raises OSError."""
    addresses = list(
        dict.fromkeys(
            (family, address)
            for family, _, _, _, address in socket.getaddrinfo(
                host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
            )
            if family in {socket.AF_INET, socket.AF_INET6}
        )
    )
    # The port that is free at the first address may be taken at the second.
    attempts = _ATTEMPTS if port == 0 else 1
    while True:
        try:
            return _bind_all(addresses, port)
        except OSError as error:
            attempts -= 1
            if error.errno != errno.EADDRINUSE or not attempts:
                raise


def _bind_all(addresses: Sequence[tuple[int, Any]], port: int) -> list[socket.socket]:
    bound: list[socket.socket] = []
    missing: OSError | None = None
    for family, address in addresses:
        try:
            listening = socket.socket(family, socket.SOCK_STREAM)
        except OSError as error:  # this machine has no IPv6
            missing = error
            continue
        try:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            listening.bind((address[0], port, *address[2:]))
        except OSError as error:
            listening.close()
            if error.errno == errno.EADDRNOTAVAIL:  # the name has an address that this machine does not
                missing = error
                continue
            for other in bound:
                other.close()
            raise
        bound.append(listening)
        port = listening.getsockname()[1]
    if not bound:
        raise missing or OSError(errno.EADDRNOTAVAIL, os.strerror(errno.EADDRNOTAVAIL))
    return bound
