"""All key specs of KMS, one line each: the usages, algorithms and size limits of its keys.

https://docs.aws.amazon.com/kms/latest/developerguide/symm-asymm-choose-key-spec.html
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

SYMMETRIC_DEFAULT = "SYMMETRIC_DEFAULT"
CHINA = "aws-cn"


class KeyType(StrEnum):
    """AWS's types of keys."""

    SYMMETRIC = "symmetric"
    ASYMMETRIC = "asymmetric"
    HMAC = "HMAC"


class KeyUsage(StrEnum):
    """The usage of a key, which never changes."""

    ENCRYPT_DECRYPT = "ENCRYPT_DECRYPT"
    SIGN_VERIFY = "SIGN_VERIFY"
    GENERATE_VERIFY_MAC = "GENERATE_VERIFY_MAC"
    KEY_AGREEMENT = "KEY_AGREEMENT"
    ENCAPSULATE_DECAPSULATE = "ENCAPSULATE_DECAPSULATE"


class MessageType(StrEnum):
    """The form of the message in a Sign or Verify request."""

    RAW = "RAW"
    DIGEST = "DIGEST"
    EXTERNAL_MU = "EXTERNAL_MU"


class Availability(StrEnum):
    """The Regions in which AWS offers a key spec."""

    EVERYWHERE = "everywhere"
    CHINA = "in China Regions only"
    NOT_CHINA = "not in China Regions"


# For each usage, the member of KeyMetadata and GetPublicKey that lists the algorithms of a key.
ALGORITHMS_MEMBER = {
    KeyUsage.ENCRYPT_DECRYPT: "EncryptionAlgorithms",
    KeyUsage.SIGN_VERIFY: "SigningAlgorithms",
    KeyUsage.GENERATE_VERIFY_MAC: "MacAlgorithms",
    KeyUsage.KEY_AGREEMENT: "KeyAgreementAlgorithms",
    KeyUsage.ENCAPSULATE_DECAPSULATE: "EncapsulationAlgorithms",
}


@dataclass(frozen=True)
class KeySpec:
    """A key spec: the *size* and the *family* of its material, which is `secret` (bytes) or a module of mockaws.crypto.

    *encrypts* maps each algorithm to the most bytes of plaintext that it accepts. The other fields list algorithms.
    """

    name: str
    type: KeyType
    family: str
    size: str
    encrypts: Mapping[str, int] = field(default_factory=dict)
    signs: tuple[str, ...] = ()
    macs: tuple[str, ...] = ()
    agrees: tuple[str, ...] = ()
    encapsulates: tuple[str, ...] = ()
    available: Availability = Availability.EVERYWHERE

    def is_in(self, partition: str) -> bool:
        """Return True if the Regions of a partition offer the spec."""
        return self.available in {
            Availability.EVERYWHERE,
            Availability.CHINA if partition == CHINA else Availability.NOT_CHINA,
        }

    @cached_property
    def usages(self) -> Mapping[str, tuple[str, ...]]:
        """The algorithms for each usage that the spec permits."""
        usages = {
            KeyUsage.ENCRYPT_DECRYPT: tuple(self.encrypts),
            KeyUsage.SIGN_VERIFY: self.signs,
            KeyUsage.GENERATE_VERIFY_MAC: self.macs,
            KeyUsage.KEY_AGREEMENT: self.agrees,
            KeyUsage.ENCAPSULATE_DECAPSULATE: self.encapsulates,
        }
        return {usage: algorithms for usage, algorithms in usages.items() if algorithms}

    def wrapped_by(self, partition: str) -> tuple[str, ...]:
        """Return the wrapping algorithms for imports of its material; an empty tuple if it cannot be imported."""
        wrappings = _WRAPPED_IN_CHINA_BY if partition == CHINA else _WRAPPED_BY
        return wrappings.get(self.family, ())


_SYMMETRIC, _ASYMMETRIC, _HMAC = KeyType
_, _CHINA, _NOT_CHINA = Availability
_RSASSA = tuple(f"RSASSA_{padding}_SHA_{bits}" for padding in ("PKCS1_V1_5", "PSS") for bits in (256, 384, 512))


def _oaep(sha_1: int, sha_256: int) -> dict[str, int]:
    return {"RSAES_OAEP_SHA_1": sha_1, "RSAES_OAEP_SHA_256": sha_256}


