"""Ciphertexts of symmetric keys: what they look like from outside, and that only the right secret opens them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import struct
import zlib
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from mockaws.crypto import symmetric
from mockaws.crypto.errors import InvalidCiphertextError
from mockaws.crypto.symmetric import KeyName

NAME = KeyName("111122223333", "1234abcd-12ab-34cd-56ef-1234567890ab", b"\1\2\3\4\5\6")
SECRET = bytes(range(32))
OTHER = bytes(32)
NO_CONTEXT: dict[str, str] = {}

names = st.builds(
    KeyName,
    account=st.integers(0, 10**12 - 1).map("{:012d}".format),
    key_id=st.uuids().map(str) | st.uuids().map(lambda uuid: f"mrk-{uuid.hex}"),
    material=st.binary(min_size=6, max_size=6),
)
contexts = st.dictionaries(st.text(), st.text(), max_size=4)


def sealed(plaintext: bytes = b"hello", context: dict[str, str] = NO_CONTEXT, **changes: Any) -> bytes:
    """Return a blob."""
    return symmetric.encrypt(plaintext, context, **{"name": NAME, "secret": SECRET} | changes)


@given(plaintext=st.binary(max_size=5000), context=contexts, name=names, secret=st.binary(min_size=32, max_size=32))
def test_there_and_back(plaintext: bytes, context: dict[str, str], name: KeyName, secret: bytes) -> None:
    """Whatever was encrypted comes back, and the blob tells which key it needs."""
    blob = symmetric.encrypt(plaintext, context, name=name, secret=secret)
    assert symmetric.key_name(blob) == name
    assert symmetric.decrypt(blob, dict(reversed(context.items())), secret) == plaintext


@given(first=contexts, second=contexts)
def test_two_contexts_are_told_apart(first: dict[str, str], second: dict[str, str]) -> None:
    """A blob is opened by its own context only, however the texts of two may run into each other."""
    blob = sealed(context=first)
    if first == second:
        assert symmetric.decrypt(blob, second, SECRET) == b"hello"
    else:
        with pytest.raises(InvalidCiphertextError):
            symmetric.decrypt(blob, second, SECRET)


@given(junk=st.binary(max_size=400))
def test_junk(junk: bytes) -> None:
    """Bytes that are not a blob are an InvalidCiphertextError, and no other error."""
    with pytest.raises(InvalidCiphertextError):
        symmetric.key_name(junk)
    with pytest.raises(InvalidCiphertextError):
        symmetric.decrypt(junk, {}, SECRET)


def test_truncated() -> None:
    """A blob that lacks its end is invalid, whichever of the two reads it."""
    blob = sealed()
    for length in range(len(blob)):
        with pytest.raises(InvalidCiphertextError):
            symmetric.key_name(blob[:length])
        with pytest.raises(InvalidCiphertextError):
            symmetric.decrypt(blob[:length], {}, SECRET)


def test_a_kind_of_key_that_is_none() -> None:
    """A key is of one Region or of several: a name of a third kind is none, even with a good checksum."""
    blob = sealed()
    name = b"\2" + blob[6:33]
    with pytest.raises(InvalidCiphertextError):
        symmetric.key_name(blob[:5] + name + struct.pack(">I", zlib.crc32(name)) + blob[37:])


@given(position=st.integers(0, 156), value=st.integers(1, 255))
def test_a_changed_byte(position: int, value: int) -> None:
    """Whichever byte is changed, and to whatever, the blob is not opened."""
    blob = bytearray(sealed())
    blob[position] ^= value

    def read() -> bytes:
        symmetric.key_name(bytes(blob))
        return symmetric.decrypt(bytes(blob), {}, SECRET)

    with pytest.raises(InvalidCiphertextError):
        read()


@pytest.mark.parametrize("secret", [OTHER, SECRET[::-1]])
def test_another_secret(secret: bytes) -> None:
    """Another secret opens nothing."""
    with pytest.raises(InvalidCiphertextError):
        symmetric.decrypt(sealed(), {}, secret)


def test_another_name() -> None:
    """The name of the key is authenticated: a blob cannot be handed to another key, even with the same secret."""
    own, other = sealed(), sealed(name=NAME._replace(key_id="0987dcba-09fe-87dc-65ba-ab0987654321"))
    with pytest.raises(InvalidCiphertextError):
        symmetric.decrypt(other[:37] + own[37:], {}, SECRET)


def test_the_shape_of_a_blob() -> None:
    """A header, 32 bytes that name the key, a salt, and CMS EncryptedData with AES-256-GCM, as AWS's blobs have."""
    blob = sealed(bytes(32))
    assert len(blob) == 184
    assert base64.b64encode(blob).startswith(b"AQICAH")
    assert blob[37:38] == b"\1"
    assert blob[54:58] == struct.pack(">I", len(blob) - 58)
    encrypted_data = bytes.fromhex("06092a864886f70d010706")
    aes256_gcm = bytes.fromhex("060960864801650304012e")
    assert blob[58:60] == bytes((0x30, len(blob) - 60))
    assert blob[60:].startswith(encrypted_data)
    assert aes256_gcm in blob


def test_it_is_aes_gcm() -> None:
    """The message key is that of NIST SP 800-108 in counter mode; with it, plain AES-GCM opens the sealed bytes."""
    blob = sealed(b"hello", {"a": "b"})
    salt = blob[38:54]
    fixed = b"mockaws message key" + b"\0" + salt + struct.pack(">I", 256)
    message_key = hmac.new(SECRET, struct.pack(">I", 1) + fixed, hashlib.sha256).digest()
    nonce_at = blob.index(bytes.fromhex("040c")) + 2
    context = struct.pack(">I", 1) + b"a" + struct.pack(">I", 1) + b"b"
    opened = AESGCM(message_key).decrypt(blob[nonce_at : nonce_at + 12], blob[-32:], blob[5:37] + context)
    assert opened.endswith(b"hello")
    assert len(opened) == 16


@pytest.mark.parametrize("length", [0, 80, 81, 90, 91, 92, 100, 101, 127, 128, 200, 228, 229, 240, 256, 65_536])
def test_lengths(length: int) -> None:
    """DER writes lengths in one, two or three bytes; blobs of all of them are opened."""
    assert symmetric.decrypt(sealed(bytes(length)), {}, SECRET) == bytes(length)


def test_nothing_repeats() -> None:
    """Two blobs of one plaintext have nothing in common behind the name of their key."""
    one, other = sealed(), sealed()
    assert one[:38] == other[:38]
    assert one[38:54] != other[38:54]
    assert one[-32:] != other[-32:]


def test_material() -> None:
    """New material is 256 random bits; derived material is always the same for the same source, and no other."""
    assert len(symmetric.new_material()) == symmetric.KEY_BYTES == 32
    assert symmetric.new_material() != symmetric.new_material()
    assert symmetric.derive_material("a") == symmetric.derive_material("a") != symmetric.derive_material("b")
    assert len(symmetric.derive_material("a")) == 32


@pytest.mark.parametrize("count", [0, 1, 1024])
def test_random_bytes(count: int) -> None:
    """As many random bytes as are asked for."""
    assert len(symmetric.random_bytes(count)) == count


def test_check_values() -> None:
    """The first three bytes of a block of zeros, encrypted: that of an AES-256 key of zeros is in NIST's vectors."""
    assert symmetric.check_value(bytes(32)).hex() == "dc95c0"
