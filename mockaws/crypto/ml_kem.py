"""ML-KEM, FIPS 203: shared secrets that withstand quantum computers.

The cryptography package has ML-KEM-768 and ML-KEM-1024. ML-KEM-512 comes from kyber-py, which has raw keys only; this
module adds the DER around them (RFC 9935), which is constant.
"""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM1024PrivateKey
from kyber_py.ml_kem import ML_KEM_512

from mockaws.crypto import der
from mockaws.crypto.errors import InvalidCiphertextError, InvalidKeyError
from mockaws.crypto.key_pairs import KeyPair
from mockaws.crypto.symmetric import random_bytes

MlKemPrivateKey = MLKEM768PrivateKey | MLKEM1024PrivateKey
SIZES: dict[str, type[MlKemPrivateKey]] = {"768": MLKEM768PrivateKey, "1024": MLKEM1024PrivateKey}
CIPHERTEXT_BYTES = {"512": 768, "768": 1088, "1024": 1568}
_SEED_BYTES = 64
# id-alg-ml-kem-512 is 2.16.840.1.101.3.4.4.1; the private key is its seed under the tag [0].
_PRIVATE_512 = bytes.fromhex("3054020100300b060960864801650304040104428040")
_PUBLIC_512 = bytes.fromhex("30820332300b06096086480165030404010382032100")


class MlKemKeyPair(KeyPair):
    """A key pair of ML-KEM-768 or ML-KEM-1024."""

    def __init__(self, size: str, key: MlKemPrivateKey) -> None:
        self._ciphertext_bytes = CIPHERTEXT_BYTES[size]
        self._private = key
        self._public = key.public_key()
        self.private_der = der.private(key)
        self.public_der = der.public(self._public)

    def encapsulate(self) -> tuple[bytes, bytes]:
        """Return a new shared secret and its ciphertext."""
        return self._public.encapsulate()

    def decapsulate(self, ciphertext: bytes) -> bytes:
        """Return the shared secret in *ciphertext*. Raises InvalidCiphertextError if its length is wrong.

        A ciphertext of another key yields another secret, which is no error.
        """
        if len(ciphertext) != self._ciphertext_bytes:
            raise InvalidCiphertextError
        return self._private.decapsulate(ciphertext)


class MlKem512KeyPair(KeyPair):
    """A key pair of ML-KEM-512, which its *seed* determines."""

    def __init__(self, seed: bytes) -> None:
        self._public, self._private = ML_KEM_512.key_derive(seed)
        self.private_der = _PRIVATE_512 + seed
        self.public_der = _PUBLIC_512 + self._public

    def encapsulate(self) -> tuple[bytes, bytes]:
        """Return a new shared secret and its ciphertext."""
        secret, ciphertext = ML_KEM_512.encaps(self._public)
        return secret, ciphertext

    def decapsulate(self, ciphertext: bytes) -> bytes:
        """Return the shared secret in *ciphertext*. Raises InvalidCiphertextError if its length is wrong.

        A ciphertext of another key yields another secret, which is no error.
        """
        if len(ciphertext) != CIPHERTEXT_BYTES["512"]:
            raise InvalidCiphertextError
        return bytes(ML_KEM_512.decaps(self._private, ciphertext))


def generate(size: str) -> MlKemKeyPair | MlKem512KeyPair:
    """Return a new key pair of the parameter set *size*."""
    if size in SIZES:
        return MlKemKeyPair(size, SIZES[size].generate())
    return MlKem512KeyPair(random_bytes(_SEED_BYTES))


def load(size: str, private_der: bytes) -> MlKemKeyPair | MlKem512KeyPair:
    """Return the key pair in *private_der*. Raises InvalidKeyError unless its parameter set is *size*."""
    if size not in SIZES:
        if not private_der.startswith(_PRIVATE_512) or len(private_der) != len(_PRIVATE_512) + _SEED_BYTES:
            raise InvalidKeyError("not an ML-KEM-512 key")
        return MlKem512KeyPair(private_der.removeprefix(_PRIVATE_512))
    key = der.load_private(private_der)
    if not isinstance(key, SIZES[size]):
        raise InvalidKeyError(f"not an ML-KEM-{size} key")
    return MlKemKeyPair(size, key)
