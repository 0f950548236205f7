"""The number of inputs of a fuzzer: a few fixed ones in a test run, new ones each time under `make fuzz`."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, Phase, settings

UNBOUNDED = "MOCKAWS_FUZZ"
_TIMES = 10


def effort(examples: int, steps: int = 50) -> settings:
    """Return the settings of a fuzzer that tries *examples* inputs, a stateful one with up to *steps* steps each.

    Under `make fuzz` it tries ten times as many a round, with the round's seed. Hypothesis keeps no example of a run
    with a seed; the round itself can be run again. A test run shows the first failure as it is: to look for the
    smallest one may take minutes, and `make fuzz` does.
    """
    unbounded = UNBOUNDED in os.environ
    return settings(
        max_examples=examples * _TIMES if unbounded else examples,
        stateful_step_count=steps,
        derandomize=not unbounded,
        database=None,
        deadline=None,
        phases=list(Phase) if unbounded else [Phase.explicit, Phase.generate],
        print_blob=True,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
