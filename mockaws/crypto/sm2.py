"""SM2, GB/T 32918: SM2DSA signatures with SM3, SM2PKE encryption and ECDH on sm2p256v1, in the DER of GM/T 0009.

The cryptography package has none of it. gmalg has; it is written in Python, so that an operation takes some 30 ms.
"""

from __future__ import annotations

from typing import Annotated

from cryptography.hazmat import asn1
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.x509 import ObjectIdentifier
from gmalg import SM3
from gmalg.ellipticcurve import ECDLP
from gmalg.errors import GMError
from gmalg.sm2 import SM2Core

from mockaws.crypto import der
from mockaws.crypto.errors import InvalidCiphertextError, InvalidKeyError
from mockaws.crypto.key_pairs import KeyPair

Point = tuple[int, int]

# The distinguishing id of the signer, https://docs.aws.amazon.com/kms/latest/developerguide/offline-operations.html
DISTINGUISHING_ID = b"1234567812345678"
_BYTES = 32
_UNCOMPRESSED = b"\x04"
# GB/T 32918.5: the field, the coefficients of the curve, its base point and that point's order.
_CURVE = ECDLP(
    0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF,
    0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFC,
    0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93,
    (
        0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
        0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
    ),
    0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123,
)


@asn1.sequence
class _PrivateKey:
    version: int
    secret: bytes
    curve: Annotated[ObjectIdentifier | None, asn1.Explicit(0)]
    public_key: Annotated[asn1.BitString | None, asn1.Explicit(1)]


@asn1.sequence
class _PublicKeyInfo:
    algorithm: der.Algorithm
    key: asn1.BitString


@asn1.sequence
class _Ciphertext:
    x: int
    y: int
    digest: bytes
    masked: bytes


_ALGORITHM = der.Algorithm(key=ObjectIdentifier("1.2.840.10045.2.1"), curve=ObjectIdentifier("1.2.156.10197.1.301"))


class _Computed:
    """A hash for gmalg whose value was computed elsewhere, with the distinguishing id in it."""

    def __init__(self, digest: bytes) -> None:
        self._digest = digest

    def reset(self) -> None:
        """Do nothing."""

    def update(self, data: bytes) -> None:
        """Do nothing."""

    def value(self) -> bytes:
        """Return the digest."""
        return self._digest


class Sm2KeyPair(KeyPair):
    """An SM2 key pair."""

    def __init__(self, secret: int, point: Point) -> None:
        self._secret = secret
        self._point = point
        public_key = asn1.BitString(_encoded(point), 0)
        private_key = _PrivateKey(version=1, secret=secret.to_bytes(_BYTES, "big"), curve=None, public_key=public_key)
        self.private_der = asn1.encode_der(
            der.PrivateKeyInfo(version=0, algorithm=_ALGORITHM, key=asn1.encode_der(private_key))
        )
        self.public_der = asn1.encode_der(_PublicKeyInfo(algorithm=_ALGORITHM, key=public_key))

    def sign(self, algorithm: str, message: bytes, *, prepared: bool) -> bytes:  # noqa: ARG002 - there is one
        """Return the signature of *message* in DER, like one of ECDSA."""
        r, s = _core(message, prepared=prepared).sign(message, self._secret, DISTINGUISHING_ID, self._point)
        return encode_dss_signature(r, s)

    def is_signature(self, algorithm: str, message: bytes, signature: bytes, *, prepared: bool) -> bool:  # noqa: ARG002
        """Return True if *signature* is a signature of *message*."""
        try:
            r, s = decode_dss_signature(signature)
        except ValueError:
            return False
        core = _core(message, prepared=prepared)
        return bool(core.verify(message, r, s, DISTINGUISHING_ID, self._point))

    def encrypt(self, algorithm: str, plaintext: bytes) -> bytes:  # noqa: ARG002 - there is one
        """Return the ciphertext in DER: the point, the digest, and the masked plaintext."""
        (x, y), masked, digest = SM2Core(_CURVE, SM3()).encrypt(plaintext, self._point)
        return asn1.encode_der(_Ciphertext(x=x, y=y, digest=digest, masked=masked))

    def decrypt(self, algorithm: str, ciphertext: bytes) -> bytes:  # noqa: ARG002 - there is one
        """Return the plaintext of *ciphertext*. Raises InvalidCiphertextError."""
        try:
            found = asn1.decode_der(_Ciphertext, ciphertext)
            return bytes(SM2Core(_CURVE, SM3()).decrypt((found.x, found.y), found.masked, found.digest, self._secret))
        except (ValueError, GMError):
            raise InvalidCiphertextError from None

    def agree(self, public_der: bytes) -> bytes:
        """Return the x coordinate of the shared point."""
        x, _ = _CURVE.ec.mul(self._secret, _load_public(public_der))
        return int(x).to_bytes(_BYTES, "big")


def generate(size: str) -> Sm2KeyPair:  # noqa: ARG001 - there is one
    """Return a new key pair."""
    secret, point = SM2Core(_CURVE, SM3()).generate_keypair()
    return Sm2KeyPair(secret, point)


def load(size: str, private_der: bytes) -> Sm2KeyPair:  # noqa: ARG001 - there is one
    """Return the key pair in *private_der*. Raises InvalidKeyError if it is not an SM2 key."""
    try:
        info = asn1.decode_der(der.PrivateKeyInfo, private_der)
        key = asn1.decode_der(_PrivateKey, info.key)
    except ValueError as error:
        raise InvalidKeyError(str(error)) from error
    secret = int.from_bytes(key.secret, "big")
    if not _is_sm2(info.algorithm) or not 0 < secret < _CURVE.fpn.p - 1:
        raise InvalidKeyError("not an SM2 key")
    pair = Sm2KeyPair(secret, _CURVE.kG(secret))
    if key.public_key is not None and not pair.public_der.endswith(key.public_key.as_bytes()):
        raise InvalidKeyError("the public key is another private key's")
    return pair


def _load_public(public_der: bytes) -> Point:
    try:
        info = asn1.decode_der(_PublicKeyInfo, public_der)
    except ValueError as error:
        raise InvalidKeyError(str(error)) from error
    encoded = info.key.as_bytes()
    point = (int.from_bytes(encoded[1 : _BYTES + 1], "big"), int.from_bytes(encoded[_BYTES + 1 :], "big"))
    if not _is_sm2(info.algorithm) or encoded != _encoded(point) or not SM2Core(_CURVE, SM3()).verify_pk(point):
        raise InvalidKeyError("not an SM2 public key")
    return point


def _core(message: bytes, *, prepared: bool) -> SM2Core:
    """Return the signer and verifier of *message*, which is a digest if *prepared*."""
    return SM2Core(_CURVE, _Computed(message) if prepared else SM3())


def _is_sm2(algorithm: der.Algorithm) -> bool:
    return (algorithm.key, algorithm.curve) == (_ALGORITHM.key, _ALGORITHM.curve)


def _encoded(point: Point) -> bytes:
    return _UNCOMPRESSED + b"".join(coordinate.to_bytes(_BYTES, "big") for coordinate in point)
