"""KMS's own key store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockaws.crypto import symmetric
from mockaws.crypto.errors import InvalidCiphertextError
from mockaws.records.base import evolve
from mockaws.records.kms import Origin
from mockaws.services.kms import key_material
from mockaws.services.kms.key_stores.base import Decrypted, Encrypted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockaws.records.kms import Key
    from mockaws.services.operation import Call


class AwsKms:
    """The key store in KMS itself: the records of keys hold their material, of which there can be several."""

    def create_key(self, call: Call, key: Key) -> Key:
        """Return *key* with new material, or without any if its owner imports it."""
        if key.origin is not Origin.AWS_KMS:
            return key
        return evolve(key, materials=(key_material.new(call, key.key_spec),))

    def describe_key(self) -> Mapping[str, Any]:
        """Return nothing: KMS's own keys have no members of KeyMetadata beside those of all keys."""
        return {}

    def encrypt(self, call: Call, key: Key, plaintext: bytes, context: Mapping[str, str]) -> Encrypted:  # noqa: ARG002
        """Encrypt *plaintext* under the current material of *key*."""
        secret = key_material.current(key)
        name = symmetric.KeyName(key.account, key.id, secret.name)
        return Encrypted(symmetric.encrypt(plaintext, context, name=name, secret=secret.value), secret.id)

    def decrypt(self, call: Call, key: Key, blob: bytes, context: Mapping[str, str]) -> Decrypted:  # noqa: ARG002
        """Decrypt a ciphertext with the material that it names; raises InvalidCiphertextError if *key* lacks it."""
        secret = key_material.named(key, symmetric.key_name(blob).material)
        if secret is None:
            raise InvalidCiphertextError
        return Decrypted(symmetric.decrypt(blob, context, secret.value), secret.id)

    def delete_key(self, call: Call, key: Key) -> None:
        """Do nothing: the material goes with the record."""

    def may_get_key_back(self, call: Call, key: Key) -> bool:  # noqa: ARG002
        """Return False: KMS does not bring back deleted material."""
        return False
