"""A network of its own for one command: only this machine is there, and every name and address asked for is recorded.

Run as a program, inside new network and mount namespaces, it prints a JSON document of what the command asked for.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
import struct
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_UNSHARE = ("unshare", "--net", "--mount")
_PATIENCE = 120
# Addresses at which SDKs look for credentials: of instances, of containers.
_METADATA = ("169.254.169.254", "169.254.170.2", "169.254.170.23")
_PORTS = (80, 443)
_SET_ADDRESS, _SET_FLAGS, _UP = 0x8916, 0x8914, 0x1
_HEADER, _ANSWER_HERE = 12, b"\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x01\x00\x04\x7f\x00\x00\x01"
_A = 1


@dataclass(frozen=True)
class Sealed:
    """The output of a command, and the names that it asked the network for."""

    status: int
    output: str
    asked: list[str]


@cache
def reason_not_to() -> str:
    """Return why this machine cannot run commands in a network of their own; "" where it can."""
    try:
        ran = run("true", environment=os.environ, directory=Path.cwd())
    except OSError as error:
        return f"unshare: {error.strerror}"
    last = ran.output.strip().rpartition("\n")[2]
    return f"no network of one's own: {last or ran.asked}" if ran.status or ran.asked else ""


def run(*command: str | Path, environment: Mapping[str, str], directory: Path) -> Sealed:
    """Run *command* where only this machine is, and return what it asked for."""
    with tempfile.NamedTemporaryFile("r") as report:
        ran = subprocess.run(
            [*_UNSHARE, sys.executable, __file__, report.name, *map(str, command)],
            cwd=directory,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_PATIENCE,
            check=False,
        )
        return Sealed(ran.returncode, ran.stdout, json.loads(report.read() or '["nothing was recorded"]'))


def _main(report: str, command: Sequence[str]) -> int:
    asked: set[str] = set()
    _raise_loopback()
    with tempfile.NamedTemporaryFile("w") as resolver:
        resolver.write("nameserver 127.0.0.1\n")
        resolver.flush()
        subprocess.run(["mount", "--bind", resolver.name, "/etc/resolv.conf"], check=True)
        _start(_answer_names, _socket(socket.SOCK_DGRAM, 53), asked)
        for port in _PORTS:
            _start(_refuse, _socket(socket.SOCK_STREAM, port), asked)
        try:
            return subprocess.run(command, check=False).returncode
        finally:
            Path(report).write_text(json.dumps(sorted(asked)))


def _raise_loopback() -> None:
    """Bring the loopback interface up, and give it the addresses of metadata services."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as handle:
        for number, address in enumerate(_METADATA, 1):
            packed = struct.pack("16sHH4s8x", f"lo:{number}".encode(), socket.AF_INET, 0, socket.inet_aton(address))
            fcntl.ioctl(handle, _SET_FLAGS, struct.pack("16sH14x", b"lo", _UP))
            fcntl.ioctl(handle, _SET_ADDRESS, packed)


def _socket(kind: socket.SocketKind, port: int) -> socket.socket:
    made = socket.socket(socket.AF_INET, kind)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind(("0.0.0.0", port))  # noqa: S104 - in a network where nothing else is
    if kind is socket.SOCK_STREAM:
        made.listen(64)
    return made


def _start(target: object, *arguments: object) -> None:
    threading.Thread(target=target, args=arguments, daemon=True).start()  # type: ignore[arg-type]


def _answer_names(handle: socket.socket, asked: set[str]) -> None:
    """Record each name that is looked up, and answer that it is here."""
    while True:
        query, sender = handle.recvfrom(4096)
        labels, place = [], _HEADER
        while query[place]:
            labels.append(query[place + 1 : place + 1 + query[place]].decode())
            place += query[place] + 1
        question = query[_HEADER : place + 5]
        asked.add(".".join(labels))
        wants_address = struct.unpack(">H", query[place + 1 : place + 3])[0] == _A
        counts = struct.pack(">HHHHH", 0x8180, 1, int(wants_address), 0, 0)
        handle.sendto(query[:2] + counts + question + (_ANSWER_HERE if wants_address else b""), sender)


def _refuse(listener: socket.socket, asked: set[str]) -> None:
    """Record each connection by the address it was made to, and close it."""
    while True:
        connection, _ = listener.accept()
        asked.add("{}:{}".format(*connection.getsockname()))
        connection.close()


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1], sys.argv[2:]))
