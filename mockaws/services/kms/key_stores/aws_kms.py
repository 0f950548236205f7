"""KMS's own key store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockaws.crypto import symmetric
from mockaws.crypto.errors import InvalidCiphertextError
from mockaws.records.kms import Origin
from mockaws.services.kms import key_material
from mockaws.services.kms.key_stores.base import Decrypted, Encrypted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockaws.records.key_specs import KeySpec
    from mockaws.records.kms import Key, KeyMaterial
    from mockaws.services.operation import Call


class AwsKms:
    """The key store in KMS itself: the records of keys hold their material, of which there can be several."""

    def create_material(self, call: Call, key_id: str, spec: KeySpec, origin: Origin) -> tuple[KeyMaterial, ...]:  # noqa: ARG002
        """Return new material, or none if the key's owner imports it."""
        return (key_material.new(call, spec),) if origin is Origin.AWS_KMS else ()

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
