"""Key material on its way from openssl into KMS, as the developer guide describes it.

https://docs.aws.amazon.com/kms/latest/developerguide/importing-keys-encrypt-key-material.html
"""

from __future__ import annotations

import subprocess
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.openssl import NOT_THERE, is_there

if TYPE_CHECKING:
    from pathlib import Path

    from tests.kinds import MakeClient, MakeWorld, Serve

pytestmark = pytest.mark.skipif(not is_there(), reason=NOT_THERE)


def openssl(*arguments: str | Path) -> None:
    """Run openssl."""
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


def wrapped(path: Path, public_key: bytes, material: Path, digest: str) -> bytes:
    """Return what openssl makes of *material* with RSAES-OAEP."""
    key, result = path / "wrapping-key.bin", path / "wrapped.bin"
    key.write_bytes(public_key)
    options = ["rsa_padding_mode:oaep", f"rsa_oaep_md:{digest}", f"rsa_mgf1_md:{digest}"]
    openssl(
        *("pkeyutl", "-encrypt", "-in", material, "-out", result, "-inkey", key, "-keyform", "DER", "-pubin"),
        *(part for option in options for part in ("-pkeyopt", option)),
    )
    return result.read_bytes()


@pytest.fixture
def kms(world: MakeWorld, serve: Serve, client: MakeClient) -> Any:
    """Return a boto3 client of a server."""
    return client("kms", serve(world(at=None)))


def parameters(kms: Any, key_id: str, algorithm: str, spec: str = "RSA_2048") -> Any:
    """Return a wrapping key and its token."""
    return kms.get_parameters_for_import(KeyId=key_id, WrappingAlgorithm=algorithm, WrappingKeySpec=spec)


@pytest.mark.parametrize(("algorithm", "digest"), [("RSAES_OAEP_SHA_256", "sha256"), ("RSAES_OAEP_SHA_1", "sha1")])
def test_symmetric_material(kms: Any, tmp_path: Path, algorithm: str, digest: str) -> None:
    """32 random bytes become a key, are deleted, imported again with an end, and rotated to others."""
    key_id = kms.create_key(Origin="EXTERNAL")["KeyMetadata"]["KeyId"]
    first, second = tmp_path / "first.bin", tmp_path / "second.bin"
    openssl("rand", "-out", first, "32")
    openssl("rand", "-out", second, "32")

    def imported(material: Path, **changes: Any) -> str:
        found = parameters(kms, key_id, algorithm)
        document = {
            "KeyId": key_id,
            "ImportToken": found["ImportToken"],
            "EncryptedKeyMaterial": wrapped(tmp_path, found["PublicKey"], material, digest),
        }
        material_id: str = kms.import_key_material(**document, **changes)["KeyMaterialId"]
        return material_id

    first_id = imported(first, ExpirationModel="KEY_MATERIAL_DOES_NOT_EXPIRE")
    blob = kms.encrypt(KeyId=key_id, Plaintext=b"hello")["CiphertextBlob"]
    kms.delete_imported_key_material(KeyId=key_id)
    assert kms.describe_key(KeyId=key_id)["KeyMetadata"]["KeyState"] == "PendingImport"
    created = kms.describe_key(KeyId=key_id)["KeyMetadata"]["CreationDate"]
    valid_to = created.replace(microsecond=0) + timedelta(days=30)
    assert imported(first, ValidTo=valid_to, ExpirationModel="KEY_MATERIAL_EXPIRES") == first_id
    assert kms.describe_key(KeyId=key_id)["KeyMetadata"]["ValidTo"] == valid_to
    second_id = imported(second, ExpirationModel="KEY_MATERIAL_DOES_NOT_EXPIRE", ImportType="NEW_KEY_MATERIAL")
    kms.rotate_key_on_demand(KeyId=key_id)
    assert kms.describe_key(KeyId=key_id)["KeyMetadata"]["CurrentKeyMaterialId"] == second_id
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"hello"


def test_a_private_key(kms: Any, tmp_path: Path) -> None:
    """A private RSA key is wrapped with an AES key, and that with the wrapping key; what it signs openssl verifies."""
    key_id = kms.create_key(Origin="EXTERNAL", KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
    pem, der, public = tmp_path / "key.pem", tmp_path / "key.der", tmp_path / "public.pem"
    aes_key, inner = tmp_path / "aes.bin", tmp_path / "inner.bin"
    openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", pem)
    openssl("pkcs8", "-topk8", "-nocrypt", "-in", pem, "-outform", "DER", "-out", der)
    openssl("pkey", "-in", pem, "-pubout", "-out", public)
    openssl("rand", "-out", aes_key, "32")
    # The initial value of RFC 5649, which makes openssl wrap with padding.
    key_wrap = ("enc", "-id-aes256-wrap-pad", "-iv", "A65959A6", "-K", aes_key.read_bytes().hex())
    openssl(*key_wrap, "-in", der, "-out", inner)
    found = parameters(kms, key_id, "RSA_AES_KEY_WRAP_SHA_256", "RSA_3072")
    kms.import_key_material(
        KeyId=key_id,
        ImportToken=found["ImportToken"],
        EncryptedKeyMaterial=wrapped(tmp_path, found["PublicKey"], aes_key, "sha256") + inner.read_bytes(),
        ExpirationModel="KEY_MATERIAL_DOES_NOT_EXPIRE",
    )
    message, signature = tmp_path / "message", tmp_path / "signature"
    message.write_bytes(b"hello")
    signed = kms.sign(KeyId=key_id, Message=b"hello", SigningAlgorithm="RSASSA_PKCS1_V1_5_SHA_256")
    signature.write_bytes(signed["Signature"])
    openssl("dgst", "-sha256", "-verify", public, "-signature", signature, message)
