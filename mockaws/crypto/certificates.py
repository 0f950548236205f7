"""X.509 certificates: read, checked against the authority that signed them, and made for CloudHSM clusters.

Importing this costs a server some 30 ms, so whoever needs it seldom imports it late.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.x509.oid import NameOID

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes

_VALID_FROM = datetime(2020, 1, 1, tzinfo=UTC)
_VALID_UNTIL = datetime(2120, 1, 1, tzinfo=UTC)
_SERIAL_BITS = 152  # RFC 5280 allows twenty bytes, the sign included


class InvalidCertificateError(Exception):
    """A text that is no certificate; the message says why."""


def read(pem: str) -> x509.Certificate:
    """Return the one certificate in *pem*; raises InvalidCertificateError."""
    try:
        certificates = x509.load_pem_x509_certificates(pem.encode())
    except ValueError:
        if "-----BEGIN CERTIFICATE-----" not in pem:
            raise InvalidCertificateError("is not in PEM form") from None
        raise InvalidCertificateError("is not an X.509 certificate") from None
    if len(certificates) != 1:
        raise InvalidCertificateError(f"holds {len(certificates)} certificates")
    return certificates[0]


def issued_by(certificate: x509.Certificate, authority: x509.Certificate) -> bool:
    """Tell whether *authority* signed *certificate*."""
    try:
        certificate.verify_directly_issued_by(authority)
    except (InvalidSignature, TypeError, ValueError):
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
