"""CiphertextForRecipient, as the recipients of AWS's answers read it."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from mockaws.crypto import envelopes
from tests.attestation import ber, opened, public_der, recipient_key
from tests.openssl import OpenSsl

if TYPE_CHECKING:
    from pathlib import Path

# As `openssl asn1parse` shows an answer of AWS: the offsets, and what differs from one answer to the next, left out.
AS_AWS = """\
d=0 hl=2 l=inf cons: SEQUENCE
d=1 hl=2 l=9 prim: OBJECT :pkcs7-envelopedData
d=1 hl=2 l=inf cons: cont [ 0 ]
d=2 hl=2 l=inf cons: SEQUENCE
d=3 hl=2 l=1 prim: INTEGER :02
d=3 hl=4 l=363 cons: SET
d=4 hl=4 l=359 cons: SEQUENCE
d=5 hl=2 l=1 prim: INTEGER :02
d=5 hl=2 l=32 prim: cont [ 0 ]
d=5 hl=2 l=60 cons: SEQUENCE
d=6 hl=2 l=9 prim: OBJECT :rsaesOaep
d=6 hl=2 l=47 cons: SEQUENCE
d=7 hl=2 l=15 cons: cont [ 0 ]
d=8 hl=2 l=13 cons: SEQUENCE
d=9 hl=2 l=9 prim: OBJECT :sha256
d=9 hl=2 l=0 prim: NULL
d=7 hl=2 l=28 cons: cont [ 1 ]
d=8 hl=2 l=26 cons: SEQUENCE
d=9 hl=2 l=9 prim: OBJECT :mgf1
d=9 hl=2 l=13 cons: SEQUENCE
d=10 hl=2 l=9 prim: OBJECT :sha256
d=10 hl=2 l=0 prim: NULL
d=5 hl=4 l=256 prim: OCTET STRING
d=3 hl=2 l=inf cons: SEQUENCE
d=4 hl=2 l=9 prim: OBJECT :pkcs7-data
d=4 hl=2 l=29 cons: SEQUENCE
d=5 hl=2 l=9 prim: OBJECT :aes-256-cbc
d=5 hl=2 l=16 prim: OCTET STRING
d=4 hl=2 l=inf cons: cont [ 0 ]
d=5 hl=2 l=48 prim: OCTET STRING
d=5 hl=2 l=0 prim: EOC
d=4 hl=2 l=0 prim: EOC
d=3 hl=2 l=0 prim: EOC
d=2 hl=2 l=0 prim: EOC
d=1 hl=2 l=0 prim: EOC
"""
PLAINTEXTS = [b"", b"x", b"x" * 16, bytes(range(32)), b"x" * 4096]


@pytest.mark.parametrize("bits", [2048, 4096])
@pytest.mark.parametrize("plaintext", PLAINTEXTS, ids=len)
def test_with_openssl(plaintext: bytes, bits: int, tmp_path: Path) -> None:
    """The private key opens it, whatever software has it."""
    key = recipient_key(bits)
    files = {
        "key.pem": key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        "sealed": envelopes.seal(plaintext, public_der(key)),
    }
    openssl = OpenSsl(tmp_path)
    assert openssl("cms", "-decrypt", "-inform", "DER", "-in", "sealed", "-inkey", "key.pem", files=files) == plaintext


@pytest.mark.parametrize("plaintext", PLAINTEXTS, ids=len)
def test_piece_by_piece(plaintext: bytes) -> None:
    """A recipient takes the key, the initialization vector and the content out of it, and decrypts them one by one."""
    assert opened(envelopes.seal(plaintext, public_der(recipient_key()))) == plaintext


def test_form(tmp_path: Path) -> None:
    """The elements, their order and their lengths, where they have one, are those of AWS's answers with 32 bytes."""
    sealed = envelopes.seal(bytes(32), public_der(recipient_key()))
    shown = OpenSsl(tmp_path)("asn1parse", "-inform", "DER", "-in", "sealed", files={"sealed": sealed})
    lines = re.sub(r"= +", "=", shown.decode()).splitlines()
    found = [re.sub(r"^ *\d+:|\[HEX DUMP\].*", "", re.sub(r" +", " ", line)).strip() for line in lines]
    assert found == AS_AWS.splitlines()


def test_recipient_identifier() -> None:
    """AWS identifies the recipient by the SHA-256 of the public key, as the document has it."""
    public_key = public_der(recipient_key())
    assert b"\x80\x20" + hashlib.sha256(public_key).digest() in envelopes.seal(b"secret", public_key)


def test_long_content() -> None:
    """AWS cuts content into pieces of 1000 bytes: 4096 bytes of plaintext come as 1000, 1000, 1000, 1000 and 112."""
    sealed = envelopes.seal(bytes(4096), public_der(recipient_key()))
    pieces = ber(sealed)[0].value[1].value[0].value[2].value[2].value
    assert [(piece.tag, len(piece.value)) for piece in pieces] == [(4, 1000)] * 4 + [(4, 112)]


def test_never_the_same() -> None:
    """Each answer has a key and an initialization vector of its own."""
    public_key = public_der(recipient_key())
    assert envelopes.seal(b"secret", public_key) != envelopes.seal(b"secret", public_key)


def test_only_rsa() -> None:
    """Nothing is sealed for a key of another kind."""
    with pytest.raises(TypeError):
        envelopes.seal(b"secret", public_der(ec.generate_private_key(ec.SECP384R1())))
