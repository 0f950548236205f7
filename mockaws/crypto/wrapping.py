"""Imports of key material: wrapping keys of RSA or SM2, unwrapping, and the forms that KMS accepts.

https://docs.aws.amazon.com/kms/latest/developerguide/importing-keys-encrypt-key-material.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap_with_padding

from mockaws.crypto import der, key_pairs, rsa
from mockaws.crypto.errors import InvalidCiphertextError, InvalidKeyError

if TYPE_CHECKING:
    from mockaws.crypto.key_pairs import KeyPair

# With these, the wrapping key encrypts an AES key with RSAES-OAEP, and the AES key wraps the material as in RFC 5649.
_OAEP_OF_AES_KEY = {
    "RSA_AES_KEY_WRAP_SHA_1": "RSAES_OAEP_SHA_1",
    "RSA_AES_KEY_WRAP_SHA_256": "RSAES_OAEP_SHA_256",
}
_SM2PKE = "SM2PKE"
# PKCS #8 (RFC 5208) begins with a version and the algorithm's SEQUENCE. The cryptography package reads older encodings
# of private keys as well, which differ in that place, and explicit curve parameters.
_PKCS8 = re.compile(rb"\x30(?:[\x00-\x7f]|\x81.|\x82..)\x02\x01[\x00\x01]\x30", re.DOTALL)
# In BER (X.690), the outer SEQUENCE may have an indefinite length and end with two zero bytes.
_OPEN, _END = b"\x30\x80", b"\x00\x00"
_SHORT = 0x80
_UNNAMED_CURVE = bytes.fromhex("06072a8648ce3d020130")


def new_key(algorithm: str, size: str) -> KeyPair:
    """Return a new wrapping key for an algorithm, of *size* bits if it is RSA."""
    if algorithm == _SM2PKE:
        from mockaws.crypto import sm2  # noqa: PLC0415 - for the China Regions only

        return sm2.generate(size)
    return rsa.generate(size)


def unwrap(algorithm: str, size: str, private_der: bytes, wrapped: bytes) -> bytes:
    """Return the key material in *wrapped*. Raises InvalidCiphertextError.

    *algorithm* has AWS's name, *size* is the bits of the wrapping key in *private_der*.
    """
    if algorithm == _SM2PKE:
        return key_pairs.read("sm2", size, private_der).decrypt(algorithm, wrapped)
    wrapping_key = rsa.load(size, private_der)
    if algorithm not in _OAEP_OF_AES_KEY:
        return wrapping_key.decrypt(algorithm, wrapped)
    length = int(size) // 8
    aes_key = wrapping_key.decrypt(_OAEP_OF_AES_KEY[algorithm], wrapped[:length])
    try:
        return aes_key_unwrap_with_padding(aes_key, wrapped[length:])
    except (InvalidUnwrap, ValueError):
        raise InvalidCiphertextError from None


def private_key(family: str, size: str, material: bytes) -> bytes:
    """Return the private key in *material*, in the form in which KMS stores it. Raises InvalidKeyError.

    It must be of the *family* and *size*, in PKCS #8, and on a curve that is named. The primes of an RSA key are
    tested, here and never again. The encoding may be BER, but not for Ed25519 (recorded).
    """
    if family != "edwards25519":
        material = _closed(material)
    if not _PKCS8.match(material) or _UNNAMED_CURVE in material:
        raise InvalidKeyError("not a private key in PKCS #8, or one on an unnamed curve")
    if family == "rsa":
        der.load_private(material, trusted=False)
    return key_pairs.read(family, size, material).private_der


def _closed(material: bytes) -> bytes:
    """Return *material* with a definite length of its outer SEQUENCE."""
    if not (material.startswith(_OPEN) and material.endswith(_END)):
        return material
    content = material.removeprefix(_OPEN).removesuffix(_END)
    length = len(content)
    octets = length.to_bytes((length.bit_length() + 7) // 8)
    return b"\x30" + (octets if length < _SHORT else bytes((_SHORT | len(octets),)) + octets) + content
