"""Attestation documents that KMS accepts and rejects."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from mockaws.crypto import attestation
from mockaws.crypto.attestation import InvalidAttestationError
from tests.attestation import (
    ABSENT,
    MODULE_ID,
    PCRS,
    chain,
    document,
    message,
    public_der,
    recipient_key,
    signer,
)
from tests.samples import NOW

DOCUMENT = document()
ENDED = datetime.fromtimestamp(NOW, UTC) - timedelta(days=1)
BEGINS = datetime.fromtimestamp(NOW, UTC) + timedelta(days=1)


def fault(data: bytes) -> str:
    """Return why KMS does not take a document."""
    with pytest.raises(InvalidAttestationError) as refused:
        attestation.read(data, NOW)
    return str(refused.value)


def changed(at: int, other: Any) -> bytes:
    """Return a document that has another signer, or an authority, at one place of its chain."""
    signers = list(chain())
    signers[at] = other
    return document(signers=tuple(signers))


@pytest.mark.parametrize("tagged", [False, True])
def test_of_an_enclave(tagged: bool) -> None:
    """A document tells of the enclave's PCRs and its public key; it may have COSE's tag 18 or not."""
    found = attestation.read(document(tagged=tagged), NOW)
    assert found.module_id == MODULE_ID
    assert found.public_key == public_der(recipient_key())
    assert found.pcrs == PCRS
    assert found.nitrotpm_pcrs == {}


def test_of_an_instance() -> None:
    """A document from NitroTPM has its PCRs under another name, and PCR0 is no image's digest there."""
    found = attestation.read(document(pcrs=ABSENT, nitrotpm_pcrs=PCRS), NOW)
    assert found.nitrotpm_pcrs == PCRS
    assert found.pcrs == {}
    assert found.image_sha384 is None


def test_image() -> None:
    """The digest of an enclave's image is PCR0."""
    assert attestation.read(document(), NOW).image_sha384 == PCRS[0]


@pytest.mark.parametrize("name", ["user_data", "nonce"])
@pytest.mark.parametrize("value", [None, ABSENT, b"", b"x" * 512])
def test_what_may_be_left_out(name: str, value: Any) -> None:
    """A hypervisor writes null for absent data and nonces."""
    attestation.read(document(**{name: value}), NOW)


@pytest.mark.parametrize("bits", [2048, 3072, 4096])
def test_public_keys(bits: int) -> None:
    """AWS's SDK for enclaves makes RSA keys of three sizes."""
    public_key = public_der(recipient_key(bits))
    assert attestation.read(document(public_key=public_key), NOW).public_key == public_key


def test_any_root() -> None:
    """AWS trusts its own root only. Here a document's own root is accepted, because tests cannot sign as AWS."""
    root = signer("anybody")
    attestation.read(document(signers=(root, signer("enclave", root, authority=False))), NOW)


@pytest.mark.parametrize("age", [-299, 0, 299])
def test_fresh(age: float) -> None:
    """A document is good for five minutes, and clocks may differ as much."""
    attestation.read(document(NOW - age), NOW)


@pytest.mark.parametrize("age", [-301, 301, 86_400])
def test_stale(age: float) -> None:
    """KMS refuses a document that is more than five minutes old."""
    assert fault(document(NOW - age)) == "it was not made within the last five minutes"


@pytest.mark.parametrize("data", [b"", b"\x1c", b"\x84", b"\x81" * 100_000])
def test_what_is_not_cbor(data: bytes) -> None:
    """A document is CBOR."""
    assert fault(data) == "it is not CBOR"


@pytest.mark.parametrize(
    "value",
    ["text", [b"", {}, b""], [b"", [], b"", b""], ["", {}, b"", b""], cbor2.CBORTag(17, [b"", {}, b"", b""])],
    ids=str,
)
def test_what_is_not_signed(value: Any) -> None:
    """A document is a COSE_Sign1 message: two headers, a payload and a signature."""
    assert fault(cbor2.dumps(value)) == "it is not a COSE_Sign1 message"


