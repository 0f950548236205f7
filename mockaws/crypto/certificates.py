"""X.509 certificates: read, described, checked against the authority that signed them, made for CloudHSM clusters.

Importing this costs a server some 30 ms, so whoever needs it seldom imports it late.
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
# What is often given in the place of a certificate, by what its lines say, and how that is told.
_MISTAKEN = {
    "PRIVATE KEY-----": "holds a private key, which nobody else should ever see",
    "CERTIFICATE REQUEST-----": "holds a certificate signing request, not the certificate that was made of it",
    "PUBLIC KEY-----": "holds a public key",
}
_NO_CERTIFICATE = "is not an X.509 certificate"


class InvalidCertificateError(Exception):
    """A text that is no certificate; the message says why."""


class Description(NamedTuple):
    """What a certificate says: its public key (SubjectPublicKeyInfo in DER), how long it is valid, what it is for.

    *family* is RSA, EC or another kind of key, *bits* its size, 0 where there is only one. A root *signed_itself*;
    *may_sign* tells that it is the certificate of an authority. One of version 1 says nothing of that, and may.
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
    """Return the one certificate in *pem*; raises InvalidCertificateError."""
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
    """Return what the one certificate in *pem* says; raises InvalidCertificateError."""
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
    # Certificates are read piece by piece, when somebody asks for one.
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
    """Return the public key that a certificate signing request is about, as SubjectPublicKeyInfo in DER."""
    return der.public(x509.load_pem_x509_csr(csr.encode()).public_key())


def issued_by(certificate: x509.Certificate, authority: x509.Certificate) -> bool:
    """Tell whether *authority* signed *certificate*."""
    try:
        certificate.verify_directly_issued_by(authority)
    except (InvalidSignature, UnsupportedAlgorithm, TypeError, ValueError):
        return False
    return True


def for_cluster(cluster_id: str, authority: x509.Certificate, key_pem: bytes) -> str:
    """Return the certificate of a cluster in the name of *authority*, signed with the RSA key in *key_pem*.

    The same cluster id always makes the same certificate, so its key is derived and guards nothing.
    """
    # Checking the primes of a key takes longer than everything else here, and this key comes with the package.
    key = load_pem_private_key(key_pem, password=None, unsafe_skip_rsa_key_validation=True)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError("only RSA signatures are the same each time")
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
