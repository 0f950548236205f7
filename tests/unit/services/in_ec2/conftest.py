"""Shared fixtures of the tests of clusters in EC2."""

from __future__ import annotations

import pytest

from tests.unit.services.in_ec2.vpcs import Place, place


@pytest.fixture
def here() -> Place:
    """Return a place in a fresh world whose other services are moto's."""
    return place()