def test_algorithm() -> None:
    """The hypervisor signs with ES384 and says so."""
    assert fault(document(header=cbor2.dumps({1: -7}))) == "its algorithm is not ES384"


def test_payload() -> None:
    """The payload is a map."""
    data = message(cbor2.dumps({1: -35}), cbor2.dumps(["module_id"]), chain()[-1].key)
    assert fault(data) == "its payload is not a map"


@pytest.mark.parametrize("name", ["module_id", "digest", "timestamp", "certificate", "cabundle", "public_key"])
@pytest.mark.parametrize("value", [None, ABSENT])
def test_what_is_missing(name: str, value: Any) -> None:
    """These fields are there in every document that is meant for KMS."""
    assert fault(document(**{name: value})) == f"it has no {name}"


def test_no_pcrs() -> None:
    """A document is about an enclave or an instance, so it has the PCRs of one."""
    assert fault(document(pcrs=ABSENT)) == "it has neither pcrs nor nitrotpm_pcrs"


@pytest.mark.parametrize(
    ("name", "value", "rule"),
    [
        ("module_id", "", "a text that is not empty"),
        ("module_id", b"i-1", "a text that is not empty"),
        ("digest", "SHA256", "SHA384"),
        ("timestamp", 0, "milliseconds since 1970"),
        ("timestamp", True, "milliseconds since 1970"),
        ("timestamp", 2**64, "milliseconds since 1970"),
        ("timestamp", str(NOW), "milliseconds since 1970"),
        ("certificate", b"", "1 to 1024 bytes"),
        ("certificate", b"x" * 1025, "1 to 1024 bytes"),
        ("cabundle", [], "a list of certificates of 1 to 1024 bytes"),
        ("cabundle", [b""], "a list of certificates of 1 to 1024 bytes"),
        ("cabundle", b"x", "a list of certificates of 1 to 1024 bytes"),
        ("public_key", b"x" * 1025, "1 to 1024 bytes"),
        ("user_data", b"x" * 513, "at most 512 bytes"),
        ("nonce", "x", "at most 512 bytes"),
        ("pcrs", {}, "a map of 1 to 32 PCRs of 32, 48 or 64 bytes"),
        ("pcrs", {32: bytes(48)}, "a map of 1 to 32 PCRs of 32, 48 or 64 bytes"),
        ("pcrs", {"0": bytes(48)}, "a map of 1 to 32 PCRs of 32, 48 or 64 bytes"),
        ("pcrs", {0: bytes(20)}, "a map of 1 to 32 PCRs of 32, 48 or 64 bytes"),
        ("nitrotpm_pcrs", {0: "x" * 48}, "a map of 1 to 32 PCRs of 32, 48 or 64 bytes"),
    ],
)
def test_fields(name: str, value: Any, rule: str) -> None:
    """AWS's page has a rule for each field."""
    assert fault(document(**{name: value})) == f"its {name} is not {rule}"


@pytest.mark.parametrize("fields", [{"certificate": b"x"}, {"cabundle": [b"x"]}])
def test_what_is_no_certificate(fields: dict[str, Any]) -> None:
    """The signer and the authorities are certificates in DER form."""
    assert fault(document(**fields)) == "it holds something that is not an X.509 certificate"


@pytest.mark.parametrize(
    "fields",
    [{"certificate": b"mine", "cabundle": [b"root"]}, {"certificate": ABSENT, "cabundle": ABSENT, "pcrs": ABSENT}],
)
def test_made_by_hand(fields: dict[str, Any]) -> None:
    """A document without any certificate, which a test puts together, is taken for its public key."""
    by_hand = cbor2.loads(document(**fields))
    by_hand[3] = b"signature"
    assert attestation.read(cbor2.dumps(by_hand), NOW).public_key == public_der(recipient_key())
    assert fault(document(**fields, public_key=ABSENT)) == "it has no public_key"


def test_signed_by_another() -> None:
    """The signature is that of the certificate in the document."""
    another = signer(MODULE_ID, chain()[-2], authority=False)
    assert fault(document(certificate=another.der)) == "its signature does not verify"


