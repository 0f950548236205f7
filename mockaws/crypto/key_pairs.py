"""Key pairs of all families: creation, storage as DER, and a cache of loaded keys.

A family is a module of this package: `rsa`, `elliptic_curves`, `edwards25519`, `ml_dsa`, `ml_kem`, `sm2`. It is
imported when the first key of it is used, since the cryptography package takes 30 ms to import.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from threading import Lock
from typing import Protocol, cast

# Loading a private key costs up to a hundred times as much as its use, so keys in use stay loaded.
_MOST_LOADED = 4096

_loaded: dict[bytes, KeyPair] = {}
_lock = Lock()


class KeyPair:
    """A private key with its public key: *private_der* is PKCS #8 in DER, *public_der* SubjectPublicKeyInfo in DER.

    Each family implements the methods for which the table of key specs lists an algorithm; the others raise TypeError.
    *algorithm* is AWS's name. *prepared* is True if the message is a digest, or the μ of FIPS 204.
    """

    private_der: bytes
    public_der: bytes

    def sign(self, algorithm: str, message: bytes, *, prepared: bool) -> bytes:
        """Return the signature of *message*."""
        raise TypeError(f"{type(self).__name__} cannot sign with {algorithm} ({len(message)} bytes, {prepared=})")

    def is_signature(self, algorithm: str, message: bytes, signature: bytes, *, prepared: bool) -> bool:
        """Return True if *signature* is a signature of *message*."""
        raise TypeError(f"{type(self).__name__} cannot verify {algorithm} ({len(message + signature)}, {prepared=})")

    def encrypt(self, algorithm: str, plaintext: bytes) -> bytes:
        """Return *plaintext*, which is short enough for the algorithm, encrypted with the public key."""
        raise TypeError(f"{type(self).__name__} cannot encrypt with {algorithm} ({len(plaintext)} bytes)")

    def decrypt(self, algorithm: str, ciphertext: bytes) -> bytes:
        """Return the plaintext of *ciphertext*. Raises InvalidCiphertextError."""
        raise TypeError(f"{type(self).__name__} cannot decrypt with {algorithm} ({len(ciphertext)} bytes)")

    def agree(self, public_der: bytes) -> bytes:
        """Return the secret shared with the owner of a public key. Raises InvalidKeyError if that key does not fit."""
        raise TypeError(f"{type(self).__name__} cannot agree on a secret ({len(public_der)} bytes)")

    def encapsulate(self) -> tuple[bytes, bytes]:
        """Return a new shared secret, and the ciphertext from which the private key recovers it."""
        raise TypeError(f"{type(self).__name__} cannot encapsulate")

    def decapsulate(self, ciphertext: bytes) -> bytes:
        """Return the shared secret in *ciphertext*. Raises InvalidCiphertextError if its length is wrong."""
        raise TypeError(f"{type(self).__name__} cannot decapsulate ({len(ciphertext)} bytes)")


class Family(Protocol):
    """The functions of a family's module."""

    def generate(self, size: str) -> KeyPair:
        """Return a new key pair."""
        ...

    def load(self, size: str, private_der: bytes) -> KeyPair:
        """Return the key pair in *private_der*. Raises InvalidKeyError unless it is of this family and *size*."""
        ...


def generate(family: str, size: str) -> KeyPair:
    """Return a new key pair of a family and size, such as `rsa` and `2048`."""
    return _family(family).generate(size)


def load(family: str, size: str, private_der: bytes) -> KeyPair:
    """Return the key pair in *private_der*, which is of this family and size, from the cache if possible."""
    pair = _loaded.get(private_der)
    if pair is None:
        pair = read(family, size, private_der)
        keep_loaded(private_der, pair)
    return pair


def read(family: str, size: str, private_der: bytes) -> KeyPair:
    """Return the key pair in *private_der*. Raises InvalidKeyError unless it is of this family and size."""
    return _family(family).load(size, private_der)


def keep_loaded(private_der: bytes, pair: KeyPair) -> None:
    """Keep *pair* in the cache of `load`. The oldest entry is dropped if the cache is full."""
    with _lock:
        while len(_loaded) >= _MOST_LOADED:
            del _loaded[next(iter(_loaded))]
        _loaded[private_der] = pair


@cache
def _family(name: str) -> Family:
    return cast("Family", import_module(f"mockaws.crypto.{name}"))
