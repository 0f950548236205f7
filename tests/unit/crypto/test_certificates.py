"""X.509 certificates: reading them, checking who signed them, and making those of clusters."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from functools import cache
from typing import NamedTuple

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from mockaws.crypto import certificates
from mockaws.crypto.certificates import InvalidCertificateError


class Authority(NamedTuple):
    """A certificate authority: its certificate, and its key in PEM form."""

    certificate: x509.Certificate
    key_pem: bytes

    @property
    def pem(self) -> str:
        """The certificate in PEM form."""
        return self.certificate.public_bytes(Encoding.PEM).decode()


@cache
def authority(name: str = "customerCA", *, curve: bool = False) -> Authority:
    """Return an authority that signed its own certificate."""
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
    key = ec.generate_private_key(ec.SECP256R1()) if curve else rsa.generate_private_key(65537, 2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2120, 1, 1, tzinfo=UTC))
        .sign(key, SHA256())
    )
    return Authority(certificate, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def test_reading() -> None:
    """A certificate in PEM form is read."""
    assert certificates.read(authority().pem) == authority().certificate


@pytest.mark.parametrize(
    ("pem", "reason"),
    [
        ("", "is not in PEM form"),
        ("customerCA.crt", "is not in PEM form"),
        ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "is not an X.509 certificate"),
    ],
)
def test_what_is_no_certificate(pem: str, reason: str) -> None:
    """A text that is no certificate is told apart by what it lacks."""
    with pytest.raises(InvalidCertificateError, match=reason):
        certificates.read(pem)


def test_one_certificate() -> None:
    """A chain is not one certificate."""
    with pytest.raises(InvalidCertificateError, match="holds 2 certificates"):
        certificates.read(authority().pem * 2)


def test_of_a_cluster() -> None:
    """A cluster's certificate is signed by the authority, names the cluster, and is always the same."""
    signer = authority()
    made = certificates.for_cluster("cluster-abcdefghijk", signer.certificate, signer.key_pem)
    certificate = certificates.read(made)
    assert certificates.issued_by(certificate, signer.certificate)
    assert "cluster-abcdefghijk" in certificate.subject.rfc4514_string()
    assert certificate.issuer == signer.certificate.subject
    assert made == certificates.for_cluster("cluster-abcdefghijk", signer.certificate, signer.key_pem)
    assert made != certificates.for_cluster("cluster-bbbbbbbbbbb", signer.certificate, signer.key_pem)


def test_by_somebody_else() -> None:
    """A certificate is not issued by an authority that did not sign it, even one of the same name."""
    signer = authority()
    certificate = certificates.read(certificates.for_cluster("cluster-1", signer.certificate, signer.key_pem))
    assert not certificates.issued_by(certificate, authority("another").certificate)
    assert not certificates.issued_by(certificate, authority(curve=True).certificate)


def test_only_rsa_signs() -> None:
    """A signature that is another each time would make another world of the same fixture."""
    signer = authority(curve=True)
    with pytest.raises(TypeError):
        certificates.for_cluster("cluster-1", signer.certificate, signer.key_pem)


def test_describing() -> None:
    """A description has the key and the validity. A root is signed by itself and may sign others."""
    described = certificates.describe(authority().pem)
    assert (described.family, described.bits) == ("RSA", 2048)
    assert described.valid_from == datetime(2020, 1, 1, tzinfo=UTC).timestamp()
    assert described.valid_until == datetime(2120, 1, 1, tzinfo=UTC).timestamp()
    assert (described.signed_itself, described.may_sign) == (True, True)
    described = certificates.describe(authority(curve=True).pem)
    assert (described.family, described.bits) == ("EC", 256)


@pytest.mark.filterwarnings("ignore:Parsed a")
@given(st.lists(st.tuples(st.integers(0, 700), st.integers(0, 255)), min_size=1, max_size=4))
def test_whatever_is_wrong_with_a_certificate(changes: list[tuple[int, int]]) -> None:
    """A certificate with changed bytes is described or raises InvalidCertificateError, and fails in no other way."""
    content = bytearray(authority().certificate.public_bytes(Encoding.DER))
    for place, byte in changes:
        content[place % len(content)] = byte
    pem = f"-----BEGIN CERTIFICATE-----\n{base64.encodebytes(content).decode()}-----END CERTIFICATE-----\n"
    try:
        described = certificates.describe(pem)
    except InvalidCertificateError as refused:
        assert str(refused) == "is not an X.509 certificate"  # noqa: PT017
    else:
        certificates.issued_by(described.certificate, authority().certificate)
