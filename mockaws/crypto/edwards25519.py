"""Ed25519, and Ed25519ph, which hashes the message first: RFC 8032, FIPS 186-5.

The cryptography package has Ed25519; Ed25519ph comes from libsodium through PyNaCl.
"""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from nacl import bindings
from nacl.exceptions import BadSignatureError

from mockaws.crypto import der
from mockaws.crypto.errors import InvalidKeyError
from mockaws.crypto.key_pairs import KeyPair

PREHASHING = "ED25519_PH_SHA_512"


class Edwards25519KeyPair(KeyPair):
    """A key pair on edwards25519."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._private = key
        self._public = key.public_key()
        self._raw_public = self._public.public_bytes_raw()
        self.private_der = der.private(key)
        self.public_der = der.public(self._public)

    def sign(self, algorithm: str, message: bytes, *, prepared: bool) -> bytes:  # noqa: ARG002
        """Return the signature of *message*. Ed25519ph hashes its input even if it is a digest, as AWS does."""
        if algorithm != PREHASHING:
            return self._private.sign(message)
        # libsodium's private key is the seed followed by the public key.
        return bindings.crypto_sign_ed25519ph_final_create(
            _hashing(message), self._private.private_bytes_raw() + self._raw_public
        )

    def is_signature(self, algorithm: str, message: bytes, signature: bytes, *, prepared: bool) -> bool:  # noqa: ARG002
        """Return True if *signature* is a signature of *message*."""
        try:
            if algorithm != PREHASHING:
                self._public.verify(signature, message)
                return True
            return len(signature) == bindings.crypto_sign_BYTES and bindings.crypto_sign_ed25519ph_final_verify(
                _hashing(message), signature, self._raw_public
            )
        except (InvalidSignature, BadSignatureError):
            return False


def _hashing(message: bytes) -> bindings.crypto_sign_ed25519ph_state:
    state = bindings.crypto_sign_ed25519ph_state()
    bindings.crypto_sign_ed25519ph_update(state, message)
    return state


def generate(size: str) -> Edwards25519KeyPair:  # noqa: ARG001 - there is one
    """Return a new key pair."""
    return Edwards25519KeyPair(Ed25519PrivateKey.generate())


def load(size: str, private_der: bytes) -> Edwards25519KeyPair:  # noqa: ARG001 - there is one
    """Return the key pair in *private_der*. Raises InvalidKeyError if it is not a key on edwards25519."""
    key = der.load_private(private_der)
    if not isinstance(key, Ed25519PrivateKey):
        raise InvalidKeyError("not an Ed25519 key")
    return Edwards25519KeyPair(key)
