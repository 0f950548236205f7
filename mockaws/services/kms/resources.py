"""The things that requests to KMS name, beside the key of the parameter KeyId."""

from __future__ import annotations

from mockaws.services.facts import Kind, Resource

ALIAS = Resource(Kind.ALIAS, ("alias_name",))
KEY_OF_ALIAS = Resource(Kind.KEY_OF_ALIAS, ("alias_name",))
TARGET_KEY = Resource(Kind.KEY, ("target_key_id",))
KEY_OF_CIPHERTEXT = Resource(Kind.KEY, ("key_id", "ciphertext_blob"))
SOURCE_KEY = Resource(Kind.KEY, ("source_key_id", "ciphertext_blob"))
DESTINATION_KEY = Resource(Kind.KEY, ("destination_key_id",))
KEY_OF_GRANT = Resource(Kind.KEY, ("key_id", "grant_token"))
KEY_STORE = Resource(Kind.KEY_STORE, ("custom_key_store_id",))
KEY_STORE_BY_NAME = Resource(Kind.KEY_STORE, ("custom_key_store_name",))
