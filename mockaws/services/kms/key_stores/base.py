"""The interface of key stores: where the material of symmetric encryption keys lies, and how KMS uses it there.

A key store never hands out the bytes of a key, so a store whose keys stay with an external key manager fits in as well.
Other keys (key pairs and HMAC keys) are in KMS itself only: see `mockaws.services.kms.key_material`.
https://docs.aws.amazon.com/kms/latest/developerguide/key-store-overview.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, Self

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mockaws.records.key_specs import KeySpec
    from mockaws.records.kms import CustomKeyStore, Key, KeyMaterial, Origin
    from mockaws.services.operation import Call


class Encrypted(NamedTuple):
    """A ciphertext, and the id of the key material under which it was encrypted, None if AWS does not show it."""

    blob: bytes
    material_id: str | None


class Decrypted(NamedTuple):
    """A plaintext, and the id of the key material with which it was decrypted, None if AWS does not show it."""

    plaintext: bytes
    material_id: str | None


class KeyStore(Protocol):
    """A place for the material of symmetric encryption keys."""

    def create_material(self, call: Call, key_id: str, spec: KeySpec, origin: Origin) -> tuple[KeyMaterial, ...]:
        """Create the material of a new key, and return the material that the key's record holds.

        Raises CustomKeyStoreInvalidStateException or another error of the store if it cannot.
        """

    def describe_key(self) -> Mapping[str, Any]:
        """Return the members of KeyMetadata that keys in this store have beside those of all keys."""

    def encrypt(self, call: Call, key: Key, plaintext: bytes, context: Mapping[str, str]) -> Encrypted:
        """Encrypt *plaintext* under the current material of *key*; the ciphertext begins with a `symmetric.KeyName`.

        Raises KMSInvalidStateException if the store does not answer or does not have the material.
        """

    def decrypt(self, call: Call, key: Key, blob: bytes, context: Mapping[str, str]) -> Decrypted:
        """Decrypt a ciphertext of *key*.

        Raises InvalidCiphertextError if it is none, and KMSInvalidStateException as `encrypt`.
        """

    def delete_key(self, call: Call, key: Key) -> None:
        """Delete the material of a deleted key; it stays if the store cannot be reached, as at AWS."""

    def may_get_key_back(self, call: Call, key: Key) -> bool:
        """Return True if the material of a deleted key can come back, so that its record must stay."""


class CustomStore(KeyStore, Protocol):
    """A key store that customers create, connect and disconnect.

    *record* has its name, its settings and the history of its connection, which ends in CONNECTED or FAILED. The error
    codes of a failed connection are the store type's own.
    """

    record: CustomKeyStore

    @classmethod
    def new(cls, call: Call, parameters: Mapping[str, Any]) -> Self:
        """Return a store from the parameters of CreateCustomKeyStore.

        Raises ValidationException if parameters are missing or belong to another type.
        """

    def is_retry(self, call: Call, existing: CustomKeyStore) -> bool:
        """Return True if the request for this store is a retry of the one that created *existing*."""

    def require_creatable(self, call: Call, others: Sequence[CustomKeyStore]) -> None:
        """Require that the store can be created beside *others*; raises an error of the store type otherwise."""

    def describe(self) -> Mapping[str, Any]:
        """Return the members of DescribeCustomKeyStores that only stores of this type have."""

    def update(self, call: Call, parameters: Mapping[str, Any]) -> CustomKeyStore:
        """Return the store with the changes of UpdateCustomKeyStore.

        Raises ValidationException for parameters of another type, CustomKeyStoreInvalidStateException if the connection
        does not allow the change, and other errors of the store type.
        """

    def require_connectable(self, call: Call) -> None:
        """Require that ConnectCustomKeyStore does not fail at once; raises an error of the store type otherwise."""

    def connect(self, call: Call) -> CustomKeyStore:
        """Return the store with a connection attempt begun."""

    def disconnect(self, call: Call) -> CustomKeyStore:
        """Return the store with its disconnection begun."""

    def undo_connecting(self, call: Call) -> None:
        """Undo the changes outside KMS that connecting made, so that the same store can be created again."""

    def random_bytes(self, call: Call, count: int) -> bytes:
        """Return random bytes from the store.

        Raises CustomKeyStoreInvalidStateException if it is not connected or does not answer, and
        UnsupportedOperationException if stores of this type have none.
        """
