"""OpenSSL understands KMS's results, and KMS understands OpenSSL's: signatures, ciphertexts, MACs, shared secrets."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

import pytest
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives.hashes import SM3, Hash

from mockaws.records.key_specs import KEY_SPECS
from tests.openssl import OpenSsl, Sm2Ciphertext
from tests.unit.services.kms.calling import Kms, Refusal, public_key_of, secret_of

if TYPE_CHECKING:
    from pathlib import Path

MESSAGE = b"How do you do?"
CHINA = "cn-north-1"
HASHES = {"SHA_256": "sha256", "SHA_384": "sha384", "SHA_512": "sha512"}
SM2_P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
SM2_A, SM2_B = -3, 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
SM2_OPTIONS = ["-rawin", "-digest", "sm3", "-pkeyopt", "distid:1234567812345678"]


class Signing(NamedTuple):
    """A key spec with one of its signing algorithms."""

    spec: str
    algorithm: str

    def __str__(self) -> str:
        return f"{self.spec} {self.algorithm}"

    @property
    def hash(self) -> str:
        """OpenSSL's name of the hash."""
        return HASHES[self.algorithm[-7:]]

    @property
    def options(self) -> list[str]:
        """The options for OpenSSL to sign a digest."""
        options = [f"digest:{self.hash}"]
        if "PSS" in self.algorithm:
            options += ["rsa_padding_mode:pss", "rsa_pss_saltlen:digest", f"rsa_mgf1_md:{self.hash}"]
        return [word for option in options for word in ("-pkeyopt", option)]


WITH_HASHES = [
    Signing(spec.name, algorithm)
    for spec in KEY_SPECS.values()
    for algorithm in spec.signs
    if algorithm.startswith(("RSASSA", "ECDSA"))
]


@pytest.fixture
def kms() -> Kms:
    """Return a caller."""
    return Kms()


@pytest.fixture
def openssl(tmp_path: Path) -> OpenSsl:
    """Return OpenSSL in an empty folder."""
    return OpenSsl(tmp_path)


@pytest.fixture
def china() -> Kms:
    """Return a caller in a China Region."""
    return Kms(region=CHINA).by(region=CHINA)


def public_key(kms: Kms, key_id: str) -> dict[str, bytes]:
    """Return the file of a key's public key."""
    return {"public.der": kms("GetPublicKey", KeyId=key_id)["PublicKey"]}


@pytest.mark.parametrize("message_type", ["RAW", "DIGEST"])
@pytest.mark.parametrize("signing", WITH_HASHES, ids=str)
def test_signatures_of_kms(kms: Kms, openssl: OpenSsl, signing: Signing, message_type: str) -> None:
    """OpenSSL verifies a signature of KMS, whether KMS was given the message or its digest."""
    key_id = kms.key_of(signing.spec, "SIGN_VERIFY")
    digest = hashlib.new(signing.hash, MESSAGE).digest()
    document = {
        "Message": MESSAGE if message_type == "RAW" else digest,
        "MessageType": message_type,
        "SigningAlgorithm": signing.algorithm,
    }
    files = {"signature": kms("Sign", KeyId=key_id, **document)["Signature"], **public_key(kms, key_id)}
    command = ["pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", "public.der", "-sigfile", "signature"]
    command += ["-in", "digest", *signing.options]
    assert openssl.agrees(*command, files=files | {"digest": digest})
    assert not openssl.agrees(*command, files=files | {"digest": digest[::-1]})


@pytest.mark.parametrize("signing", WITH_HASHES, ids=str)
def test_signatures_of_openssl(kms: Kms, openssl: OpenSsl, signing: Signing) -> None:
    """KMS verifies a signature of OpenSSL, given the message or its digest."""
    key_id = kms.key_of(signing.spec, "SIGN_VERIFY")
    digest = hashlib.new(signing.hash, MESSAGE).digest()
    signature = openssl(
        *("pkeyutl", "-sign", "-keyform", "DER", "-inkey", "private.der", "-in", "digest", *signing.options),
        files={"private.der": secret_of(signing.spec), "digest": digest},
    )
    signed = {"KeyId": key_id, "Signature": signature, "SigningAlgorithm": signing.algorithm}
    assert kms("Verify", **signed, Message=MESSAGE)["SignatureValid"] is True
    assert kms("Verify", **signed, Message=digest, MessageType="DIGEST")["SignatureValid"] is True
    assert kms.refusal("Verify", **signed, Message=digest) == Refusal("KMSInvalidSignatureException", "")


