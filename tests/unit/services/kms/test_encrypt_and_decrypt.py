"""Encrypt and Decrypt: what a ciphertext is, and what opens it.

https://docs.aws.amazon.com/kms/latest/APIReference/API_Encrypt.html
"""

from __future__ import annotations

import base64
from typing import Any

import pytest

from mockaws.records.kms import Key
from tests.unit.services.kms.calling import Kms, Refusal, key_record

HELLO = b"hello"
NOT_OPENED = Refusal("InvalidCiphertextException", "")
WRONG_KEY = Refusal(
    "IncorrectKeyException", "The key ID in the request does not identify a CMK that can perform this operation."
)
UNKNOWN_KEY = Refusal(
    "AccessDeniedException",
    "The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not "
    "allowed to access.",
)


@pytest.fixture
def key_id(kms: Kms) -> str:
    """Return a new key."""
    return kms.create_key()


def encrypted(kms: Kms, key_id: str, plaintext: bytes = HELLO, **document: Any) -> bytes:
    """Return a ciphertext."""
    blob: bytes = kms("Encrypt", KeyId=key_id, Plaintext=plaintext, **document)["CiphertextBlob"]
    return blob


def test_encrypting(kms: Kms, key_id: str) -> None:
    """The answer has the ciphertext, the key's ARN and the algorithm, and no key material."""
    answer = kms("Encrypt", KeyId=key_id, Plaintext=HELLO)
    assert answer.keys() == {"CiphertextBlob", "KeyId", "EncryptionAlgorithm"}
    assert (answer["KeyId"], answer["EncryptionAlgorithm"]) == (kms.arn(key_id), "SYMMETRIC_DEFAULT")
    assert HELLO not in answer["CiphertextBlob"]


def test_decrypting(kms: Kms, key_id: str) -> None:
    """A ciphertext itself names the key that it needs; the answer names the key and its material."""
    assert kms("Decrypt", CiphertextBlob=encrypted(kms, key_id)) == {
        "KeyId": kms.arn(key_id),
        "Plaintext": HELLO,
        "EncryptionAlgorithm": "SYMMETRIC_DEFAULT",
        "KeyMaterialId": kms.metadata(key_id)["CurrentKeyMaterialId"],
    }


@pytest.mark.parametrize("in_store", [False, True])
@pytest.mark.parametrize(("plaintext", "length"), [(32, 184), (16, 168), (1, 153)])
def test_the_length_is_that_of_aws(kms: Kms, key_id: str, plaintext: int, length: int, in_store: bool) -> None:
    """The ciphertext of 32 bytes has 184, as recorded of AWS, wherever the key lies."""
    if in_store:
        key_id = kms.key_in_store(kms.connected_store())
    assert len(encrypted(kms, key_id, bytes(plaintext))) == length


def test_how_a_ciphertext_begins(kms: Kms, key_id: str) -> None:
    """In base64 the ciphertexts of AWS begin with AQICAH."""
    assert base64.b64encode(encrypted(kms, key_id)).startswith(b"AQICAH")


def test_no_two_ciphertexts_are_alike(kms: Kms, key_id: str) -> None:
    """Encryption is not deterministic."""
    assert len({encrypted(kms, key_id) for _ in range(10)}) == 10


@pytest.mark.parametrize("length", [1, 15, 16, 17, 91, 92, 127, 128, 219, 220, 255, 256, 4096])
def test_every_length(kms: Kms, key_id: str, length: int) -> None:
    """1 to 4096 bytes are encrypted and come back; no ciphertext is longer than Decrypt takes."""
    plaintext = bytes(n % 251 for n in range(length))
    blob = encrypted(kms, key_id, plaintext)
    assert len(blob) <= 6144
    assert kms("Decrypt", CiphertextBlob=blob)["Plaintext"] == plaintext


@pytest.mark.parametrize(("length", "bound"), [(0, "greater than or equal to 1"), (4097, "less than or equal to 4096")])
def test_limits_of_a_plaintext(kms: Kms, key_id: str, length: int, bound: str) -> None:
    """A plaintext outside 1 to 4096 bytes is refused without being shown."""
    assert kms.refusal("Encrypt", KeyId=key_id, Plaintext=bytes(length)) == (
        "ValidationException",
        (
            "1 validation error detected: Value at 'plaintext' failed to satisfy constraint: "
            f"Member must have length {bound}"
        ),
    )


@pytest.mark.parametrize(("length", "bound"), [(0, "greater than or equal to 1"), (6145, "less than or equal to 6144")])
def test_limits_of_a_ciphertext(kms: Kms, length: int, bound: str) -> None:
    """A ciphertext outside 1 to 6144 bytes is refused without being shown."""
    assert kms.refusal("Decrypt", CiphertextBlob=bytes(length)) == (
        "ValidationException",
        (
            "1 validation error detected: Value at 'ciphertextBlob' failed to satisfy constraint: "
            f"Member must have length {bound}"
        ),
    )


