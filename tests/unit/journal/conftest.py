"""A caller, and the journal of its calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.unit.journal.calling import Calls

if TYPE_CHECKING:
    from mockaws.gateway.journey import Gateway


@pytest.fixture
def calls(gateway: Gateway) -> Calls:
    """Return a world in which to call something: it has a cluster that a key store can stand on."""
    return Calls(gateway)
