"""Imported key material. https://docs.aws.amazon.com/kms/latest/developerguide/importing-keys.html."""

from __future__ import annotations

import hmac
import re
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_der_public_key

from mockaws.clock import DAY, HOUR
from mockaws.crypto import der
from mockaws.records.key_specs import KEY_SPECS
from mockaws.records.kms import DomainKey, Key
from tests.samples import ACCOUNT, NOW
from tests.unit.services.kms.calling import Kms, Refusal, key_record
from tests.unit.services.kms.importing import (
    AGAIN,
    FIRST,
    FOR_GOOD,
    NEW,
    SECOND,
    THIRD,
    WHOLE_NOW,
    all_materials,
    external_key,
    import_material,
    request,
    same_materials,
)

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

NOT_EXPIRING = {"ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE"}
HMAC = {"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"}
CURVE = {"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"}
CURVE_KEY = ec.generate_private_key(ec.SECP256R1())
CURVES = {
    "ECC_NIST_P256": ec.SECP256R1(),
    "ECC_NIST_P384": ec.SECP384R1(),
    "ECC_NIST_P521": ec.SECP521R1(),
    "ECC_SECG_P256K1": ec.SECP256K1(),
}


@cache
def rsa_key(size: int) -> rsa.RSAPrivateKey:
    """Return an RSA key, for as many tests as need one."""
    return rsa.generate_private_key(65537, size)


def pkcs8(key: PrivateKeyTypes) -> bytes:
    """Return a private key as its owner hands it in."""
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def ber(material: bytes) -> bytes:
    """Return DER with its outer length left open, as BER permits."""
    header = 2 if material[1] < 0x80 else 2 + (material[1] & 0x7F)
    return b"\x30\x80" + material[header:] + bytes(2)


def expiration(kms: Kms, key_id: str) -> dict[str, Any]:
    """Return the expiration that DescribeKey shows."""
    metadata = kms.metadata(key_id)
    return {name: metadata[name] for name in ("ExpirationModel", "ValidTo") if name in metadata}


def import_refusal(kms: Kms, key_id: str, material: bytes, **document: Any) -> Refusal:
    """Return the error that KMS answers an import of *material* with."""
    return kms.refusal("ImportKeyMaterial", **request(kms, key_id, material, **document))


@pytest.fixture
def empty(kms: Kms) -> str:
    """Return a symmetric encryption key without material."""
    return external_key(kms)


@pytest.fixture
def key_id(kms: Kms) -> str:
    """Return a symmetric encryption key with imported material."""
    return external_key(kms, FIRST)


class TestKeysWithoutMaterial:
    """CreateKey with Origin EXTERNAL."""

    def test_pending_import(self, kms: Kms) -> None:
        """The key is PendingImport and not enabled; answers have neither material nor expiration."""
        metadata = kms("CreateKey", Origin="EXTERNAL")["KeyMetadata"]
        assert metadata == kms.metadata(metadata["KeyId"])
        assert metadata == {
            "AWSAccountId": ACCOUNT,
            "Arn": kms.arn(metadata["KeyId"]),
            "CreationDate": NOW,
            "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT",
            "Description": "",
            "Enabled": False,
            "EncryptionAlgorithms": ["SYMMETRIC_DEFAULT"],
            "KeyId": metadata["KeyId"],
            "KeyManager": "CUSTOMER",
            "KeySpec": "SYMMETRIC_DEFAULT",
            "KeyState": "PendingImport",
            "KeyUsage": "ENCRYPT_DECRYPT",
            "MultiRegion": False,
            "Origin": "EXTERNAL",
        }
        assert all_materials(kms, metadata["KeyId"]) == []

    @pytest.mark.parametrize(
        ("operation", "document"),
        [
            ("Encrypt", {"Plaintext": b"hello"}),
            ("GenerateDataKey", {"KeySpec": "AES_256"}),
            ("GenerateDataKeyWithoutPlaintext", {"KeySpec": "AES_256"}),
            ("EnableKey", {}),
            ("DisableKey", {}),
            ("RotateKeyOnDemand", {}),
        ],
    )
    def test_what_it_cannot_do(self, kms: Kms, empty: str, operation: str, document: dict[str, Any]) -> None:
        """A key that is pending import cannot be used, enabled, disabled or rotated."""
        refusal = kms.refusal(operation, KeyId=empty, **document)
        assert refusal == ("KMSInvalidStateException", f"{kms.arn(empty)} is pending import.")

    @pytest.mark.parametrize(
        ("given", "operation", "document"),
        [
            (HMAC, "GenerateMac", {"Message": b"hello", "MacAlgorithm": "HMAC_SHA_256"}),
            (CURVE, "Sign", {"Message": b"hello", "SigningAlgorithm": "ECDSA_SHA_256"}),
            (CURVE, "GetPublicKey", {}),
        ],
    )
    def test_other_keys(self, kms: Kms, given: dict[str, str], operation: str, document: dict[str, Any]) -> None:
        """That holds for HMAC keys and key pairs, too."""
        key_id = external_key(kms, **given)
        refusal = kms.refusal(operation, KeyId=key_id, **document)
        assert refusal == ("KMSInvalidStateException", f"{kms.arn(key_id)} is pending import.")

    def test_deletion(self, kms: Kms, empty: str) -> None:
        """It can be deleted, and is pending import again when that is taken back."""
        assert kms("ScheduleKeyDeletion", KeyId=empty)["KeyState"] == "PendingDeletion"
        kms("CancelKeyDeletion", KeyId=empty)
        assert kms.state(empty) == "PendingImport"
        import_material(kms, empty, FIRST)
        assert kms.state(empty) == "Enabled"

    @pytest.mark.parametrize(
        ("spec", "usage"),
        [
            ("ML_DSA_44", "SIGN_VERIFY"),
            ("ML_KEM_768", "ENCAPSULATE_DECAPSULATE"),
        ],
    )
    def test_specs_without_import(self, kms: Kms, spec: str, usage: str) -> None:
        """The material of ML-DSA and ML-KEM keys cannot be imported."""
        refusal = kms.refusal("CreateKey", Origin="EXTERNAL", KeySpec=spec, KeyUsage=usage)
        assert refusal == ("ValidationException", f"KeySpec {spec} is not supported for Origin EXTERNAL")