def test_ed25519(kms: Kms, openssl: OpenSsl) -> None:
    """OpenSSL and KMS verify each other's Ed25519 signatures, which are the same."""
    key_id = kms.key_of("ECC_NIST_EDWARDS25519")
    document = {"KeyId": key_id, "Message": MESSAGE, "SigningAlgorithm": "ED25519_SHA_512"}
    signature = kms("Sign", **document)["Signature"]
    files = {"message": MESSAGE, "signature": signature, **public_key(kms, key_id)}
    verify = ["pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", "public.der", "-rawin", "-in", "message"]
    assert openssl.agrees(*verify, "-sigfile", "signature", files=files)
    sign = ["pkeyutl", "-sign", "-keyform", "DER", "-inkey", "private.der", "-rawin", "-in", "message"]
    assert openssl(*sign, files=files | {"private.der": secret_of("ECC_NIST_EDWARDS25519")}) == signature


@pytest.mark.parametrize("bits", [224, 256, 384, 512])
def test_macs(kms: Kms, openssl: OpenSsl, bits: int) -> None:
    """A MAC is the HMAC of RFC 2104, as OpenSSL makes it."""
    key_id = kms.key_of(f"HMAC_{bits}")
    document = {"KeyId": key_id, "Message": MESSAGE, "MacAlgorithm": f"HMAC_SHA_{bits}"}
    secret = secret_of(f"HMAC_{bits}").hex()
    command = ["dgst", f"-sha{bits}", "-mac", "HMAC", "-macopt", f"hexkey:{secret}", "-binary", "message"]
    mac = openssl(*command, files={"message": MESSAGE})
    assert kms("GenerateMac", **document)["Mac"] == mac
    assert kms("VerifyMac", **document, Mac=mac)["MacValid"] is True


@pytest.mark.parametrize("algorithm", ["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"])
@pytest.mark.parametrize("spec", ["RSA_2048", "RSA_3072", "RSA_4096"])
def test_rsa_ciphertexts(kms: Kms, openssl: OpenSsl, spec: str, algorithm: str) -> None:
    """KMS decrypts what OpenSSL encrypts with the public key, OpenSSL with the private key what KMS encrypts."""
    key_id = kms.key_of(spec, "ENCRYPT_DECRYPT")
    name = algorithm.removeprefix("RSAES_OAEP_").replace("_", "")
    options = ["rsa_padding_mode:oaep", f"rsa_oaep_md:{name}", f"rsa_mgf1_md:{name}"]
    command = ["pkeyutl", "-keyform", "DER", "-in", "input"]
    command += [word for option in options for word in ("-pkeyopt", option)]
    plaintext = bytes(KEY_SPECS[spec].encrypts[algorithm])
    files = {"private.der": secret_of(spec), **public_key(kms, key_id)}
    theirs = openssl(*command, "-encrypt", "-pubin", "-inkey", "public.der", files=files | {"input": plaintext})
    document = {"KeyId": key_id, "EncryptionAlgorithm": algorithm}
    assert kms("Decrypt", **document, CiphertextBlob=theirs)["Plaintext"] == plaintext
    ours = kms("Encrypt", **document, Plaintext=plaintext)["CiphertextBlob"]
    assert openssl(*command, "-decrypt", "-inkey", "private.der", files=files | {"input": ours}) == plaintext


@pytest.mark.parametrize(
    ("spec", "curve"),
    [("ECC_NIST_P256", "P-256"), ("ECC_NIST_P384", "P-384"), ("ECC_NIST_P521", "P-521")],
)
def test_shared_secrets(kms: Kms, openssl: OpenSsl, spec: str, curve: str) -> None:
    """The secret that KMS shares with the owner of a key pair of OpenSSL is the one that OpenSSL derives."""
    key_id = kms.key_of(spec, "KEY_AGREEMENT")
    make = ["genpkey", "-algorithm", "EC", "-pkeyopt", f"ec_paramgen_curve:{curve}", "-outform", "DER"]
    theirs = {"theirs.der": openssl(*make, files={})}
    peer = openssl("pkey", "-inform", "DER", "-in", "theirs.der", "-pubout", "-outform", "DER", files=theirs)
    answer = kms("DeriveSharedSecret", KeyId=key_id, KeyAgreementAlgorithm="ECDH", PublicKey=peer)
    command = ["pkeyutl", "-derive", "-keyform", "DER", "-inkey", "theirs.der", "-peerform", "DER"]
    derived = openssl(*command, "-peerkey", "public.der", files=theirs | public_key(kms, key_id))
    assert answer["SharedSecret"] == derived


