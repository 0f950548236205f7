"""AES-256-GCM under a KMS key, in a blob with the layout and the length of AWS's.

The layout of a blob, as far as it is visible outside AWS:

    01 02 02 00 78   version
    32 bytes         key and generation of its material, with a checksum; at AWS the id of the material
    01               version of the salt
    16 bytes         salt, from which the message key is derived
    4 bytes          length of the rest
    CMS EncryptedData (RFC 5652): AES-256-GCM, a 12-byte nonce, 11 + n encrypted bytes and a 16-byte tag

so 32 bytes of plaintext become 184. Like AWS, this module derives a key for each message from the KMS key and a salt,
with the counter-mode KDF of NIST SP 800-108:
https://docs.aws.amazon.com/kms/latest/cryptographic-details/crypto-primitives.html.
The encryption context and the 32 bytes of the key's name are authenticated.
"""

from __future__ import annotations

import os
import struct
import zlib
from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple

from mockaws.crypto.errors import InvalidCiphertextError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
MATERIAL_NAME_BYTES = 6
_HEADER = bytes.fromhex("0102020078")
_SALT_VERSION = b"\x01"
_SALT_BYTES = 16
_NONCE_BYTES = 12
_MARK = b"mockaws/kms"  # AWS encrypts 11 bytes of its own in front of the plaintext
_NAME_BYTES = 32
_CHECKSUM_BYTES = 4
_DATA_OFFSET = len(_HEADER) + _NAME_BYTES + 1 + _SALT_BYTES + 4

_OID_ENCRYPTED_DATA = bytes.fromhex("06092a864886f70d010706")
_OID_DATA = bytes.fromhex("06092a864886f70d010701")
_OID_AES256_GCM = bytes.fromhex("060960864801650304012e")
_TAG_LENGTH = bytes.fromhex("020110")
_VERSION_0 = bytes.fromhex("020100")


class KeyName(NamedTuple):
    """The name of a blob's key: the account, the key id, and the first six bytes of the material's id."""

    account: str
    key_id: str
    material: bytes


def new_material() -> bytes:
    """Return 256 random bits for a new symmetric encryption key."""
    return os.urandom(KEY_BYTES)


def derive_material(source: str) -> bytes:
    """Return 256 bits derived from *source*, for keys of fixtures without material of their own."""
    return _derive(source.encode(), "mockaws fixture")


def next_material(secret: bytes) -> bytes:
    """Return the 256 bits that follow *secret* in a rotation: a one-way function of it."""
    return _derive(secret, "mockaws rotation")


def material_id(key_id: str, secret: bytes) -> str:
    """Return the id of the material *secret* of the key *key_id*, derived from both. It does not reveal the secret."""
    return _derive(secret, f"mockaws material of {key_id}").hex()


def check_value(secret: bytes) -> bytes:
    """Return the check value of an AES key: the first three bytes of an encrypted block of zeros, as in PKCS #11.

    https://docs.aws.amazon.com/cloudhsm/latest/userguide/cloudhsm_cli-key-attributes.html
    """
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes  # noqa: PLC0415

    encryptor = Cipher(algorithms.AES(secret), modes.ECB()).encryptor()  # noqa: S305 - one block, which is not secret
    return encryptor.update(bytes(16))[:3]


def _derive(secret: bytes, purpose: str) -> bytes:
    from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF  # noqa: PLC0415

    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=purpose.encode()).derive(secret)


def random_bytes(count: int) -> bytes:
    """Return *count* random bytes."""
    return os.urandom(count)


def encrypt(plaintext: bytes, context: Mapping[str, str], *, name: KeyName, secret: bytes) -> bytes:
    """Return the blob of *plaintext* under *secret*, with the name of its key."""
    packed_name = _pack(name)
    salt, nonce = os.urandom(_SALT_BYTES), os.urandom(_NONCE_BYTES)
    cipher = _primitives().cipher(secret, salt)
    sealed = cipher.encrypt(nonce, _MARK + plaintext, _authenticated(packed_name, context))
    data = _cms(nonce, sealed)
    return b"".join((_HEADER, packed_name, _SALT_VERSION, salt, struct.pack(">I", len(data)), data))


def decrypt(blob: bytes, context: Mapping[str, str], secret: bytes) -> bytes:
    """Return the plaintext of *blob*. Raises InvalidCiphertextError if blob, context or key differ."""
    packed_name = blob[len(_HEADER) : len(_HEADER) + _NAME_BYTES]
    salt = blob[len(_HEADER) + _NAME_BYTES + 1 : _DATA_OFFSET - 4]
    data = blob[_DATA_OFFSET:]
    start = data.find(_OID_AES256_GCM) + len(_OID_AES256_GCM) + 4
    nonce = data[start : start + _NONCE_BYTES]
    sealed = data[_sealed_offset(data, start) :]
    primitives = _primitives()
    try:
        opened = primitives.cipher(secret, salt).decrypt(nonce, sealed, _authenticated(packed_name, context))
    except (primitives.InvalidTag, ValueError):
        raise InvalidCiphertextError from None
    # The salt, the nonce and the sealed bytes are authenticated. All other bytes must equal their only valid values.
    if _cms(nonce, sealed) != data or not opened.startswith(_MARK):
        raise InvalidCiphertextError
    return opened[len(_MARK) :]


