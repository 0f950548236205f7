"""Key material on its way into KMS: wrapped by openssl, and in every form in which it may come."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat

from mockaws.crypto import der, key_pairs, wrapping
from mockaws.crypto.errors import InvalidCiphertextError, InvalidKeyError
from tests.openssl import NOT_THERE, is_there
from tests.wrapping import wrapped

if TYPE_CHECKING:
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

ALGORITHMS = ("RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256", "RSA_AES_KEY_WRAP_SHA_1", "RSA_AES_KEY_WRAP_SHA_256")
PKCS1_OR_SEC1 = PrivateFormat.TraditionalOpenSSL
RSA = rsa.generate_private_key(65537, 2048)
P256 = ec.generate_private_key(ec.SECP256R1())


@pytest.fixture(scope="module")
def wrapping_key() -> tuple[bytes, bytes]:
    """Return the private and the public half of a wrapping key."""
    pair = wrapping.new_key("RSAES_OAEP_SHA_256", "2048")
    return pair.private_der, pair.public_der


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_round_trip(wrapping_key: tuple[bytes, bytes], algorithm: str) -> None:
    """Material wrapped with the public key unwraps with the private key, and with the same algorithm only."""
    private, public = wrapping_key
    blob = wrapped(algorithm, public, b"material" * 4)
    assert wrapping.unwrap(algorithm, "2048", private, blob) == b"material" * 4
    for other in set(ALGORITHMS) - {algorithm}:
        with pytest.raises(InvalidCiphertextError):
            wrapping.unwrap(other, "2048", private, blob)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("length", [0, 1, 255, 256, 257, 300])
def test_garbage(wrapping_key: tuple[bytes, bytes], algorithm: str, length: int) -> None:
    """Random bytes of any length do not unwrap."""
    with pytest.raises(InvalidCiphertextError):
        wrapping.unwrap(algorithm, "2048", wrapping_key[0], bytes(length))


def test_a_changed_byte(wrapping_key: tuple[bytes, bytes]) -> None:
    """AES key wrap notices a change of the material, as OAEP does."""
    private, public = wrapping_key
    blob = bytearray(wrapped("RSA_AES_KEY_WRAP_SHA_256", public, bytes(40)))
    blob[-1] ^= 1
    with pytest.raises(InvalidCiphertextError):
        wrapping.unwrap("RSA_AES_KEY_WRAP_SHA_256", "2048", private, bytes(blob))


def pkcs8(key: PrivateKeyTypes) -> bytes:
    """Return a private key as PKCS #8."""
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def written_by_kms(key: ec.EllipticCurvePrivateKey) -> bytes:
    """Return a private key on P-256 as KMS writes it: PKCS #8 around SEC 1, in which the curve is named again."""
    return key_pairs.read("elliptic_curves", "P-256", pkcs8(key)).private_der


def test_private_keys() -> None:
    """A private key of the right kind is taken, and kept in the form that KMS writes."""
    assert wrapping.private_key("rsa", "2048", pkcs8(RSA)) == pkcs8(RSA)
    kept = wrapping.private_key("elliptic_curves", "P-256", pkcs8(P256))
    assert kept == written_by_kms(P256)
    assert pkcs8(P256) == pkcs8(der.load_private(kept))
    assert wrapping.private_key("elliptic_curves", "P-256", kept) == kept


@pytest.mark.parametrize(
    ("family", "size", "material"),
    [
        ("rsa", "3072", pkcs8(RSA)),
        ("elliptic_curves", "P-256", pkcs8(RSA)),
        ("rsa", "2048", pkcs8(P256)),
        ("elliptic_curves", "secp256k1", pkcs8(P256)),
        ("rsa", "2048", RSA.private_bytes(Encoding.DER, PKCS1_OR_SEC1, NoEncryption())),
        ("elliptic_curves", "P-256", P256.private_bytes(Encoding.DER, PKCS1_OR_SEC1, NoEncryption())),
        ("rsa", "2048", RSA.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())),
        ("rsa", "2048", RSA.private_bytes(Encoding.DER, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret"))),
        ("rsa", "2048", der.public(RSA.public_key())),
        ("rsa", "2048", pkcs8(RSA)[:-1]),
        ("rsa", "2048", b""),
        ("rsa", "2048", bytes(32)),
    ],
    ids=[
        "another size",
        "RSA for a curve",
        "a curve for RSA",
        "another curve",
        "PKCS 1",
        "SEC 1",
        "PEM",
        "encrypted",
        "a public key",
        "cut off",
        "nothing",
        "zeroes",
    ],
)
def test_other_material(family: str, size: str, material: bytes) -> None:
    """Only PKCS #8 in DER, of the family and size of the key spec, is a private key for KMS."""
    with pytest.raises(InvalidKeyError):
        wrapping.private_key(family, size, material)


def test_primes_are_tested() -> None:
    """An RSA key that does not hold together is found out when it is imported."""
    numbers = RSA.private_numbers()
    broken = pkcs8(RSA).replace(numbers.p.to_bytes(128, "big"), (numbers.p + 2).to_bytes(128, "big"))
    der.load_private(broken)
    with pytest.raises(InvalidKeyError):
        wrapping.private_key("rsa", "2048", broken)


@pytest.mark.skipif(not is_there(), reason=NOT_THERE)
class TestForms:
    """A private key on a curve in the forms that openssl writes."""

    @staticmethod
    def written(path: Path, *options: str) -> bytes:
        """Return one and the same key as openssl writes it with *options*."""
        key, other, result = path / "key.pem", path / "other.pem", path / "key.der"
        key.write_bytes(P256.private_bytes(Encoding.PEM, PKCS1_OR_SEC1, NoEncryption()))
        subprocess.run(["openssl", "ec", "-in", key, "-out", other, *options], check=True, capture_output=True)
        pkcs8 = ["-topk8", "-nocrypt", "-outform", "DER"]
        subprocess.run(["openssl", "pkcs8", "-in", other, "-out", result, *pkcs8], check=True, capture_output=True)
        return result.read_bytes()

    @pytest.mark.parametrize("options", [(), ("-conv_form", "compressed"), ("-no_public",)], ids=str)
    def test_public_points(self, tmp_path: Path, options: tuple[str, ...]) -> None:
        """The public point may be compressed or left out: that is the same key."""
        found = self.written(tmp_path, *options)
        assert wrapping.private_key("elliptic_curves", "P-256", found) == written_by_kms(P256)

    def test_named_curves_only(self, tmp_path: Path) -> None:
        """A key whose curve is spelled out is not taken."""
        found = self.written(tmp_path, "-param_enc", "explicit")
        with pytest.raises(InvalidKeyError):
            wrapping.private_key("elliptic_curves", "P-256", found)
