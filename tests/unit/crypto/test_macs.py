"""HMAC, held against RFC 4231."""

from __future__ import annotations

import pytest

from mockaws.crypto import macs

# Test case 2: the key "Jefe".
KNOWN = {
    "HMAC_SHA_224": "a30e01098bc6dbbf45690f3a7e9e6d0f8bbea2a39e6148008fd05e44",
    "HMAC_SHA_256": "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    "HMAC_SHA_384": (
        "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649"
    ),
    "HMAC_SHA_512": (
        "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
        "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"
    ),
}
SECRET, MESSAGE = b"Jefe", b"what do ya want for nothing?"


@pytest.mark.parametrize("algorithm", macs.ALGORITHMS)
def test_known_answers(algorithm: str) -> None:
    """The code is the standard's, and verifies."""
    mac = bytes.fromhex(KNOWN[algorithm])
    assert macs.generate(algorithm, SECRET, MESSAGE) == mac
    assert macs.is_mac(algorithm, SECRET, MESSAGE, mac)


@pytest.mark.parametrize("algorithm", macs.ALGORITHMS)
def test_what_is_no_code(algorithm: str) -> None:
    """A code that was cut, lengthened or changed, or of another secret or message, is wrong."""
    mac = macs.generate(algorithm, SECRET, MESSAGE)
    for wrong in (b"", mac[:-1], mac + b"\0", bytes((mac[0] ^ 1,)) + mac[1:]):
        assert not macs.is_mac(algorithm, SECRET, MESSAGE, wrong)
    assert not macs.is_mac(algorithm, b"jefe", MESSAGE, mac)
    assert not macs.is_mac(algorithm, SECRET, MESSAGE + b"\0", mac)