class TestParameters:
    """GetParametersForImport."""

    def test_the_answer(self, kms: Kms, empty: str) -> None:
        """It has the key's ARN, a public RSA key, a token in the form of a ciphertext, and the end of 24 hours."""
        answer = kms(
            "GetParametersForImport", KeyId=empty, WrappingAlgorithm="RSAES_OAEP_SHA_256", WrappingKeySpec="RSA_3072"
        )
        assert answer.keys() == {"KeyId", "ImportToken", "PublicKey", "ParametersValidTo"}
        assert (answer["KeyId"], answer["ParametersValidTo"]) == (kms.arn(empty), NOW + 24 * HOUR)
        wrapping_key = load_der_public_key(answer["PublicKey"])
        assert isinstance(wrapping_key, rsa.RSAPublicKey)
        assert wrapping_key.key_size == 3072
        assert 1000 < len(answer["ImportToken"]) <= 6144
        assert kms.refusal("Decrypt", CiphertextBlob=answer["ImportToken"]).code == "KMSInvalidStateException"

    def test_each_time_another_key(self, kms: Kms, empty: str) -> None:
        """A wrapping key and its token belong together, and are other ones each time."""
        first, second = request(kms, empty, FIRST), request(kms, empty, FIRST)
        mixed = first | {"ImportToken": second["ImportToken"]}
        assert kms.refusal("ImportKeyMaterial", **mixed) == ("InvalidCiphertextException", "")
        kms("ImportKeyMaterial", **first)
        kms("ImportKeyMaterial", **second)

    @pytest.mark.parametrize("operation", ["GetParametersForImport", "ImportKeyMaterial", "DeleteImportedKeyMaterial"])
    def test_other_origins(self, kms: Kms, operation: str) -> None:
        """Keys whose material KMS makes take no other, which comes before everything else in the request."""
        key_id = kms.create_key()
        members: dict[str, dict[str, Any]] = {
            "GetParametersForImport": {"WrappingAlgorithm": "RSAES_PKCS1_V1_5", "WrappingKeySpec": "RSA_2048"},
            "ImportKeyMaterial": {"ImportToken": b"nonsense", "EncryptedKeyMaterial": b"nonsense"},
            "DeleteImportedKeyMaterial": {},
        }
        assert kms.refusal(operation, KeyId=key_id, **members[operation]) == (
            "UnsupportedOperationException",
            f"{kms.arn(key_id)} origin is AWS_KMS which is not valid for this operation.",
        )

    @pytest.mark.parametrize("operation", ["GetParametersForImport", "ImportKeyMaterial"])
    def test_pending_deletion(self, kms: Kms, key_id: str, operation: str) -> None:
        """Into a key that is to be deleted nothing is imported; what is there can be deleted."""
        document = request(kms, key_id, FIRST)
        if operation == "GetParametersForImport":
            document = {"KeyId": key_id, "WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_2048"}
        kms("ScheduleKeyDeletion", KeyId=key_id)
        refusal = kms.refusal(operation, **document)
        assert refusal == ("KMSInvalidStateException", f"{kms.arn(key_id)} is pending deletion.")
        kms("DeleteImportedKeyMaterial", KeyId=key_id)
        assert kms.state(key_id) == "PendingDeletion"

    @pytest.mark.parametrize(
        ("spec", "algorithm", "wrapping_spec", "suits"),
        [
            ("SYMMETRIC_DEFAULT", "RSAES_OAEP_SHA_256", "RSA_2048", True),
            ("SYMMETRIC_DEFAULT", "SM2PKE", "SM2", False),
            ("HMAC_256", "SM2PKE", "SM2", False),
            ("RSA_2048", "SM2PKE", "SM2", True),
            ("RSA_2048", "SM2PKE", "RSA_4096", False),
            ("RSA_2048", "RSA_AES_KEY_WRAP_SHA_256", "RSA_4096", False),
            ("ECC_NIST_P256", "SM2PKE", "SM2", True),
            ("ECC_NIST_P256", "RSAES_OAEP_SHA_1", "RSA_3072", True),
            ("ECC_NIST_P256", "RSAES_OAEP_SHA_1", "SM2", False),
            ("ECC_NIST_P256", "RSA_AES_KEY_WRAP_SHA_1", "RSA_4096", False),
            ("SM2", "SM2PKE", "SM2", True),
            ("SM2", "RSAES_OAEP_SHA_256", "RSA_2048", True),
            ("SM2", "RSA_AES_KEY_WRAP_SHA_256", "RSA_2048", False),
        ],
    )
    def test_wrappings_in_china(self, spec: str, algorithm: str, wrapping_spec: str, suits: bool) -> None:
        """In the China Regions SM2PKE takes the place of RSA_AES_KEY_WRAP, for key pairs."""
        kms = Kms(region="cn-north-1").by(region="cn-north-1")
        key_id = external_key(kms, KeySpec=spec, KeyUsage=next(iter(KEY_SPECS[spec].usages)))
        document = {"KeyId": key_id, "WrappingAlgorithm": algorithm, "WrappingKeySpec": wrapping_spec}
        if suits:
            assert kms("GetParametersForImport", **document)["PublicKey"]
        else:
            assert kms.refusal("GetParametersForImport", **document).code == "ValidationException"

    @pytest.mark.parametrize(
        ("spec", "usage", "algorithm", "wrapping_spec"),
        [
            ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", "RSAES_PKCS1_V1_5", "RSA_2048"),
            ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", "SM2PKE", "SM2"),
            ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", "RSAES_OAEP_SHA_256", "SM2"),
            ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", "RSA_AES_KEY_WRAP_SHA_256", "RSA_4096"),
            ("HMAC_512", "GENERATE_VERIFY_MAC", "RSA_AES_KEY_WRAP_SHA_1", "RSA_4096"),
            ("RSA_2048", "SIGN_VERIFY", "RSAES_OAEP_SHA_256", "RSA_4096"),
            ("RSA_4096", "ENCRYPT_DECRYPT", "RSAES_OAEP_SHA_1", "RSA_4096"),
            ("ECC_NIST_P521", "SIGN_VERIFY", "RSAES_OAEP_SHA_1", "RSA_2048"),
            ("ECC_NIST_P521", "SIGN_VERIFY", "RSAES_OAEP_SHA_256", "RSA_2048"),
            ("ECC_NIST_EDWARDS25519", "SIGN_VERIFY", "RSAES_OAEP_SHA_256", "RSA_2048"),
        ],
    )
    def test_wrappings_that_do_not_suit(
        self, kms: Kms, spec: str, usage: str, algorithm: str, wrapping_spec: str
    ) -> None:
        """Not every algorithm wraps every material; PKCS #1 v1.5 wraps none since 2023, SM2 none outside China."""
        key_id = external_key(kms, KeySpec=spec, KeyUsage=usage)
        refusal = kms.refusal(
            "GetParametersForImport", KeyId=key_id, WrappingAlgorithm=algorithm, WrappingKeySpec=wrapping_spec
        )
        assert refusal == (
            "ValidationException",
            (
                f"Wrapping algorithm {algorithm} and wrapping key spec {wrapping_spec} cannot be used to import a "
                f"{spec} key."
            ),
        )


