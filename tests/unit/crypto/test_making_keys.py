"""Creation and caching of key pairs: RSA keys are created beside other calls, and each key is parsed once."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from mockaws.crypto import elliptic_curves, key_pairs, rsa

if TYPE_CHECKING:
    import pytest

THREADS = 2 * (os.cpu_count() or 1) + 2


def test_rsa_keys_leave_a_processor_free(monkeypatch: pytest.MonkeyPatch) -> None:
    """Primes are looked for by one thread less than there are processors, so that other requests find one."""
    lock, running, most = Lock(), 0, 0

    def counted(exponent: int, size: int) -> Any:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        try:
            return generate_private_key(exponent, size)
        finally:
            with lock:
                running -= 1

    monkeypatch.setattr(rsa, "generate_private_key", counted)
    with ThreadPoolExecutor(THREADS) as pool:
        pairs = list(pool.map(rsa.generate, ["2048"] * THREADS))
    assert len({pair.private_der for pair in pairs}) == THREADS
    assert most <= max(1, (os.cpu_count() or 1) - 1)


def test_a_key_in_use_is_parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loading a private key costs more than using it, so it happens once; a new key is loaded already."""
    made, kept = elliptic_curves.generate("P-256"), key_pairs.generate("elliptic_curves", "P-256")
    key_pairs.keep_loaded(kept.private_der, kept)
    loaded = key_pairs.load("elliptic_curves", "P-256", made.private_der)
    monkeypatch.setattr(elliptic_curves, "load", None)
    assert key_pairs.load("elliptic_curves", "P-256", made.private_der) is loaded
    assert key_pairs.load("elliptic_curves", "P-256", kept.private_der) is kept
