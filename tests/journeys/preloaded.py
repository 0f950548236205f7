"""The real commands `aws` and `mockaws`, without the time that Python takes to import them.

One process imports them, `python -m tests.journeys.preloaded SOCKET`, and forks for each command. The command runs in
the fork, with its caller's arguments, environment, directory and open files. On PATH the commands' names lead to
`_CALLER`, which sends all of that to the process.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from io import StringIO
from itertools import product
from typing import TYPE_CHECKING

from tests.journeys.command import ROOT, clean_environment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    Main = Callable[[Sequence[str]], int | None]

_COMMANDS = ("aws", "mockaws")
_NOBODY = {
    "AWS_ACCESS_KEY_ID": "nobody",
    "AWS_SECRET_ACCESS_KEY": "nothing",
    "AWS_MAX_ATTEMPTS": "1",
    "AWS_REGION": "us-west-2",
}
_STANDARD_FILES = (0, 1, 2)
_LONGEST = 1 << 20
_CALLER = f"""\
#!{sys.executable} -IS
import json, os, socket, sys
with socket.socket(socket.AF_UNIX) as server:
    server.connect(SOCKET)
    call = json.dumps([os.path.basename(sys.argv[0]), sys.argv[1:], os.getcwd(), dict(os.environ)]).encode()
    socket.send_fds(server, [len(call).to_bytes(4, "big")], [0, 1, 2])
    server.sendall(call)
    sys.exit(server.recv(1)[0])
"""


@contextmanager
def commands(folder: Path) -> Iterator[Path]:
    """Yield a folder with the commands, to stand first on PATH while the block runs."""
    path = folder / "socket"
    for name in _COMMANDS:
        caller = folder / name
        caller.write_text(_CALLER.replace("SOCKET", repr(str(path))))
        caller.chmod(0o755)
    server = [sys.executable, "-m", __name__, str(path)]
    with subprocess.Popen(server, cwd=ROOT, env=clean_environment() | _NOBODY, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        try:
            yield folder
        finally:
            process.kill()


def serve(path: str) -> None:
    """Run each command that is asked for in a fork of this process."""
    mains = dict(zip(_COMMANDS, (_aws(), _mockaws()), strict=True))
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path)
        server.listen()
        print("ready", flush=True)  # noqa: T201 - the one who started this waits for it
        while True:
            caller, _ = server.accept()
            with caller:
                if os.fork() == 0:
                    server.close()
                    _run(caller, mains)


def _aws() -> Main:
    """Return what runs AWS's CLI, with everything read that each of its commands would read."""
    from awscli import clidriver  # noqa: PLC0415 - whoever starts this process does not need it

    with redirect_stderr(StringIO()):  # nothing answers there
        clidriver.create_clidriver().main(["kms", "list-keys", "--endpoint-url", "http://127.0.0.1:9"])
    driver = clidriver.create_clidriver()
    loader = driver.session.get_component("data_loader")
    for service, kind in product(("kms", "cloudhsmv2"), ("service-2", "paginators-1", "endpoint-rule-set-1")):
        loader.load_service_model(service, kind)
    main: Main = driver.main
    return main


def _mockaws() -> Main:
    from mockaws import cli  # noqa: PLC0415

    with redirect_stdout(StringIO()), suppress(SystemExit):
        cli.main(["hsm", "--help"])
    return cli.main


def _run(caller: socket.socket, mains: dict[str, Main]) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    length, files, _, _ = socket.recv_fds(caller, 4, len(_STANDARD_FILES))
    name, arguments, folder, environment = json.loads(caller.recv(int.from_bytes(length, "big"), socket.MSG_WAITALL))
    for file, number in zip(files, _STANDARD_FILES, strict=True):
        os.dup2(file, number)
    os.chdir(folder)
    # AWS's CLI tells itself by a variable where its data files are, when it is imported.
    kept = {name: value for name, value in os.environ.items() if name == "AWS_DATA_PATH"}
    os.environ.clear()
    os.environ.update(environment | kept)
    sys.argv = [name, *arguments]
    status: object = 1
    try:
        status = mains[name](arguments)
    except SystemExit as ended:
        status = ended.code
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        caller.sendall(bytes([status if isinstance(status, int) else 1 if status else 0]))
        os._exit(0)


if __name__ == "__main__":
    serve(sys.argv[1])
