"""The identity of an HSM: the certificate chains of AWS's guide, and the names in them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from mockaws.crypto import certificates, hsm_identity
from tests.samples import NOW

ROOTS = (hsm_identity.AWS_ROOT, hsm_identity.MANUFACTURER_ROOT)


def root(name: str) -> x509.Certificate:
    """Return the certificate of a root."""
    return x509.load_pem_x509_certificate((hsm_identity.ROOTS / f"{name}.crt").read_bytes())


@pytest.fixture(scope="module")
def identity() -> hsm_identity.Identity:
    """Return a new HSM's."""
    return hsm_identity.new("hsm2m.medium", "FIPS", 123_456_789_012, NOW)


def test_two_vouch_for_one_hardware_key(identity: hsm_identity.Identity) -> None:
    """AWS and the manufacturer certify the same name and key, so that both vouch for what that key has signed."""
    aws, maker = (certificates.read(pem) for pem in (identity.aws_hardware, identity.manufacturer_hardware))
    assert (aws.subject, aws.public_key()) == (maker.subject, maker.public_key())
    assert certificates.issued_by(aws, root(hsm_identity.AWS_ROOT))
    assert certificates.issued_by(maker, root(hsm_identity.MANUFACTURER_ROOT))
    for hardware in (aws, maker):
        assert certificates.issued_by(certificates.read(identity.hsm), hardware)


def test_the_request_is_the_hsms(identity: hsm_identity.Identity) -> None:
    """Documented: the key in the request is that in the HSM's certificate; recorded: it is RSA with 2048 bits."""
    request = x509.load_pem_x509_csr(identity.cluster_csr.encode())
    assert request.is_signature_valid
    key = request.public_key()
    assert isinstance(key, RSAPublicKey)
    assert key.key_size == 2048
    assert key == certificates.read(identity.hsm).public_key()
    assert key != certificates.read(identity.aws_hardware).public_key()


@pytest.mark.parametrize(
    ("hsm_type", "mode", "maker", "serial"),
    [
        ("hsm1.medium", "FIPS", {"O": "Cavium", "OU": "N3FIPS"}, "5.3G9995-ICM056789"),
        ("hsm2m.medium", "FIPS", {"O": "Marvell", "OU": "LS2"}, "RCN9995B56789"),
        ("hsm2m.medium", "NON_FIPS", {"O": "Marvell", "OU": "LS2"}, "RCN9995B56789"),
    ],
)
def test_names(hsm_type: str, mode: str, maker: dict[str, str], serial: str) -> None:
    """Recorded of real HSMs: the maker's attributes in one relative name, then the serial number and the partition."""
    made = hsm_identity.new(hsm_type, mode, 79_156_789, NOW)
    suffix = ", for FIPS mode" if mode == "FIPS" else ", for non-FIPS mode"
    place = maker | {"C": "US", "ST": "CA", "L": "SanJose"}
    shown = certificates.read(made.hsm)
    assert attributes(shown.issuer) == [place, {"CN": f"HSM:{serial}{suffix}"}]
    assert attributes(shown.subject) == [place, {"CN": f"HSM:{serial}:PARTN:22{suffix}"}]
    assert certificates.read(made.aws_hardware).subject == shown.issuer
    assert x509.load_pem_x509_csr(made.cluster_csr.encode()).subject == shown.subject


def attributes(name: x509.Name) -> list[dict[str, str]]:
    """Return the attributes of each relative name."""
    return [{attribute.rfc4514_attribute_name: str(attribute.value) for attribute in part} for part in name.rdns]


def test_they_are_valid_for_ten_years(identity: hsm_identity.Identity) -> None:
    """Recorded: ten years. They begin before the cluster, so that OpenSSL's clock may be behind the world's."""
    for pem in (identity.hsm, identity.aws_hardware, identity.manufacturer_hardware):
        found = certificates.describe(pem)
        assert found.valid_from < NOW < found.valid_until
        assert found.valid_until - found.valid_from == 3650 * 86_400


def test_no_two_are_the_same() -> None:
    """Each HSM has keys of its own."""
    one, other = (hsm_identity.new("hsm2m.medium", "FIPS", 1, NOW) for _ in range(2))
    assert one.cluster_csr != other.cluster_csr


@pytest.mark.parametrize("name", ROOTS)
def test_the_roots_that_ship(name: str) -> None:
    """They are self-signed authorities, valid for as long as any world, with their keys, and say that they are ours."""
    found = root(name)
    described = certificates.describe((hsm_identity.ROOTS / f"{name}.crt").read_text(encoding="ascii"))
    assert described.signed_itself
    assert described.may_sign
    assert found.not_valid_after_utc > datetime(2120, 1, 1, tzinfo=UTC)
    key = load_pem_private_key((hsm_identity.ROOTS / f"{name}.key").read_bytes(), password=None)
    assert key.public_key() == found.public_key()
    assert "O=mockaws" in found.subject.rfc4514_string()
