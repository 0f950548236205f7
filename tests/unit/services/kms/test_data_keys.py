"""GenerateDataKey, GenerateDataKeyWithoutPlaintext, GenerateRandom, ReEncrypt, and dry runs of them all.

https://docs.aws.amazon.com/kms/latest/developerguide/data-keys.html
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.services.kms.calling import Kms, Refusal

HELLO = b"hello"
CONTEXT = {"Department": "10103.0"}
GENERATE = ("GenerateDataKey", "GenerateDataKeyWithoutPlaintext")
DRY_RUN = Refusal("DryRunOperationException", "The request would have succeeded, but the DryRun option is set.")


@pytest.fixture
def key_id(kms: Kms) -> str:
    """Return a new key."""
    return kms.create_key()


def material_of(kms: Kms, key_id: str) -> str:
    """Return the id of a key's material."""
    material_id: str = kms.metadata(key_id)["CurrentKeyMaterialId"]
    return material_id


class TestDataKeys:
    """A data key comes in the clear and encrypted, or encrypted only."""

    @pytest.mark.parametrize(
        ("wanted", "length"),
        [
            ({"KeySpec": "AES_256"}, 32),
            ({"KeySpec": "AES_128"}, 16),
            ({"NumberOfBytes": 1}, 1),
            ({"NumberOfBytes": 1024}, 1024),
        ],
    )
    @pytest.mark.parametrize("operation", GENERATE)
    def test_lengths(self, kms: Kms, key_id: str, operation: str, wanted: dict[str, Any], length: int) -> None:
        """KeySpec or NumberOfBytes says how long the data key is."""
        answer = kms(operation, KeyId=key_id, EncryptionContext=CONTEXT, **wanted)
        opened = kms("Decrypt", CiphertextBlob=answer["CiphertextBlob"], EncryptionContext=CONTEXT)["Plaintext"]
        assert len(opened) == length
        expected = {"CiphertextBlob", "KeyId", "KeyMaterialId"}
        if operation == "GenerateDataKey":
            expected.add("Plaintext")
            assert answer["Plaintext"] == opened
        assert answer.keys() == expected
        assert (answer["KeyId"], answer["KeyMaterialId"]) == (kms.arn(key_id), material_of(kms, key_id))

    def test_no_two_are_alike(self, kms: Kms, key_id: str) -> None:
        """Each data key is another."""
        keys = {kms("GenerateDataKey", KeyId=key_id, KeySpec="AES_256")["Plaintext"] for _ in range(5)}
        assert len(keys) == 5

    @pytest.mark.parametrize("wanted", [{}, {"KeySpec": "AES_256", "NumberOfBytes": 32}], ids=["neither", "both"])
    @pytest.mark.parametrize("operation", GENERATE)
    def test_one_length(self, kms: Kms, key_id: str, operation: str, wanted: dict[str, Any]) -> None:
        """Exactly one of KeySpec and NumberOfBytes is given."""
        refusal = kms.refusal(operation, KeyId=key_id, **wanted)
        assert refusal == ("ValidationException", "Please specify either number of bytes or key spec.")

    @pytest.mark.parametrize(
        ("count", "bound"), [(0, "greater than or equal to 1"), (1025, "less than or equal to 1024")]
    )
    @pytest.mark.parametrize("operation", [*GENERATE, "GenerateRandom"])
    def test_limits(self, kms: Kms, key_id: str, operation: str, count: int, bound: str) -> None:
        """1 to 1024 bytes can be had at once."""
        document = {} if operation == "GenerateRandom" else {"KeyId": key_id}
        assert kms.refusal(operation, NumberOfBytes=count, **document) == (
            "ValidationException",
            (
                f"1 validation error detected: Value '{count}' at 'numberOfBytes' failed to satisfy constraint: "
                f"Member must have value {bound}"
            ),
        )

    def test_a_spec_that_is_none(self, kms: Kms, key_id: str) -> None:
        """Data keys are AES keys of 128 or 256 bits."""
        refusal = kms.refusal("GenerateDataKey", KeyId=key_id, KeySpec="AES_192")
        assert refusal.code == "ValidationException"
        assert refusal.message.startswith(
            "1 validation error detected: Value 'AES_192' at 'keySpec' failed to satisfy constraint: "
            "Member must satisfy enum value set: ["
        )


