"""The short form of `python -m bench.soak`: what creates and deletes leaves nothing behind."""

from __future__ import annotations

import pytest

from bench.soak import Soak
from mockaws.journal.entries import CAPACITY


@pytest.mark.slow
def test_records_and_journal_stay_as_many() -> None:
    """After 20,000 calls there is hardly more than after 10,000: in a world of a hundred days, backups and no more."""
    soak = Soak()
    soak.run(10_000)
    before = soak.mark()
    soak.run(10_000)
    after = soak.mark()
    assert after.records < 1.2 * before.records
    assert after.journal == CAPACITY
    assert sum(entry.size for entry in soak.world.journal.entries()) < 16 * 2**20
