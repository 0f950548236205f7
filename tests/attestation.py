"""Attestation documents as the Nitro hypervisor makes them, in the name of a root of our own; and what answers them."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import Any, NamedTuple

import cbor2
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.hashes import SHA256, SHA384
from cryptography.hazmat.primitives.padding import PKCS7
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from tests.samples import NOW

MODULE_ID = "i-1234567890abcdef0-enc1234567890abcde"
PCRS = {0: b"\x01" * 48, 1: b"\x02" * 48, 2: b"\x03" * 48, 3: b"\x00" * 48}
ABSENT = object()
ALWAYS = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
_HEADER = cbor2.dumps({1: -35})


class Signer(NamedTuple):
    """A certificate, and the private key that belongs to it."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def der(self) -> bytes:
        """The certificate in DER form."""
        return self.certificate.public_bytes(Encoding.DER)


def signer(
    name: str,
    issuer: Signer | None = None,
    *,
    path_length: int | None = None,
    authority: bool = True,
    signs: bool = True,
    valid: tuple[datetime, datetime] = ALWAYS,
    curve: ec.EllipticCurve | None = None,
) -> Signer:
    """Return a certificate that *issuer* signed, or it itself; one that *signs* certificates, or else documents."""
    key = ec.generate_private_key(curve or ec.SECP384R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    usage = dict.fromkeys(
        (
            "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
            "crl_sign", "encipher_only", "decipher_only",
        ),
        False,
    )  # fmt: skip
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(valid[0])
        .not_valid_after(valid[1])
        .add_extension(x509.BasicConstraints(ca=authority, path_length=path_length), critical=True)
        .add_extension(
            x509.KeyUsage(digital_signature=signs and not authority, key_cert_sign=signs and authority, **usage),
            critical=True,
        )
        .sign(issuer.key if issuer else key, SHA384())
    )
    return Signer(certificate, key)


@cache
def chain() -> tuple[Signer, ...]:
    """Return the signers of a document as AWS has them, the root first and last the one that signs documents."""
    root = signer("aws.nitro-enclaves")
    regional = signer("us-west-2.aws.nitro-enclaves", root, path_length=2)
    zonal = signer("zonal.us-west-2.aws.nitro-enclaves", regional, path_length=1)
    instance = signer("i-1234567890abcdef0.us-west-2.aws.nitro-enclaves", zonal, path_length=0)
    return root, regional, zonal, instance, signer(MODULE_ID, instance, authority=False)


@cache
def recipient_key(bits: int = 2048) -> rsa.RSAPrivateKey:
    """Return the private key that an enclave has made for answers to it."""
    return rsa.generate_private_key(65537, bits)


def public_der(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    """Return the public half of a key as documents carry it."""
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def document(
    now: float = NOW,
    *,
    signers: tuple[Signer, ...] | None = None,
    tagged: bool = False,
    header: bytes = _HEADER,
    **fields: Any,
) -> bytes:
    """Return a document of an enclave, made *now*; each of *fields* stands for its own, or for none if it is ABSENT."""
    *authorities, last = signers or chain()
    contents = {
        "module_id": MODULE_ID,
        "digest": "SHA384",
        "timestamp": int(now * 1000),
        "pcrs": PCRS,
        "certificate": last.der,
        "cabundle": [authority.der for authority in authorities],
        "public_key": public_der(recipient_key()),
        "user_data": None,
        "nonce": None,
    } | fields
    payload = cbor2.dumps({name: value for name, value in contents.items() if value is not ABSENT})
    return message(header, payload, last.key, tagged=tagged)


def message(header: bytes, payload: bytes, key: ec.EllipticCurvePrivateKey, *, tagged: bool = False) -> bytes:
    """Return a COSE_Sign1 message."""
    signed = cbor2.dumps(["Signature1", header, b"", payload])
    numbers = decode_dss_signature(key.sign(signed, ec.ECDSA(SHA384())))
    parts = [header, {}, payload, b"".join(number.to_bytes(48) for number in numbers)]
    return cbor2.dumps(cbor2.CBORTag(18, parts) if tagged else parts)


def recipient(attestation_document: bytes | None = None) -> dict[str, Any]:
    """Return the Recipient parameter of a request, by default with a document that is good at `NOW`."""
    return {
        "KeyEncryptionAlgorithm": "RSAES_OAEP_SHA_256",
        "AttestationDocument": document() if attestation_document is None else attestation_document,
    }


class Element(NamedTuple):
    """One element of BER: its tag, and its bytes or the elements in it."""

    tag: int
    value: Any


def opened(sealed: bytes, key: rsa.RSAPrivateKey | None = None) -> bytes:
    """Return what a CiphertextForRecipient holds, as an enclave reads it."""
    enveloped = ber(sealed)[0].value[1].value[0].value
    _version, recipients, content = enveloped
    (only,) = recipients.value
    _version, _identifier, _algorithm, encrypted_key = only.value
    _type, algorithm, pieces = content.value
    secret = (key or recipient_key()).decrypt(
        encrypted_key.value, padding.OAEP(padding.MGF1(SHA256()), SHA256(), label=None)
    )
    decryptor = Cipher(algorithms.AES256(secret), modes.CBC(algorithm.value[1].value)).decryptor()
    padded = decryptor.update(b"".join(piece.value for piece in pieces.value)) + decryptor.finalize()
    unpadder = PKCS7(128).unpadder()
    return unpadder.update(padded) + unpadder.finalize()


def ber(data: bytes) -> list[Element]:
    """Return the elements of BER, with a length or without."""
    elements, rest = _elements(data)
    assert not rest
    return elements


def _elements(data: bytes) -> tuple[list[Element], bytes]:
    """Return the elements in front of the end marker or the end, and what follows."""
    elements = []
    while data and not data.startswith(b"\x00\x00"):
        tag, length, data = data[0], data[1], data[2:]
        if length == 0x80:
            inner, data = _elements(data)
            elements.append(Element(tag, inner))
            continue
        if length > 0x80:
            octets = length & 0x7F
            length, data = int.from_bytes(data[:octets]), data[octets:]
        value, data = data[:length], data[length:]
        elements.append(Element(tag, ber(value) if tag & 0x20 else value))
    return elements, data[2:]