class TestGenerateRandom:
    """GenerateRandom needs no key."""

    @pytest.mark.parametrize("count", [1, 32, 1024])
    def test_bytes(self, kms: Kms, count: int) -> None:
        """It answers with as many bytes as are asked for, and nothing else."""
        answer = kms("GenerateRandom", NumberOfBytes=count)
        assert answer.keys() == {"Plaintext"}
        assert len(answer["Plaintext"]) == count

    def test_they_are_random(self, kms: Kms) -> None:
        """The bytes do not depend on the world's seed for ids."""
        assert kms("GenerateRandom", NumberOfBytes=32) != Kms()("GenerateRandom", NumberOfBytes=32)

    def test_without_a_number(self, kms: Kms) -> None:
        """The model does not require the number, the service does, in a plain sentence."""
        assert kms.refusal("GenerateRandom") == ("ValidationException", "NumberOfBytes is required.")


class TestReEncrypt:
    """ReEncrypt decrypts and encrypts without showing the plaintext.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_ReEncrypt.html
    """

    def test_between_keys(self, kms: Kms, key_id: str) -> None:
        """The answer names both keys, both algorithms and both materials, and no plaintext."""
        other = kms.create_key()
        blob = kms("Encrypt", KeyId=key_id, Plaintext=HELLO, EncryptionContext=CONTEXT)["CiphertextBlob"]
        answer = kms(
            "ReEncrypt",
            CiphertextBlob=blob,
            SourceEncryptionContext=CONTEXT,
            DestinationKeyId=other,
            DestinationEncryptionContext={"Purpose": "Test"},
        )
        again = answer.pop("CiphertextBlob")
        assert answer == {
            "SourceKeyId": kms.arn(key_id),
            "KeyId": kms.arn(other),
            "SourceEncryptionAlgorithm": "SYMMETRIC_DEFAULT",
            "DestinationEncryptionAlgorithm": "SYMMETRIC_DEFAULT",
            "SourceKeyMaterialId": material_of(kms, key_id),
            "DestinationKeyMaterialId": material_of(kms, other),
        }
        opened = kms("Decrypt", CiphertextBlob=again, EncryptionContext={"Purpose": "Test"})
        assert (opened["Plaintext"], opened["KeyId"]) == (HELLO, kms.arn(other))

    def test_into_a_key_store(self, kms: Kms, key_id: str) -> None:
        """Of two keys only the one in KMS has material with an id."""
        other = kms.key_in_store(kms.connected_store())
        blob = kms("Encrypt", KeyId=key_id, Plaintext=HELLO)["CiphertextBlob"]
        answer = kms("ReEncrypt", CiphertextBlob=blob, DestinationKeyId=other)
        assert "SourceKeyMaterialId" in answer
        assert "DestinationKeyMaterialId" not in answer
        back = kms("ReEncrypt", CiphertextBlob=answer["CiphertextBlob"], DestinationKeyId=key_id)
        assert "SourceKeyMaterialId" not in back
        assert kms("Decrypt", CiphertextBlob=back["CiphertextBlob"])["Plaintext"] == HELLO

    def test_under_the_same_key(self, kms: Kms, key_id: str) -> None:
        """The destination may be the source: the ciphertext is another."""
        blob = kms("Encrypt", KeyId=key_id, Plaintext=HELLO)["CiphertextBlob"]
        assert kms("ReEncrypt", CiphertextBlob=blob, DestinationKeyId=key_id)["CiphertextBlob"] != blob

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"SourceEncryptionContext": {"Department": "other"}}, "InvalidCiphertextException"),
            ({"SourceKeyId": "{other}"}, "IncorrectKeyException"),
            ({"DestinationKeyId": "1234abcd-12ab-34cd-56ef-1234567890ab"}, "NotFoundException"),
            ({"SourceKeyId": "alias/missing"}, "NotFoundException"),
            ({"CiphertextBlob": b"junk"}, "InvalidCiphertextException"),
            ({"CiphertextBlob": None}, "ValidationException"),
            ({"DestinationKeyId": None}, "ValidationException"),
            ({"SourceEncryptionAlgorithm": "RSAES_OAEP_SHA_1"}, "ValidationException"),
            ({"DestinationEncryptionAlgorithm": "RSAES_OAEP_SHA_1"}, "InvalidKeyUsageException"),
        ],
        ids=str,
    )
    def test_refusals(self, kms: Kms, key_id: str, changes: dict[str, Any], code: str) -> None:
        """Both halves are checked as Decrypt and Encrypt check theirs."""
        other = kms.create_key()
        blob = kms("Encrypt", KeyId=key_id, Plaintext=HELLO, EncryptionContext=CONTEXT)["CiphertextBlob"]
        document = {"CiphertextBlob": blob, "SourceEncryptionContext": CONTEXT, "DestinationKeyId": other} | changes
        named = {name: other if value == "{other}" else value for name, value in document.items()}
        assert kms.refusal("ReEncrypt", **named).code == code