def key_name(blob: bytes) -> KeyName:
    """Return the name of a blob's key. Raises InvalidCiphertextError if it is not a blob."""
    length = blob[_DATA_OFFSET - 4 : _DATA_OFFSET]
    if (
        not blob.startswith(_HEADER)
        or len(length) != 4  # noqa: PLR2004 - the four bytes of the length
        or blob[len(_HEADER) + _NAME_BYTES : len(_HEADER) + _NAME_BYTES + 1] != _SALT_VERSION
        or struct.unpack(">I", length)[0] != len(blob) - _DATA_OFFSET
    ):
        raise InvalidCiphertextError
    return _unpack(blob[len(_HEADER) : len(_HEADER) + _NAME_BYTES])


@lru_cache(maxsize=1024)
def _pack(name: KeyName) -> bytes:
    multi_region = name.key_id.startswith("mrk-")
    digits = name.key_id[4:] if multi_region else name.key_id.replace("-", "")
    packed = b"".join(
        (bytes((multi_region,)), bytes.fromhex(digits), int(name.account).to_bytes(5, "big"), name.material)
    )
    return packed + _checksum(packed)


def _checksum(packed: bytes) -> bytes:
    """Return the checksum of a key's name: AWS's errors for damaged names and for missing keys differ."""
    return struct.pack(">I", zlib.crc32(packed))


@lru_cache(maxsize=1024)
def _unpack(packed: bytes) -> KeyName:
    packed, checksum = packed[:-_CHECKSUM_BYTES], packed[-_CHECKSUM_BYTES:]
    if checksum != _checksum(packed):
        raise InvalidCiphertextError
    digits = packed[1:17].hex()
    if packed[0] == 1:
        key_id = f"mrk-{digits}"
    elif packed[0] == 0:
        key_id = f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
    else:
        raise InvalidCiphertextError
    return KeyName(f"{int.from_bytes(packed[17:22], 'big'):012d}", key_id, packed[22:])


class _Primitives:
    """The parts of the cryptography package in use here, imported with the first message: that takes 40 ms."""

    def __init__(self) -> None:
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415
        from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415
        from cryptography.hazmat.primitives.kdf.kbkdf import KBKDFHMAC, CounterLocation, Mode  # noqa: PLC0415

        self.InvalidTag = InvalidTag
        self._aesgcm, self._kdf, self._sha256 = AESGCM, KBKDFHMAC, SHA256
        self._mode, self._location = Mode.CounterMode, CounterLocation.BeforeFixed

    def cipher(self, secret: bytes, salt: bytes) -> AESGCM:
        """Return AES-256-GCM under the key of the message with this *salt*."""
        kdf = self._kdf(
            algorithm=self._sha256(),
            mode=self._mode,
            length=KEY_BYTES,
            rlen=4,
            llen=4,
            location=self._location,
            label=b"mockaws message key",
            context=salt,
            fixed=None,
        )
        return self._aesgcm(kdf.derive(secret))


@cache
def _primitives() -> _Primitives:
    return _Primitives()


def _authenticated(packed_name: bytes, context: Mapping[str, str]) -> bytes:
    """Return the associated data: the key's name and the context, sorted."""
    parts = [packed_name]
    for pair in sorted(context.items()):
        for text in pair:
            encoded = text.encode()
            parts += (struct.pack(">I", len(encoded)), encoded)
    return b"".join(parts)


def _cms(nonce: bytes, sealed: bytes) -> bytes:
    """Return CMS EncryptedData, RFC 5652 section 8, with the algorithm AES-256-GCM, RFC 5084."""
    before, between = _frame(len(sealed))
    return b"".join((before, nonce, between, sealed))


@lru_cache(maxsize=4096)
def _frame(sealed_bytes: int) -> tuple[bytes, bytes]:
    """Return what stands before the nonce, and between it and the sealed bytes: only their number matters."""
    nonce, sealed = b"N" * _NONCE_BYTES, b"S" * sealed_bytes
    algorithm = _der(0x30, _OID_AES256_GCM + _der(0x30, _der(0x04, nonce) + _TAG_LENGTH))
    content = _der(0x30, _OID_DATA + algorithm + _der(0x80, sealed))
    whole = _der(0x30, _OID_ENCRYPTED_DATA + _der(0xA0, _der(0x30, _VERSION_0 + content)))
    before, _, after = whole.partition(nonce)
    return before, after[: len(after) - sealed_bytes]


def _sealed_offset(data: bytes, nonce_offset: int) -> int:
    """Return the offset of the sealed bytes: after the nonce, the tag length and their own tag and length."""
    header = nonce_offset + _NONCE_BYTES + len(_TAG_LENGTH) + 1
    first = data[header] if header < len(data) else 0
    return header + 1 + (first & 0x7F if first & 0x80 else 0)


def _der(tag: int, content: bytes) -> bytes:
    length = len(content)
    if length < 0x80:  # noqa: PLR2004 - DER's short form ends here
        return bytes((tag, length)) + content
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(octets))) + octets + content
