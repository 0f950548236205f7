"""Fixtures of the tests of KMS."""

from __future__ import annotations

from collections import defaultdict
from threading import Lock
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from mockaws.crypto import rsa
from tests.unit.services.kms.calling import Kms

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

_made: defaultdict[tuple[int, int], list[RSAPrivateKey]] = defaultdict(list)


@pytest.fixture
def kms() -> Kms:
    """Return a caller in a world with a cluster that a key store can stand on, where everything happens at once."""
    return Kms()


@pytest.fixture(autouse=True)
def _rsa_keys_of_earlier_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give mockaws RSA keys of earlier tests, since each takes up to a second. In one test, all are different."""
    counts: defaultdict[tuple[int, int], int] = defaultdict(int)
    lock = Lock()

    def next_key(exponent: int, bits: int) -> RSAPrivateKey:
        with lock:
            keys = _made[exponent, bits]
            if counts[exponent, bits] == len(keys):
                keys.append(generate_private_key(exponent, bits))
            counts[exponent, bits] += 1
            return keys[counts[exponent, bits] - 1]

    monkeypatch.setattr(rsa, "generate_private_key", next_key)
