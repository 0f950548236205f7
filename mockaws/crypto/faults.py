"""What can be wrong with bytes that somebody handed in."""


class InvalidCiphertextError(Exception):
    """A ciphertext that is none, that was changed, or that belongs to another key or encryption context."""


class InvalidKeyError(Exception):
    """Bytes that are no key, or a key of another kind than was asked for."""
