"""RSA, RFC 8017: RSASSA-PKCS1-v1_5 and RSASSA-PSS signatures, RSAES-OAEP encryption."""

from __future__ import annotations

import os
from threading import BoundedSemaphore
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, SHA384, SHA512, HashAlgorithm

from mockaws.crypto import der
from mockaws.crypto.errors import InvalidCiphertextError, InvalidKeyError
from mockaws.crypto.key_pairs import KeyPair

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.padding import AsymmetricPadding

_PUBLIC_EXPONENT = 65537
# The search for primes occupies a processor for up to seconds, without the interpreter's lock. One processor stays free
# for other calls, even if many keys are requested at once.
_finding_primes = BoundedSemaphore(max(1, (os.cpu_count() or 1) - 1))


def _pss(algorithm: HashAlgorithm) -> AsymmetricPadding:
    return padding.PSS(padding.MGF1(algorithm), padding.PSS.DIGEST_LENGTH)


def _oaep(algorithm: HashAlgorithm) -> AsymmetricPadding:
    return padding.OAEP(padding.MGF1(algorithm), algorithm, label=None)


SIGNING: dict[str, tuple[AsymmetricPadding, HashAlgorithm]] = {
    "RSASSA_PKCS1_V1_5_SHA_256": (padding.PKCS1v15(), SHA256()),
    "RSASSA_PKCS1_V1_5_SHA_384": (padding.PKCS1v15(), SHA384()),
    "RSASSA_PKCS1_V1_5_SHA_512": (padding.PKCS1v15(), SHA512()),
    "RSASSA_PSS_SHA_256": (_pss(SHA256()), SHA256()),
    "RSASSA_PSS_SHA_384": (_pss(SHA384()), SHA384()),
    "RSASSA_PSS_SHA_512": (_pss(SHA512()), SHA512()),
}
ENCRYPTION: dict[str, AsymmetricPadding] = {
    "RSAES_OAEP_SHA_1": _oaep(SHA1()),  # noqa: S303 - AWS offers it; as OAEP's hash SHA-1 is not broken
    "RSAES_OAEP_SHA_256": _oaep(SHA256()),
}


class RsaKeyPair(KeyPair):
    """An RSA key pair."""

    def __init__(self, key: RSAPrivateKey) -> None:
        self._private = key
        self._public = key.public_key()
        self.private_der = der.private(key)
        self.public_der = der.public(self._public)

    def sign(self, algorithm: str, message: bytes, *, prepared: bool) -> bytes:
        """Return the signature of *message*. The salt of a PSS signature is as long as the digest."""
        scheme, digest = SIGNING[algorithm]
        return self._private.sign(message, scheme, Prehashed(digest) if prepared else digest)

    def is_signature(self, algorithm: str, message: bytes, signature: bytes, *, prepared: bool) -> bool:
        """Return True if the signature is valid. The salt of a PSS signature must be as long as the digest."""
        scheme, digest = SIGNING[algorithm]
        try:
            self._public.verify(signature, message, scheme, Prehashed(digest) if prepared else digest)
        except InvalidSignature:
            return False
        return True

    def encrypt(self, algorithm: str, plaintext: bytes) -> bytes:
        """Encrypt with OAEP, with the same hash for label and mask."""
        return self._public.encrypt(plaintext, ENCRYPTION[algorithm])

    def decrypt(self, algorithm: str, ciphertext: bytes) -> bytes:
        """Decrypt a ciphertext of OAEP. Raises InvalidCiphertextError."""
        try:
            return self._private.decrypt(ciphertext, ENCRYPTION[algorithm])
        except ValueError:
            raise InvalidCiphertextError from None


def generate(size: str) -> RsaKeyPair:
    """Return a new key pair; *size* is the modulus length in bits."""
    return RsaKeyPair(new_private_key(int(size)))


def new_private_key(bits: int) -> RSAPrivateKey:
    """Return a new private key with a modulus of *bits*."""
    with _finding_primes:
        return generate_private_key(_PUBLIC_EXPONENT, bits)


def load(size: str, private_der: bytes) -> RsaKeyPair:
    """Return the key pair in *private_der*. Raises InvalidKeyError unless it is RSA with a modulus of *size* bits."""
    key = der.load_private(private_der)
    if not isinstance(key, RSAPrivateKey) or key.key_size != int(size):
        raise InvalidKeyError(f"not an RSA key of {size} bits")
    return RsaKeyPair(key)
