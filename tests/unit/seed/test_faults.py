"""Faults that stand in a fixture."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.unit.seed.kinds import Load


def test_a_fixture_has_faults(load: Load) -> None:
    """Faults of a fixture are those of its world, in their order."""
    seed = load("faults: [{operation: 'kms:Encrypt', error: KMSInternalException, times: 2}, {latency: PT0.5S}]")
    assert [(one.operation, one.error, one.times, one.latency) for one in seed.faults] == [
        ("kms:Encrypt", "KMSInternalException", 2, 0.0),
        ("*", None, None, 0.5),
    ]
    assert load("faults: []").faults == load("{}").faults == ()