class TestDryRun:
    """DryRun checks everything and does nothing; what would have succeeded is an error too.

    https://docs.aws.amazon.com/kms/latest/developerguide/testing-permissions.html
    """

    @staticmethod
    def requests(kms: Kms, key_id: str) -> dict[str, dict[str, Any]]:
        """Return a good request of every operation that has DryRun."""
        blob = kms("Encrypt", KeyId=key_id, Plaintext=HELLO)["CiphertextBlob"]
        return {
            "Encrypt": {"KeyId": key_id, "Plaintext": HELLO},
            "Decrypt": {"CiphertextBlob": blob},
            "ReEncrypt": {"CiphertextBlob": blob, "DestinationKeyId": key_id},
            "GenerateDataKey": {"KeyId": key_id, "KeySpec": "AES_256"},
            "GenerateDataKeyWithoutPlaintext": {"KeyId": key_id, "KeySpec": "AES_256"},
        }

    OPERATIONS = ("Encrypt", "Decrypt", "ReEncrypt", *GENERATE)

    @pytest.mark.parametrize("operation", OPERATIONS)
    def test_success(self, kms: Kms, key_id: str, operation: str) -> None:
        """A request that would have succeeded is answered with DryRunOperationException."""
        document = self.requests(kms, key_id)[operation]
        assert kms.refusal(operation, **document, DryRun=True) == DRY_RUN
        assert kms(operation, **document, DryRun=False)["KeyId"] == kms.arn(key_id)

    @pytest.mark.parametrize("operation", OPERATIONS)
    def test_failure(self, kms: Kms, key_id: str, operation: str) -> None:
        """A request that would have failed is answered with the error of the real call."""
        document = self.requests(kms, key_id)[operation]
        kms("DisableKey", KeyId=key_id)
        assert kms.refusal(operation, **document, DryRun=True) == kms.refusal(operation, **document)

    @pytest.mark.parametrize("changes", [{"CiphertextBlob": b"junk"}, {"EncryptionContext": CONTEXT}])
    def test_the_ciphertext_counts(self, kms: Kms, key_id: str, changes: dict[str, Any]) -> None:
        """A dry run decrypts the ciphertext, unless it is to ignore it, which requires the KeyId."""
        document = self.requests(kms, key_id)["Decrypt"] | changes
        assert kms.refusal("Decrypt", **document, DryRun=True) == ("InvalidCiphertextException", "")
        ignoring = {"DryRun": True, "DryRunModifiers": ["IGNORE_CIPHERTEXT"]}
        assert kms.refusal("Decrypt", **document, **ignoring, KeyId=key_id) == DRY_RUN
        assert kms.refusal("Decrypt", **ignoring, KeyId=key_id) == DRY_RUN
        kms("DisableKey", KeyId=key_id)
        assert kms.refusal("Decrypt", **ignoring, KeyId=key_id).code == "DisabledException"
        kms("EnableKey", KeyId=key_id)
        assert kms.refusal("Decrypt", **document, **ignoring) == ("ValidationException", "KeyId must not be null")

    def test_modifiers_are_for_dry_runs(self, kms: Kms, key_id: str) -> None:
        """Without DryRun the modifier changes nothing."""
        document = self.requests(kms, key_id)["Decrypt"]
        answer = kms("Decrypt", **document, DryRunModifiers=["IGNORE_CIPHERTEXT"], KeyId=key_id)
        assert answer["Plaintext"] == HELLO

    def test_re_encrypt_and_its_ciphertext(self, kms: Kms, key_id: str) -> None:
        """So it is with ReEncrypt, whose destination is checked all the same."""
        junk = {"CiphertextBlob": b"junk", "SourceKeyId": key_id}
        ignoring: dict[str, Any] = {"DryRunModifiers": ["IGNORE_CIPHERTEXT"]}
        for extra in ({"DryRun": True}, ignoring):
            refusal = kms.refusal("ReEncrypt", DestinationKeyId=key_id, **junk, **extra)
            assert refusal.code == "InvalidCiphertextException"
        ignoring["DryRun"] = True
        assert kms.refusal("ReEncrypt", DestinationKeyId=key_id, SourceKeyId=key_id, **ignoring) == DRY_RUN
        refusal = kms.refusal("ReEncrypt", DestinationKeyId="alias/missing", **junk, **ignoring)
        assert refusal.code == "NotFoundException"
