"""Fuzz with other seeds each time, until something fails, the time is over, or Ctrl-C.

python -m tests.fuzz [--seconds N] [--seed N] [arguments of pytest]

Hypothesis prints the smallest failing example. The output of a failed round is kept in .hypothesis/fuzz under its seed,
and such rounds come first the next time: a file goes when its round has passed.
"""

from __future__ import annotations

import argparse
import itertools
import os
import secrets
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.fuzz.effort import UNBOUNDED

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).resolve().parents[2]
FAILURES = ROOT / ".hypothesis" / "fuzz"
_STOP_SECONDS = 30.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run rounds; return 1 after a round in which something failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=os.environ.get("FUZZ_SECONDS") or None, metavar="N")
    parser.add_argument("--seed", type=int, metavar="N", help="one round with this seed: the one that was printed")
    options, rest = parser.parse_known_args(arguments)
    FAILURES.mkdir(parents=True, exist_ok=True)
    end = None if options.seconds is None else time.monotonic() + options.seconds
    rounds = 0
    for seed in [options.seed] if options.seed is not None else _seeds():
        left = None if end is None else end - time.monotonic()
        if left is not None and left <= 0:
            break
        rounds += 1
        print(f"fuzz: round {rounds}, seed {seed}", flush=True)
        status = _round(seed, rest, left)
        if status:
            again = " ".join(["python -m tests.fuzz --seed", str(seed), *rest])
            print(f"fuzz: round {rounds} failed; {_kept(seed)} has its output. The same round again: {again}")
            return 1
        if status is None:
            break
    print(f"fuzz: nothing failed in {rounds} rounds")
    return 0


def _seeds() -> Iterator[int]:
    """Yield the seeds of rounds that have failed before, and then new ones without end."""
    failed = [int(file.stem) for file in FAILURES.glob("*.txt") if file.stem.isdecimal()]
    yield from itertools.chain(failed, (secrets.randbits(32) for _ in itertools.repeat(None)))


def _kept(seed: int) -> Path:
    return FAILURES / f"{seed}.txt"


def _round(seed: int, rest: Sequence[str], seconds: float | None) -> int | None:
    """Return pytest's exit status, None if the time was over before its end; keep the output of one that fails."""
    paths = [] if any(word.startswith("tests/") for word in rest) else ["tests/fuzz"]
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", f"--hypothesis-seed={seed}"]
    file = _kept(seed)
    before = file.read_bytes() if file.exists() else b""
    with file.open("wb") as output:
        pytest = subprocess.Popen(
            [*command, *paths, *rest],
            cwd=ROOT,
            env=os.environ | {UNBOUNDED: "1"},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        status = _ended(pytest, seconds)
    if status:
        sys.stdout.write(file.read_text(errors="replace"))
    elif status is None and before:
        file.write_bytes(before)
    else:
        file.unlink()
    return status


def _ended(pytest: subprocess.Popen[bytes], seconds: float | None) -> int | None:
    """Wait for a round, and end it when its time is over, or at Ctrl-C."""
    try:
        return pytest.wait(seconds)
    except (subprocess.TimeoutExpired, KeyboardInterrupt):
        pytest.terminate()
    try:
        pytest.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        pytest.kill()
        pytest.wait()
    return None


if __name__ == "__main__":
    sys.exit(main())
