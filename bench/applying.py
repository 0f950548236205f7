"""The time of `terraform apply` against mockaws, and against a server that answers instantly.

python -m bench.applying [--rounds N] [--keys N]

Against a server that takes no time, an apply takes Terraform's and its provider's own time. mockaws adds the rest.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import os
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from bench import load, wire
from bench.instant import ACCOUNT, REGION
from bench.peers import ENVIRONMENTS, OURS, ROOT
from bench.process import ServerProcess, StartError, free_port
from bench.results import APPLY_CPU, APPLY_TIME, Samples
from bench.targets import INSTANT, apply_time
from mockaws import environment

sys.path.insert(0, str(ROOT / "scripts"))

import terraform

if TYPE_CHECKING:
    from collections.abc import Sequence

ROUNDS, MAX_ROUNDS = 15, 200
KEYS, MAX_KEYS = 40, 1000
_PARTS = {
    OURS: ("mockaws", "serve", "--quiet", "--account", ACCOUNT, "--port"),
    INSTANT: ("bench.instant",),
}
_COMMAND_SECONDS = 600.0
_CONFIGURATION = """
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100, < 7"
    }
  }
}

resource "aws_kms_key" "one" {
  count = %(keys)d
}

resource "aws_kms_alias" "one" {
  count         = %(keys)d
  name          = "alias/bench-${count.index}"
  target_key_id = aws_kms_key.one[count.index].key_id
}
"""


class ApplyError(Exception):
    """Terraform did not do what it was to do."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and report; 1 where that cannot be done."""
    parser = argparse.ArgumentParser(prog="python -m bench.applying", description="Measure the time of an apply.")
    parser.add_argument("--rounds", type=int, choices=range(1, MAX_ROUNDS + 1), default=ROUNDS, metavar="N")
    parser.add_argument("--keys", type=int, choices=range(1, MAX_KEYS + 1), default=KEYS, metavar="N")
    options = parser.parse_args(arguments)
    try:
        tool = terraform.find()
        with tempfile.TemporaryDirectory() as directory:
            samples = _measured(Bench(tool, Path(directory), options.keys), options.rounds)
    except (terraform.ToolError, ApplyError, StartError, wire.CallError, OSError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    print(_text(samples, tool, options.rounds, options.keys))
    return 0


class Bench:
    """The servers, which run side by side, and a configuration after its `init`."""

    def __init__(self, tool: terraform.Terraform, directory: Path, keys: int) -> None:
        self._tool = tool
        self._directory = directory
        self._initialised = directory / "initialised"
        self._initialised.mkdir()
        (self._initialised / "main.tf").write_text(_CONFIGURATION % {"keys": keys})
        self._servers: dict[str, ServerProcess] = {}
        self._run(self._initialised, "", "init", "-input=false")

    def start(self, name: str) -> ServerProcess:
        """Start the server of this name."""
        ENVIRONMENTS.mkdir(exist_ok=True)
        port, log = free_port(), ENVIRONMENTS / f"applying {name}.log"
        command = [sys.executable, "-m", *_PARTS[name], str(port)]
        server = self._servers[name] = ServerProcess(command, os.environ, port, ROOT, log)
        return server

    def apply(self, name: str, samples: Samples | None) -> None:
        """Apply the configuration from nothing, and keep what that took; without *samples*, plan a second time too."""
        server = self._servers[name]
        if name == OURS:
            _reset(server.port)
        with tempfile.TemporaryDirectory(dir=self._directory) as parent:
            workspace = Path(parent, "workspace")
            shutil.copytree(self._initialised, workspace, symlinks=True)
            url = f"http://{wire.HOST}:{server.port}"
            cpu, started = server.cpu(), time.perf_counter()
            self._run(workspace, url, "apply", "-auto-approve")
            took = time.perf_counter() - started
            if samples is None:
                self._run(workspace, url, "plan", "-detailed-exitcode")
            else:
                samples.add(APPLY_TIME, name, took)
                samples.add(APPLY_CPU, name, server.cpu() - cpu)

    def _run(self, workspace: Path, url: str, *arguments: str) -> None:
        variables = self._tool.undisturbed(environment.for_command(os.environ, url, ACCOUNT, REGION))
        done = subprocess.run(
            [self._tool.executable, *arguments, "-no-color"],
            cwd=workspace,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_COMMAND_SECONDS,
            check=False,
        )
        if done.returncode:
            raise ApplyError(f"terraform {' '.join(arguments)} ended with {done.returncode}:\n{done.stdout}")


def _measured(bench: Bench, rounds: int) -> Samples:
    """Apply by turns; the first round fills the disk's caches, and shows that a second plan is empty."""
    samples = Samples()
    with contextlib.ExitStack() as running:
        for name in _PARTS:
            running.enter_context(bench.start(name)).first_answer(wire.sts(load.FIRST_CALL))
        for number in range(rounds + 1):
            print(f"apply, round {number} of {rounds} ...", file=sys.stderr, flush=True)
            load.interleaved(list(_PARTS), number, partial(bench.apply, samples=samples if number else None))
    return samples


def _reset(port: int) -> None:
    connection = http.client.HTTPConnection(wire.HOST, port, timeout=wire.TIMEOUT_SECONDS)
    with contextlib.closing(connection):
        connection.request("POST", "/_mockaws/reset")
        if connection.getresponse().status != http.HTTPStatus.OK:
            raise ApplyError("mockaws refuses to be reset")


def _text(samples: Samples, tool: terraform.Terraform, rounds: int, keys: int) -> str:
    verdict = apply_time(samples, keys)
    lines = [
        f"Python {platform.python_version()}, {os.cpu_count()} CPUs, {tool.product} {tool.version}.",
        f"`terraform apply` of {keys} keys with an alias each, from nothing; {rounds} interleaved rounds.",
        f"Load {os.getloadavg()[1]:.1f} over five minutes: where others are at work, too, times say little.",
        "",
        f"  {'':24}{OURS:>12}{INSTANT:>12}{'ratio':>12}",
    ]
    for what in (APPLY_TIME, APPLY_CPU):
        ours, instant = (samples.median(what, name) or 0 for name in _PARTS)
        ratio = samples.ratio(what, OURS, INSTANT) or 0
        lines.append(f"  {what:24}{ours:>10.3f} s{instant:>10.3f} s{ratio:>12.3f}")
    lines += [f"  {name}: {_spread(samples, name)}" for name in _PARTS]
    return "\n".join([*lines, "", "Target", f"  {verdict.verdict}  {verdict.target}: {verdict.outcome}"])


def _spread(samples: Samples, name: str) -> str:
    return "rounds " + " ".join(f"{seconds:.2f}" for seconds in samples.values[APPLY_TIME][name]) + " s"


if __name__ == "__main__":
    # Leaving as after an error ends the servers too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
