"""Ids in the forms that AWS gives them; the same seed makes the same ids."""

from __future__ import annotations

import base64
import random
import string

_CLOUDHSM_ALPHABET = string.ascii_lowercase + "234567"  # RFC 4648 base32 in lower case
_ACCESS_KEY_RANDOM_BITS = 39
_ACCESS_KEY_LENGTH = 20
_UUID_VERSION_4 = 0x4 << 76
_UUID_VARIANT = 0x8 << 60
_UUID_FREE_BITS = (1 << 128) - 1 - (0xF << 76) - (0xC << 60)


class Ids:
    """Makes AWS-shaped ids, each time others unless a *seed* makes them repeat."""

    def __init__(self, seed: str | None = None) -> None:
        # Ids are names and guard nothing, so they need no cryptographic generator.
        self._random = random.Random(seed)  # noqa: S311

    def uuid(self) -> str:
        """Return a random UUID in lower case: a KMS key id or a request id."""
        bits = self._random.getrandbits(128) & _UUID_FREE_BITS | _UUID_VERSION_4 | _UUID_VARIANT
        return _uuid(bits)

    def multi_region_key(self) -> str:
        """Return an id such as `mrk-1234abcd12ab34cd56ef1234567890ab`: `mrk-` and a UUID without its dashes."""
        return f"mrk-{self.uuid().replace('-', '')}"

    def hexadecimal(self, length: int) -> str:
        """Return *length* hexadecimal digits in lower case."""
        return f"{self._random.getrandbits(4 * length):0{length}x}"

    def custom_key_store(self) -> str:
        """Return an id such as `cks-1234567890abcdef0`: 17 hexadecimal digits."""
        return f"cks-{self.hexadecimal(17)}"

    def cloudhsm(self, kind: str) -> str:
        """Return an id such as `hsm-abcdefghijk`, where *kind* is `cluster`, `hsm` or `backup`."""
        return f"{kind}-{''.join(self._random.choices(_CLOUDHSM_ALPHABET, k=11))}"

    def ec2(self, kind: str) -> str:
        """Return an id such as `eni-0a1b2c3d4e5f60718`, where *kind* is `eni`, `sg`, `subnet` or `vpc`."""
        return f"{kind}-{self.hexadecimal(17)}"

    def iam(self, prefix: str, length: int = 21) -> str:
        """Return an IAM unique id such as `AROA…`: *prefix* and capital letters and digits, *length* in all."""
        return prefix + "".join(self._random.choices(string.ascii_uppercase + "234567", k=length - len(prefix)))

    def password(self) -> str:
        """Return a password of 32 letters and digits, as KMS chooses one for kmsuser."""
        return "".join(self._random.choices(string.ascii_letters + string.digits, k=32))

    def access_key(self, account: str) -> str:
        """Return the access key id of temporary credentials, which tells their *account* as AWS's do."""
        bits = 1 << 79 | int(account) << _ACCESS_KEY_RANDOM_BITS | self._random.getrandbits(_ACCESS_KEY_RANDOM_BITS)
        return "ASIA" + base64.b32encode(bits.to_bytes(10, "big")).decode()


def event_id(request_id: str) -> str:
    """Return the id of CloudTrail's event of a request: a UUID that follows from the request's own."""
    return _uuid(int(request_id.replace("-", ""), 16) ^ _UUID_FREE_BITS)


def account_of_access_key(access_key_id: str) -> str | None:
    """Return the account that is written into an access key id in AWS's form; None where it is in no such form.

    Four letters, then 80 bits in base32: one bit, the account in 40, and 39 of which nothing is known.
    """
    if len(access_key_id) != _ACCESS_KEY_LENGTH:
        return None
    try:
        bits = int.from_bytes(base64.b32decode(access_key_id[4:]), "big")
    except ValueError:
        return None
    account = bits >> _ACCESS_KEY_RANDOM_BITS & (1 << 40) - 1
    return f"{account:012d}" if account < 10**12 else None


def _uuid(bits: int) -> str:
    digits = f"{bits:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
