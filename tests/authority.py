"""A customer's certificate authority, which signs the certificates of clusters, well or with one thing wrong."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from mockaws.crypto import hsm_identity
from mockaws.records.cloudhsm import Cluster, ClusterState, HsmCertificates
from tests.samples import NOW, being, cluster, hsm

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import (
        CertificateIssuerPrivateKeyTypes,
        CertificatePublicKeyTypes,
    )

AUTHORITY = x509.BasicConstraints(ca=True, path_length=None)
NO_AUTHORITY = x509.BasicConstraints(ca=False, path_length=None)
SIGNS_NOTHING = x509.KeyUsage(
    digital_signature=True,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=False,
    crl_sign=False,
    encipher_only=False,
    decipher_only=False,
)


OURS = "RSA 2048"
ANOTHER = "another RSA 2048"


@cache
def key(which: str = OURS) -> CertificateIssuerPrivateKeyTypes:
    """Return a private key, the same each time: `RSA 4096`, `EC secp256r1`, `Ed25519`, or `another RSA 2048`."""
    if which == "Ed25519":
        return ed25519.Ed25519PrivateKey.generate()
    *_, family, size = which.split()
    if family == "EC":
        curves = {"secp224r1": ec.SECP224R1(), "secp256r1": ec.SECP256R1(), "secp521r1": ec.SECP521R1()}
        return ec.generate_private_key(curves[size])
    return rsa.generate_private_key(65537, int(size))


def name(text: str) -> x509.Name:
    """Return a name."""
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def certificate(
    subject: str = "customer",
    public_key: CertificatePublicKeyTypes | None = None,
    issuer: str = "customer",
    own: str = OURS,
    signer: str | None = None,
    extensions: tuple[x509.ExtensionType, ...] = (),
    days: tuple[float, float] = (-1, 3650),
    now: float = NOW,
) -> str:
    """Return a certificate, by default a self-signed one without extensions that has been valid for a day.

    *own* and *signer* say which keys it is about, where no *public_key* is given, and by which it is signed.
    """
    begin = datetime.fromtimestamp(now, UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name(subject))
        .issuer_name(name(issuer))
        .public_key(public_key or key(own).public_key())
        .serial_number(1)
        .not_valid_before(begin + timedelta(days[0]))
        .not_valid_after(begin + timedelta(days[1]))
    )
    for extension in extensions:
        builder = builder.add_extension(extension, critical=True)
    by = key(signer or own)
    algorithm = None if isinstance(by, ed25519.Ed25519PrivateKey) else SHA256()
    return builder.sign(by, algorithm).public_bytes(Encoding.PEM).decode()


def root(**changes: Any) -> str:
    """Return the certificate of the authority."""
    return certificate(**{"extensions": (AUTHORITY,)} | changes)


def signed(csr: str, **changes: Any) -> str:
    """Return the certificate that the authority makes of a request."""
    request = x509.load_pem_x509_csr(csr.encode())
    return certificate(**{"subject": "cluster", "public_key": request.public_key()} | changes)


def private_key_pem() -> str:
    """Return the authority's private key, which a customer should never send."""
    return key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@cache
def identity() -> HsmCertificates:
    """Return what the first HSM of a cluster shows, the same each time."""
    return HsmCertificates(**hsm_identity.new("hsm2m.medium", "FIPS", 1, NOW)._asdict())


def waiting(**changes: Any) -> Cluster:
    """Return a cluster that waits to be initialized."""
    fields: dict[str, Any] = {
        "changes": being(ClusterState.UNINITIALIZED),
        "hsms": (hsm(certificates=identity()),),
        "trust_anchor": None,
        "cluster_certificate": None,
    }
    return cluster(**fields | changes)
