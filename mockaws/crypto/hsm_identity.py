"""The identity of a new HSM: the certificates that prove it genuine, and the request for the cluster's certificate.

    AWS's root                      the manufacturer's root
        └── AWS hardware certificate    └── manufacturer hardware certificate     two of the same name and key
                        └── HSM certificate ──┘
                                └── the cluster's request, by the HSM's key

Both roots ship with the package, with their keys, which protect nothing. Their files are named like AWS's downloads.
The subject names have the layout of real HSMs' names.
https://docs.aws.amazon.com/cloudhsm/latest/userguide/verify-hsm-identity.html

This import costs a server some 30 ms. Modules that need it seldom import it inside their functions.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.x509.oid import NameOID

from mockaws.crypto import rsa

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

ROOTS = Path(__file__).resolve().parent.parent / "roots"
AWS_ROOT = "AWS_CloudHSM_Root-G1"
MANUFACTURER_ROOT = "liquid_security_certificate"

_KEY_BITS = 2048
_PARTITIONS = 32
# The certificates begin in the past: hardware is older than its clusters, and a client's clock may be behind a world's.
_AGE = timedelta(days=365)
_VALID_FOR = timedelta(days=3650)
# Recorded of real HSMs: one relative name of several attributes, in the order of DER.
_MAKERS = {
    "hsm1": {NameOID.ORGANIZATION_NAME: "Cavium", NameOID.ORGANIZATIONAL_UNIT_NAME: "N3FIPS"},
    "hsm2m": {NameOID.ORGANIZATION_NAME: "Marvell", NameOID.ORGANIZATIONAL_UNIT_NAME: "LS2"},
}
_NEWEST = "hsm2m"
_PLACE = {
    NameOID.COUNTRY_NAME: "US",
    NameOID.STATE_OR_PROVINCE_NAME: "CA",
    NameOID.LOCALITY_NAME: "SanJose",
}


class Identity(NamedTuple):
    """The request for the cluster's certificate, and the certificates of the HSM and of its hardware, in PEM."""

    cluster_csr: str
    hsm: str
    aws_hardware: str
    manufacturer_hardware: str


class _Root(NamedTuple):
    certificate: x509.Certificate
    key: RSAPrivateKey


def new(hsm_type: str, mode: str, number: int, now: float) -> Identity:
    """Return the identity of a new HSM of a type such as `hsm2m.medium`, which runs in *mode*.

    Its serial number follows from *number*. The creation of two RSA keys takes 0.2 s and more.
    """
    family = hsm_type.partition(".")[0]
    serial = _serial(family, number)
    suffix = f", for {'FIPS' if mode == 'FIPS' else 'non-FIPS'} mode"
    card = _name(family, f"HSM:{serial}{suffix}")
    partition = _name(family, f"HSM:{serial}:PARTN:{1 + number % _PARTITIONS}{suffix}")
    hardware_key, hsm_key = rsa.new_private_key(_KEY_BITS), rsa.new_private_key(_KEY_BITS)
    begin = datetime.fromtimestamp(now, UTC).replace(microsecond=0) - _AGE
    request = x509.CertificateSigningRequestBuilder().subject_name(partition).sign(hsm_key, SHA256())
    by_card = _builder(partition, hsm_key.public_key(), card, hardware_key.public_key(), begin).add_extension(
        x509.BasicConstraints(ca=False, path_length=None), critical=True
    )
    return Identity(
        cluster_csr=request.public_bytes(Encoding.PEM).decode(),
        hsm=_pem(by_card.sign(hardware_key, SHA256())),
        aws_hardware=_hardware(card, hardware_key.public_key(), _root(AWS_ROOT), begin),
        manufacturer_hardware=_hardware(card, hardware_key.public_key(), _root(MANUFACTURER_ROOT), begin),
    )


def _serial(family: str, number: int) -> str:
    """Return a serial number in the form of the *family*'s cards."""
    one, other = number // 7919 % 10_000, number % 100_000
    return f"5.3G{one:04d}-ICM{other:06d}" if family == "hsm1" else f"RCN{one:04d}B{other:05d}"


def _name(family: str, common_name: str) -> x509.Name:
    attributes = _PLACE | _MAKERS.get(family, _MAKERS[_NEWEST])
    maker = x509.RelativeDistinguishedName([x509.NameAttribute(kind, text) for kind, text in attributes.items()])
    own = x509.RelativeDistinguishedName([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    return x509.Name([maker, own])


def _hardware(card: x509.Name, key: RSAPublicKey, root: _Root, begin: datetime) -> str:
    builder = _builder(card, key, root.certificate.subject, root.key.public_key(), begin)
    may_sign = x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
    authority = x509.BasicConstraints(ca=True, path_length=None)
    signed = builder.add_extension(authority, critical=True).add_extension(may_sign, critical=True)
    return _pem(signed.sign(root.key, SHA256()))


def _builder(
    subject: x509.Name, key: RSAPublicKey, issuer: x509.Name, issuer_key: RSAPublicKey, begin: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + _VALID_FOR)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key), critical=False)
    )


@cache
def _root(name: str) -> _Root:
    certificate = x509.load_pem_x509_certificate((ROOTS / f"{name}.crt").read_bytes())
    # A check of the key's primes would take longer than all other steps, and the key comes with the package.
    pem = (ROOTS / f"{name}.key").read_bytes()
    key = load_pem_private_key(pem, password=None, unsafe_skip_rsa_key_validation=True)
    if not isinstance(key, RSAPrivateKey):
        raise TypeError(f"the key of {name} is not RSA")
    return _Root(certificate, key)


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(Encoding.PEM).decode()
