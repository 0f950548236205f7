"""CiphertextForRecipient, sealed for an enclave or an attested instance: CMS EnvelopedData, RFC 5652 section 6.

The content is encrypted with AES-256-CBC under a new key, and that key with RSAES-OAEP (SHA-256 throughout) for the
only recipient, which the SHA-256 of its public key's DER identifies.

AWS writes BER: the elements around the encrypted content have an indefinite length, and the content is split into
pieces of 1000 bytes. AWS's SDK for enclaves accepts no other encoding, so this layout equals recorded answers of AWS
byte for byte. `cryptography` writes the inner elements in DER.

This import costs a server some 30 ms. Modules that need it seldom import it inside their functions.
"""

from __future__ import annotations

import hashlib
import os
from typing import Annotated

from cryptography.hazmat import asn1
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.padding import PKCS7
from cryptography.hazmat.primitives.serialization import load_der_public_key
from cryptography.x509 import ObjectIdentifier

_DATA = ObjectIdentifier("1.2.840.113549.1.7.1")
_ENVELOPED_DATA = ObjectIdentifier("1.2.840.113549.1.7.3")
_RSAES_OAEP = ObjectIdentifier("1.2.840.113549.1.1.7")
_MGF1 = ObjectIdentifier("1.2.840.113549.1.1.8")
_SHA256 = ObjectIdentifier("2.16.840.1.101.3.4.2.1")
_AES_256_CBC = ObjectIdentifier("2.16.840.1.101.3.4.1.42")

_VERSION = 2  # of EnvelopedData and of KeyTransRecipientInfo, if a key identifier names the recipient
_KEY_BYTES = 32
_BLOCK_BYTES = 16
_PIECE_BYTES = 1000


@asn1.sequence
class _Hash:
    algorithm: ObjectIdentifier
    parameters: asn1.Null


@asn1.sequence
class _MaskGeneration:
    algorithm: ObjectIdentifier
    parameters: _Hash


@asn1.sequence
class _OaepParameters:
    hash: Annotated[_Hash, asn1.Explicit(0)]
    mask_generation: Annotated[_MaskGeneration, asn1.Explicit(1)]


@asn1.sequence
class _KeyEncryption:
    algorithm: ObjectIdentifier
    parameters: _OaepParameters


@asn1.sequence
class _KeyTransRecipientInfo:
    version: int
    subject_key_identifier: Annotated[bytes, asn1.Implicit(0)]
    key_encryption: _KeyEncryption
    encrypted_key: bytes


@asn1.set
class _RecipientInfos:
    only: _KeyTransRecipientInfo


@asn1.sequence
class _ContentEncryption:
    algorithm: ObjectIdentifier
    initialization_vector: bytes


_WITH_SHA256 = _Hash(algorithm=_SHA256, parameters=asn1.Null())
_OAEP_WITH_SHA256 = _KeyEncryption(
    algorithm=_RSAES_OAEP,
    parameters=_OaepParameters(
        hash=_WITH_SHA256, mask_generation=_MaskGeneration(algorithm=_MGF1, parameters=_WITH_SHA256)
    ),
)


def seal(plaintext: bytes, public_key: bytes) -> bytes:
    """Return *plaintext* sealed for the owner of *public_key* in DER. Raises TypeError unless that is an RSA key."""
    key, initialization_vector = os.urandom(_KEY_BYTES), os.urandom(_BLOCK_BYTES)
    recipient = _KeyTransRecipientInfo(
        version=_VERSION,
        subject_key_identifier=hashlib.sha256(public_key).digest(),
        key_encryption=_OAEP_WITH_SHA256,
        encrypted_key=_encrypt_key(key, public_key),
    )
    content = _encrypt_content(plaintext, key, initialization_vector)
    pieces = (content[start : start + _PIECE_BYTES] for start in range(0, len(content), _PIECE_BYTES))
    return _sequence(
        asn1.encode_der(_ENVELOPED_DATA),
        _tagged(
            _sequence(
                asn1.encode_der(_VERSION),
                asn1.encode_der(_RecipientInfos(only=recipient)),
                _sequence(
                    asn1.encode_der(_DATA),
                    asn1.encode_der(
                        _ContentEncryption(algorithm=_AES_256_CBC, initialization_vector=initialization_vector)
                    ),
                    _tagged(*map(asn1.encode_der, pieces)),
                ),
            )
        ),
    )


def _encrypt_key(key: bytes, public_key: bytes) -> bytes:
    recipient = load_der_public_key(public_key)
    if not isinstance(recipient, rsa.RSAPublicKey):
        raise TypeError("the recipient's public key must be RSA")
    return recipient.encrypt(key, padding.OAEP(padding.MGF1(SHA256()), SHA256(), label=None))


def _encrypt_content(plaintext: bytes, key: bytes, initialization_vector: bytes) -> bytes:
    padder = PKCS7(_BLOCK_BYTES * 8).padder()
    encryptor = Cipher(algorithms.AES256(key), modes.CBC(initialization_vector)).encryptor()
    return encryptor.update(padder.update(plaintext) + padder.finalize()) + encryptor.finalize()


def _sequence(*elements: bytes) -> bytes:
    """Return a SEQUENCE of indefinite length: its elements, and the end marker of BER."""
    return b"".join((b"\x30\x80", *elements, b"\x00\x00"))


def _tagged(*elements: bytes) -> bytes:
    """Return elements under the tag [0], with the indefinite length of BER."""
    return b"".join((b"\xa0\x80", *elements, b"\x00\x00"))
