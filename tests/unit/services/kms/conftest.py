"""Fixtures of the tests of KMS."""

from __future__ import annotations

import pytest

from tests.unit.services.kms.calling import Kms


@pytest.fixture
def kms() -> Kms:
    """Return a caller in a world with a cluster that a key store can stand on, where everything happens at once."""
    return Kms()
