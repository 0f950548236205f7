"""Ids in AWS's forms; the same seed makes the same ids."""

from __future__ import annotations

import base64
import os
import random
import string
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_CLOUDHSM_ALPHABET = string.ascii_lowercase + "234567"  # RFC 4648 base32 in lower case
_ACCESS_KEY_RANDOM_BITS = 39
_ACCESS_KEY_LENGTH = 20
_UUID_VERSION_4 = 0x4 << 76
_UUID_VARIANT = 0x8 << 60
_UUID_FREE_BITS = (1 << 128) - 1 - (0xF << 76) - (0xC << 60)


# Ids are names and guard nothing, so they need no cryptographic generator.
_UNSEEDED = random.Random()  # noqa: S311
if hasattr(os, "register_at_fork"):
    # Otherwise two forked processes would give out the same ids.
    os.register_at_fork(after_in_child=_UNSEEDED.seed)


class Ids:
    """A source of AWS-shaped ids, which never repeat, or repeat with the same *id_seed*."""

    def __init__(self, id_seed: str | None = None) -> None:
        generator = _UNSEEDED if id_seed is None else random.Random(id_seed)  # noqa: S311
        self._bits: Callable[[int], int] = generator.getrandbits
        self._choices = generator.choices

    def of_call(self) -> Ids:
        """Return the source of the ids that one call takes."""
        return self

    def uuid(self) -> str:
        """Return a random UUID in lower case: a KMS key id or a request id."""
        bits = self._bits(128) & _UUID_FREE_BITS | _UUID_VERSION_4 | _UUID_VARIANT
        return _uuid(bits)

    def multi_region_key(self) -> str:
        """Return an id such as `mrk-1234abcd12ab34cd56ef1234567890ab`: `mrk-` and a UUID without its dashes."""
        return f"mrk-{self.uuid().replace('-', '')}"

    def hexadecimal(self, length: int) -> str:
        """Return *length* hexadecimal digits in lower case."""
        return f"{self._bits(4 * length):0{length}x}"

    def custom_key_store(self) -> str:
        """Return an id such as `cks-1234567890abcdef0`: 17 hexadecimal digits."""
        return f"cks-{self.hexadecimal(17)}"

    def cloudhsm(self, kind: str) -> str:
        """Return an id such as `hsm-abcdefghijk`, where *kind* is `cluster`, `hsm` or `backup`."""
        return f"{kind}-{self._text(_CLOUDHSM_ALPHABET, 11)}"

    def ec2(self, kind: str) -> str:
        """Return an id such as `eni-0a1b2c3d4e5f60718`, where *kind* is `eni`, `sg`, `subnet` or `vpc`."""
        return f"{kind}-{self.hexadecimal(17)}"

    def iam(self, prefix: str, length: int = 21) -> str:
        """Return an IAM unique id such as `AROA…`: *prefix* and capital letters and digits, *length* in all."""
        return prefix + self._text(string.ascii_uppercase + "234567", length - len(prefix))

    def password(self) -> str:
        """Return a password of 32 letters and digits, as KMS chooses one for kmsuser."""
        return self._text(string.ascii_letters + string.digits, 32)

    def access_key(self, account: str) -> str:
        """Return the access key id of temporary credentials, which contains their *account* as AWS's do."""
        bits = 1 << 79 | int(account) << _ACCESS_KEY_RANDOM_BITS | self._bits(_ACCESS_KEY_RANDOM_BITS)
        return "ASIA" + base64.b32encode(bits.to_bytes(10, "big")).decode()

    def _text(self, alphabet: str, length: int) -> str:
        return "".join(self._choices(alphabet, k=length))


class _IdsOfBits(Ids):
    """Ids that need a source of random bits only."""

    def _text(self, alphabet: str, length: int) -> str:
        number, text = self._bits(8 * length), ""
        for _ in range(length):
            number, digit = divmod(number, len(alphabet))
            text += alphabet[digit]
        return text


class NumberedIds(_IdsOfBits):
    """Repeatable ids for a world whose calls may be answered by several processes.

    *next_seed* returns a seed that it has not returned before. The ids of a call follow from its seed alone, so calls
    in the same order take the same ids.
    """

    def __init__(self, next_seed: Callable[[], str]) -> None:
        self._next_seed = next_seed
        self._bits = self._bits_of_next_seed

    def of_call(self) -> Ids:
        """Return the source of the ids that one call takes; a call that takes none uses up no seed."""
        return _IdsOfCall(self._next_seed)

    def _bits_of_next_seed(self, number: int) -> int:
        return random.Random(self._next_seed()).getrandbits(number)  # noqa: S311


class _IdsOfCall(_IdsOfBits):
    """The ids of one call. When the call runs again it takes others, as its first ones may be in its way."""

    def __init__(self, next_seed: Callable[[], str]) -> None:
        self._next_seed = next_seed
        self._bits = self._first_bits

    def _first_bits(self, number: int) -> int:
        self._bits = random.Random(self._next_seed()).getrandbits  # noqa: S311
        return self._bits(number)


def event_id(request_id: str) -> str:
    """Return the id of CloudTrail's event of a request: a UUID that follows from the request's own."""
    return _uuid(int(request_id.replace("-", ""), 16) ^ _UUID_FREE_BITS)


def account_of_access_key(access_key_id: str) -> str | None:
    """Return the account that an access key id in AWS's form contains; None for any other text.

    Four letters, then 80 bits in base32: one bit, the account in 40 bits, and 39 bits of unknown meaning.
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
