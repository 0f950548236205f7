"""SM2, held against the examples of GB/T 32918.5."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SM3, Hash

from mockaws.crypto import sm2
from mockaws.crypto.errors import InvalidCiphertextError, InvalidKeyError
from tests.openssl import Sm2Ciphertext
from tests.unit.services.kms.calling import public_key_of

if TYPE_CHECKING:
    from mockaws.crypto.sm2 import Sm2KeyPair

SIGNING, ENCRYPTION = "SM2DSA", "SM2PKE"
# The bytes before the private key and, in this example, after it, in place of an optional public key.
PRIVATE = "304102010030130607 2a8648ce3d0201 06082a811ccf5501822d 0427 3025020101 0420"
SECRET = "3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8"
X = "09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020"
Y = "CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13"
MESSAGE = b"message digest"
SIGNATURE = encode_dss_signature(
    0xF5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3,
    0xB1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA,
)
DIGEST = "F0B43E94BA45ACCAACE692ED534382EB17E6AB5A19CE7B31F4486FDFC0D28640"
PLAINTEXT = b"encryption standard"
CIPHERTEXT = Sm2Ciphertext(
    x=0x04EBFC718E8D1798620432268E77FEB6415E2EDE0E073C0F4F640ECD2E149A73,
    y=0xE858F9D81E5430A57B36DAAB8F950A3C64E6EE6A63094D99283AFF767E124DF0,
    digest=bytes.fromhex("59983C18F809E262923C53AEC295D30383B54E39D609D160AFCB1908D0BD8766"),
    masked=bytes.fromhex("21886CA989CA9C7D58087307CA93092D651EFA"),
)


@pytest.fixture
def pair() -> Sm2KeyPair:
    """Return the key pair of the examples."""
    return sm2.load("", bytes.fromhex(PRIVATE + SECRET))


def test_the_public_key(pair: Sm2KeyPair) -> None:
    """The private key gives the public one, whether its DER has it or not."""
    assert pair.public_der[-64:].hex().upper() == X + Y
    assert sm2.load("", pair.private_der).public_der == pair.public_der


def test_the_signature(pair: Sm2KeyPair) -> None:
    """The example's signature is right, of the message and of the digest that has the distinguishing id in it."""
    assert pair.is_signature(SIGNING, MESSAGE, SIGNATURE, prepared=False)
    assert pair.is_signature(SIGNING, bytes.fromhex(DIGEST), SIGNATURE, prepared=True)
    assert not pair.is_signature(SIGNING, MESSAGE[::-1], SIGNATURE, prepared=False)
    assert not sm2.generate("").is_signature(SIGNING, MESSAGE, SIGNATURE, prepared=False)


def test_a_message_is_signed_as_its_digest(pair: Sm2KeyPair) -> None:
    """A signature of the message is one of its digest, and the other way round."""
    digest = bytes.fromhex(DIGEST)
    assert pair.is_signature(SIGNING, digest, pair.sign(SIGNING, MESSAGE, prepared=False), prepared=True)
    assert pair.is_signature(SIGNING, MESSAGE, pair.sign(SIGNING, digest, prepared=True), prepared=False)


@pytest.mark.parametrize(
    "signature", [b"", b"x", bytes(64), encode_dss_signature(0, 0), encode_dss_signature(1, 1), bytes(6144)], ids=len
)
def test_what_is_no_signature(pair: Sm2KeyPair, signature: bytes) -> None:
    """Bytes of any length that are not a signature of the message are only wrong."""
    assert not pair.is_signature(SIGNING, MESSAGE, signature, prepared=False)


def test_the_ciphertext(pair: Sm2KeyPair) -> None:
    """The example's ciphertext, in DER, holds the example's plaintext."""
    assert pair.decrypt(ENCRYPTION, asn1.encode_der(CIPHERTEXT)) == PLAINTEXT
    assert pair.decrypt(ENCRYPTION, pair.encrypt(ENCRYPTION, PLAINTEXT)) == PLAINTEXT


@pytest.mark.parametrize(
    "change",
    [{"x": 1}, {"y": CIPHERTEXT.y - 1}, {"digest": bytes(32)}, {"masked": bytes(19)}, {"masked": b""}],
    ids=str,
)
def test_a_changed_ciphertext(pair: Sm2KeyPair, change: dict[str, bytes]) -> None:
    """A change of any part is found, that of the point before all: it must lie on the curve."""
    fields = {name: getattr(CIPHERTEXT, name) for name in ("x", "y", "digest", "masked")}
    with pytest.raises(InvalidCiphertextError):
        pair.decrypt(ENCRYPTION, asn1.encode_der(Sm2Ciphertext(**fields | change)))


@pytest.mark.parametrize("junk", [b"", b"junk", bytes(128)], ids=len)
def test_what_is_no_ciphertext(pair: Sm2KeyPair, junk: bytes) -> None:
    """Bytes that are not the DER of a ciphertext are rejected."""
    with pytest.raises(InvalidCiphertextError):
        pair.decrypt(ENCRYPTION, junk)


def test_both_agree(pair: Sm2KeyPair) -> None:
    """Two parties derive the same secret."""
    other = sm2.generate("")
    assert pair.agree(other.public_der) == other.agree(pair.public_der)
    assert len(pair.agree(other.public_der)) == 32


@pytest.mark.parametrize("spec", ["ECC_NIST_P256", "ECC_SECG_P256K1", "RSA_2048"])
def test_public_keys_of_others(pair: Sm2KeyPair, spec: str) -> None:
    """A public key on another curve is refused."""
    with pytest.raises(InvalidKeyError):
        pair.agree(public_key_of(spec))


def test_a_point_beside_the_curve(pair: Sm2KeyPair) -> None:
    """So is a point that is not on the curve, and one that is written in another way."""
    beside = pair.public_der[:-1] + bytes([pair.public_der[-1] ^ 1])
    for public_der in (beside, pair.public_der[:26] + b"\2" + pair.public_der[27:]):
        with pytest.raises(InvalidKeyError):
            pair.agree(public_der)


@pytest.mark.parametrize("secret", ["00" * 32, "ff" * 32])
def test_secrets_out_of_range(secret: str) -> None:
    """A private key lies between 1 and the order of the curve less 2."""
    with pytest.raises(InvalidKeyError):
        sm2.load("", bytes.fromhex(PRIVATE + secret))


def test_a_public_key_of_another(pair: Sm2KeyPair) -> None:
    """A private key with the public key of another one is none."""
    with pytest.raises(InvalidKeyError):
        sm2.load("", pair.private_der[:-64] + sm2.generate("").public_der[-64:])


def test_the_digest_is_sm3_with_the_id(pair: Sm2KeyPair) -> None:
    """The digest is SM3 of what identifies the signer and the message, as AWS's helper class computes it."""
    curve = (
        "FFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFC"
        "28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93"
        "32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7"
        "BC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0"
    )
    signer = sm3((len(sm2.DISTINGUISHING_ID) * 8).to_bytes(2, "big") + sm2.DISTINGUISHING_ID, curve + X + Y)
    assert sm3(signer + MESSAGE).hex().upper() == DIGEST
    assert pair.is_signature(SIGNING, MESSAGE, SIGNATURE, prepared=False)


def sm3(data: bytes, hexadecimal: str = "") -> bytes:
    """Return the SM3 digest of *data* and what follows it."""
    digest = Hash(SM3())
    digest.update(data + bytes.fromhex(hexadecimal))
    return digest.finalize()