def test_another_payload() -> None:
    """A payload that was changed does not go with its signature."""
    header, _, _, signature = cbor2.loads(document())
    _, _, payload, _ = cbor2.loads(document(module_id="i-another"))
    assert fault(cbor2.dumps([header, {}, payload, signature])) == "its signature does not verify"


def test_short_signature() -> None:
    """An ES384 signature has 96 bytes."""
    header, _, payload, signature = cbor2.loads(document())
    assert fault(cbor2.dumps([header, {}, payload, signature[1:]])) == "its signature does not have 96 bytes"


def test_another_curve() -> None:
    """ES384 is a signature on P-384."""
    other = signer(MODULE_ID, chain()[-2], authority=False, curve=ec.SECP256R1())
    assert fault(changed(-1, other)) == "its certificate is not that of a P-384 key"


@pytest.mark.parametrize("at", range(5))
@pytest.mark.parametrize(
    "valid", [(datetime(2000, 1, 1, tzinfo=UTC), ENDED), (BEGINS, datetime(2100, 1, 1, tzinfo=UTC))]
)
def test_dates(at: int, valid: tuple[datetime, datetime]) -> None:
    """Every certificate of the chain is valid now, the root too."""
    signers: list[Any] = []
    for n in range(5):
        issuer = signers[-1] if signers else None
        signers.append(
            signer(f"{n}", issuer, authority=n < 4, valid=valid) if n == at else signer(f"{n}", issuer, authority=n < 4)
        )
    assert fault(document(signers=tuple(signers))) == "a certificate of its chain is not valid at this time"


BROKEN = "its certificates are not a chain from the root to the signer"


@pytest.mark.parametrize("at", range(4))
def test_broken_chain(at: int) -> None:
    """Each authority has signed the next, and not only one of the same name."""
    before = chain()[at].certificate
    name = before.subject.rfc4514_string().removeprefix("CN=")
    assert fault(changed(at, signer(name, chain()[at - 1] if at else None))) == BROKEN


def test_missing_authority() -> None:
    """The chain is whole."""
    root, _, zonal, instance, last = chain()
    assert fault(document(signers=(root, zonal, instance, last))) == BROKEN


def test_no_authority() -> None:
    """Only an authority signs certificates, one whose key is for that."""
    root = chain()[0]
    for between in (signer("between", root, authority=False), signer("between", root, signs=False)):
        assert fault(document(signers=(root, between, signer("last", between, authority=False)))) == BROKEN


def test_path_length() -> None:
    """An authority says how many more may follow it."""
    root = signer("root", path_length=0)
    between = signer("between", root)
    assert fault(document(signers=(root, between, signer("last", between, authority=False)))) == BROKEN


def test_signer_that_does_not_sign() -> None:
    """The key of the signer is for signatures."""
    root = chain()[0]
    assert fault(document(signers=(root, signer("last", root, authority=False, signs=False)))) == BROKEN


@pytest.mark.parametrize(
    "public_key",
    [b"x", public_der(recipient_key(1024)), public_der(ec.generate_private_key(ec.SECP384R1()))],
    ids=["nothing", "too small", "another kind"],
)
def test_public_key(public_key: bytes) -> None:
    """KMS seals with RSA of 2048 bits or more."""
    rule = "its public_key is not the DER of an RSA key of 2048, 3072 or 4096 bits"
    assert fault(document(public_key=public_key)) == rule


@given(st.binary(max_size=64) | st.builds(cbor2.dumps, st.tuples(st.binary(), st.just({}), st.binary(), st.binary())))
def test_junk(data: bytes) -> None:
    """Whatever is sent, it is refused and nothing breaks."""
    assert fault(data)


@pytest.mark.filterwarnings("ignore:Parsed a serial number which wasn")
@given(st.integers(min_value=0), st.integers(1, 255))
def test_a_changed_byte(at: int, difference: int) -> None:
    """No byte of a document can be another."""
    data = bytearray(DOCUMENT)
    data[at % len(data)] ^= difference
    assert fault(bytes(data))
