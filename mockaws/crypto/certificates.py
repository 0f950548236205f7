"""X.509 certificates: parsing, description, verification, and creation for CloudHSM clusters.

This import costs a server some 30 ms. Modules that need it seldom import it inside their functions.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.x509.oid import NameOID

from mockaws.crypto import der

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes

_VALID_FROM = datetime(2020, 1, 1, tzinfo=UTC)
_VALID_UNTIL = datetime(2120, 1, 1, tzinfo=UTC)
_SERIAL_BITS = 152  # RFC 5280 allows twenty bytes, the sign included
# Texts that users confuse with certificates, by a part of their first line, with the end of the error message.
_MISTAKEN = {
    "PRIVATE KEY-----": "holds a private key, which must never leave its owner",
    "CERTIFICATE REQUEST-----": "holds a certificate signing request, not the certificate issued for it",
    "PUBLIC KEY-----": "holds a public key",
}
_NO_CERTIFICATE = "is not an X.509 certificate"


class InvalidCertificateError(Exception):
    """A text that is not a certificate. The message has the reason, without a subject."""


class Description(NamedTuple):
    """The contents of a certificate: its public key (SubjectPublicKeyInfo in DER), validity and purpose.

    *family* is RSA, EC or another kind of key. *bits* is its size, 0 if the kind has only one. A root *signed_itself*.
    *may_sign* is True for the certificate of an authority, and for one without extensions, as version 1 has none.
    """

    certificate: x509.Certificate
    key: bytes
    family: str
    bits: int
    valid_from: float
    valid_until: float
    signed_itself: bool
    may_sign: bool


def read(pem: str) -> x509.Certificate:
    """Return the only certificate in *pem*. Raises InvalidCertificateError."""
    for line, reason in _MISTAKEN.items():
        if line in pem:
            raise InvalidCertificateError(reason)
    try:
        certificates = x509.load_pem_x509_certificates(pem.encode())
    except (ValueError, x509.InvalidVersion):
        if "-----BEGIN CERTIFICATE-----" not in pem:
            raise InvalidCertificateError("is not in PEM form") from None
        raise InvalidCertificateError(_NO_CERTIFICATE) from None
    if len(certificates) != 1:
        raise InvalidCertificateError(f"holds {len(certificates)} certificates")
    return certificates[0]


def describe(pem: str) -> Description:
    """Return the contents of the only certificate in *pem*. Raises InvalidCertificateError."""
    certificate = read(pem)
    try:
        key = certificate.public_key()
        family = {rsa.RSAPublicKey: "RSA", ec.EllipticCurvePublicKey: "EC"}
        other = type(key).__name__.removesuffix("PublicKey")
        return Description(
            certificate,
            der.public(key),
            next((name for kind, name in family.items() if isinstance(key, kind)), other),
            getattr(key, "key_size", 0),
            certificate.not_valid_before_utc.timestamp(),
            certificate.not_valid_after_utc.timestamp(),
            signed_itself=certificate.issuer == certificate.subject and issued_by(certificate, certificate),
            may_sign=_may_sign(certificate.extensions),
        )
    # The cryptography package parses each part of a certificate at its first use.
    except (ValueError, TypeError, UnsupportedAlgorithm, x509.DuplicateExtension, x509.UnsupportedGeneralNameType):
        raise InvalidCertificateError(_NO_CERTIFICATE) from None


def _may_sign(extensions: x509.Extensions) -> bool:
    if not len(extensions):
        return True
    try:
        authority = extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False
    try:
        return authority and extensions.get_extension_for_class(x509.KeyUsage).value.key_cert_sign
    except x509.ExtensionNotFound:
        return authority


def requested_key(csr: str) -> bytes:
    """Return the public key in a certificate signing request, as SubjectPublicKeyInfo in DER."""
    return der.public(x509.load_pem_x509_csr(csr.encode()).public_key())


def issued_by(certificate: x509.Certificate, authority: x509.Certificate) -> bool:
    """Return True if *authority* signed *certificate*."""
    try:
        certificate.verify_directly_issued_by(authority)
    except (InvalidSignature, UnsupportedAlgorithm, TypeError, ValueError):
        return False
    return True


def for_cluster(cluster_id: str, authority: x509.Certificate, key_pem: bytes) -> str:
    """Return a cluster's certificate issued by *authority*, signed with the RSA key in *key_pem*.

    The same cluster id always yields the same certificate. Its key is derived and protects nothing. Raises TypeError if
    the signing key is not RSA.
    """
    # A check of the key's primes would take longer than all other steps, and the key comes with the package.
    key = load_pem_private_key(key_pem, password=None, unsafe_skip_rsa_key_validation=True)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError("the authority's key must be RSA: other signatures differ each time")
    digest = int.from_bytes(hashlib.sha512(f"mockaws cluster {cluster_id}".encode()).digest(), "big")
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, cluster_id)]))
        .issuer_name(authority.subject)
        .public_key(_derived_key(digest))
        .serial_number(digest >> (512 - _SERIAL_BITS))
        .not_valid_before(_VALID_FROM)
        .not_valid_after(_VALID_UNTIL)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    return certificate.public_bytes(Encoding.PEM).decode()


def _derived_key(digest: int) -> CertificatePublicKeyTypes:
    return ec.derive_private_key(1 + digest % (1 << 255), ec.SECP256R1()).public_key()
