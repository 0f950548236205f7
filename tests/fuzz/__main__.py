"""Fuzz with other seeds each time, until something fails, the time is over, or Ctrl-C.

python -m tests.fuzz [--seconds N] [--seed N] [arguments of pytest]

A failing example is printed by hypothesis, and kept in .hypothesis/, from where the next round tries it first.
"""

from __future__ import annotations

import argparse
import os
import secrets
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from tests.fuzz.effort import FAILURES, UNBOUNDED

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = FAILURES.parents[1]
_STOP_SECONDS = 30.0
_NO_FAILURE = 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run rounds; return 1 after a round in which something failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=os.environ.get("FUZZ_SECONDS") or None, metavar="N")
    parser.add_argument("--seed", type=int, metavar="N", help="one round with this seed: the one that was printed")
    options, rest = parser.parse_known_args(arguments)
    end = time.monotonic() + options.seconds if options.seconds is not None else None
    rounds = 0
    while end is None or time.monotonic() < end:
        seed = options.seed if options.seed is not None else secrets.randbits(32)
        rounds += 1
        print(f"fuzz: round {rounds}, seed {seed}", flush=True)
        status = _round(seed, rest, end)
        if status is None:
            break
        if status != _NO_FAILURE:
            again = " ".join(["python -m tests.fuzz --seed", str(seed), *rest])
            print(f"fuzz: round {rounds} failed. Its examples are in {FAILURES}. The same round again: {again}")
            return 1
        if options.seed is not None:
            break
    print(f"fuzz: nothing failed in {rounds} rounds")
    return 0


def _round(seed: int, rest: Sequence[str], end: float | None) -> int | None:
    """Return pytest's exit status, None if the time was over before its end."""
    paths = [] if any(word.startswith("tests/") for word in rest) else ["tests/fuzz"]
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-x",
        "-q",
        "-p",
        "no:cacheprovider",
        f"--hypothesis-seed={seed}",
        *paths,
        *rest,
    ]
    with subprocess.Popen(command, cwd=ROOT, env=os.environ | {UNBOUNDED: "1"}) as pytest:
        try:
            return pytest.wait(None if end is None else max(0.0, end - time.monotonic()))
        except subprocess.TimeoutExpired:
            pytest.terminate()
            try:
                pytest.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                pytest.kill()
            return None
        except KeyboardInterrupt:
            pytest.wait(_STOP_SECONDS)
            return None


if __name__ == "__main__":
    sys.exit(main())
