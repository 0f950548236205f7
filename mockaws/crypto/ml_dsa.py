"""ML-DSA, FIPS 204: signatures that withstand quantum computers."""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA65PrivateKey, MLDSA87PrivateKey

from mockaws.crypto import der
from mockaws.crypto.errors import InvalidKeyError
from mockaws.crypto.key_pairs import KeyPair

MlDsaPrivateKey = MLDSA44PrivateKey | MLDSA65PrivateKey | MLDSA87PrivateKey
SIZES: dict[str, type[MlDsaPrivateKey]] = {
    "44": MLDSA44PrivateKey,
    "65": MLDSA65PrivateKey,
    "87": MLDSA87PrivateKey,
}


class MlDsaKeyPair(KeyPair):
    """An ML-DSA key pair."""

    def __init__(self, key: MlDsaPrivateKey) -> None:
        self._private = key
        self._public = key.public_key()
        self.private_der = der.private(key)
        self.public_der = der.public(self._public)

    def sign(self, algorithm: str, message: bytes, *, prepared: bool) -> bytes:  # noqa: ARG002
        """Return the signature of a message, or of its μ (section 6.2, line 6 of algorithm 7)."""
        return self._private.sign_mu(message) if prepared else self._private.sign(message)

    def is_signature(self, algorithm: str, message: bytes, signature: bytes, *, prepared: bool) -> bool:  # noqa: ARG002
        """Return True if the signature of a message, or of its μ, is valid."""
        try:
            if prepared:
                self._public.verify_mu(signature, message)
            else:
                self._public.verify(signature, message)
        except InvalidSignature:
            return False
        return True


def generate(size: str) -> MlDsaKeyPair:
    """Return a new key pair of the parameter set *size*."""
    return MlDsaKeyPair(SIZES[size].generate())


def load(size: str, private_der: bytes) -> MlDsaKeyPair:
    """Return the key pair in *private_der*. Raises InvalidKeyError unless its parameter set is *size*."""
    key = der.load_private(private_der)
    if not isinstance(key, SIZES[size]):
        raise InvalidKeyError(f"not an ML-DSA-{size} key")
    return MlDsaKeyPair(key)
