"""GenerateDataKeyPair and GenerateDataKeyPairWithoutPlaintext.

https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKeyPair.html
"""

from __future__ import annotations

import pytest

from mockaws.crypto import key_pairs
from mockaws.model.service import load
from mockaws.records.key_specs import KEY_SPECS
from tests.unit.services.kms.calling import Kms, Refusal

SPECS = sorted(load("kms").shapes["DataKeyPairSpec"]["enum"])
OPERATIONS = ["GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext"]
CONTEXT = {"Purpose": "Test"}


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("spec", SPECS)
def test_pairs(operation: str, spec: str) -> None:
    """The private key comes encrypted under the KMS key, and on request in the clear; the public key belongs to it."""
    region = "cn-north-1" if spec == "SM2" else "us-west-2"
    kms = Kms(region=region).by(region=region)
    key_id = kms.create_key()
    answer = kms(operation, KeyId=key_id, KeyPairSpec=spec)
    opened = kms("Decrypt", CiphertextBlob=answer["PrivateKeyCiphertextBlob"])["Plaintext"]
    assert key_pairs.load(KEY_SPECS[spec].family, KEY_SPECS[spec].size, opened).public_der == answer["PublicKey"]
    plaintext = {"PrivateKeyPlaintext": opened} if operation == "GenerateDataKeyPair" else {}
    assert answer == plaintext | {
        "KeyId": kms.arn(key_id),
        "KeyPairSpec": spec,
        "PrivateKeyCiphertextBlob": answer["PrivateKeyCiphertextBlob"],
        "PublicKey": answer["PublicKey"],
        "KeyMaterialId": kms.metadata(key_id)["CurrentKeyMaterialId"],
    }


@pytest.mark.parametrize(
    ("spec", "plaintext", "ciphertext"),
    [
        ("ECC_NIST_P256", 150, 307),
        ("ECC_NIST_P384", 194, 355),
        ("ECC_NIST_P521", 250, 412),
        ("ECC_SECG_P256K1", 144, 301),
        ("ECC_NIST_EDWARDS25519", 48, 201),
    ],
)
def test_lengths(kms: Kms, spec: str, plaintext: int, ciphertext: int) -> None:
    """The private key on a curve, and its ciphertext, have the lengths of AWS's: PKCS #8 that names the curve twice."""
    answer = kms("GenerateDataKeyPair", KeyId=kms.create_key(), KeyPairSpec=spec)
    assert (len(answer["PrivateKeyPlaintext"]), len(answer["PrivateKeyCiphertextBlob"])) == (plaintext, ciphertext)


def test_no_two_are_alike(kms: Kms) -> None:
    """Each pair is a new one."""
    document = {"KeyId": kms.create_key(), "KeyPairSpec": "ECC_NIST_P256"}
    assert kms("GenerateDataKeyPair", **document)["PublicKey"] != kms("GenerateDataKeyPair", **document)["PublicKey"]


def test_seeds(kms: Kms) -> None:
    """Private keys of ML-KEM are seeds, as long for each parameter set."""
    document = {"KeyId": kms.create_key()}
    lengths = {
        len(kms("GenerateDataKeyPair", **document, KeyPairSpec=spec)["PrivateKeyPlaintext"])
        for spec in SPECS
        if spec.startswith("ML_KEM")
    }
    assert len(lengths) == 1


@pytest.mark.parametrize("operation", OPERATIONS)
def test_the_context(kms: Kms, operation: str) -> None:
    """The encryption context counts when the private key is decrypted."""
    document = {"KeyId": kms.create_key(), "KeyPairSpec": "ECC_NIST_P384", "EncryptionContext": CONTEXT}
    blob = kms(operation, **document)["PrivateKeyCiphertextBlob"]
    assert kms.refusal("Decrypt", CiphertextBlob=blob) == ("InvalidCiphertextException", "")
    assert kms("Decrypt", CiphertextBlob=blob, EncryptionContext=CONTEXT)["Plaintext"]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_key_in_a_key_store(kms: Kms, operation: str) -> None:
    """A key store makes data keys, but no data key pairs."""
    key_id = kms.key_in_store(kms.connected_store())
    assert kms.refusal(operation, KeyId=key_id, KeyPairSpec="RSA_2048") == (
        "UnsupportedOperationException",
        f"{kms.arn(key_id)} origin is AWS_CLOUDHSM which is not valid for this operation.",
    )


@pytest.mark.parametrize("operation", [*OPERATIONS, "GenerateDataKey", "GenerateDataKeyWithoutPlaintext"])
@pytest.mark.parametrize(
    ("spec", "usage", "message"),
    [
        ("RSA_2048", "ENCRYPT_DECRYPT", "You cannot generate a data key{pair} with an asymmetric CMK"),
        ("RSA_2048", "SIGN_VERIFY", "{arn} key usage is SIGN_VERIFY which is not valid for {operation}."),
        ("HMAC_256", None, "{arn} key usage is GENERATE_VERIFY_MAC which is not valid for {operation}."),
    ],
)
def test_keys_of_other_specs(kms: Kms, operation: str, spec: str, usage: str | None, message: str) -> None:
    """Data keys are encrypted under symmetric encryption keys only; the error for a disabled key comes first."""
    document = {"KeyPairSpec": "RSA_2048"} if operation in OPERATIONS else {"KeySpec": "AES_128"}
    key_id = kms.key_of(spec, usage)
    pair = " pair" if operation in OPERATIONS else ""
    sentence = message.format(arn=kms.arn(key_id), operation=operation, pair=pair)
    expected = Refusal("InvalidKeyUsageException", sentence)
    assert kms.refusal(operation, KeyId=key_id, **document) == expected
    kms("DisableKey", KeyId=key_id)
    if usage == "ENCRYPT_DECRYPT":
        expected = Refusal("DisabledException", f"{kms.arn(key_id)} is disabled.")
    assert kms.refusal(operation, KeyId=key_id, **document) == expected


@pytest.mark.parametrize("spec", ["ML_DSA_44", "HMAC_256", "SYMMETRIC_DEFAULT", "AES_256"])
def test_specs_of_other_keys(kms: Kms, spec: str) -> None:
    """There are no data key pairs of ML-DSA, nor of what is no pair."""
    refusal = kms.refusal("GenerateDataKeyPair", KeyId="x", KeyPairSpec=spec)
    assert refusal.code == "ValidationException"
    assert refusal.message.startswith(f"1 validation error detected: Value '{spec}' at 'keyPairSpec' failed")
