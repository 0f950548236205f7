"""Key pairs of every family: made, written as DER, read again, and refused where they are something else."""

from __future__ import annotations

import base64
from itertools import permutations
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.serialization import load_der_private_key, load_der_public_key

from mockaws.crypto import key_pairs
from mockaws.crypto.errors import InvalidKeyError
from mockaws.crypto.key_pairs import KeyPair
from mockaws.records.key_specs import KEY_SPECS, KeySpec, KeyType
from tests.unit.services.kms.calling import public_key_of, secret_of

if TYPE_CHECKING:
    from collections.abc import Callable

SPECS = [spec for spec in KEY_SPECS.values() if spec.type is KeyType.ASYMMETRIC]
NOT_PYCA = {"ML_KEM_512", "SM2"}


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: str(spec.name))
def test_what_is_written_is_read_again(spec: KeySpec) -> None:
    """A private key in DER gives the same key pair again, whose public key is the same."""
    pair = key_pairs.generate(spec.family, spec.size)
    again = key_pairs.load(spec.family, spec.size, pair.private_der)
    assert again is not pair
    assert (again.private_der, again.public_der) == (pair.private_der, pair.public_der)
    assert key_pairs.load(spec.family, spec.size, pair.private_der) is again


@pytest.mark.parametrize("name", sorted({spec.name for spec in SPECS} - NOT_PYCA))
def test_others_can_read_it(name: str) -> None:
    """Private keys are PKCS #8, public keys SubjectPublicKeyInfo."""
    private_key = load_der_private_key(secret_of(name), None)
    assert private_key.public_key() == load_der_public_key(public_key_of(name))


@pytest.mark.parametrize(("spec", "other"), list(permutations(SPECS, 2)), ids=lambda spec: str(spec.name))
def test_a_key_of_another_kind(spec: KeySpec, other: KeySpec) -> None:
    """The key of one spec is none of another."""
    module = key_pairs._family(spec.family)  # noqa: SLF001 - past the key pairs that stay loaded
    with pytest.raises(InvalidKeyError):
        module.load(spec.size, secret_of(other.name))


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: str(spec.name))
@pytest.mark.parametrize("change", [bytes, lambda der: der[:-1], lambda der: der + b"\0", lambda der: b"\0" + der])
def test_what_is_no_key(spec: KeySpec, change: Callable[[bytes], bytes]) -> None:
    """Bytes that are no key in DER are refused."""
    der = secret_of(spec.name)
    with pytest.raises(InvalidKeyError):
        key_pairs.load(spec.family, spec.size, change(der) if change is not bytes else b"")


@pytest.mark.parametrize(
    ("family", "size", "pem"),
    [
        ("ml_dsa", "44", "MDQCAQAwCwYJYIZIAWUDBAMRBCKAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"),
        (
            "ml_kem",
            "512",
            (
                "MFQCAQAwCwYJYIZIAWUDBAQBBEKAQAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZ"
                "GhscHR4fICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8="
            ),
        ),
    ],
)
def test_seeds(family: str, size: str, pem: str) -> None:
    """A private key of ML-DSA or ML-KEM is written as its seed, as in the examples of RFC 9881 and RFC 9935."""
    der = base64.b64decode(pem)
    assert key_pairs.load(family, size, der).private_der == der


@pytest.mark.parametrize("kind", ["ML_KEM_512", "ML_KEM_768", "ML_KEM_1024"])
def test_seeds_have_one_length(kind: str) -> None:
    """The private key of an ML-KEM data key pair is as long for one key spec as for another."""
    assert len(secret_of(kind)) == 86


@pytest.mark.parametrize(
    "use",
    [
        lambda pair: pair.sign("ECDSA_SHA_256", b"x", prepared=False),
        lambda pair: pair.is_signature("ECDSA_SHA_256", b"x", b"x", prepared=False),
        lambda pair: pair.encrypt("RSAES_OAEP_SHA_1", b"x"),
        lambda pair: pair.decrypt("RSAES_OAEP_SHA_1", b"x"),
        lambda pair: pair.agree(b"x"),
        lambda pair: pair.encapsulate(),
        lambda pair: pair.decapsulate(b"x"),
    ],
)
def test_what_a_family_cannot_do(use: Callable[[KeyPair], object]) -> None:
    """A family that lacks an operation says so, should the table of key specs ever name it."""
    with pytest.raises(TypeError, match="KeyPair cannot"):
        use(KeyPair())


def test_the_oldest_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only so many key pairs stay loaded; one that was forgotten is read again."""
    monkeypatch.setattr(key_pairs, "_MOST_LOADED", 2)
    monkeypatch.setattr(key_pairs, "_loaded", {})
    pairs = [key_pairs.generate("edwards25519", "") for _ in range(3)]
    for pair in pairs:
        key_pairs.keep_loaded(pair.private_der, pair)
    again = [key_pairs.load("edwards25519", "", pair.private_der) for pair in reversed(pairs)]
    assert [one is other for one, other in zip(again, reversed(pairs), strict=True)] == [True, True, False]
