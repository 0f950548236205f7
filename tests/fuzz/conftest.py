"""Key pairs that are made once, for all fuzzers."""

from __future__ import annotations

from functools import cache

import pytest

from mockaws.crypto import key_pairs, wrapping

_generate, _new_wrapping_key = cache(key_pairs.generate), cache(wrapping.new_key)


@pytest.fixture(autouse=True)
def _key_pairs_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make each kind of key pair once: one of RSA takes up to seconds."""
    monkeypatch.setattr(key_pairs, "generate", _generate)
    monkeypatch.setattr(wrapping, "new_key", _new_wrapping_key)