def test_sm2_signatures(china: Kms, openssl: OpenSsl) -> None:
    """SM2DSA of a message is what OpenSSL makes with SM3 and the distinguishing id 1234567812345678."""
    key_id = china.key_of("SM2", "SIGN_VERIFY")
    document = {"KeyId": key_id, "Message": MESSAGE, "SigningAlgorithm": "SM2DSA"}
    files = {"message": MESSAGE, "private.der": secret_of("SM2"), **public_key(china, key_id)}
    verify = ["pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", "public.der", "-in", "message"]
    signature = china("Sign", **document)["Signature"]
    assert openssl.agrees(*verify, "-sigfile", "signature", *SM2_OPTIONS, files=files | {"signature": signature})
    other_id = [*SM2_OPTIONS[:-1], "distid:8765432187654321"]
    assert not openssl.agrees(*verify, "-sigfile", "signature", *other_id, files=files | {"signature": signature})
    sign = ["pkeyutl", "-sign", "-keyform", "DER", "-inkey", "private.der", "-in", "message"]
    assert china("Verify", **document, Signature=openssl(*sign, *SM2_OPTIONS, files=files))["SignatureValid"] is True


def test_sm2_digests(china: Kms, openssl: OpenSsl) -> None:
    """SM2DSA does not hash a digest: the maker of the digest chooses the distinguishing id."""
    key_id = china.key_of("SM2", "SIGN_VERIFY")
    digest = hashlib.sha256(MESSAGE).digest()
    document = {"KeyId": key_id, "Message": digest, "MessageType": "DIGEST", "SigningAlgorithm": "SM2DSA"}
    files = {"digest": digest, "private.der": secret_of("SM2"), **public_key(china, key_id)}
    verify = ["pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", "public.der", "-in", "digest"]
    signature = china("Sign", **document)["Signature"]
    assert openssl.agrees(*verify, "-sigfile", "signature", files=files | {"signature": signature})
    sign = ["pkeyutl", "-sign", "-keyform", "DER", "-inkey", "private.der", "-in", "digest"]
    assert china("Verify", **document, Signature=openssl(*sign, files=files))["SignatureValid"] is True


def test_sm2_ciphertexts(china: Kms, openssl: OpenSsl) -> None:
    """SM2PKE's ciphertext is the ASN.1 that OpenSSL reads and writes."""
    key_id = china.key_of("SM2", "ENCRYPT_DECRYPT")
    document = {"KeyId": key_id, "EncryptionAlgorithm": "SM2PKE"}
    files = {"private.der": secret_of("SM2"), **public_key(china, key_id)}
    command = ["pkeyutl", "-keyform", "DER", "-in", "input"]
    theirs = openssl(*command, "-encrypt", "-pubin", "-inkey", "public.der", files=files | {"input": MESSAGE})
    assert china("Decrypt", **document, CiphertextBlob=theirs)["Plaintext"] == MESSAGE
    longest = bytes(1024)
    ours = china("Encrypt", **document, Plaintext=longest)["CiphertextBlob"]
    assert openssl(*command, "-decrypt", "-inkey", "private.der", files=files | {"input": ours}) == longest


