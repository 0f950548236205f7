"""Elliptic curves over prime fields: ECDSA signatures in DER (RFC 3279, section 2.2.3), and ECDH (NIST SP 800-56A)."""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512, HashAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509 import ObjectIdentifier

from mockaws.crypto import der
from mockaws.crypto.errors import InvalidKeyError
from mockaws.crypto.key_pairs import KeyPair

CURVES: dict[str, ec.EllipticCurve] = {
    "P-256": ec.SECP256R1(),
    "P-384": ec.SECP384R1(),
    "P-521": ec.SECP521R1(),
    "secp256k1": ec.SECP256K1(),
}
_EC_PUBLIC_KEY = ObjectIdentifier("1.2.840.10045.2.1")
_OIDS = {
    "secp256r1": ec.EllipticCurveOID.SECP256R1,
    "secp384r1": ec.EllipticCurveOID.SECP384R1,
    "secp521r1": ec.EllipticCurveOID.SECP521R1,
    "secp256k1": ec.EllipticCurveOID.SECP256K1,
}
SIGNING: dict[str, HashAlgorithm] = {
    "ECDSA_SHA_256": SHA256(),
    "ECDSA_SHA_384": SHA384(),
    "ECDSA_SHA_512": SHA512(),
}


class EllipticCurveKeyPair(KeyPair):
    """A key pair on one of the curves."""

    def __init__(self, key: ec.EllipticCurvePrivateKey) -> None:
        self._private = key
        self._public = key.public_key()
        self.private_der = _private_der(key)
        self.public_der = der.public(self._public)

    def sign(self, algorithm: str, message: bytes, *, prepared: bool) -> bytes:
        """Return an ECDSA signature."""
        return self._private.sign(message, _ecdsa(algorithm, prepared=prepared))

    def is_signature(self, algorithm: str, message: bytes, signature: bytes, *, prepared: bool) -> bool:
        """Return True if an ECDSA signature is valid."""
        try:
            self._public.verify(signature, message, _ecdsa(algorithm, prepared=prepared))
        except InvalidSignature:
            return False
        return True

    def agree(self, public_der: bytes) -> bytes:
        """Return the x coordinate of the shared point. Raises InvalidKeyError for a public key on another curve."""
        peer = der.load_public(public_der)
        if not isinstance(peer, ec.EllipticCurvePublicKey) or peer.curve.name != self._private.curve.name:
            raise InvalidKeyError(f"not a public key on {self._private.curve.name}")
        return self._private.exchange(ec.ECDH(), peer)


def _private_der(key: ec.EllipticCurvePrivateKey) -> bytes:
    """Return PKCS #8 that names the curve twice. Recorded: AWS's encoding has exactly this additional length."""
    algorithm = der.Algorithm(key=_EC_PUBLIC_KEY, curve=_OIDS[key.curve.name])
    named = key.private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    return asn1.encode_der(der.PrivateKeyInfo(version=0, algorithm=algorithm, key=named))


def _ecdsa(algorithm: str, *, prepared: bool) -> ec.ECDSA:
    digest = SIGNING[algorithm]
    return ec.ECDSA(Prehashed(digest) if prepared else digest)


def generate(size: str) -> EllipticCurveKeyPair:
    """Return a new key pair; *size* is the curve's name."""
    return EllipticCurveKeyPair(ec.generate_private_key(CURVES[size]))


def load(size: str, private_der: bytes) -> EllipticCurveKeyPair:
    """Return the key pair in *private_der*. Raises InvalidKeyError unless it is on the curve called *size*."""
    key = der.load_private(private_der)
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.curve.name != CURVES[size].name:
        raise InvalidKeyError(f"not an elliptic curve key on {size}")
    return EllipticCurveKeyPair(key)
