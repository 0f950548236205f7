"""Key material and ciphertext: bytes in, bytes out. The cryptography itself is the `cryptography` package's."""