def test_sm2_shared_secrets(china: Kms, openssl: OpenSsl) -> None:
    """ECDH on SM2's curve, which OpenSSL derives inside SM2PKE only: its digest is SM3 of x, plaintext and y."""
    files = {"input": MESSAGE, "public.der": public_key_of("SM2")}
    command = ["pkeyutl", "-encrypt", "-pubin", "-keyform", "DER", "-inkey", "public.der", "-in", "input"]
    ciphertext = asn1.decode_der(Sm2Ciphertext, openssl(*command, files=files))
    point = b"".join(coordinate.to_bytes(32, "big") for coordinate in (ciphertext.x, ciphertext.y))
    peer = public_key_of("SM2")[:-64] + point
    key_id = china.key_of("SM2", "KEY_AGREEMENT")
    answer = china("DeriveSharedSecret", KeyId=key_id, KeyAgreementAlgorithm="ECDH", PublicKey=peer)
    x = int.from_bytes(answer["SharedSecret"], "big")
    y = pow(x**3 + SM2_A * x + SM2_B, (SM2_P + 1) // 4, SM2_P)
    digests = set()
    for coordinate in (y, SM2_P - y):
        sm3 = Hash(SM3())
        sm3.update(answer["SharedSecret"] + MESSAGE + coordinate.to_bytes(32, "big"))
        digests.add(sm3.finalize())
    assert ciphertext.digest in digests


PAIRS = [
    "RSA_2048",
    "ECC_NIST_P256",
    "ECC_NIST_P384",
    "ECC_NIST_P521",
    "ECC_SECG_P256K1",
    "ECC_NIST_EDWARDS25519",
    "SM2",
]


@pytest.mark.parametrize("spec", ["RSA_4096", "ECC_NIST_P521", "SM2"])
def test_importing_in_china(china: Kms, openssl: OpenSsl, spec: str) -> None:
    """In the China Regions key pairs are imported under a wrapping key of SM2, with which OpenSSL wraps them."""
    key_id = china.create_key(Origin="EXTERNAL", KeySpec=spec, KeyUsage="SIGN_VERIFY")
    parameters = china("GetParametersForImport", KeyId=key_id, WrappingAlgorithm="SM2PKE", WrappingKeySpec="SM2")
    command = ["pkeyutl", "-encrypt", "-pubin", "-keyform", "DER", "-inkey", "wrapping.der", "-in", "input"]
    files = {"wrapping.der": parameters["PublicKey"], "input": secret_of(spec)}
    china(
        "ImportKeyMaterial",
        KeyId=key_id,
        ImportToken=parameters["ImportToken"],
        EncryptedKeyMaterial=openssl(*command, files=files),
        ExpirationModel="KEY_MATERIAL_DOES_NOT_EXPIRE",
    )
    assert china("GetPublicKey", KeyId=key_id)["PublicKey"] == public_key_of(spec)


@pytest.mark.parametrize("spec", PAIRS)
def test_data_key_pairs(openssl: OpenSsl, spec: str) -> None:
    """A data key pair is PKCS #8, around SEC 1 for a curve, and SubjectPublicKeyInfo: as OpenSSL writes them."""
    region = CHINA if spec == "SM2" else "us-west-2"
    kms = Kms(region=region).by(region=region)
    answer = kms("GenerateDataKeyPair", KeyId=kms.create_key(), KeyPairSpec=spec)
    files = {"private.der": answer["PrivateKeyPlaintext"]}
    command = ["-inform", "DER", "-in", "private.der", "-outform", "DER"]
    assert openssl("pkey", *command, "-pubout", files=files) == answer["PublicKey"]
    if KEY_SPECS[spec].family == "elliptic_curves":
        assert answer["PrivateKeyPlaintext"].endswith(openssl("ec", *command, files=files))
    else:
        assert openssl("pkcs8", "-topk8", "-nocrypt", *command, files=files) == answer["PrivateKeyPlaintext"]


@pytest.mark.parametrize("spec", PAIRS)
def test_private_keys_of_openssl(openssl: OpenSsl, spec: str) -> None:
    """A key that OpenSSL made has the public key that OpenSSL gives it."""
    options = {
        "RSA_2048": ["RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
        "ECC_NIST_EDWARDS25519": ["ED25519"],
        "SM2": ["EC", "-pkeyopt", "ec_paramgen_curve:SM2"],
    }
    curve = KEY_SPECS[spec].size
    kind = options.get(spec, ["EC", "-pkeyopt", f"ec_paramgen_curve:{curve}"])
    made = {"made.pem": openssl("genpkey", "-algorithm", *kind, files={})}
    private = openssl("pkcs8", "-topk8", "-nocrypt", "-in", "made.pem", "-outform", "DER", files=made)
    public = openssl("pkey", "-in", "made.pem", "-pubout", "-outform", "DER", files=made)
    region = CHINA if spec == "SM2" else "us-west-2"
    kms = Kms(region=region).by(region=region)
    assert kms("GetPublicKey", KeyId=kms.key_of(spec, secret=private))["PublicKey"] == public
    assert public != public_key_of(spec)
