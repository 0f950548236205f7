"""How many inputs a fuzzer tries: few and the same each time in a test run, other ones each time under `make fuzz`."""

from __future__ import annotations

import os
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis.database import DirectoryBasedExampleDatabase

UNBOUNDED = "MOCKAWS_FUZZ"
FAILURES = Path(__file__).resolve().parents[2] / ".hypothesis" / "fuzz"
_TIMES = 10


def effort(examples: int, steps: int = 50) -> settings:
    """Return the settings of a fuzzer that tries *examples* inputs, a stateful one with up to *steps* steps each.

    Under `make fuzz` it tries ten times as many a round, and keeps those that fail.
    """
    unbounded = UNBOUNDED in os.environ
    return settings(
        max_examples=examples * _TIMES if unbounded else examples,
        stateful_step_count=steps,
        derandomize=not unbounded,
        database=DirectoryBasedExampleDatabase(FAILURES) if unbounded else None,
        deadline=None,
        print_blob=True,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
