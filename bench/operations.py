"""The requests that a server gets: one for each operation, on keys made for it."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from bench import wire
from bench.wire import CallError, Connection

if TYPE_CHECKING:
    from collections.abc import Callable

SMALL, LARGE = 32, 4096  # bytes of plaintext, or of message; 4096 is the most that KMS takes
SIGNING = {"RSA_2048": "RSASSA_PKCS1_V1_5_SHA_256", "ECC_NIST_P256": "ECDSA_SHA_256"}

OPERATIONS = (
    "DescribeKey",
    "Encrypt",
    "Decrypt",
    "GenerateDataKey",
    "CreateKey",
    "Encrypt 4 KiB",
    "Decrypt 4 KiB",
    "GenerateMac 4 KiB",
    "Sign RSA_2048",
    "Verify RSA_2048",
    "Sign ECC_NIST_P256",
    "Verify ECC_NIST_P256",
)

# The bare route has neither keys nor ciphertexts, so it gets text as long as the real ones.
_SOME_KEY = "1234abcd-12ab-34cd-56ef-1234567890ab"
_SOME_SIGNATURE = {"RSA_2048": bytes(256), "ECC_NIST_P256": bytes(71)}
_CIPHERTEXT_OVERHEAD = 152


def requests(port: int) -> tuple[dict[str, bytes], dict[str, str]]:
    """Return the request of each operation that the server on *port* has, and why it has no other.

    Raises CallError where it lacks even the operations of symmetric encryption keys.
    """
    lacking: dict[str, str] = {}
    with Connection(port) as connection:
        found = _on_symmetric_key(connection, SMALL, "")
        for names, prepare in _REST.items():
            try:
                found |= prepare(connection)
            except CallError as error:
                lacking |= dict.fromkeys(names, str(error))
    return found, lacking


def requests_of_the_same_size() -> dict[str, bytes]:
    """Return a request for each operation that asks for nothing that is there, and is as long as one that does."""
    found = _symmetric(_SOME_KEY, SMALL, "", bytes(_CIPHERTEXT_OVERHEAD + SMALL))
    found |= _symmetric(_SOME_KEY, LARGE, " 4 KiB", bytes(_CIPHERTEXT_OVERHEAD + LARGE))
    found |= _mac(_SOME_KEY)
    for spec, signature in _SOME_SIGNATURE.items():
        found |= _signing(spec, _SOME_KEY, _text(signature))
    return {name: found[name] for name in OPERATIONS}


def new_key(connection: Connection, **document: Any) -> str:
    """Create a key and return its id. Raises CallError."""
    key: str = connection.ask(wire.kms("CreateKey", **document), "KeyMetadata", "KeyId")
    return key


def message(size: int) -> bytes:
    """Return a message of *size* bytes."""
    return bytes(number % 256 for number in range(size))


def _on_symmetric_key(connection: Connection, size: int, suffix: str) -> dict[str, bytes]:
    key, plaintext = new_key(connection), _text(message(size))
    ciphertext = connection.ask(wire.kms("Encrypt", KeyId=key, Plaintext=plaintext), "CiphertextBlob")
    if connection.ask(wire.kms("Decrypt", CiphertextBlob=ciphertext), "Plaintext") != plaintext:
        raise CallError("Decrypt does not give back what Encrypt was given")
    return _symmetric(key, size, suffix, base64.b64decode(ciphertext))


def _symmetric(key: str, size: int, suffix: str, ciphertext: bytes) -> dict[str, bytes]:
    found = {
        f"Encrypt{suffix}": wire.kms("Encrypt", KeyId=key, Plaintext=_text(message(size))),
        f"Decrypt{suffix}": wire.kms("Decrypt", CiphertextBlob=_text(ciphertext)),
    }
    if not suffix:
        found["DescribeKey"] = wire.kms("DescribeKey", KeyId=key)
        found["GenerateDataKey"] = wire.kms("GenerateDataKey", KeyId=key, KeySpec="AES_256")
        found["CreateKey"] = wire.kms("CreateKey")
    return found


def _on_mac_key(connection: Connection) -> dict[str, bytes]:
    found = _mac(new_key(connection, KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC"))
    connection.ask(found["GenerateMac 4 KiB"], "Mac")
    return found


def _mac(key: str) -> dict[str, bytes]:
    document = {"KeyId": key, "Message": _text(message(LARGE)), "MacAlgorithm": "HMAC_SHA_256"}
    return {"GenerateMac 4 KiB": wire.kms("GenerateMac", **document)}


def _on_signing_key(spec: str) -> Callable[[Connection], dict[str, bytes]]:
    def prepare(connection: Connection) -> dict[str, bytes]:
        key = new_key(connection, KeySpec=spec, KeyUsage="SIGN_VERIFY")
        signature = connection.ask(_signing(spec, key, "")[f"Sign {spec}"], "Signature")
        found = _signing(spec, key, signature)
        if connection.ask(found[f"Verify {spec}"], "SignatureValid") is not True:
            raise CallError("Verify does not know what Sign has signed")
        return found

    return prepare


def _signing(spec: str, key: str, signature: str) -> dict[str, bytes]:
    document = {"KeyId": key, "Message": _text(message(SMALL)), "SigningAlgorithm": SIGNING[spec]}
    return {
        f"Sign {spec}": wire.kms("Sign", **document),
        f"Verify {spec}": wire.kms("Verify", **document, Signature=signature),
    }


def _text(blob: bytes) -> str:
    return base64.b64encode(blob).decode()


# Operations that a server may lack, and the requests that prepare theirs.
_REST: dict[tuple[str, ...], Callable[[Connection], dict[str, bytes]]] = {
    ("Encrypt 4 KiB", "Decrypt 4 KiB"): lambda connection: _on_symmetric_key(connection, LARGE, " 4 KiB"),
    ("GenerateMac 4 KiB",): _on_mac_key,
    **{(f"Sign {spec}", f"Verify {spec}"): _on_signing_key(spec) for spec in SIGNING},
}