def test_no_ciphertext_at_all(kms: Kms, key_id: str) -> None:
    """The model does not require the ciphertext, the service does."""
    refusal = kms.refusal("Decrypt", KeyId=key_id)
    assert refusal.code == "ValidationException"
    assert refusal.message.endswith("at 'ciphertextBlob' failed to satisfy constraint: Member must not be null")


class TestDamage:
    """A ciphertext that was changed anywhere is not opened, and the error says nothing."""

    @pytest.mark.parametrize("given_key", [False, True], ids=["without KeyId", "with KeyId"])
    def test_every_bit(self, kms: Kms, key_id: str, given_key: bool) -> None:
        """Whichever bit is flipped, the ciphertext is invalid."""
        blob = encrypted(kms, key_id, b"x")
        extra = {"KeyId": key_id} if given_key else {}
        refusals = set()
        for bit in range(8 * len(blob)):
            damaged = bytearray(blob)
            damaged[bit // 8] ^= 1 << bit % 8
            refusals.add(kms.refusal("Decrypt", CiphertextBlob=bytes(damaged), **extra))
        assert refusals == {NOT_OPENED}

    def test_every_truncation(self, kms: Kms, key_id: str) -> None:
        """A ciphertext that lacks its end is invalid."""
        blob = encrypted(kms, key_id)
        refusals = {kms.refusal("Decrypt", CiphertextBlob=blob[:length]) for length in range(1, len(blob))}
        assert refusals == {NOT_OPENED}

    @pytest.mark.parametrize("junk", [b"\0", b"not a ciphertext", bytes(184), b"\1\2\2\0x" + bytes(179)])
    def test_junk(self, kms: Kms, junk: bytes) -> None:
        """Bytes that never were a ciphertext are invalid."""
        assert kms.refusal("Decrypt", CiphertextBlob=junk) == NOT_OPENED

    def test_more_than_there_was(self, kms: Kms, key_id: str) -> None:
        """A ciphertext with something behind it is invalid."""
        assert kms.refusal("Decrypt", CiphertextBlob=encrypted(kms, key_id) + b"\0") == NOT_OPENED

    def test_halves_of_two(self, kms: Kms, key_id: str) -> None:
        """Two ciphertexts of one key cannot be put together to a third."""
        one, other = encrypted(kms, key_id), encrypted(kms, key_id)
        for cut in range(1, len(one)):
            mixed = one[:cut] + other[cut:]
            if mixed not in {one, other}:
                assert kms.refusal("Decrypt", CiphertextBlob=mixed) == NOT_OPENED


class TestContext:
    """The encryption context is authenticated: the same pairs open what they closed.

    https://docs.aws.amazon.com/kms/latest/developerguide/encrypt_context.html
    """

    context = {"Department": "10103.0", "Purpose": "Test"}  # noqa: RUF012 - nobody changes it

    def test_the_same_pairs(self, kms: Kms, key_id: str) -> None:
        """The order of the pairs does not matter."""
        blob = encrypted(kms, key_id, EncryptionContext=self.context)
        turned = dict(reversed(self.context.items()))
        assert kms("Decrypt", CiphertextBlob=blob, EncryptionContext=turned)["Plaintext"] == HELLO

    @pytest.mark.parametrize(
        "other",
        [
            None,
            {},
            {"Department": "10103.0"},
            {"Department": "10103.0", "Purpose": "test"},
            {"department": "10103.0", "Purpose": "Test"},
            {"Department": "10103.0", "Purpose": "Test", "More": ""},
            {"Purpose": "10103.0", "Department": "Test"},
            {"Department": "10103.0Purpose", "": "Test"},
        ],
    )
    def test_other_pairs(self, kms: Kms, key_id: str, other: dict[str, str] | None) -> None:
        """A missing, an additional or a different pair, also in capital letters, opens nothing."""
        blob = encrypted(kms, key_id, EncryptionContext=self.context)
        extra = {} if other is None else {"EncryptionContext": other}
        assert kms.refusal("Decrypt", CiphertextBlob=blob, **extra) == NOT_OPENED

    def test_where_there_was_none(self, kms: Kms, key_id: str) -> None:
        """A ciphertext without a context is not decrypted with one."""
        assert kms.refusal("Decrypt", CiphertextBlob=encrypted(kms, key_id), EncryptionContext={"a": "b"}) == NOT_OPENED

    def test_an_empty_one_is_none(self, kms: Kms, key_id: str) -> None:
        """A context without pairs is the same as no context."""
        blob = encrypted(kms, key_id, EncryptionContext={})
        assert kms("Decrypt", CiphertextBlob=blob)["Plaintext"] == HELLO

    def test_any_text(self, kms: Kms, key_id: str) -> None:
        """Keys and values may be any text."""
        context = {"Schlüssel": "Wert 🔑", "empty": ""}
        blob = encrypted(kms, key_id, EncryptionContext=context)
        assert kms("Decrypt", CiphertextBlob=blob, EncryptionContext=context)["Plaintext"] == HELLO


class TestWhichKey:
    """A ciphertext names its key; KeyId, if given, must be that key."""

    @pytest.mark.parametrize("form", ["{id}", "{arn}", "alias/example", "{alias_arn}"])
    def test_any_form_of_the_right_key(self, kms: Kms, key_id: str, form: str) -> None:
        """The key's id, its ARN, its alias and the alias's ARN all mean the key."""
        kms("CreateAlias", AliasName="alias/example", TargetKeyId=key_id)
        alias_arn = f"arn:aws:kms:{kms.region}:{kms.account}:alias/example"
        name = form.format(id=key_id, arn=kms.arn(key_id), alias_arn=alias_arn)
        assert kms("Decrypt", CiphertextBlob=encrypted(kms, key_id), KeyId=name)["KeyId"] == kms.arn(key_id)
        assert kms("Encrypt", KeyId=name, Plaintext=HELLO)["KeyId"] == kms.arn(key_id)

    def test_the_wrong_key(self, kms: Kms, key_id: str) -> None:
        """Another key is refused by name, even if it could not be used at all."""
        other = kms.create_key()
        blob = encrypted(kms, key_id)
        assert kms.refusal("Decrypt", CiphertextBlob=blob, KeyId=other) == WRONG_KEY
        kms("DisableKey", KeyId=other)
        assert kms.refusal("Decrypt", CiphertextBlob=blob, KeyId=other) == WRONG_KEY

    def test_a_moved_alias(self, kms: Kms, key_id: str) -> None:
        """An alias means the key that it names now, not the one that it named when the ciphertext was made."""
        kms("CreateAlias", AliasName="alias/example", TargetKeyId=key_id)
        blob = encrypted(kms, "alias/example")
        kms("UpdateAlias", AliasName="alias/example", TargetKeyId=kms.create_key())
        assert kms.refusal("Decrypt", CiphertextBlob=blob, KeyId="alias/example") == WRONG_KEY
        assert kms("Decrypt", CiphertextBlob=blob)["KeyId"] == kms.arn(key_id)

    def test_another_region(self, kms: Kms, key_id: str) -> None:
        """A ciphertext of another Region names a key that is not there."""
        assert kms.by(region="us-east-1").refusal("Decrypt", CiphertextBlob=encrypted(kms, key_id)) == UNKNOWN_KEY

    def test_another_account(self, kms: Kms, key_id: str) -> None:
        """A ciphertext of a key that the caller may not use looks like that of a key that is not there."""
        assert kms.by(account="444455556666").refusal("Decrypt", CiphertextBlob=encrypted(kms, key_id)) == UNKNOWN_KEY

    def test_another_world(self, key_id: str, kms: Kms) -> None:
        """A ciphertext of another world names a key that is not there."""
        assert Kms().refusal("Decrypt", CiphertextBlob=encrypted(kms, key_id)) == UNKNOWN_KEY

    def test_older_material(self, kms: Kms, key_id: str) -> None:
        """A ciphertext names the generation of material that it was made with, and is opened with that one."""
        blob = encrypted(kms, key_id)
        rotated = kms.create_key()
        before, new = kms.record(Key, key_id).materials[0], kms.record(Key, rotated).materials[0]
        kms.change(Key, key_id, materials=(before, new))
        assert kms("Decrypt", CiphertextBlob=blob)["KeyMaterialId"] == before.id
        assert kms("Decrypt", CiphertextBlob=encrypted(kms, key_id))["KeyMaterialId"] == new.id
        kms.change(Key, key_id, materials=(new,))
        assert kms.refusal("Decrypt", CiphertextBlob=blob) == NOT_OPENED


class TestAlgorithms:
    """Symmetric keys know one algorithm."""

    def test_an_algorithm_of_another_spec(self, kms: Kms, key_id: str) -> None:
        """An RSA algorithm does not go with a symmetric key."""
        document = {"KeyId": key_id, "Plaintext": HELLO, "EncryptionAlgorithm": "RSAES_OAEP_SHA_256"}
        assert kms.refusal("Encrypt", **document) == (
            "InvalidKeyUsageException",
            "Algorithm RSAES_OAEP_SHA_256 is incompatible with key spec SYMMETRIC_DEFAULT.",
        )

    def test_a_key_of_another_usage(self, kms: Kms) -> None:
        """A key that signs does not encrypt."""
        other = "1234abcd-12ab-34cd-56ef-1234567890ab"
        kms.put(key_record(other, spec="RSA_2048", usage="SIGN_VERIFY"))
        assert kms.refusal("Encrypt", KeyId=other, Plaintext=HELLO) == (
            "InvalidKeyUsageException",
            f"{kms.arn(other)} key usage is SIGN_VERIFY which is not valid for Encrypt.",
        )
