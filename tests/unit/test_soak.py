"""The short form of `python -m bench.soak`: what creates and deletes leaves nothing behind."""

from __future__ import annotations

import pytest

from bench.soak import Soak
from mockaws.records.sts import ExpiredSessions
from mockaws.store.call_log import CAPACITY

ENDS_OF_ACCESS_KEY_IDS = 32**2


def expired(soak: Soak) -> int:
    """Return how many records there are of sessions that have expired: one for each end of their access key ids."""
    return sum(isinstance(record, ExpiredSessions) for record in soak.world.store.records())


@pytest.mark.slow
def test_records_and_journal_stay_as_many() -> None:
    """After 20,000 calls there is hardly more than after 10,000: in a world of a hundred days, backups and no more."""
    soak = Soak()
    soak.run(10_000)
    before, expired_before = soak.mark(), expired(soak)
    soak.run(10_000)
    after, expired_after = soak.mark(), expired(soak)
    assert after.records - expired_after < 1.2 * (before.records - expired_before)
    assert expired_after <= ENDS_OF_ACCESS_KEY_IDS
    assert after.journal == CAPACITY
    assert sum(entry.size for entry in soak.world.journal.entries()) < 16 * 2**20
