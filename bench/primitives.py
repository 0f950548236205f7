"""The bare cost of what a cryptographic operation is for: the primitive alone, on a key that is loaded."""

from __future__ import annotations

import hashlib
import hmac
import os
import time
from functools import partial
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256

from bench.operations import LARGE, SMALL, message

if TYPE_CHECKING:
    from collections.abc import Callable

_SECONDS = 0.1
_BATCH = 20
_NONCE = bytes(12)


def primitives() -> dict[str, Callable[[], object]]:
    """Return for each cryptographic operation what does its primitive once."""
    small, large, key = message(SMALL), message(LARGE), os.urandom(32)
    rsa_key, ec_key = rsa.generate_private_key(65537, 2048), ec.generate_private_key(ec.SECP256R1())
    pkcs1, ecdsa = (padding.PKCS1v15(), SHA256()), (ec.ECDSA(SHA256()),)
    return {
        "Encrypt": lambda: AESGCM(key).encrypt(_NONCE, small, None),
        "Decrypt": partial(_opened, key, AESGCM(key).encrypt(_NONCE, small, None)),
        "Encrypt 4 KiB": lambda: AESGCM(key).encrypt(_NONCE, large, None),
        "Decrypt 4 KiB": partial(_opened, key, AESGCM(key).encrypt(_NONCE, large, None)),
        "GenerateMac 4 KiB": lambda: hmac.digest(key, large, hashlib.sha256),
        "Sign RSA_2048": lambda: rsa_key.sign(small, *pkcs1),
        "Verify RSA_2048": partial(rsa_key.public_key().verify, rsa_key.sign(small, *pkcs1), small, *pkcs1),
        "Sign ECC_NIST_P256": lambda: ec_key.sign(small, *ecdsa),
        "Verify ECC_NIST_P256": partial(ec_key.public_key().verify, ec_key.sign(small, *ecdsa), small, *ecdsa),
    }


def _opened(key: bytes, sealed: bytes) -> bytes:
    return AESGCM(key).decrypt(_NONCE, sealed, None)


def cpu_of(primitive: Callable[[], object]) -> float:
    """Return the CPU seconds that *primitive* takes once."""
    primitive()
    done, before = 0, time.thread_time()
    while (spent := time.thread_time() - before) < _SECONDS:
        for _ in range(_BATCH):
            primitive()
        done += _BATCH
    return spent / done