# fmt: off
KEY_SPECS = {spec.name: spec for spec in (
    KeySpec(SYMMETRIC_DEFAULT, _SYMMETRIC, "secret", "32", encrypts={SYMMETRIC_DEFAULT: 4096}),
    KeySpec("HMAC_224", _HMAC, "secret", "28", macs=("HMAC_SHA_224",)),
    KeySpec("HMAC_256", _HMAC, "secret", "32", macs=("HMAC_SHA_256",)),
    KeySpec("HMAC_384", _HMAC, "secret", "48", macs=("HMAC_SHA_384",)),
    KeySpec("HMAC_512", _HMAC, "secret", "64", macs=("HMAC_SHA_512",)),
    KeySpec("RSA_2048", _ASYMMETRIC, "rsa", "2048", encrypts=_oaep(214, 190), signs=_RSASSA),
    KeySpec("RSA_3072", _ASYMMETRIC, "rsa", "3072", encrypts=_oaep(342, 318), signs=_RSASSA),
    KeySpec("RSA_4096", _ASYMMETRIC, "rsa", "4096", encrypts=_oaep(470, 446), signs=_RSASSA),
    KeySpec("ECC_NIST_P256", _ASYMMETRIC, "elliptic_curves", "P-256", signs=("ECDSA_SHA_256",), agrees=("ECDH",)),
    KeySpec("ECC_NIST_P384", _ASYMMETRIC, "elliptic_curves", "P-384", signs=("ECDSA_SHA_384",), agrees=("ECDH",)),
    KeySpec("ECC_NIST_P521", _ASYMMETRIC, "elliptic_curves", "P-521", signs=("ECDSA_SHA_512",), agrees=("ECDH",)),
    KeySpec("ECC_SECG_P256K1", _ASYMMETRIC, "elliptic_curves", "secp256k1", signs=("ECDSA_SHA_256",)),
    KeySpec("ECC_NIST_EDWARDS25519", _ASYMMETRIC, "edwards25519", "", signs=("ED25519_PH_SHA_512", "ED25519_SHA_512")),
    KeySpec("ML_DSA_44", _ASYMMETRIC, "ml_dsa", "44", signs=("ML_DSA_SHAKE_256",)),
    KeySpec("ML_DSA_65", _ASYMMETRIC, "ml_dsa", "65", signs=("ML_DSA_SHAKE_256",)),
    KeySpec("ML_DSA_87", _ASYMMETRIC, "ml_dsa", "87", signs=("ML_DSA_SHAKE_256",)),
    KeySpec("ML_KEM_512", _ASYMMETRIC, "ml_kem", "512", encapsulates=("ML_KEM",), available=_NOT_CHINA),
    KeySpec("ML_KEM_768", _ASYMMETRIC, "ml_kem", "768", encapsulates=("ML_KEM",), available=_NOT_CHINA),
    KeySpec("ML_KEM_1024", _ASYMMETRIC, "ml_kem", "1024", encapsulates=("ML_KEM",), available=_NOT_CHINA),
    KeySpec("SM2", _ASYMMETRIC, "sm2", "", {"SM2PKE": 1024}, signs=("SM2DSA",), agrees=("ECDH",), available=_CHINA),
)}
# fmt: on

# The wrapping algorithms of imported material: directly under a wrapping key of RSA or SM2, or under an AES key that an
# RSA key encrypts.
# https://docs.aws.amazon.com/kms/latest/developerguide/importing-keys-get-public-key-and-token.html#select-wrapping-algorithm
RSAES = ("RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256")
RSA_AES_KEY_WRAP = ("RSA_AES_KEY_WRAP_SHA_1", "RSA_AES_KEY_WRAP_SHA_256")
SM2PKE = "SM2PKE"
# Material of the other families cannot be imported.
# https://docs.aws.amazon.com/kms/latest/developerguide/importing-keys-conceptual.html#importing-keys-material-requirements
_WRAPPED_BY = {
    "secret": RSAES,
    "rsa": RSA_AES_KEY_WRAP,
    "elliptic_curves": RSAES + RSA_AES_KEY_WRAP,
    "edwards25519": RSAES + RSA_AES_KEY_WRAP,
}
_WRAPPED_IN_CHINA_BY = {
    "secret": RSAES,
    "rsa": (SM2PKE,),
    "elliptic_curves": (*RSAES, SM2PKE),
    "sm2": (*RSAES, SM2PKE),
}

_RAW, _DIGEST, _EXTERNAL_MU = MessageType
# The message types of each signing algorithm, with the length of those that have a fixed one.
# https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html#KMS-Sign-request-MessageType
SIGNING_ALGORITHMS: Mapping[str, Mapping[str, int | None]] = {
    "RSASSA_PKCS1_V1_5_SHA_256": {_RAW: None, _DIGEST: 32},
    "RSASSA_PKCS1_V1_5_SHA_384": {_RAW: None, _DIGEST: 48},
    "RSASSA_PKCS1_V1_5_SHA_512": {_RAW: None, _DIGEST: 64},
    "RSASSA_PSS_SHA_256": {_RAW: None, _DIGEST: 32},
    "RSASSA_PSS_SHA_384": {_RAW: None, _DIGEST: 48},
    "RSASSA_PSS_SHA_512": {_RAW: None, _DIGEST: 64},
    "ECDSA_SHA_256": {_RAW: None, _DIGEST: 32},
    "ECDSA_SHA_384": {_RAW: None, _DIGEST: 48},
    "ECDSA_SHA_512": {_RAW: None, _DIGEST: 64},
    "SM2DSA": {_RAW: None, _DIGEST: 32},
    "ED25519_SHA_512": {_RAW: None},
    "ED25519_PH_SHA_512": {_DIGEST: 64},
    "ML_DSA_SHAKE_256": {_RAW: None, _EXTERNAL_MU: 64},
}