class TestImport:
    """ImportKeyMaterial."""

    def test_the_first_time(self, kms: Kms, empty: str) -> None:
        """The key is enabled, its material the current one, and encrypts and decrypts."""
        material_id = import_material(kms, empty, FIRST)
        assert re.fullmatch("[0-9a-f]{64}", material_id)
        metadata = kms.metadata(empty)
        assert (metadata["KeyState"], metadata["Enabled"]) == ("Enabled", True)
        assert metadata["CurrentKeyMaterialId"] == material_id
        assert expiration(kms, empty) == NOT_EXPIRING
        blob = kms("Encrypt", KeyId=empty, Plaintext=b"hello")["CiphertextBlob"]
        opened = kms("Decrypt", CiphertextBlob=blob)
        assert (opened["Plaintext"], opened["KeyMaterialId"]) == (b"hello", material_id)
        (entry,) = all_materials(kms, empty)
        assert entry == {
            "KeyId": kms.arn(empty),
            "KeyMaterialId": material_id,
            "ImportState": "IMPORTED",
            "KeyMaterialState": "CURRENT",
            **NOT_EXPIRING,
        }

    def test_ids(self, kms: Kms) -> None:
        """The id follows from the key and the material: the same material has another id in another key."""
        one, other = external_key(kms), external_key(kms)
        first = import_material(kms, one, FIRST)
        assert import_material(kms, one, FIRST) == first
        assert import_material(kms, other, FIRST) != first
        assert FIRST.hex() not in first

    @pytest.mark.parametrize("wrapping_spec", ["RSA_2048", "RSA_3072", "RSA_4096"])
    @pytest.mark.parametrize("algorithm", ["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"])
    def test_wrapping_keys(self, kms: Kms, empty: str, algorithm: str, wrapping_spec: str) -> None:
        """Each wrapping key takes symmetric material."""
        import_material(kms, empty, FIRST, algorithm=algorithm, wrapping_spec=wrapping_spec)
        assert kms.state(empty) == "Enabled"

    @pytest.mark.parametrize("bits", [224, 256, 384, 512])
    def test_hmac_keys(self, kms: Kms, bits: int) -> None:
        """The material of an HMAC key is as long as its spec says, or longer, up to 1024 bits."""
        given = {"KeySpec": f"HMAC_{bits}", "KeyUsage": "GENERATE_VERIFY_MAC"}
        for length in (bits // 8 - 1, 129):
            refusal = import_refusal(kms, external_key(kms, **given), bytes(length))
            assert refusal == ("InvalidCiphertextException", "")
        for length in (bits // 8, 128):
            external_key(kms, bytes(length), **given)

    def test_a_mac(self, kms: Kms) -> None:
        """An imported HMAC key makes the codes that its material makes elsewhere."""
        key_id = external_key(kms, b"Jefe" * 8, **HMAC)
        answer = kms("GenerateMac", KeyId=key_id, Message=b"hello", MacAlgorithm="HMAC_SHA_256")
        assert answer["Mac"] == hmac.digest(b"Jefe" * 8, b"hello", "sha256")
        assert "CurrentKeyMaterialId" not in kms.metadata(key_id)
        assert expiration(kms, key_id) == NOT_EXPIRING

    @pytest.mark.parametrize("algorithm", ["RSA_AES_KEY_WRAP_SHA_1", "RSA_AES_KEY_WRAP_SHA_256"])
    @pytest.mark.parametrize("size", [2048, 3072, 4096])
    def test_rsa_keys(self, kms: Kms, size: int, algorithm: str) -> None:
        """The public key of an imported RSA key is that of its owner."""
        key_id = external_key(kms, KeySpec=f"RSA_{size}", KeyUsage="SIGN_VERIFY")
        import_material(kms, key_id, pkcs8(rsa_key(size)), algorithm=algorithm)
        assert kms("GetPublicKey", KeyId=key_id)["PublicKey"] == der.public(rsa_key(size).public_key())
        assert "CurrentKeyMaterialId" not in kms.metadata(key_id)

    @pytest.mark.parametrize("algorithm", ["RSAES_OAEP_SHA_256", "RSA_AES_KEY_WRAP_SHA_256"])
    @pytest.mark.parametrize("spec", CURVES)
    def test_curves(self, kms: Kms, spec: str, algorithm: str) -> None:
        """The owner's public key verifies the signatures of an imported key on a curve."""
        private = ec.generate_private_key(CURVES[spec])
        key_id = external_key(kms, KeySpec=spec, KeyUsage="SIGN_VERIFY")
        import_material(kms, key_id, pkcs8(private), algorithm=algorithm, wrapping_spec="RSA_3072")
        assert kms("GetPublicKey", KeyId=key_id)["PublicKey"] == der.public(private.public_key())
        (signing_algorithm,) = kms.metadata(key_id)["SigningAlgorithms"]
        signed = {"KeyId": key_id, "Message": b"hello", "SigningAlgorithm": signing_algorithm}
        signature = kms("Sign", **signed)["Signature"]
        assert kms("Verify", **signed, Signature=signature)["SignatureValid"] is True

    @pytest.mark.parametrize("length", [0, 16, 31, 33, 64])
    def test_unfit_symmetric_material(self, kms: Kms, empty: str, length: int) -> None:
        """The material of a symmetric encryption key has 256 bits; with any other the key is as it was."""
        assert import_refusal(kms, empty, bytes(length)) == ("InvalidCiphertextException", "")
        assert kms.state(empty) == "PendingImport"

    def test_unfit_key_pairs(self, kms: Kms) -> None:
        """A private key must be of the key's spec."""
        curve = external_key(kms, **CURVE)
        rsa_2048 = external_key(kms, KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")
        other_curve = pkcs8(ec.generate_private_key(ec.SECP384R1()))
        for key_id, material in (
            (curve, bytes(32)),
            (curve, other_curve),
            (curve, pkcs8(rsa_key(2048))),
            (rsa_2048, pkcs8(rsa_key(3072))),
            (rsa_2048, other_curve),
        ):
            refusal = import_refusal(kms, key_id, material, algorithm="RSA_AES_KEY_WRAP_SHA_256")
            assert refusal == ("InvalidCiphertextException", "")

    def test_ed25519(self, kms: Kms) -> None:
        """Ed25519 keys are imported, too, under RSA_3072 and RSA_4096."""
        private = ed25519.Ed25519PrivateKey.generate()
        key_id = external_key(kms, KeySpec="ECC_NIST_EDWARDS25519", KeyUsage="SIGN_VERIFY")
        import_material(kms, key_id, pkcs8(private), wrapping_spec="RSA_3072")
        assert kms("GetPublicKey", KeyId=key_id)["PublicKey"] == der.public(private.public_key())
        signed = {"KeyId": key_id, "Message": b"hello", "SigningAlgorithm": "ED25519_SHA_512"}
        assert kms("Sign", **signed)["Signature"] == private.sign(b"hello")

    def test_lengths_that_are_left_open(self, kms: Kms) -> None:
        """A private key may come in BER, whose outer length is open; it is the same one then. Not so an Ed25519 key."""
        rsa_2048 = {"KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY"}
        for given, private in ((CURVE, CURVE_KEY), (rsa_2048, rsa_key(2048))):
            key_id = external_key(kms, **given)
            for material in (pkcs8(private), ber(pkcs8(private))):
                import_material(kms, key_id, material, algorithm="RSA_AES_KEY_WRAP_SHA_256")
        key_id = external_key(kms, KeySpec="ECC_NIST_EDWARDS25519", KeyUsage="SIGN_VERIFY")
        material = ber(pkcs8(ed25519.Ed25519PrivateKey.generate()))
        refusal = import_refusal(kms, key_id, material, wrapping_spec="RSA_3072")
        assert refusal == ("InvalidCiphertextException", "")

    def test_what_does_not_unwrap(self, kms: Kms, empty: str) -> None:
        """Material that the wrapping key does not unwrap is an error without a sentence; RSAES has one length."""
        document = request(kms, empty, FIRST)
        garbage = document | {"EncryptedKeyMaterial": bytes(256)}
        assert kms.refusal("ImportKeyMaterial", **garbage) == ("InvalidCiphertextException", "")
        short = document | {"EncryptedKeyMaterial": document["EncryptedKeyMaterial"][:-1]}
        assert kms.refusal("ImportKeyMaterial", **short) == ("ValidationException", "Invalid encrypted key size.")
        kms("ImportKeyMaterial", **document)

    def test_a_disabled_key(self, kms: Kms, key_id: str) -> None:
        """Material is imported into a disabled key, which enables it, whether or not any was missing."""
        kms("DisableKey", KeyId=key_id)
        import_material(kms, key_id, FIRST)
        assert kms.state(key_id) == "Enabled"
        kms("DisableKey", KeyId=key_id)
        kms("DeleteImportedKeyMaterial", KeyId=key_id)
        assert kms.state(key_id) == "PendingImport"
        import_material(kms, key_id, FIRST)
        assert kms.state(key_id) == "Enabled"

    def test_as_terraform_does_it(self, kms: Kms) -> None:
        """The calls of aws_kms_external_key: to create it, to change valid_to while it is enabled, to destroy it."""
        key_id = kms.create_key(KeyUsage="ENCRYPT_DECRYPT", Origin="EXTERNAL", Description="", MultiRegion=False)
        import_material(kms, key_id, FIRST, ValidTo=1_507_300_000, ExpirationModel="KEY_MATERIAL_EXPIRES")
        kms("DisableKey", KeyId=key_id)
        kms("EnableKey", KeyId=key_id)
        import_material(kms, key_id, FIRST, ValidTo=1_507_400_000, ExpirationModel="KEY_MATERIAL_EXPIRES")
        metadata = kms.metadata(key_id)
        assert (metadata["KeyState"], metadata["ValidTo"]) == ("Enabled", 1_507_400_000)
        kms("ScheduleKeyDeletion", KeyId=key_id, PendingWindowInDays=30)
        assert kms.state(key_id) == "PendingDeletion"

    @pytest.mark.parametrize(
        ("kind", "material"),
        [
            ({"KeySpec": "SYMMETRIC_DEFAULT", "KeyUsage": "ENCRYPT_DECRYPT"}, FIRST),
            (HMAC, FIRST),
            (CURVE, pkcs8(CURVE_KEY)),
        ],
        ids=["symmetric", "HMAC", "curve"],
    )
    def test_as_the_next_terraform_provider_does_it(self, kms: Kms, kind: dict[str, str], material: bytes) -> None:
        """Provider 6 says KeySpec and KeyUsage of aws_kms_external_key, and wraps all material with RSA_2048."""
        key_id = kms.create_key(Origin="EXTERNAL", **kind)
        import_material(kms, key_id, material)
        metadata = kms.metadata(key_id)
        assert metadata.items() >= (kind | {"CustomerMasterKeySpec": kind["KeySpec"], "KeyState": "Enabled"}).items()


class TestTokens:
    """Import tokens."""

    @pytest.mark.parametrize("token", [b"x", bytes(64), bytes(6144)], ids=len)
    def test_garbage(self, kms: Kms, empty: str, token: bytes) -> None:
        """A text that is no token is refused, whether or not there are tokens."""
        document = {"KeyId": empty, "ImportToken": token, "EncryptedKeyMaterial": bytes(256), **FOR_GOOD}
        assert kms.refusal("ImportKeyMaterial", **document) == ("InvalidImportTokenException", "")
        request(kms, empty, FIRST)
        assert kms.refusal("ImportKeyMaterial", **document).code == "InvalidImportTokenException"

    def test_a_changed_byte(self, kms: Kms, empty: str) -> None:
        """A token is sealed."""
        document = request(kms, empty, FIRST)
        token = bytearray(document["ImportToken"])
        token[-1] ^= 1
        refusal = kms.refusal("ImportKeyMaterial", **document | {"ImportToken": bytes(token)})
        assert refusal.code == "InvalidImportTokenException"

    def test_of_another_key(self, kms: Kms, empty: str) -> None:
        """A token is for one key."""
        document = request(kms, external_key(kms), FIRST) | {"KeyId": empty}
        assert kms.refusal("ImportKeyMaterial", **document).code == "InvalidImportTokenException"

    def test_of_another_region(self, kms: Kms, empty: str) -> None:
        """A token is for one Region, even if another Region has a key of the same id."""
        document = request(kms, empty, FIRST)
        elsewhere = kms.by(region="eu-west-1")
        kms.put(key_record(empty, region="eu-west-1", origin=kms.record(Key, empty).origin))
        assert elsewhere.refusal("ImportKeyMaterial", **document).code == "InvalidImportTokenException"
        request(elsewhere, empty, FIRST)
        assert elsewhere.refusal("ImportKeyMaterial", **document).code == "InvalidImportTokenException"

    def test_of_another_world(self, kms: Kms, empty: str) -> None:
        """A token is not valid in a world without the secret that sealed it."""
        document = request(kms, empty, FIRST)
        (secret,) = kms.records(DomainKey)
        kms.drop(secret)
        assert kms.refusal("ImportKeyMaterial", **document).code == "InvalidImportTokenException"

    @pytest.mark.parametrize(("hours", "valid"), [(23.99, True), (24, False)])
    def test_24_hours(self, kms: Kms, empty: str, hours: float, valid: bool) -> None:
        """A token is valid for 24 hours, and until then as often as one likes."""
        document = request(kms, empty, FIRST)
        kms.clock.advance(hours * HOUR)
        if valid:
            kms("ImportKeyMaterial", **document)
            kms("ImportKeyMaterial", **document)
        else:
            assert kms.refusal("ImportKeyMaterial", **document).code == "ExpiredImportTokenException"


class TestExpiration:
    """ExpirationModel and ValidTo."""

    def test_the_clock_passes(self, kms: Kms, empty: str) -> None:
        """From ValidTo on the key is pending import, until the same material is imported again.

        ListKeyRotations shows the material as imported all the same, and when it has expired.
        """
        material_id = import_material(kms, empty, FIRST, ValidTo=WHOLE_NOW + 60)
        assert expiration(kms, empty) == {"ExpirationModel": "KEY_MATERIAL_EXPIRES", "ValidTo": WHOLE_NOW + 60}
        blob = kms("Encrypt", KeyId=empty, Plaintext=b"hello")["CiphertextBlob"]
        kms.clock.advance(59.6)
        assert kms.state(empty) == "Enabled"
        kms.clock.advance(0.4)
        metadata = kms.metadata(empty)
        assert (metadata["KeyState"], metadata["Enabled"]) == ("PendingImport", False)
        assert metadata["CurrentKeyMaterialId"] == material_id
        assert expiration(kms, empty) == {}
        assert all_materials(kms, empty) == [
            {
                "KeyId": kms.arn(empty),
                "KeyMaterialId": material_id,
                "ImportState": "IMPORTED",
                "KeyMaterialState": "CURRENT",
                "ExpirationModel": "KEY_MATERIAL_EXPIRES",
                "ValidTo": WHOLE_NOW + 60,
            }
        ]
        pending_import = ("KMSInvalidStateException", f"{kms.arn(empty)} is pending import.")
        assert kms.refusal("Decrypt", CiphertextBlob=blob) == pending_import
        assert import_material(kms, empty, FIRST) == material_id
        assert kms("Decrypt", CiphertextBlob=blob)["Plaintext"] == b"hello"

    def test_another_end(self, kms: Kms, key_id: str) -> None:
        """Importing the material again, also while it is there, changes when it expires and whether."""
        import_material(kms, key_id, FIRST, ValidTo=1_507_300_000)
        assert expiration(kms, key_id) == {"ExpirationModel": "KEY_MATERIAL_EXPIRES", "ValidTo": 1_507_300_000}
        import_material(kms, key_id, FIRST, ValidTo=1_507_400_000, ExpirationModel="KEY_MATERIAL_EXPIRES")
        assert expiration(kms, key_id)["ValidTo"] == 1_507_400_000
        import_material(kms, key_id, FIRST)
        assert expiration(kms, key_id) == NOT_EXPIRING

    def test_the_earliest(self, kms: Kms) -> None:
        """With several materials DescribeKey shows the first expiration."""
        key_id = external_key(kms, FIRST, SECOND)
        import_material(kms, key_id, SECOND, ValidTo=WHOLE_NOW + 200)
        assert expiration(kms, key_id)["ValidTo"] == WHOLE_NOW + 200
        import_material(kms, key_id, FIRST, ValidTo=WHOLE_NOW + 100)
        import_material(kms, key_id, THIRD, ValidTo=WHOLE_NOW + 50, **NEW)
        assert expiration(kms, key_id)["ValidTo"] == WHOLE_NOW + 100
        assert [entry["ValidTo"] - WHOLE_NOW for entry in all_materials(kms, key_id)] == [100, 200, 50]
        kms.clock.advance(100)
        assert kms.state(key_id) == "PendingImport"

    @pytest.mark.parametrize(
        ("document", "message"),
        [
            ({}, "A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES"),
            (
                {"ExpirationModel": "KEY_MATERIAL_EXPIRES"},
                "A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES",
            ),
            (
                FOR_GOOD | {"ValidTo": WHOLE_NOW + 60},
                "A validTo date cannot be set if the ExpirationModel is KEY_MATERIAL_DOES_NOT_EXPIRE",
            ),
            ({"ValidTo": NOW}, "ValidTo must be in the future"),
            ({"ValidTo": NOW + 365 * DAY + 1}, "ValidTo must be less than 365 days in the future"),
        ],
    )
    def test_what_does_not_go_together(self, kms: Kms, empty: str, document: dict[str, Any], message: str) -> None:
        """Material expires at a given moment within a year, or does not expire; the token stays valid."""
        good = request(kms, empty, FIRST)
        bare = {name: good[name] for name in ("KeyId", "ImportToken", "EncryptedKeyMaterial")}
        assert kms.refusal("ImportKeyMaterial", **bare, **document) == ("ValidationException", message)
        kms("ImportKeyMaterial", **bare, ValidTo=NOW + 365 * DAY)


class TestOtherMaterial:
    """The materials that a key takes if it has, or had, one already."""

    @pytest.mark.parametrize("deleted", [False, True], ids=["there", "deleted"])
    @pytest.mark.parametrize("given", [{}, HMAC], ids=["symmetric", "HMAC"])
    def test_the_same_only(self, kms: Kms, given: dict[str, str], deleted: bool) -> None:
        """Material must be the same as before, unless the request says that it is new."""
        key_id = external_key(kms, FIRST, **given)
        if deleted:
            kms("DeleteImportedKeyMaterial", KeyId=key_id)
        (material,) = kms.record(Key, key_id).materials
        assert import_refusal(kms, key_id, SECOND) == (
            "IncorrectKeyMaterialException",
            f"Imported key material does not have the expected identifier ({material.id}).",
        )
        import_material(kms, key_id, FIRST)

    def test_the_same_key_pair(self, kms: Kms) -> None:
        """A private key is the same whether or not its encoding has the public key."""
        private = ec.generate_private_key(ec.SECP256R1())
        key_id = external_key(kms, pkcs8(private), **CURVE)
        assert import_refusal(kms, key_id, pkcs8(ec.generate_private_key(ec.SECP256R1()))).code == (
            "IncorrectKeyMaterialException"
        )
        numbers = private.private_numbers().private_value.to_bytes(32, "big")
        bare = bytes.fromhex("3041020100301306072a8648ce3d020106082a8648ce3d030107042730250201010420") + numbers
        assert import_material(kms, key_id, bare) == import_material(kms, key_id, pkcs8(private))

    def test_existing(self, kms: Kms, empty: str) -> None:
        """EXISTING_KEY_MATERIAL is what was imported before, so nothing is in a new key."""
        assert import_refusal(kms, empty, FIRST, **AGAIN).code == "IncorrectKeyMaterialException"
        first = import_material(kms, empty, FIRST, **NEW)
        assert import_material(kms, empty, FIRST, **AGAIN) == first
        assert import_refusal(kms, empty, SECOND, **AGAIN).code == "IncorrectKeyMaterialException"

    def test_new(self, kms: Kms) -> None:
        """NEW_KEY_MATERIAL is what the key does not know yet."""
        key_id = external_key(kms, FIRST, SECOND)
        for known, entry in zip((FIRST, SECOND), all_materials(kms, key_id), strict=True):
            assert import_refusal(kms, key_id, known, **NEW) == (
                "IncorrectKeyMaterialException",
                (
                    f"Key material (id: {entry['KeyMaterialId']}) being imported as NEW_KEY_MATERIAL is already "
                    f"associated with KMS key {kms.arn(key_id)}."
                ),
            )
        import_material(kms, key_id, THIRD, **NEW)
        assert import_refusal(kms, key_id, THIRD, **NEW).code == "IncorrectKeyMaterialException"

    def test_one_at_a_time(self, kms: Kms, key_id: str) -> None:
        """A second new material is refused while one is pending rotation, by the ids of both."""
        pending = import_material(kms, key_id, SECOND, **NEW)
        refusal = import_refusal(kms, key_id, THIRD, **NEW)
        kms("DeleteImportedKeyMaterial", KeyId=key_id, KeyMaterialId=pending)
        other = import_material(kms, key_id, THIRD, **NEW)
        assert refusal == (
            "KMSInvalidStateException",
            (
                f"New key material (id: {other}) cannot be imported into KMS key {kms.arn(key_id)}, because another "
                f"key material (id: {pending}) is pending rotation."
            ),
        )

    def test_pending_material_again(self, kms: Kms, key_id: str) -> None:
        """Material that is pending rotation can be imported again to expire later; expired, it is still pending."""
        pending = import_material(kms, key_id, SECOND, KeyMaterialDescription="second", **NEW)
        assert import_material(kms, key_id, SECOND, ValidTo=WHOLE_NOW + 60) == pending
        entry = all_materials(kms, key_id)[1]
        assert (entry["ValidTo"], entry["KeyMaterialDescription"]) == (WHOLE_NOW + 60, "second")
        kms.clock.advance(60)
        assert all_materials(kms, key_id)[1]["ImportState"] == "IMPORTED"
        assert import_refusal(kms, key_id, SECOND, **NEW).code == "IncorrectKeyMaterialException"
        assert import_refusal(kms, key_id, THIRD, **NEW).code == "KMSInvalidStateException"

    def test_all_must_be_there(self, kms: Kms) -> None:
        """A key with any material missing is pending import; ListKeyRotations shows which one."""
        key_id = external_key(kms, FIRST, SECOND)
        first, second = (entry["KeyMaterialId"] for entry in all_materials(kms, key_id))
        kms("DeleteImportedKeyMaterial", KeyId=key_id, KeyMaterialId=first)
        assert kms.state(key_id) == "PendingImport"
        assert [entry["ImportState"] for entry in all_materials(kms, key_id)] == ["PENDING_IMPORT", "IMPORTED"]
        kms("DeleteImportedKeyMaterial", KeyId=key_id)
        assert import_material(kms, key_id, SECOND) == second
        assert kms.state(key_id) == "PendingImport"
        assert import_material(kms, key_id, FIRST) == first
        assert kms.state(key_id) == "Enabled"
        assert kms.metadata(key_id)["CurrentKeyMaterialId"] == second

    def test_by_id_the_first_time(self, kms: Kms, empty: str) -> None:
        """The first material is new, so it has no id before."""
        assert import_refusal(kms, empty, FIRST, KeyMaterialId="0" * 64).code == "ValidationException"

    def test_by_id(self, kms: Kms) -> None:
        """A request may say which material it brings; it must be that one, and cannot be new."""
        key_id = external_key(kms, FIRST, SECOND)
        first, second = (entry["KeyMaterialId"] for entry in all_materials(kms, key_id))
        import_material(kms, key_id, FIRST, KeyMaterialId=first)
        for material, expected in ((FIRST, second), (THIRD, "0" * 64)):
            assert import_refusal(kms, key_id, material, KeyMaterialId=expected) == (
                "IncorrectKeyMaterialException",
                f"Imported key material does not have the expected identifier ({expected}).",
            )
        assert import_refusal(kms, key_id, THIRD, KeyMaterialId="0" * 64, **NEW) == (
            "ValidationException",
            "Input parameter keyMaterialId cannot be used with NEW_KEY_MATERIAL importType.",
        )

    def test_descriptions(self, kms: Kms, empty: str) -> None:
        """Material keeps its description when it is imported again without one, and when it is deleted."""
        import_material(kms, empty, FIRST, KeyMaterialDescription="vault 7")
        import_material(kms, empty, FIRST)
        assert all_materials(kms, empty)[0]["KeyMaterialDescription"] == "vault 7"
        kms("DeleteImportedKeyMaterial", KeyId=empty)
        assert all_materials(kms, empty)[0]["KeyMaterialDescription"] == "vault 7"
        import_material(kms, empty, FIRST, KeyMaterialDescription="vault 8")
        assert all_materials(kms, empty)[0]["KeyMaterialDescription"] == "vault 8"

    @pytest.mark.parametrize(
        "document",
        [NEW, AGAIN, {"KeyMaterialDescription": "vault 7"}, {"KeyMaterialId": "0" * 64}],
        ids=lambda document: next(iter(document)),
    )
    def test_other_specs_have_one(self, kms: Kms, document: dict[str, str]) -> None:
        """Parameters for one of several materials are for symmetric encryption keys only."""
        key_id = external_key(kms, **HMAC)
        name = next(iter(document))
        assert import_refusal(kms, key_id, FIRST, **document) == (
            "ValidationException",
            f"Input parameter {name[0].lower()}{name[1:]} cannot be used with HMAC_256 imported keys.",
        )


class TestDeletion:
    """DeleteImportedKeyMaterial."""

    def test_the_current_one(self, kms: Kms, key_id: str) -> None:
        """The key is pending import, its ciphertexts cannot be decrypted, and no expiration is shown."""
        material_id = kms.metadata(key_id)["CurrentKeyMaterialId"]
        blob = kms("Encrypt", KeyId=key_id, Plaintext=b"hello")["CiphertextBlob"]
        answer = {"KeyId": kms.arn(key_id), "KeyMaterialId": material_id}
        assert kms("DeleteImportedKeyMaterial", KeyId=key_id) == answer
        metadata = kms.metadata(key_id)
        assert (metadata["KeyState"], metadata["Enabled"]) == ("PendingImport", False)
        assert expiration(kms, key_id) == {}
        pending_import = ("KMSInvalidStateException", f"{kms.arn(key_id)} is pending import.")
        assert kms.refusal("Decrypt", CiphertextBlob=blob) == pending_import
        assert kms.record(Key, key_id).materials[0].secret is None
        assert kms("DeleteImportedKeyMaterial", KeyId=key_id) == answer

    def test_nothing_to_delete(self, kms: Kms, empty: str) -> None:
        """On a key without material it has no effect."""
        assert kms("DeleteImportedKeyMaterial", KeyId=empty) == {"KeyId": kms.arn(empty)}
        assert kms.state(empty) == "PendingImport"

    def test_pending_rotation(self, kms: Kms, key_id: str) -> None:
        """Material that waits for its rotation is not the key's for good: it is forgotten, the key stays enabled."""
        second = import_material(kms, key_id, SECOND, **NEW)
        kms("DeleteImportedKeyMaterial", KeyId=key_id, KeyMaterialId=second)
        assert kms.state(key_id) == "Enabled"
        assert len(all_materials(kms, key_id)) == 1
        assert import_refusal(kms, key_id, SECOND).code == "IncorrectKeyMaterialException"

    def test_an_unknown_id(self, kms: Kms, key_id: str) -> None:
        """There must be such a material."""
        assert kms.refusal("DeleteImportedKeyMaterial", KeyId=key_id, KeyMaterialId="0" * 64) == (
            "ValidationException",
            f"Key material (id: {'0' * 64}) has never been imported into KMS key {kms.arn(key_id)}.",
        )

    @pytest.mark.parametrize(("given", "material"), [(HMAC, FIRST), (CURVE, pkcs8(CURVE_KEY))], ids=["HMAC", "curve"])
    def test_other_specs(self, kms: Kms, given: dict[str, str], material: bytes) -> None:
        """Materials of other keys have no id in answers; the same material must be imported again nevertheless."""
        key_id = external_key(kms, material, **given)
        assert kms("DeleteImportedKeyMaterial", KeyId=key_id) == {"KeyId": kms.arn(key_id)}
        assert kms.state(key_id) == "PendingImport"
        import_material(kms, key_id, material)
        assert kms.state(key_id) == "Enabled"


class TestRelatedKeys:
    """Multi-Region keys, whose owner imports the same material in each Region."""

    @pytest.fixture
    def primary(self, kms: Kms) -> str:
        """Return a primary key with material, and with new material pending, which has a replica."""
        key_id = external_key(kms, FIRST, MultiRegion=True)
        kms("ReplicateKey", KeyId=key_id, ReplicaRegion="eu-west-1")
        import_material(kms, key_id, SECOND, **NEW)
        return key_id

    def test_the_same_material_everywhere(self, kms: Kms, primary: str) -> None:
        """New material can be rotated to when it was imported into every replica."""
        replica = kms.by(region="eu-west-1")
        waiting = "PENDING_MULTI_REGION_IMPORT_AND_ROTATION"
        assert [entry["KeyMaterialState"] for entry in all_materials(kms, primary)] == ["CURRENT", waiting]
        assert kms.refusal("RotateKeyOnDemand", KeyId=primary) == (
            "KMSInvalidStateException",
            (
                "Cannot perform key material rotation: Key material has not been imported for replicas of the "
                "Multi-Region key."
            ),
        )
        assert replica.state(primary) == "PendingImport"
        import_material(replica, primary, FIRST)
        assert replica.state(primary) == "Enabled"
        assert [entry["ImportState"] for entry in all_materials(replica, primary)] == ["IMPORTED", "PENDING_IMPORT"]
        import_material(replica, primary, SECOND, **AGAIN)
        assert [entry["KeyMaterialState"] for entry in all_materials(kms, primary)] == ["CURRENT", "PENDING_ROTATION"]
        kms("RotateKeyOnDemand", KeyId=primary)
        assert same_materials(kms, replica, primary)
        assert kms.metadata(primary)["CurrentKeyMaterialId"] == replica.metadata(primary)["CurrentKeyMaterialId"]

    def test_ciphertexts_are_the_same(self, kms: Kms, primary: str) -> None:
        """One key decrypts the ciphertexts of the other: their materials have the same ids."""
        replica = kms.by(region="eu-west-1")
        import_material(replica, primary, FIRST)
        blob = kms("Encrypt", KeyId=primary, Plaintext=b"hello")["CiphertextBlob"]
        assert replica("Decrypt", CiphertextBlob=blob)["Plaintext"] == b"hello"

    def test_new_material_comes_by_the_primary(self, kms: Kms, primary: str) -> None:
        """A replica takes no new material, and deleting its own leaves the other keys alone."""
        replica = kms.by(region="eu-west-1")
        assert import_refusal(replica, primary, THIRD, **NEW) == (
            "ValidationException",
            "Input parameter ImportType NEW_KEY_MATERIAL cannot be used on replica Multi-Region keys",
        )
        pending = import_material(replica, primary, SECOND)
        replica("DeleteImportedKeyMaterial", KeyId=primary, KeyMaterialId=pending)
        assert [entry["ImportState"] for entry in all_materials(replica, primary)] == ["PENDING_IMPORT"] * 2
        assert [entry["ImportState"] for entry in all_materials(kms, primary)] == ["IMPORTED"] * 2

    def test_descriptions_come_by_the_primary(self, kms: Kms, primary: str) -> None:
        """A description is the same in all Regions, even without the material; it is given for the primary key."""
        replica = kms.by(region="eu-west-1")
        import_material(kms, primary, FIRST, KeyMaterialDescription="vault 7")
        assert all_materials(replica, primary)[0]["KeyMaterialDescription"] == "vault 7"
        assert import_refusal(replica, primary, FIRST, KeyMaterialDescription="vault 8") == (
            "ValidationException",
            "Key material description can only be specified on primary Multi-Region keys",
        )

    def test_taking_new_material_back(self, kms: Kms, primary: str) -> None:
        """Deleting what is pending on the primary key deletes it on its replicas."""
        replica = kms.by(region="eu-west-1")
        pending = import_material(replica, primary, SECOND)
        kms("DeleteImportedKeyMaterial", KeyId=primary, KeyMaterialId=pending)
        assert [entry["KeyMaterialState"] for entry in all_materials(replica, primary)] == ["CURRENT"]

    def test_each_expires_by_itself(self, kms: Kms, primary: str) -> None:
        """When material expires, and whether it is there, is a matter of each Region."""
        replica = kms.by(region="eu-west-1")
        import_material(replica, primary, FIRST, ValidTo=WHOLE_NOW + 60)
        import_material(kms, primary, FIRST)
        assert (expiration(kms, primary), expiration(replica, primary)["ValidTo"]) == (NOT_EXPIRING, WHOLE_NOW + 60)
        kms.clock.advance(60)
        assert (kms.state(primary), replica.state(primary)) == ("Enabled", "PendingImport")
        kms("DeleteImportedKeyMaterial", KeyId=primary)
        import_material(replica, primary, FIRST)
        assert (kms.state(primary), replica.state(primary)) == ("PendingImport", "Enabled")

    def test_a_new_replica(self, kms: Kms) -> None:
        """ReplicateKey answers with the primary key's expiration, although the replica has no material yet."""
        key_id = external_key(kms, FIRST, MultiRegion=True)
        created = kms("ReplicateKey", KeyId=key_id, ReplicaRegion="eu-west-1")["ReplicaKeyMetadata"]
        assert created["ExpirationModel"] == "KEY_MATERIAL_DOES_NOT_EXPIRE"
        assert "CurrentKeyMaterialId" not in created
        replica = kms.by(region="eu-west-1")
        assert expiration(replica, key_id) == {}
        assert replica.metadata(key_id)["CurrentKeyMaterialId"] == kms.metadata(key_id)["CurrentKeyMaterialId"]

    def test_replicated_before_the_import(self, kms: Kms) -> None:
        """A key without material cannot be replicated."""
        key_id = external_key(kms, MultiRegion=True)
        refusal = kms.refusal("ReplicateKey", KeyId=key_id, ReplicaRegion="eu-west-1")
        assert refusal == ("KMSInvalidStateException", f"{kms.arn(key_id)} is pending import.")
