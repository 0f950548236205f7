"""Conversion of keys to DER and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
    load_der_public_key,
)
from cryptography.x509 import ObjectIdentifier  # noqa: TC002 - asn1 reads the annotations

from mockaws.crypto.errors import InvalidKeyError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes, PublicKeyTypes


@asn1.sequence
class Algorithm:
    """The AlgorithmIdentifier of a key on an elliptic curve: its purpose and its curve, RFC 5480."""

    key: ObjectIdentifier
    curve: ObjectIdentifier


@asn1.sequence
class PrivateKeyInfo:
    """PKCS #8, RFC 5208, around a private key on an elliptic curve, RFC 5915."""

    version: int
    algorithm: Algorithm
    key: bytes


def private(key: PrivateKeyTypes) -> bytes:
    """Return a private key as PKCS #8."""
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def public(key: PublicKeyTypes) -> bytes:
    """Return a public key as SubjectPublicKeyInfo, RFC 5280."""
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def load_private(der: bytes, *, trusted: bool = True) -> PrivateKeyTypes:
    """Return the private key in PKCS #8 *der*. Raises InvalidKeyError.

    Unless the key is *trusted*, the primes of an RSA key are tested, which takes 60 ms and more.
    """
    try:
        return load_der_private_key(der, None, unsafe_skip_rsa_key_validation=trusted)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise InvalidKeyError(str(error)) from error


def load_public(der: bytes) -> PublicKeyTypes:
    """Return the public key in SubjectPublicKeyInfo *der*. Raises InvalidKeyError."""
    try:
        return load_der_public_key(der)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise InvalidKeyError(str(error)) from error
