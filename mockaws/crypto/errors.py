"""Errors of ciphertexts and keys from callers."""


class InvalidCiphertextError(Exception):
    """A malformed or modified ciphertext, or one of another key or encryption context."""


class InvalidKeyError(Exception):
    """Bytes that are not a key, or not a key of the requested family and size."""
